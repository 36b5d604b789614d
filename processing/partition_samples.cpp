#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/fixed_point.hpp"
#include "lenne/v1/quarantine.pb.h"
#include "processing/aggregates/engine.hpp"
#include "processing/keys.hpp"
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

auto source_order(const v1::SampleSource& source) {
  return std::tuple(source.time_us(), source.session(), source.f_cnt());
}

v1::SampleSource source_of(const v1::Measurement& measurement, const v1::Sample& sample) {
  v1::SampleSource source;
  source.set_time_us(sample.time_us());
  source.set_session(measurement.session());
  source.set_f_cnt(measurement.f_cnt());
  return source;
}

v1::SequenceEntry entry_of(const v1::Measurement& measurement, const v1::Sample& sample) {
  v1::SequenceEntry entry;
  entry.set_time_us(sample.time_us());
  entry.set_session(measurement.session());
  entry.set_f_cnt(measurement.f_cnt());
  entry.set_index(sample.index());
  entry.set_value(sample.value());
  return entry;
}

bool contains(const v1::DevicePane& row, const v1::SampleSource& source) {
  return std::ranges::binary_search(row.sources(), source_order(source), {}, source_order);
}

void insert(v1::DevicePane& row, const v1::SampleSource& source) {
  auto& sources = *row.mutable_sources();
  const auto place = std::ranges::lower_bound(sources, source_order(source), {}, source_order) - sources.begin();
  *sources.Add() = source;
  for (int i = sources.size() - 1; i > place; --i) sources.SwapElements(i, i - 1);
}

/// The series of a measure, made at its place in the order of names; null when the row has no room for another.
v1::SeriesPane* series_of(v1::DevicePane& row, const v1::Sample& sample) {
  auto& all = *row.mutable_series();
  const auto place = std::ranges::lower_bound(all, sample.measure(), {}, [](const auto& s) { return s.measure(); });
  if (place != all.end() && place->measure() == sample.measure()) return &*place;
  if (all.size() >= kMaxSeries) return nullptr;
  const auto index = static_cast<int>(place - all.begin());
  auto& series = *all.Add();
  series.set_measure(sample.measure());
  series.set_unit(sample.unit());
  series.set_kind(sample.kind());
  series.set_exponent(sample.exponent());
  series.set_rollover_at(sample.rollover_at());
  for (int i = all.size() - 1; i > index; --i) all.SwapElements(i, i - 1);
  return all.Mutable(index);
}

bool is_out_of_bounds(const v1::Sample& sample) {
  return sample.flags() != 0 || sample.value() > base::kMaxSteps || sample.value() < -base::kMaxSteps;
}

bool same(const SeriesResult& a, const SeriesResult& b) {
  return a.empty == b.empty && a.aggregate.SerializeAsString() == b.aggregate.SerializeAsString();
}

}  // namespace

Result<void> PartitionWindows::take(const v1::Measurement& measurement, storage::Batch& out) {
  Late late;
  auto touched = sort_samples(measurement, late);
  if (!touched) return std::unexpected(touched.error());
  const auto closed = closed_windows(measurement, *touched);
  if (!closed) return std::unexpected(closed.error());
  const auto before = results_of(measurement.dev_eui(), *closed);
  if (!before) return std::unexpected(before.error());
  bool changed = false;
  for (auto& pane : *touched) {
    if (!apply(measurement, pane, late)) continue;
    changed = true;
    store(pane);
    schedule_samples(measurement.dev_eui(), pane);
  }
  append_late(late, out);
  return changed ? revise(measurement.dev_eui(), *closed, *before, out) : Result<void>{};
}

Result<std::vector<PartitionWindows::Touched>> PartitionWindows::sort_samples(const v1::Measurement& measurement,
                                                                              Late& late) {
  std::map<std::int64_t, Touched> panes;
  std::set<std::tuple<std::string_view, std::int64_t, std::uint32_t>> seen;
  for (const auto& sample : measurement.samples()) {
    ++samples_;
    if (aggregates::engine_of(sample.kind()) == nullptr) {
      counters_.count("windows.no_engine");
      continue;
    }
    if (!seen.insert({sample.measure(), sample.time_us(), sample.index()}).second) {
      counters_.count("windows.duplicates");
      continue;
    }
    if (!accept(measurement, sample, late)) continue;
    const auto pane = settings_.pane_at(sample.time_us());
    auto& touched = panes[pane.start_us];
    touched.pane = pane;
    touched.samples.push_back(&sample);
  }
  std::vector<Touched> all;
  for (auto& [start, touched] : panes) {
    const auto value = rows_.get(Store::pane, partition_, pane_key(touched.pane, measurement.dev_eui()));
    if (!value) return std::unexpected(value.error());
    touched.existed = value->has_value();
    if (touched.existed) {
      auto row = parse_pane(**value, touched.pane, measurement.dev_eui());
      if (!row) return base::fail("bad_row", "a pane row cannot be read");
      touched.row = std::move(*row);
    }
    all.push_back(std::move(touched));
  }
  return all;
}

/// Judges one sample for each window that contains it. True if any takes it, be it as a correction.
bool PartitionWindows::accept(const v1::Measurement& measurement, const v1::Sample& sample, Late& late) {
  std::string_view reason;
  if (sample.measure().empty() || sample.measure().size() > kMaxMeasureLength ||
      sample.unit().size() > kMaxMeasureLength) {
    reason = "bad_measure";
  } else if (!base::is_exponent(sample.exponent())) {
    reason = "bad_exponent";
  } else if (is_meter(sample.measure()) && sample.kind() != v1::KIND_COUNTER) {
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
  const auto grace = settings_.grace_us(sample.measure());
  for (const auto& window : settings_.windows_of(sample.measure(), sample.time_us())) {
    const auto due = settings_.due_us(window, measurement.dev_eui(), grace);
    if (due > watermark() || correctable(sample.measure(), window, due)) {
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
  for (const auto& pane : touched) {
    for (const auto* sample : pane.samples) {
      const auto reach = reach_of(measurement, *sample, pane);
      if (!reach) return std::unexpected(reach.error());
      const auto grace = settings_.grace_us(sample->measure());
      for (auto window : settings_.windows_of(sample->measure(), reach->from_us)) {
        for (; window.start_us <= reach->to_us; window = settings_.next(window)) {
          const auto due = settings_.due_us(window, measurement.dev_eui(), grace);
          if (due > watermark()) break;
          if (correctable(sample->measure(), window, due)) closed.insert(window);
        }
      }
    }
  }
  return closed;
}

/// A state says something from its time until it is held no more, and takes back what the entry before it said until
/// then. A counter's reading changes all between the readings before and after it.
Result<PartitionWindows::Reach> PartitionWindows::reach_of(const v1::Measurement& measurement, const v1::Sample& sample,
                                                           const Touched& pane) const {
  const auto time = sample.time_us();
  if (!is_sequence(sample.kind())) return Reach{time, time};
  const auto dev_eui = measurement.dev_eui();
  const auto* own = pane.existed ? sequence_in(pane.row, sample.measure()) : nullptr;
  const auto earliest_us = pane.pane.start_us - kMaxHoldUs - pane.pane.length_us();
  const auto before =
      nearest_pane(panes(), dev_eui, sample.measure(), earliest_us, pane.pane.start_us, Nearest::to_back);
  if (!before) return std::unexpected(before.error());
  const auto* earlier = *before ? sequence_in((*before)->row, sample.measure()) : nullptr;
  if (sample.kind() == v1::KIND_STATE) {
    auto until =
        time + hold_of(sample.kind(), pane.existed ? pane.row.nominal_interval_s() : measurement.nominal_interval_s());
    if (own != nullptr) until = std::max(until, known_until(pane.row, *own));
    if (earlier != nullptr) until = std::max(until, known_until((*before)->row, *earlier));
    return Reach{time, until};
  }
  Reach reach{time, time + kMaxHoldUs};
  // An entry of the same time may come before this one in order, or after it.
  if (own != nullptr && own->sequence(0).time_us() < time) {
    reach.from_us = own->sequence(0).time_us();
  } else if (earlier != nullptr) {
    reach.from_us = std::max(earlier->sequence().rbegin()->time_us(), time - kMaxHoldUs);
  }
  if (own != nullptr && own->sequence().rbegin()->time_us() > time) {
    reach.to_us = own->sequence().rbegin()->time_us();
    return reach;
  }
  const auto after =
      nearest_pane(panes(), dev_eui, sample.measure(), pane.pane.end_us(), time + kMaxHoldUs, Nearest::to_front);
  if (!after) return std::unexpected(after.error());
  const auto* later = *after ? sequence_in((*after)->row, sample.measure()) : nullptr;
  if (later != nullptr) reach.to_us = std::min(reach.to_us, later->sequence(0).time_us());
  return reach;
}

/// Adds a record's samples to one pane. True if the row has changed.
bool PartitionWindows::apply(const v1::Measurement& measurement, Touched& touched, Late& late) {
  auto& row = touched.row;
  if (!touched.existed) {
    // All that describes a pane comes from its first record.
    row.set_dev_eui(measurement.dev_eui());
    row.set_tenant(measurement.tenant());
    row.set_site(measurement.site());
    row.set_device_name(measurement.device_name());
    row.set_start_us(touched.pane.start_us);
    row.set_length_s(touched.pane.length_s);
    row.set_nominal_interval_s(measurement.nominal_interval_s());
  }
  if (row.tenant() != measurement.tenant()) {
    for (const auto* sample : touched.samples) refuse(measurement, *sample, "tenant_changed", {}, late);
    touched.samples.clear();
    return false;
  }
  std::map<decltype(source_order({})), v1::SampleSource> added;
  std::vector<const v1::Sample*> used;
  for (const auto* sample : touched.samples) {
    const auto source = source_of(measurement, *sample);
    if (contains(row, source)) {
      counters_.count("windows.duplicates");
      continue;
    }
    if (row.sources_size() + static_cast<int>(added.size()) >= kMaxSources && !added.contains(source_order(source))) {
      refuse(measurement, *sample, "pane_full", {}, late);
      continue;
    }
    if (!apply_sample(measurement, *sample, touched, late)) continue;
    added.emplace(source_order(source), source);
    used.push_back(sample);
  }
  for (const auto& [order, source] : added) insert(row, source);
  touched.samples = std::move(used);
  return !touched.samples.empty();
}

bool PartitionWindows::apply_sample(const v1::Measurement& measurement, const v1::Sample& sample, Touched& touched,
                                    Late& late) {
  auto* series = series_of(touched.row, sample);
  if (series == nullptr) {
    refuse(measurement, sample, "too_many_series", {}, late);
    return false;
  }
  if (series->kind() != sample.kind() || series->unit() != sample.unit() || series->exponent() != sample.exponent() ||
      series->rollover_at() != sample.rollover_at()) {
    refuse(measurement, sample, "series_changed", {}, late);
    return false;
  }
  if (is_out_of_bounds(sample)) {
    counters_.count("windows.left_out");
    series->set_left_out(series->left_out() + 1);
    return true;
  }
  const auto overflow = series->sequence_overflow();
  const auto* engine = aggregates::engine_of(sample.kind());
  engine->add(*series, {touched.pane, touched.row.nominal_interval_s()}, entry_of(measurement, sample));
  if (series->sequence_overflow() != overflow) counters_.count("windows.sequence_overflow");
  return true;
}

void PartitionWindows::store(const Touched& touched) {
  const auto dev_eui = touched.row.dev_eui();
  rows_.put(Store::pane, pane_key(touched.pane, dev_eui), touched.row.SerializeAsString());
  for (const auto& series : touched.row.series()) {
    if (series.sequence_size() == 0) continue;
    v1::WindowRow row;
    row.set_known_until_us(known_until(touched.row, series));
    rows_.put(Store::window, sequence_key(dev_eui, series.measure(), touched.pane), row.SerializeAsString());
    sequences_.note(dev_eui, series.measure(), touched.pane, watermark());
  }
}

void PartitionWindows::schedule_samples(std::uint64_t dev_eui, const Touched& touched) {
  for (const auto* sample : touched.samples) {
    const auto grace = settings_.grace_us(sample->measure());
    for (const auto& window : settings_.windows_of(sample->measure(), sample->time_us()))
      schedule(window, dev_eui, grace);
    if (!is_sequence(sample->kind())) continue;
    const auto hold = hold_of(sample->kind(), touched.row.nominal_interval_s());
    schedule_held(dev_eui, sample->measure(), sample->time_us(), sample->time_us() + hold);
  }
}

Result<PartitionWindows::Before> PartitionWindows::results_of(std::uint64_t dev_eui,
                                                              const std::set<Window>& windows) const {
  Before all;
  for (const auto& window : windows) {
    auto results = fold_device(panes(), base::DevEui{dev_eui}, window, window.end_us());
    if (!results) return std::unexpected(results.error());
    for (auto& result : *results) {
      auto measure = result.aggregate.measure();
      all.emplace(std::pair(window, std::move(measure)), std::move(result));
    }
  }
  return all;
}

Result<void> PartitionWindows::revise(std::uint64_t dev_eui, const std::set<Window>& windows, const Before& before,
                                      storage::Batch& out) {
  auto after = results_of(dev_eui, windows);
  if (!after) return std::unexpected(after.error());
  for (auto& [at, result] : *after) {
    const auto& [window, measure] = at;
    const auto old = before.find(at);
    if (old != before.end() && same(old->second, result)) continue;
    const bool was_published = old != before.end() && !old->second.empty;
    if ((result.empty && !was_published) || !has_windows(measure, window)) continue;
    if (!correctable(measure, window, settings_.due_us(window, dev_eui, settings_.grace_us(measure)))) continue;
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
    publish(window, std::move(result.aggregate), revision, time_.now_us, out);
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
