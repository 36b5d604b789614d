#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <tuple>

#include "base/fixed_point.hpp"
#include "base/hash.hpp"
#include "lenne/v1/quarantine.pb.h"
#include "processing/aggregates/engine.hpp"
#include "processing/keys.hpp"
#include "processing/meter_parameters.hpp"
#include "processing/partition_windows.hpp"
#include "processing/rows.hpp"
#include "processing/rules.hpp"
#include "processing/sequences.hpp"

// What the samples of one record do: which windows they count for, how panes change, which finals are corrected.

namespace lenne::processing {
namespace {

using base::Result;
using storage::Store;
using storage::Topic;

/// Readings of an exchange are no uplink's: each record has them. They come before all others of their moment.
SampleSource source_of(const v1::Measurement& measurement, const v1::Sample& sample) {
  if (sample.mark() != v1::READING_MARK_NONE) {
    const auto series = base::hash64(base::as_bytes(sample.measure()));
    return {sample.time_us(), 0, static_cast<std::uint32_t>(series)};
  }
  return {sample.time_us(), measurement.session(), measurement.f_cnt()};
}

Entry entry_of(const v1::Measurement& measurement, const v1::Sample& sample) {
  const bool marked = sample.mark() != v1::READING_MARK_NONE;
  return {sample.time_us(),
          marked ? 0 : measurement.session(),
          marked ? 0 : measurement.f_cnt(),
          marked ? static_cast<std::uint32_t>(sample.mark()) : sample.index(),
          sample.value(),
          sample.meter(),
          sample.mark(),
          sample.reverse()};
}

bool is_of(const Definition& definition, const v1::Sample& sample) {
  return definition.kind == sample.kind() && definition.unit == sample.unit() &&
         definition.exponent == sample.exponent() && definition.rollover_at == sample.rollover_at();
}

/// A meter's reading of the moment of another one.
auto reading_at(auto& sequence, const Entry& reading) {
  return std::ranges::find_if(
      sequence, [&](const Entry& entry) { return entry.time_us == reading.time_us && entry.mark == reading.mark; });
}

bool is_out_of_bounds(const v1::Sample& sample) {
  return sample.flags() != 0 || sample.value() > base::kMaxSteps || sample.value() < -base::kMaxSteps;
}

/// All that describes a pane comes from its first record.
std::shared_ptr<Pane> new_pane(const v1::Measurement& measurement, const Window& window) {
  auto pane = std::make_shared<Pane>();
  pane->window = window;
  pane->dev_eui = measurement.dev_eui();
  pane->tenant = measurement.tenant();
  pane->site = measurement.site();
  pane->device_name = measurement.device_name();
  pane->nominal_interval_s = measurement.nominal_interval_s();
  return pane;
}

}  // namespace

Result<void> PartitionWindows::take(const v1::Measurement& measurement, storage::Batch& out) {
  Late late;
  auto& touched = touched_;
  rules_ = record_rules_.of(measurement);
  if (auto sorted = sort_samples(measurement, touched, late); !sorted) return sorted;
  const auto closed = closed_windows(measurement, touched);
  if (!closed) return std::unexpected(closed.error());
  const auto before = results_of(measurement.dev_eui(), *closed);
  if (!before) return std::unexpected(before.error());
  bool changed = false;
  for (auto& pane : touched) {
    if (!apply(measurement, pane, late)) continue;
    changed = true;
    store(pane);
  }
  append_late(late, out);
  return changed ? revise(measurement.dev_eui(), *closed, *before, out) : Result<void>{};
}

/// Marks all but the first sample of one (measure, time, index).
void PartitionWindows::find_repeats(const v1::Measurement& measurement) {
  const auto& samples = measurement.samples();
  repeated_.assign(static_cast<std::size_t>(samples.size()), false);
  if (samples.size() < 2) return;
  order_.clear();
  for (int i = 0; i < samples.size(); ++i) {
    if (aggregates::engine_of(samples.Get(i).kind()) != nullptr) order_.push_back(i);
  }
  const auto key = [&](int i) {
    const auto& sample = samples.Get(i);
    return std::tuple<std::string_view, std::int64_t, std::uint32_t>(sample.measure(), sample.time_us(),
                                                                     sample.index());
  };
  std::ranges::sort(order_, [&](int a, int b) { return std::pair(key(a), a) < std::pair(key(b), b); });
  for (std::size_t i = 1; i < order_.size(); ++i)
    repeated_[static_cast<std::size_t>(order_[i])] = key(order_[i]) == key(order_[i - 1]);
}

/// The samples that count, by pane.
Result<void> PartitionWindows::sort_samples(const v1::Measurement& measurement, std::vector<Touched>& touched,
                                            Late& late) {
  touched.clear();
  find_repeats(measurement);
  for (int i = 0; i < measurement.samples_size(); ++i) {
    const auto& sample = measurement.samples(i);
    ++samples_;
    if (aggregates::engine_of(sample.kind()) == nullptr) {
      counters_.count("windows.no_engine");
      continue;
    }
    if (repeated_[static_cast<std::size_t>(i)]) {
      counters_.count("windows.duplicates");
      continue;
    }
    const auto series = series_class_of(sample.measure());
    if (!accept(measurement, sample, series, late)) continue;
    const auto pane = settings_.pane_at(sample.time_us());
    auto place = std::ranges::lower_bound(touched, pane, {}, &Touched::window);
    if (place == touched.end() || place->window != pane) place = touched.insert(place, Touched{pane});
    place->samples.push_back({&sample, series});
  }
  for (auto& in : touched) {
    auto pane = panes_.open(in.window, measurement.dev_eui());
    if (!pane) return std::unexpected(pane.error());
    in.pane = std::move(*pane);
    if (in.pane == nullptr) continue;
    std::erase_if(in.samples,
                  [&](const Counting& counting) { return is_no_news(measurement, *counting.sample, *in.pane); });
  }
  std::erase_if(touched, [](const Touched& in) { return in.samples.empty(); });
  return {};
}

/// What a meter tells again and again: of an exchange in every record, of the readings of its log in several uplinks.
/// It changes nothing, and touches no pane.
bool PartitionWindows::is_no_news(const v1::Measurement& measurement, const v1::Sample& sample, const Pane& pane) {
  if (sample.mark() != v1::READING_MARK_NONE &&
      std::ranges::binary_search(pane.sources, source_of(measurement, sample)))
    return true;
  if (sample.kind() != v1::KIND_COUNTER || is_out_of_bounds(sample) || pane.tenant != measurement.tenant())
    return false;
  const auto* series = pane.find(sample.measure());
  if (series == nullptr || !is_of(*series->definition, sample) || !series->rules.includes(rules_)) return false;
  const auto reading = entry_of(measurement, sample);
  const auto known = reading_at(series->sequence, reading);
  if (known == series->sequence.end() || known->value != reading.value || known->meter < reading.meter ||
      known->reverse < reading.reverse)
    return false;
  const auto order = reading.place(*known);
  if (order < 0) return false;
  counters_.count(order == 0 ? "windows.duplicates" : "windows.repeated_readings");
  return true;
}

/// Judges one sample for each window that contains it. True if any takes it, be it as a correction.
bool PartitionWindows::accept(const v1::Measurement& measurement, const v1::Sample& sample, SeriesClass series,
                              Late& late) {
  std::string_view reason;
  if (sample.measure().empty() || sample.measure().size() > kMaxMeasureLength ||
      sample.unit().size() > kMaxMeasureLength) {
    reason = "bad_measure";
  } else if (!base::is_exponent(sample.exponent())) {
    reason = "bad_exponent";
  } else if (is_meter(series) && sample.kind() != v1::KIND_COUNTER) {
    reason = "bad_kind";
  } else if (sample.time_us() < 0) {
    reason = "late";
  } else if (sample.time_us() > measurement.received_us() + kFutureUs) {
    reason = "future";
  }
  if (!reason.empty()) {
    refuse(measurement, sample, reason, {}, late);
    return false;
  }
  bool wanted = false;
  std::string too_late;
  const auto grace = settings_.grace_us(series);
  for (const auto& window : settings_.windows_of(series, sample.time_us())) {
    const auto due = settings_.due_us(window, measurement.dev_eui(), grace);
    if (due > watermark() || correctable(series, window, due)) {
      wanted = true;
    } else {
      too_late += (too_late.empty() ? "" : ",") + window_name(window);
    }
  }
  if (!too_late.empty()) refuse(measurement, sample, "late", too_late, late);
  if (!wanted && too_late.empty()) counters_.count("windows.no_window");
  return wanted;
}

/// The final windows that the record's samples may change: those that contain one, and for sequences those that lie
/// between its neighbours.
Result<std::set<Window>> PartitionWindows::closed_windows(const v1::Measurement& measurement,
                                                          const std::vector<Touched>& touched) const {
  std::set<Window> closed;
  for (const auto& in : touched) {
    for (const auto& [sample, series] : in.samples) {
      const auto reach = reach_of(measurement, *sample, in);
      if (!reach) return std::unexpected(reach.error());
      const auto grace = settings_.grace_us(series);
      for (auto window : settings_.windows_of(series, reach->from_us)) {
        for (; window.start_us <= reach->to_us; window = settings_.next(window)) {
          const auto due = settings_.due_us(window, measurement.dev_eui(), grace);
          if (due > watermark()) break;
          if (correctable(series, window, due)) closed.insert(window);
        }
      }
    }
  }
  return closed;
}

/// A state says something from its time until it is held no more, and takes back what the entry before it said until
/// then. A counter's reading changes all between the readings before and after it.
Result<PartitionWindows::Reach> PartitionWindows::reach_of(const v1::Measurement& measurement, const v1::Sample& sample,
                                                           const Touched& touched) const {
  const auto time = sample.time_us();
  if (!is_sequence(sample.kind())) return Reach{time, time};
  const auto dev_eui = measurement.dev_eui();
  const auto& window = touched.window;
  const auto* own = touched.pane != nullptr ? touched.pane->sequence_of(sample.measure()) : nullptr;
  const auto earliest_us = window.start_us - kMaxHoldUs - window.length_us();
  const auto before = nearest_pane(panes(), dev_eui, sample.measure(), earliest_us, window.start_us, Nearest::to_back);
  if (!before) return std::unexpected(before.error());
  const auto* earlier = *before != nullptr ? (*before)->sequence_of(sample.measure()) : nullptr;
  if (holds(sample.kind())) {
    auto until = time + hold_of(sample.kind(), touched.pane != nullptr ? touched.pane->nominal_interval_s
                                                                       : measurement.nominal_interval_s());
    if (own != nullptr) until = std::max(until, touched.pane->known_until(*own));
    if (earlier != nullptr) until = std::max(until, (*before)->known_until(*earlier));
    return Reach{time, until};
  }
  return reading_reach(measurement, sample, touched);
}

/// Without limits, a reading changes all between the ones before and after it. Else it also judges others: what lies
/// up to three readings before it and four after it.
Result<PartitionWindows::Reach> PartitionWindows::reading_reach(const v1::Measurement& measurement,
                                                                const v1::Sample& sample,
                                                                const Touched& touched) const {
  const auto time = sample.time_us();
  const auto& window = touched.window;
  const auto* own = touched.pane != nullptr ? touched.pane->sequence_of(sample.measure()) : nullptr;
  const auto earliest_us = window.start_us - kMaxHoldUs - window.length_us();
  std::vector<SequencePane> before;
  std::vector<SequencePane> after;
  const auto extend = [&](std::size_t back, std::size_t ahead) -> Result<void> {
    const auto dev_eui = measurement.dev_eui();
    if (auto found = extend_panes(panes(), dev_eui, sample.measure(), earliest_us, window.start_us, Nearest::to_back,
                                  back, before);
        !found)
      return found;
    return extend_panes(panes(), dev_eui, sample.measure(), window.end_us(), time + kMaxHoldUs, Nearest::to_front,
                        ahead, after);
  };
  if (auto found = extend(2, 2); !found) return std::unexpected(found.error());
  const auto limited = [](const SequencePane& at) { return at.series->limits.most_per_hour != 0; };
  std::size_t back = 1;
  std::size_t ahead = 1;
  if (limits_of(measurement, sample).most_per_hour != 0 || (own != nullptr && own->limits.most_per_hour != 0) ||
      std::ranges::any_of(before, limited) || std::ranges::any_of(after, limited)) {
    back = 3;
    ahead = 4;
    if (auto found = extend(back, ahead); !found) return std::unexpected(found.error());
  }
  // An entry of the same time may come before this one in order, or after it: it does not end the reach.
  Reach reach{time, time + kMaxHoldUs};
  const auto take_back = [&](const SeriesPane& series) {
    for (const auto& entry : std::views::reverse(series.sequence)) {
      if (entry.time_us >= time || back == 0) continue;
      reach.from_us = std::max(entry.time_us, time - kMaxHoldUs);
      --back;
    }
  };
  const auto take_ahead = [&](const SeriesPane& series) {
    for (const auto& entry : series.sequence) {
      if (entry.time_us <= time || ahead == 0 || --ahead != 0) continue;
      reach.to_us = std::min(entry.time_us, reach.to_us);
    }
  };
  if (own != nullptr) take_back(*own);
  for (const auto& at : before) take_back(*at.series);
  if (own != nullptr) take_ahead(*own);
  for (const auto& at : after) take_ahead(*at.series);
  return reach;
}

/// Adds a record's samples to one pane. True if it has changed.
bool PartitionWindows::apply(const v1::Measurement& measurement, Touched& touched, Late& late) {
  if (touched.pane == nullptr) touched.pane = new_pane(measurement, touched.window);
  auto& pane = *touched.pane;
  if (pane.tenant != measurement.tenant()) {
    for (const auto& [sample, series] : touched.samples) refuse(measurement, *sample, "tenant_changed", {}, late);
    touched.samples.clear();
    return false;
  }
  std::vector<SampleSource> added;  // ascending
  const auto is_used = [&](const v1::Sample& sample) {
    const auto source = source_of(measurement, sample);
    if (std::ranges::binary_search(pane.sources, source)) {
      counters_.count("windows.duplicates");
      return false;
    }
    const auto place = std::ranges::lower_bound(added, source);
    const bool is_new = place == added.end() || *place != source;
    if (is_new && pane.sources.size() + added.size() >= kMaxSources) {
      refuse(measurement, sample, "pane_full", {}, late);
      return false;
    }
    const auto taken = apply_sample(measurement, sample, pane, late);
    if (taken == Taken::no) return false;
    if (is_new && taken == Taken::unnamed && format_.may_repeat()) added.insert(place, source);
    return true;
  };
  std::erase_if(touched.samples, [&](const Counting& counting) { return !is_used(*counting.sample); });
  for (const auto& source : added) pane.sources.insert(std::ranges::upper_bound(pane.sources, source), source);
  return !touched.samples.empty();
}

PartitionWindows::Taken PartitionWindows::apply_sample(const v1::Measurement& measurement, const v1::Sample& sample,
                                                       Pane& pane, Late& late) {
  auto series = std::ranges::lower_bound(pane.series, sample.measure(), {}, Pane::measure_of);
  if (series == pane.series.end() || Pane::measure_of(*series) != sample.measure()) {
    if (pane.series.size() >= kMaxSeries) {
      refuse(measurement, sample, "too_many_series", {}, late);
      return Taken::no;
    }
    series = pane.series.insert(series, SeriesPane{});
    series->definition = panes_.definitions().of(sample.measure(), sample.unit(), sample.kind(), sample.exponent(),
                                                 sample.rollover_at());
    if (sample.kind() == v1::KIND_COUNTER) series->limits = limits_of(measurement, sample);
  } else if (!is_of(*series->definition, sample)) {
    refuse(measurement, sample, "series_changed", {}, late);
    return Taken::no;
  }
  if (series->definition->series_class != SeriesClass::network) series->rules.merge(rules_);
  if (is_out_of_bounds(sample)) {
    counters_.count("windows.left_out");
    ++series->left_out;
    return Taken::unnamed;
  }
  auto entry = entry_of(measurement, sample);
  const auto left_out = series->left_out;
  if (sample.kind() == v1::KIND_COUNTER && is_repeated_reading(*series, entry))
    return series->left_out == left_out ? Taken::named : Taken::unnamed;
  const auto overflow = series->sequence_overflow;
  aggregates::engine_of(sample.kind())->add(*series, {pane.window, pane.nominal_interval_s}, entry);
  if (series->sequence_overflow != overflow) {
    counters_.count("windows.sequence_overflow");
    return Taken::unnamed;
  }
  return sample.kind() == v1::KIND_COUNTER && sample.mark() == v1::READING_MARK_NONE ? Taken::named : Taken::unnamed;
}

/// A meter has one reading of a moment, however many uplinks carry it: true if the pane has it already. Of equal ones
/// the first place stays, and what any of them says of the meter, so that their order of arrival does not matter; of
/// different ones the first in the log.
bool PartitionWindows::is_repeated_reading(SeriesPane& series, Entry& reading) {
  auto& all = series.sequence;
  const auto same = reading_at(all, reading);
  if (same == all.end()) return false;
  if (same->value != reading.value) {
    counters_.count("windows.conflicting_readings");
    ++series.left_out;
    return true;
  }
  counters_.count("windows.repeated_readings");
  reading.meter = same->meter = std::max(same->meter, reading.meter);
  reading.reverse = same->reverse = same->reverse || reading.reverse;
  if (reading.place(*same) > 0) return true;
  all.erase(same);
  return false;
}

/// Notes what a pane has got, and sets timers.
void PartitionWindows::store(const Touched& touched) {
  auto& pane = *touched.pane;
  panes_.put(touched.pane);
  schedule_pane(pane);
  for (const auto& [sample, series] : touched.samples) {
    if (!is_sequence(sample->kind())) continue;
    if (const auto* sequence = pane.sequence_of(sample->measure())) {  // none: all of its samples were left out
      v1::WindowRow row;
      row.set_known_until_us(pane.known_until(*sequence));
      rows_.put(Store::window, sequence_key(pane.dev_eui, sample->measure(), pane.window), row.SerializeAsString());
      sequences_.note(pane.dev_eui, sample->measure(), pane.window, watermark());
    }
    schedule_held(pane.dev_eui, series, sample->time_us(),
                  sample->time_us() + hold_of(sample->kind(), pane.nominal_interval_s));
  }
}

Result<PartitionWindows::Before> PartitionWindows::results_of(std::uint64_t dev_eui,
                                                              const std::set<Window>& windows) const {
  Before all;
  for (const auto& window : windows) {
    auto results = fold_device(panes(), base::DevEui{dev_eui}, window, window.end_us(), classes_with(window));
    if (!results) return std::unexpected(results.error());
    for (auto& result : *results) {
      auto at = std::pair(window, result.definition->measure);
      all.emplace(std::move(at), std::move(result));
    }
  }
  return all;
}

Result<void> PartitionWindows::revise(std::uint64_t dev_eui, const std::set<Window>& windows, const Before& before,
                                      storage::Batch& out) {
  const auto after = results_of(dev_eui, windows);
  if (!after) return std::unexpected(after.error());
  for (const auto& [at, result] : *after) {
    const auto& [window, measure] = at;
    const auto series = result.definition->series_class;
    const auto old = before.find(at);
    if (old != before.end() && old->second.same(result)) continue;
    const bool was_published = old != before.end() && !old->second.folded.empty;
    if (result.folded.empty && !was_published) continue;
    if (!correctable(series, window, settings_.due_us(window, dev_eui, settings_.grace_us(series)))) continue;
    const auto key = revision_key(window, dev_eui, measure);
    const auto stored = rows_.get(Store::window, partition_, key);
    if (!stored) return std::unexpected(stored.error());
    auto row = *stored ? parse_window_row(**stored) : std::optional(v1::WindowRow{});
    if (!row) return base::fail("bad_row", "a revision cannot be read");
    const auto revision = was_published || *stored ? row->revision() + 1 : 0;
    if (revision > 0) {
      row->set_revision(revision);
      rows_.put(Store::window, key, row->SerializeAsString());
    }
    if (revision > 0) {
      counters_.count("windows.revisions");
    } else {
      ++finals_;
    }
    format_.write(result, revision, time_.now_us, settings_, partition_, out);
  }
  return {};
}

void PartitionWindows::refuse(const v1::Measurement& measurement, const v1::Sample& sample, std::string_view reason,
                              std::string_view windows, Late& late) {
  counters_.count(reason == "late"     ? "windows.late"
                  : reason == "future" ? "windows.future"
                                       : fmt::format("windows.refused.{}", reason));
  auto& copy = late[{std::string(reason), std::string(windows)}];
  if (copy.samples_size() == 0) {
    copy = measurement;
    copy.clear_samples();
  }
  *copy.add_samples() = sample;
}

void PartitionWindows::append_late(const Late& late, storage::Batch& out) {
  for (const auto& [at, measurement] : late) {
    v1::LateMeasurement record;
    *record.mutable_measurement() = measurement;
    record.set_watermark_us(watermark());
    record.set_reason(at.first);
    record.set_window(at.second);
    out.append(Topic::measurement_late, partition_, {}, device_key(measurement.dev_eui()), record.SerializeAsString());
  }
}

}  // namespace lenne::processing
