#include "processing/fold.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <tuple>

#include "processing/aggregates/engine.hpp"
#include "processing/keys.hpp"
#include "processing/rows.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

using base::Result;
using storage::StateReader;
using storage::Store;

struct PaneRow {
  Window pane;
  v1::DevicePane row;
};

Result<std::optional<PaneRow>> read_pane(const StateReader& state, std::uint32_t partition, const Window& pane,
                                         std::uint64_t dev_eui) {
  const auto value = state.get(Store::pane, partition, pane_key(pane, dev_eui));
  if (!value) return std::unexpected(value.error());
  if (!*value) return std::optional<PaneRow>{};
  auto row = parse_pane(**value, pane, dev_eui);
  if (!row) return base::fail("bad_row", "a pane row cannot be read");
  return std::optional(PaneRow{pane, std::move(*row)});
}

/// The panes before a window that may say something inside it, newest first.
Result<std::vector<PaneRow>> panes_before(const StateReader& state, std::uint32_t partition,
                                          const WindowSettings& settings, std::uint64_t dev_eui, const Window& window) {
  // The index tells how long each pane's entries are held; the newest entry wins even if an older one were held longer,
  // so all panes down to the oldest that reaches the window are read.
  std::vector<Window> panes;
  std::size_t reaching = 0;
  const auto from = state_key_from(
      dev_eui, std::max<std::int64_t>(0, window.start_us - kMaxHoldUs - settings.pane_at(0).length_us()));
  const auto scanned = state.scan_back(Store::window, partition, from, state_key_from(dev_eui, window.start_us),
                                       [&](std::string_view key, std::string_view value) {
                                         const auto at = parse_state_key(key);
                                         const auto row = parse_window_row(value);
                                         if (!at || !row || at->pane.length_s != settings.pane_s()) return true;
                                         panes.push_back(at->pane);
                                         if (row->known_until_us() >= window.start_us) reaching = panes.size();
                                         return true;
                                       });
  if (!scanned) return std::unexpected(scanned.error());
  std::vector<PaneRow> rows;
  for (std::size_t i = 0; i < reaching; ++i) {
    auto row = read_pane(state, partition, panes[i], dev_eui);
    if (!row) return std::unexpected(row.error());
    if (*row) rows.push_back(std::move(**row));
  }
  return rows;
}

/// What all panes of a result must agree on. Where they do not, the newest pane decides and the others are left out.
struct Definition {
  std::string tenant;
  std::string unit;
  v1::Kind kind = v1::KIND_UNSPECIFIED;
  std::int32_t exponent = 0;

  friend bool operator==(const Definition&, const Definition&) = default;
};

Definition definition_of(const v1::DevicePane& pane, const v1::SeriesPane& series) {
  return {pane.tenant(), series.unit(), series.kind(), series.exponent()};
}

/// One measure's shares in a window, and the newest pane that defines it.
struct Gathered {
  std::vector<std::pair<const PaneRow*, const v1::SeriesPane*>> inside;  ///< time order
  const PaneRow* before = nullptr;                                       ///< the newest earlier pane with a held entry
  const v1::SeriesPane* before_series = nullptr;
};

std::map<std::string_view, Gathered> gather(std::span<const PaneRow> inside, std::span<const PaneRow> before) {
  std::map<std::string_view, Gathered> measures;
  for (const auto& row : inside) {
    for (const auto& series : row.row.series()) measures[series.measure()].inside.emplace_back(&row, &series);
  }
  for (const auto& row : before) {
    for (const auto& series : row.row.series()) {
      if (series.sequence_size() == 0) continue;
      auto& gathered = measures[series.measure()];
      if (gathered.before != nullptr) continue;
      gathered.before = &row;
      gathered.before_series = &series;
    }
  }
  return measures;
}

/// Until when the newest state is held, whatever the window's own definition: the windows after it begin with it.
std::int64_t held_until(const Gathered& gathered) {
  const auto until = [](const PaneRow& row, const v1::SeriesPane& series) {
    return series.sequence().rbegin()->time_us() + hold_of(row.row.nominal_interval_s());
  };
  for (const auto& [row, series] : std::views::reverse(gathered.inside)) {
    if (series->sequence_size() > 0) return until(*row, *series);
  }
  return gathered.before == nullptr ? 0 : until(*gathered.before, *gathered.before_series);
}

SeriesResult fold_series(const Gathered& gathered, std::uint64_t dev_eui, const Window& window, std::int64_t until_us) {
  const auto& [newest, newest_series] =
      gathered.inside.empty() ? std::pair{gathered.before, gathered.before_series} : gathered.inside.back();
  const auto definition = definition_of(newest->row, *newest_series);
  const auto* engine = aggregates::engine_of(definition.kind);
  SeriesResult result;
  result.known_until_us = held_until(gathered);
  if (engine == nullptr) return result;

  auto& out = result.aggregate;
  std::uint64_t left_out = 0;
  std::vector<aggregates::PaneShare> shares;
  for (const auto& [row, series] : gathered.inside) {
    left_out += series->left_out() + series->sequence_overflow();
    if (definition_of(row->row, *series) == definition) {
      shares.push_back({{row->pane, row->row.nominal_interval_s()}, series});
    } else if (const auto* other = aggregates::engine_of(series->kind())) {
      left_out += other->count(*series);
    }
  }
  std::optional<aggregates::Carry> carry;
  if (gathered.before != nullptr && definition_of(gathered.before->row, *gathered.before_series) == definition) {
    const auto& entries = gathered.before_series->sequence();
    carry = aggregates::Carry{entries.Get(entries.size() - 1), hold_of(gathered.before->row.nominal_interval_s())};
  }
  out.set_dev_eui(dev_eui);
  out.set_tenant(newest->row.tenant());
  out.set_site(newest->row.site());
  out.set_device_name(newest->row.device_name());
  out.set_measure(newest_series->measure());
  out.set_unit(newest_series->unit());
  out.set_kind(definition.kind);
  out.set_exponent(definition.exponent);
  out.set_start_us(window.start_us);
  out.set_end_us(window.end_us());
  out.set_window(window_name(window.length_s));
  out.set_nominal_interval_s(newest->row.nominal_interval_s());
  out.set_rule_version(kRuleVersion);
  out.set_left_out(left_out);
  result.empty = engine->fold({window, until_us, shares, carry}, out).empty;
  return result;
}

}  // namespace

Result<std::vector<SeriesResult>> fold_device(const StateReader& state, std::uint32_t partition,
                                              const WindowSettings& settings, base::DevEui dev_eui,
                                              const Window& window, std::int64_t until_us) {
  std::vector<PaneRow> inside;
  for (auto pane = settings.pane_at(window.start_us); pane.start_us < window.end_us();
       pane.start_us += pane.length_us()) {
    auto row = read_pane(state, partition, pane, dev_eui.value);
    if (!row) return std::unexpected(row.error());
    if (*row) inside.push_back(std::move(**row));
  }
  const auto before = panes_before(state, partition, settings, dev_eui.value, window);
  if (!before) return std::unexpected(before.error());
  std::vector<SeriesResult> results;
  for (const auto& [measure, gathered] : gather(inside, *before)) {
    results.push_back(fold_series(gathered, dev_eui.value, window, until_us));
  }
  return results;
}

Result<std::int64_t> partition_now_us(const StateReader& state, std::uint32_t partition) {
  const auto value = state.get(Store::window, partition, kTimeKey);
  if (!value) return std::unexpected(value.error());
  if (!*value) return 0;
  const auto row = parse_window_row(**value);
  if (!row) return base::fail("bad_row", "the partition's time cannot be read");
  return row->now_us();
}

Result<std::vector<v1::Aggregate>> provisional(const StateReader& state, std::uint32_t partition,
                                               const WindowSettings& settings, base::DevEui dev_eui,
                                               base::Timestamp from, base::Timestamp to) {
  const auto now = partition_now_us(state, partition);
  if (!now) return std::unexpected(now.error());
  const auto watermark = *now - settings.watermark_delay.count();
  std::vector<Window> windows;
  for (const auto length : settings.windows_s) {
    const auto oldest = std::max(base::to_us(from), watermark - settings.longest_delay_us());
    const auto newest = std::min(base::to_us(to), *now + kFutureUs);
    for (auto window = window_at(oldest, length); window.start_us < newest; window.start_us += window.length_us())
      windows.push_back(window);
  }
  std::ranges::sort(windows, {}, [](const Window& w) { return std::pair(w.end_us(), w.length_s); });
  std::vector<v1::Aggregate> aggregates;
  for (const auto& window : windows) {
    auto results = fold_device(state, partition, settings, dev_eui, window, *now);
    if (!results) return std::unexpected(results.error());
    for (auto& result : *results) {
      const auto grace = settings.grace_us(result.aggregate.measure());
      if (result.empty || settings.due_us(window, dev_eui.value, grace) <= watermark) continue;
      result.aggregate.set_emitted_us(*now);
      aggregates.push_back(std::move(result.aggregate));
    }
  }
  return aggregates;
}

}  // namespace lenne::processing
