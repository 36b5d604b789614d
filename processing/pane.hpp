#pragma once
// The windows' state in memory: what a device sent in one pane. pane_rows.hpp writes it to rows and reads it again.

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/int128.hpp"
#include "processing/applied_rules.hpp"
#include "processing/rules.hpp"
#include "processing/window_settings.hpp"

namespace lenne::processing {

/// One sample of a series. Two with the same place in time are the same sample.
struct Entry {
  std::int64_t time_us = 0;
  std::uint64_t session = 0;
  std::uint32_t f_cnt = 0;
  std::uint32_t index = 0;
  std::int64_t value = 0;                        ///< steps
  std::int64_t meter = 0;                        ///< counters: serial number of the meter; 0 = unknown
  v1::ReadingMark mark = v1::READING_MARK_NONE;  ///< counters
  bool reverse = false;                          ///< counters: the meter says that it ran backwards up to here

  /// By (time, session, FCnt32, index).
  [[nodiscard]] std::strong_ordering place(const Entry& other) const noexcept {
    if (const auto by = time_us <=> other.time_us; by != 0) return by;
    if (const auto by = session <=> other.session; by != 0) return by;
    if (const auto by = f_cnt <=> other.f_cnt; by != 0) return by;
    return index <=> other.index;
  }
  friend bool operator==(const Entry&, const Entry&) = default;
};

struct Point {
  std::int64_t value = 0;
  std::int64_t time_us = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

/// So many samples lie in one bucket of base/distribution.hpp.
struct Bucket {
  std::int32_t bucket = 0;
  std::uint64_t count = 0;
  friend bool operator==(const Bucket&, const Bucket&) = default;
};

/// A bag of samples. Commutative: two of disjoint samples merge into that of all of them.
struct GaugeState {
  std::uint64_t count = 0;
  base::Int128 sum = 0;          ///< of steps
  base::Int128 sum_squares = 0;  ///< of steps squared
  Point min;                     ///< the earliest of equal ones
  Point max;
  std::vector<Bucket> buckets = {};  ///< ascending; of measures whose percentiles are asked for
  friend bool operator==(const GaugeState&, const GaugeState&) = default;
};

/// What all samples of a series have in common.
struct Definition {
  std::string measure;
  std::string unit;
  v1::Kind kind = v1::KIND_UNSPECIFIED;
  std::int32_t exponent = 0;
  std::uint64_t rollover_at = 0;                  ///< counters: the value after the largest, in steps; 0 = none
  SeriesClass series_class = SeriesClass::other;  ///< of the measure
  bool has_percentiles = false;                   ///< likewise
  friend bool operator==(const Definition&, const Definition&) = default;
};
using DefinitionPtr = std::shared_ptr<const Definition>;

/// What a meter can do, as its device's parameters say it. Steps; 0 = unknown, none.
struct FlowLimits {
  std::int64_t most_per_hour = 0;  ///< the permanent flow rate (of water: Q3, of gas: Qmax) or rated power of the meter
  std::int64_t backflow = 0;       ///< a fall up to this is flow backwards
  friend bool operator==(const FlowLimits&, const FlowLimits&) = default;
};

/// One series' share of a pane.
struct SeriesPane {
  DefinitionPtr definition;     ///< never null in a pane
  GaugeState gauge;             ///< of a bag
  std::vector<Entry> sequence;  ///< of states and counters, by place
  std::string slots;  ///< one bit per slot of the nominal interval that has a sample, from the pane's first slot
  std::uint64_t left_out = 0;  ///< samples that are flagged or contradict an earlier one
  std::uint64_t sequence_overflow = 0;
  FlowLimits limits = {};  ///< of counters: from the series' first record in the pane
  RuleSet rules = {};      ///< of all its samples, those that are left out too
  friend bool operator==(const SeriesPane&, const SeriesPane&) = default;
};

/// Which uplink's samples of one time a pane holds: a repeated record adds nothing.
struct SampleSource {
  std::int64_t time_us = 0;
  std::uint64_t session = 0;
  std::uint32_t f_cnt = 0;
  friend auto operator<=>(const SampleSource&, const SampleSource&) = default;
};

/// The smallest window of one device with all its series: one row in the state store.
struct Pane {
  Window window;
  std::uint64_t dev_eui = 0;
  std::string tenant;
  std::string site;
  std::string device_name;
  std::uint32_t nominal_interval_s = 0;
  std::vector<SeriesPane> series;     ///< by measure, none twice
  std::vector<SampleSource> sources;  ///< ascending
  SeriesClasses scheduled = {};       ///< whose timers of its windows are set. Not stored

  [[nodiscard]] static std::string_view measure_of(const SeriesPane& series) noexcept {
    return series.definition->measure;
  }
  /// The series of that name; null when there is none.
  [[nodiscard]] const SeriesPane* find(std::string_view measure) const noexcept {
    const auto place = std::ranges::lower_bound(series, measure, {}, measure_of);
    return place == series.end() || measure_of(*place) != measure ? nullptr : &*place;
  }
  /// The same if it has entries of a sequence, else null.
  [[nodiscard]] const SeriesPane* sequence_of(std::string_view measure) const noexcept {
    const auto* found = find(measure);
    return found == nullptr || found->sequence.empty() ? nullptr : found;
  }
  /// Until when the last entry of a sequence is held, µs; 0 without one.
  [[nodiscard]] std::int64_t known_until(const SeriesPane& of) const noexcept {
    if (of.sequence.empty()) return 0;
    return of.sequence.back().time_us + hold_of(of.definition->kind, nominal_interval_s);
  }
  /// In memory, about.
  [[nodiscard]] std::size_t bytes() const noexcept {
    auto sum = sizeof(Pane) + series.size() * sizeof(SeriesPane) + sources.size() * sizeof(SampleSource);
    for (const auto& s : series) sum += s.sequence.size() * sizeof(Entry) + s.gauge.buckets.size() * sizeof(Bucket);
    return sum;
  }
};
using PanePtr = std::shared_ptr<const Pane>;

}  // namespace lenne::processing
