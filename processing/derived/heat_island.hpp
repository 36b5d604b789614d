#pragma once
// How much warmer a place is at night than the country around it.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "processing/derived/air_quality.hpp"

namespace lenne::processing::derived {

/// A place's temperature, hour by hour (hours_of, of temperature).
struct ReferencePlace {
  std::vector<HourMean> hours;         ///< ascending
  std::int64_t height_difference = 0;  ///< the judged place's altitude minus this one's, in steps of 10^-6 m
};

struct HeatIsland {
  std::int64_t micro = 0;  ///< K, steps of 10^-6
  int hours = 0;           ///< in which the place and a reference have a mean that is not invalid
  int possible_hours = 0;
  bool valid = false;  ///< at least 75 % of the hours
};

/// Mean over the hours in [from_us, to_us) of the place's temperature minus the mean of the references', each of which
/// is first moved to the place's altitude by 0.65 K in 100 m (standard atmosphere). Nothing without a common hour.
[[nodiscard]] std::optional<HeatIsland> heat_island(std::span<const HourMean> place,
                                                    std::span<const ReferencePlace> references, std::int64_t from_us,
                                                    std::int64_t to_us);

/// The night around a local midnight: from 22 to 06 o'clock, by where the local day that follows begins and ends. The
/// nights in which the clock is changed have 7 and 9 hours.
struct NightSpan {
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
};
[[nodiscard]] NightSpan night_before(const v1::Aggregate& local_day);

}  // namespace lenne::processing::derived
