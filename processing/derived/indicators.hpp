#pragma once
// What a result means: numbers and classes that follow from one v1::Aggregate alone. Nothing of it is stored; whoever
// reads a result asks here.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/int128.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/levels.hpp"

namespace lenne::processing::derived {

/// Which windows an indicator is made for, by their length in seconds, and by when they begin.
struct WindowsFor {
  enum class Begin : std::uint8_t {
    any,
    midnight,      ///< local or UTC: P1D, PT24H
    midnight_cet,  ///< UTC+1, as the air's quality is reported: P1D-CET
  };
  std::int64_t shortest_s;
  std::int64_t longest_s;
  Begin begin;
  std::string_view text;
};

/// What one result comes to.
struct Judged {
  std::int64_t micro = 0;             ///< the number, in steps of 10^-6 of the indicator's unit
  const LevelTable* table = nullptr;  ///< of a class: then `micro` is its place in the table, in whole units
  bool decided = false;               ///< no sample that is missing could change it
};

/// One indicator. `name` may stand several times, with other windows or measures.
struct IndicatorSpec {
  std::string_view name;
  std::string_view measure;  ///< of the result; "temperature" also stands for "temperature.2"
  WindowsFor windows;
  std::string_view unit;        ///< empty: yes (1) or no (0), or a class
  std::int64_t least_coverage;  ///< in thousandths of the window, below which it is not valid unless decided
  std::uint32_t version;
  bool indicative;        ///< by sensors that are no reference instruments: no proof of compliance
  std::string_view text;  ///< the formula as people read it
  std::string_view source;
  std::optional<Judged> (*judge)(const v1::Aggregate& result);
};

struct Indicator {
  const IndicatorSpec* spec;
  std::int64_t micro;
  std::string_view level;     ///< of a class
  std::uint32_t version;      ///< of the rule, or of its table of classes
  std::optional<bool> valid;  ///< nothing: the coverage is unknown
};

/// All, in the order in which results carry them.
[[nodiscard]] std::span<const IndicatorSpec> indicator_specs() noexcept;
/// Those of a result; none for a result without samples. Any thread.
[[nodiscard]] std::vector<Indicator> indicators_of(const v1::Aggregate& result);

/// Of gauges: the mean in steps of 10^-6 of the unit, half away from zero. Nothing without samples, or when it does not
/// fit (which no credible value does).
[[nodiscard]] std::optional<std::int64_t> mean_micro(const v1::Aggregate& result);
/// Of events and counters: the sum in steps of 10^-6.
[[nodiscard]] std::optional<std::int64_t> sum_micro(const v1::Aggregate& result);
/// `value` steps of 10^exponent in steps of 10^-6.
[[nodiscard]] std::optional<std::int64_t> to_micro(base::Int128 value, int exponent);
/// Whether samples cover at least `thousandths` of the window; nothing when the nominal interval is unknown.
[[nodiscard]] std::optional<bool> covered(const v1::Aggregate& result, std::int64_t thousandths);

/// DWD asks of a daily mean at least 21 of 24 hours; days of 23 and 25 hours are held to the same share.
inline constexpr std::int64_t kDayCoverage = 875;
/// 39. BImSchV, annex 7: an hour's mean needs 45 minutes, one of 8 hours 6, one of 24 hours 18.
inline constexpr std::int64_t kHourCoverage = 750;
/// A quarter hour of a sensor that reports each ten minutes has one sample in every second one: it covers two thirds.
inline constexpr std::int64_t kQuarterCoverage = 500;
/// A sum of which a part is missing is a lower bound.
inline constexpr std::int64_t kSumCoverage = 1000;

}  // namespace lenne::processing::derived
