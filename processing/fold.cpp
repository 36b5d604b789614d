#include "processing/fold.hpp"

#include <algorithm>
#include <limits>
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
#include "processing/sequences.hpp"

namespace lenne::processing {
namespace {

using base::Result;
using storage::StateReader;
using storage::Store;

/// What all panes of a result must agree on. Where they do not, the newest pane decides and the others are left out.
struct Definition {
  std::string tenant;
  std::string unit;
  v1::Kind kind = v1::KIND_UNSPECIFIED;
  std::int32_t exponent = 0;
  std::uint64_t rollover_at = 0;

  friend bool operator==(const Definition&, const Definition&) = default;
};

Definition definition_of(const v1::DevicePane& pane, const v1::SeriesPane& series) {
  return {pane.tenant(), series.unit(), series.kind(), series.exponent(), series.rollover_at()};
}

/// One measure's shares in a window, and for sequences the nearest panes around it.
struct Gathered {
  std::vector<std::pair<const PaneRow*, const v1::SeriesPane*>> inside;  ///< time order
  std::optional<PaneRow> before;
  std::optional<PaneRow> after;
  const v1::SeriesPane* before_series = nullptr;
  const v1::SeriesPane* after_series = nullptr;

  [[nodiscard]] std::pair<const PaneRow*, const v1::SeriesPane*> newest() const {
    return inside.empty() ? std::pair{&*before, before_series} : inside.back();
  }
};
using Measures = std::map<std::string, Gathered, std::less<>>;

/// Finds the panes whose entries reach into the window from before, and those that follow a counter's readings.
Result<void> look_around(const PaneReader& reader, std::uint64_t dev_eui, const Window& window, Measures& measures) {
  const auto names = reader.sequences.measures(dev_eui);
  if (!names) return std::unexpected(names.error());
  for (const auto& name : *names) {
    const auto earliest_us = window.start_us - kMaxHoldUs - reader.settings.pane_at(0).length_us();
    auto before = nearest_pane(reader, dev_eui, name, earliest_us, window.start_us, Nearest::to_back);
    if (!before) return std::unexpected(before.error());
    auto found = measures.find(name);
    if (*before) {
      const auto* series = sequence_in((*before)->row, name);
      if (series == nullptr) continue;
      if (found == measures.end()) found = measures.emplace(name, Gathered{}).first;
      found->second.before = std::move(*before);
      found->second.before_series = sequence_in(found->second.before->row, name);
    }
    if (found == measures.end() || found->second.newest().second->kind() != v1::KIND_COUNTER) continue;
    auto after = nearest_pane(reader, dev_eui, name, window.end_us(), window.end_us() + kMaxHoldUs, Nearest::to_front);
    if (!after) return std::unexpected(after.error());
    if (!*after) continue;
    found->second.after = std::move(*after);
    found->second.after_series = sequence_in(found->second.after->row, name);
  }
  return {};
}

/// Until when the newest entry is held, whatever the window's own definition: the windows after it begin with it.
std::int64_t held_until(const Gathered& gathered) {
  for (const auto& [row, series] : std::views::reverse(gathered.inside)) {
    if (series->sequence_size() > 0) return known_until(row->row, *series);
  }
  return gathered.before ? known_until(gathered.before->row, *gathered.before_series) : 0;
}

SeriesResult fold_series(const WindowSettings& settings, const Gathered& gathered, std::uint64_t dev_eui,
                         const Window& window, std::int64_t until_us) {
  const auto [newest, newest_series] = gathered.newest();
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
  if (gathered.before && definition_of(gathered.before->row, *gathered.before_series) == definition) {
    const auto& entries = gathered.before_series->sequence();
    carry = aggregates::Carry{entries.Get(entries.size() - 1),
                              hold_of(definition.kind, gathered.before->row.nominal_interval_s())};
  }
  std::optional<v1::SequenceEntry> next;
  if (gathered.after_series != nullptr && definition_of(gathered.after->row, *gathered.after_series) == definition)
    next = gathered.after_series->sequence(0);
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
  out.set_window(window_name(window));
  if (window.local_day && settings.local_days) out.set_time_zone(settings.local_days->time_zone());
  out.set_nominal_interval_s(newest->row.nominal_interval_s());
  out.set_rule_version(kRuleVersion);
  out.set_left_out(left_out);
  result.empty = engine->fold({window, until_us, shares, carry, next, definition.rollover_at}, out).empty;
  return result;
}

}  // namespace

Result<std::vector<SeriesResult>> fold_device(const PaneReader& reader, base::DevEui dev_eui, const Window& window,
                                              std::int64_t until_us) {
  std::vector<PaneRow> inside;
  for (auto pane = reader.settings.pane_at(window.start_us); pane.start_us < window.end_us();
       pane.start_us += pane.length_us()) {
    auto row = read_pane(reader, pane, dev_eui.value);
    if (!row) return std::unexpected(row.error());
    if (*row) inside.push_back(std::move(**row));
  }
  Measures measures;
  for (const auto& row : inside) {
    for (const auto& series : row.row.series()) measures[series.measure()].inside.emplace_back(&row, &series);
  }
  if (auto looked = look_around(reader, dev_eui.value, window, measures); !looked)
    return std::unexpected(looked.error());
  std::vector<SeriesResult> results;
  for (const auto& [measure, gathered] : measures) {
    results.push_back(fold_series(reader.settings, gathered, dev_eui.value, window, until_us));
  }
  return results;
}

PartitionTime time_at(std::int64_t now_us, const WindowSettings& settings) noexcept {
  return {now_us, {now_us - settings.watermark_delay.count(), std::numeric_limits<std::uint64_t>::max()}};
}

Result<PartitionTime> partition_time(const StateReader& state, std::uint32_t partition,
                                     const WindowSettings& settings) {
  const auto value = state.get(Store::window, partition, kTimeKey);
  if (!value) return std::unexpected(value.error());
  if (!*value) return time_at(0, settings);
  const auto row = parse_window_row(**value);
  if (!row) return base::fail("bad_row", "the partition's time cannot be read");
  auto time = time_at(row->now_us(), settings);
  if (row->has_closed()) time.closed = std::max(time.closed, {row->closed().due_us(), row->closed().dev_eui()});
  return time;
}

Result<std::vector<v1::Aggregate>> provisional(const StateReader& state, std::uint32_t partition,
                                               const WindowSettings& settings, base::DevEui dev_eui,
                                               base::Timestamp from, base::Timestamp to, std::string_view name) {
  const auto time = partition_time(state, partition, settings);
  if (!time) return std::unexpected(time.error());
  const auto now = time->now_us;
  const auto watermark = now - settings.watermark_delay.count();
  const StoredSequences sequences(state, partition, settings);
  const auto measures = sequences.measures(dev_eui.value);
  if (!measures) return std::unexpected(measures.error());
  const bool meters = std::ranges::any_of(*measures, [](const auto& measure) { return is_meter(measure); });
  const auto oldest = std::max(base::to_us(from), watermark - settings.longest_delay_us(meters));
  const auto newest = std::min(base::to_us(to), now + kFutureUs);
  std::vector<Window> windows;
  for (auto window : settings.windows_at(oldest)) {
    if (!name.empty() && window_name(window) != name) continue;
    for (; window.start_us < newest; window = settings.next(window)) windows.push_back(window);
  }
  std::ranges::sort(windows, {}, [](const Window& w) { return std::tuple(w.end_us(), w.length_s, w.local_day); });
  std::vector<v1::Aggregate> aggregates;
  for (const auto& window : windows) {
    auto results = fold_device({state, partition, settings, sequences}, dev_eui, window, now);
    if (!results) return std::unexpected(results.error());
    for (auto& result : *results) {
      const auto grace = settings.grace_us(result.aggregate.measure());
      if (result.empty || !has_windows(result.aggregate.measure(), window)) continue;
      if (place_of(settings, window, dev_eui.value, grace) <= time->closed) continue;
      result.aggregate.set_emitted_us(now);
      aggregates.push_back(std::move(result.aggregate));
    }
  }
  return aggregates;
}

}  // namespace lenne::processing
