#include "processing/fold.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <ranges>
#include <tuple>
#include <utility>

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

using aggregates::engine_of;

/// What a series of a pane must have in common with the newest one. Where it has not, it is left out.
bool is_alike(const Pane& pane, const SeriesPane& series, const Pane& newest, const SeriesPane& newest_series) {
  return (series.definition == newest_series.definition || *series.definition == *newest_series.definition) &&
         pane.tenant == newest.tenant;
}

/// A pane's share of a series.
struct Share {
  const PanePtr* pane = nullptr;
  const SeriesPane* series = nullptr;
};

/// One measure's shares in a window, and for sequences the nearest ones around it.
struct Gathered {
  std::string_view measure;
  std::vector<Share> inside = {};         ///< time order
  std::vector<SequencePane> before = {};  ///< the nearest first, here and after the window
  std::vector<SequencePane> after = {};

  [[nodiscard]] Share newest() const {
    return inside.empty() ? Share{&before.front().pane, before.front().series} : inside.back();
  }
  /// Whether any reading is judged by more than the next one.
  [[nodiscard]] bool has_limits() const {
    const auto limited = [](const auto& share) { return share.series->limits.most_per_hour != 0; };
    return std::ranges::any_of(inside, limited) || std::ranges::any_of(before, limited) ||
           std::ranges::any_of(after, limited);
  }
};

/// By measure.
class Measures {
 public:
  /// `panes`: how many shares one measure has at most.
  Measures(std::size_t panes, SeriesClasses wanted) : panes_(panes), wanted_(wanted) {}

  [[nodiscard]] Gathered* find(std::string_view measure) {
    const auto place = at(measure);
    return place != all_.end() && place->measure == measure ? &*place : nullptr;
  }
  /// `measure` must outlive it.
  [[nodiscard]] Gathered& find_or_add(std::string_view measure) {
    const auto place = at(measure);
    if (place != all_.end() && place->measure == measure) return *place;
    auto& added = *all_.insert(place, Gathered{measure});
    added.inside.reserve(panes_);
    return added;
  }
  /// A pane's series, which are in order: mostly those of the pane before it.
  void add(const PanePtr& pane) {
    std::size_t next = 0;
    for (const auto& series : pane->series) {
      if (!wanted_.contains(series.definition->series_class)) continue;
      const std::string_view measure = series.definition->measure;
      const bool as_before = next < all_.size() && all_[next].measure == measure;
      auto& gathered = as_before ? all_[next] : find_or_add(measure);
      gathered.inside.push_back({&pane, &series});
      next = static_cast<std::size_t>(&gathered - all_.data()) + 1;
    }
  }
  [[nodiscard]] const std::vector<Gathered>& all() const noexcept { return all_; }

 private:
  [[nodiscard]] std::vector<Gathered>::iterator at(std::string_view measure) {
    return std::ranges::lower_bound(all_, measure, {}, &Gathered::measure);
  }
  std::size_t panes_;
  SeriesClasses wanted_;
  std::vector<Gathered> all_;
};

/// Finds the panes whose entries reach into the window from before, and those that follow a counter's readings.
Result<void> look_around(const PaneReader& reader, std::uint64_t dev_eui, const Window& window, SeriesClasses wanted,
                         Measures& measures) {
  const auto names = reader.sequences.measures(dev_eui);
  if (!names) return std::unexpected(names.error());
  const auto earliest_us = window.start_us - kMaxHoldUs - reader.settings.pane_at(0).length_us();
  const auto latest_us = window.end_us() + kMaxHoldUs;
  for (const auto& name : *names) {
    if (!wanted.contains(series_class_of(name))) continue;
    const auto look_back = [&](std::size_t entries, std::vector<SequencePane>& panes) {
      return extend_panes(reader, dev_eui, name, earliest_us, window.start_us, Nearest::to_back, entries, panes);
    };
    const auto look_ahead = [&](std::size_t entries, std::vector<SequencePane>& panes) {
      return extend_panes(reader, dev_eui, name, window.end_us(), latest_us, Nearest::to_front, entries, panes);
    };
    std::vector<SequencePane> before;
    if (auto found = look_back(1, before); !found) return found;
    auto* gathered = measures.find(name);
    if (gathered == nullptr && before.empty()) continue;
    if (gathered == nullptr) gathered = &measures.find_or_add(before.front().series->definition->measure);
    gathered->before = std::move(before);
    if (gathered->newest().series->definition->kind != v1::KIND_COUNTER) continue;
    if (auto found = look_ahead(1, gathered->after); !found) return found;
    if (!gathered->has_limits()) continue;
    if (auto found = look_back(aggregates::kReadingsBefore, gathered->before); !found) return found;
    if (auto found = look_ahead(aggregates::kReadingsAfter, gathered->after); !found) return found;
  }
  return {};
}

/// Until when the newest entry is held, whatever the window's own definition: the windows after it begin with it.
std::int64_t held_until(const Gathered& gathered) {
  for (const auto& [pane, series] : std::views::reverse(gathered.inside)) {
    if (!series->sequence.empty()) return (*pane)->known_until(*series);
  }
  if (gathered.before.empty()) return 0;
  const auto& [pane, series] = gathered.before.front();
  return pane->known_until(*series);
}

/// Buffers of fold_series.
struct Scratch {
  std::vector<aggregates::PaneShare> shares;
  std::vector<aggregates::Reading> before;
  std::vector<aggregates::Reading> after;
};

SeriesResult fold_series(const Gathered& gathered, const Window& window, std::int64_t until_us, Scratch& scratch) {
  const auto [newest, newest_series] = gathered.newest();
  const auto& definition = newest_series->definition;
  const auto* engine = engine_of(definition->kind);
  SeriesResult result{window, definition, *newest, {}, 0, held_until(gathered), {}};
  if (engine == nullptr) return result;
  const auto alike = [&](const Pane& pane, const SeriesPane& series) {
    return is_alike(pane, series, *result.newest, *newest_series);
  };
  auto& [shares, before, after] = scratch;
  shares.clear();
  before.clear();
  after.clear();
  for (const auto& [pane, series] : gathered.inside) {
    result.left_out += series->left_out + series->sequence_overflow;
    result.rules.merge(series->rules);
    if (alike(**pane, *series)) {
      shares.push_back({{(*pane)->window, (*pane)->nominal_interval_s}, series});
    } else if (const auto* other = engine_of(series->definition->kind)) {
      result.left_out += other->count(*series);
    }
  }
  aggregates::FoldInput input{window, until_us, shares};
  input.rollover_at = definition->rollover_at;
  input.measured_gap_us = measured_gap_us(definition->measure);
  if (definition->kind == v1::KIND_COUNTER) {
    for (const auto& [pane, series] : gathered.before) {  // the newest first
      if (!alike(*pane, *series)) break;
      for (const auto& entry : std::views::reverse(series->sequence)) {
        if (before.size() < aggregates::kReadingsBefore) before.push_back({entry, series->limits});
      }
    }
    std::ranges::reverse(before);
    for (const auto& [pane, series] : gathered.after) {
      if (!alike(*pane, *series)) break;
      for (const auto& entry : series->sequence) {
        if (after.size() < aggregates::kReadingsAfter) after.push_back({entry, series->limits});
      }
    }
    input.before = before;
    input.after = after;
  } else if (!gathered.before.empty()) {
    const auto& [pane, series] = gathered.before.front();
    if (alike(*pane, *series)) {
      input.carry = aggregates::Carry{series->sequence.back(), hold_of(definition->kind, pane->nominal_interval_s)};
    }
  }
  result.folded = engine->fold(input);
  return result;
}

}  // namespace

Result<std::vector<SeriesResult>> fold_device(const PaneReader& reader, base::DevEui dev_eui, const Window& window,
                                              std::int64_t until_us, SeriesClasses wanted) {
  std::vector<PanePtr> panes;
  if (auto found = reader.panes.find_all(window, reader.settings.pane_s(), dev_eui.value, panes); !found)
    return std::unexpected(found.error());
  Measures measures(panes.size(), wanted);
  for (const auto& pane : panes) measures.add(pane);
  if (auto looked = look_around(reader, dev_eui.value, window, wanted, measures); !looked)
    return std::unexpected(looked.error());
  std::vector<SeriesResult> results;
  results.reserve(measures.all().size());
  Scratch scratch;
  for (const auto& gathered : measures.all()) results.push_back(fold_series(gathered, window, until_us, scratch));
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
  const bool meters =
      std::ranges::any_of(*measures, [](const auto& measure) { return is_meter(series_class_of(measure)); });
  const auto oldest = std::max(base::to_us(from), watermark - settings.longest_delay_us(meters));
  const auto newest = std::min(base::to_us(to), now + kFutureUs);
  std::vector<Window> windows;
  for (auto window : settings.windows_at(oldest)) {
    if (!name.empty() && window_name(window) != name) continue;
    for (; window.start_us < newest; window = settings.next(window)) windows.push_back(window);
  }
  const auto order = [](const Window& w) { return std::tuple(w.end_us(), w.length_s, w.calendar, w.hop_s); };
  std::ranges::sort(windows, {}, order);
  const auto repeated = std::ranges::unique(windows);  // each hopping window follows from all those before it
  windows.erase(repeated.begin(), repeated.end());
  const StoredPanes panes(state, partition);
  std::vector<v1::Aggregate> aggregates;
  for (const auto& window : windows) {
    const auto results = fold_device({panes, settings, sequences}, dev_eui, window, now, classes_with(window));
    if (!results) return std::unexpected(results.error());
    for (const auto& result : *results) {
      const auto series = result.definition->series_class;
      if (result.folded.empty) continue;
      if (place_of(settings, window, dev_eui.value, settings.grace_us(series)) <= time->closed) continue;
      aggregates.push_back(aggregate_of(result, settings));
      aggregates.back().set_emitted_us(now);
    }
  }
  return aggregates;
}

}  // namespace lenne::processing
