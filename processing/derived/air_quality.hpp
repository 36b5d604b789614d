#pragma once
// Air quality of a place from hours' results: the index, running means, ozone's load on plants. By sensors that are no
// reference instruments all of it is indicative.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/levels.hpp"

namespace lenne::processing::derived {

/// One hour's mean of a pollutant.
struct HourMean {
  std::int64_t start_us = 0;
  std::int64_t micro = 0;     ///< ug/m3, steps of 10^-6
  std::optional<bool> valid;  ///< at least 45 minutes are covered (39. BImSchV, annex 7); nothing: unknown
  friend bool operator==(const HourMean&, const HourMean&) = default;
};

/// The hours of a place: the mean over its devices' means, each with equal weight. Devices whose hour is not valid are
/// left out where another one's is. `results`: of one pollutant, windows of 1 h, any order. Ascending.
[[nodiscard]] std::vector<HourMean> hours_of(std::span<const v1::Aggregate> results);

/// A class with its number: 0 is the best.
struct SubIndex {
  std::size_t place = 0;
  std::string_view level;
};
[[nodiscard]] std::optional<SubIndex> sub_index(std::string_view pollutant, std::int64_t micro);

/// The index of an hour: that of the worst pollutant.
struct AirQualityIndex {
  SubIndex worst;
  std::string_view pollutant;  ///< the worst one; of several the first in kPollutants
  bool incomplete = false;     ///< not all five are measured
};
/// `hours`: by kPollutants' order, an hour that is not valid or not there is nothing. Nothing when none is.
[[nodiscard]] std::optional<AirQualityIndex> air_quality_index(
    const std::array<std::optional<HourMean>, kPollutants.size()>& hours);

/// The mean of the hours that end at or before `end_us` and begin less than `length_h` before it, when at least 75 % of
/// them are there and not invalid (39. BImSchV, annex 7: 6 of 8, 18 of 24). `hours` ascending.
struct RunningMean {
  std::int64_t micro = 0;
  int hours = 0;
  std::optional<bool> valid;  ///< true, or nothing when the coverage of an hour is unknown
};
[[nodiscard]] std::optional<RunningMean> running_mean(std::span<const HourMean> hours, std::int64_t end_us,
                                                      int length_h);

/// AOT40 (39. BImSchV, annex 1): the sum of what hours of ozone have beyond 80 ug/m3, from 8 to 20 o'clock in Central
/// European Time, May to July. In ug/m3 h.
struct Aot40 {
  std::int64_t micro = 0;  ///< of the hours that are there: nothing is scaled up
  int hours = 0;
  int possible_hours = 0;
  bool valid = false;  ///< at least 90 % of the possible hours
};
/// Of the hours that begin in [from_us, to_us). Nothing when none of them counts.
[[nodiscard]] std::optional<Aot40> aot40(std::span<const HourMean> hours, std::int64_t from_us, std::int64_t to_us);

}  // namespace lenne::processing::derived
