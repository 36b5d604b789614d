#pragma once
// How fast a level rises by its results, and when it reaches a threshold.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/levels.hpp"

namespace lenne::processing::derived {

/// What is a level, in m: of a stream, of the water in the ground.
inline constexpr std::array<std::string_view, 2> kLevelMeasures{"water_level", "groundwater_level"};

/// The stretches over which a rise is told.
inline constexpr std::int64_t kRiseShortUs = kHourUs / 4;
inline constexpr std::int64_t kRiseLongUs = kHourUs;

/// The median slope of the quarter hours' means (Theil 1950, Sen 1968) that begin in [newest - stretch, newest], in
/// steps of 10^-6 of the unit per hour. `quarters`: one series' results of 15 min, ascending. Nothing when half of them
/// or more are missing: an hour's slope is of at least three quarters, that of 15 min of two, which are one pair.
/// `stretch_us`: whole quarters. Any thread.
[[nodiscard]] std::optional<std::int64_t> rise_per_hour(std::span<const v1::Aggregate> quarters,
                                                        std::int64_t stretch_us);

/// When what stands at `micro` at `time_us` and rises by `slope` an hour reaches `threshold`: time_us where it has;
/// nothing where it does not rise, or not within ten years.
[[nodiscard]] std::optional<std::int64_t> reaches_us(std::int64_t micro, std::int64_t time_us,
                                                     std::optional<std::int64_t> slope, std::int64_t threshold);

}  // namespace lenne::processing::derived
