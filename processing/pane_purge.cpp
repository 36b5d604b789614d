#include "processing/pane_purge.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "processing/keys.hpp"
#include "processing/rows.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

using base::Result;
using storage::Store;

/// How many rows one call may look at. Keeps a commit small after a long pause.
constexpr std::size_t kMostAtOnce = 4096;

/// How long rows of a class are needed: until the last window that its entries may reach is past corrections.
struct RowClass {
  std::int64_t reach_us;
  bool meters;
};
constexpr std::array<RowClass, kPaneClasses> kRowClasses{{{0, false}, {kMaxHoldUs, false}, {kMaxHoldUs, true}}};
enum : std::size_t { kBagsOnly = 0, kWithSequences = 1, kWithMeters = 2 };

std::size_t class_of(const Pane& pane) {
  const auto& all = pane.series;
  const auto is_meter = [](const auto& s) { return processing::is_meter(s.definition->series_class); };
  if (std::ranges::any_of(all, is_meter)) return kWithMeters;
  return std::ranges::any_of(all, [](const auto& s) { return !s.sequence.empty(); }) ? kWithSequences : kBagsOnly;
}

}  // namespace

Result<void> PanePurge::load() {
  const auto value = rows_.get(Store::window, partition_, kPurgeKey);
  if (!value) return std::unexpected(value.error());
  if (!*value) return {};
  const auto row = parse_purge_row(**value);
  if (!row) return base::fail("bad_row", "how far old panes are deleted cannot be read");
  std::ranges::copy(row->from(), from_.begin());
  more_ = row->more();
  return {};
}

Result<void> PanePurge::run(std::int64_t before_us, std::int64_t watermark_us) {
  const bool new_pane = settings_.pane_at(before_us) != settings_.pane_at(watermark_us);
  if (watermark_us <= 0 || (!new_pane && !more_)) return {};
  std::size_t budget = kMostAtOnce;
  const auto before = from_;
  for (std::size_t row_class = 0; row_class < kPaneClasses; ++row_class) {
    if (auto purged = purge_panes(row_class, watermark_us, budget); !purged) return purged;
  }
  if (auto purged = purge_revisions(watermark_us - settings_.keep_us(true), budget); !purged) return purged;
  const bool more = budget == 0;
  if (std::exchange(more_, more) != more || from_ != before) store();
  return {};
}

Result<void> PanePurge::purge_panes(std::size_t row_class, std::int64_t watermark_us, std::size_t& budget) {
  const auto [reach_us, meters] = kRowClasses[row_class];
  const auto cutoff_us = watermark_us - settings_.keep_us(meters);
  auto& from = from_[row_class];
  std::vector<std::pair<PaneKey, std::vector<std::string>>> ended;  // with the names of their sequences
  // Beyond this no pane has ended: what was deleted there for another class is not looked at again.
  const auto to = pane_key_from(std::max<std::int64_t>(0, cutoff_us - reach_us));
  std::string next = from;
  const auto scanned = panes_.scan(from, to, [&](const PaneKey& at, const Pane& pane) {
    if (budget == 0 || settings_.latest_end_us(at.pane.start_us + reach_us) > cutoff_us) return false;
    --budget;
    next = pane_key(at.pane, at.dev_eui) + '\0';  // the first key after this one
    if (class_of(pane) != row_class) return true;
    auto& sequences = ended.emplace_back(at, std::vector<std::string>{}).second;
    for (const auto& series : pane.series) {
      if (!series.sequence.empty()) sequences.push_back(series.definition->measure);
    }
    return true;
  });
  if (!scanned) return scanned;
  from = std::move(next);
  for (const auto& [at, sequences] : ended) {
    panes_.erase(at);
    for (const auto& measure : sequences) {
      rows_.erase(Store::window, sequence_key(at.dev_eui, measure, at.pane));
      sequences_.forget(at.dev_eui, measure, at.pane);
    }
  }
  return {};
}

Result<void> PanePurge::purge_revisions(std::int64_t cutoff_us, std::size_t& budget) {
  std::vector<std::string> ended;
  const auto to = revision_key_from(std::max<std::int64_t>(0, cutoff_us));
  const auto scanned = rows_.scan(Store::window, partition_, "r", to, [&](std::string_view key, std::string_view) {
    if (budget == 0) return false;
    const auto window = parse_revision_key(key);
    if (!window || window->end_us() > cutoff_us) return true;
    --budget;
    ended.emplace_back(key);
    return true;
  });
  if (!scanned) return scanned;
  for (auto& key : ended) rows_.erase(Store::window, std::move(key));
  return {};
}

void PanePurge::store() {
  v1::PurgeRow row;
  for (const auto& from : from_) row.add_from(from);
  row.set_more(more_);
  rows_.put(Store::window, std::string(kPurgeKey), row.SerializeAsString());
}

}  // namespace lenne::processing
