#pragma once
// How fast a level rises by its results, and when it reaches a threshold.

#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// The median slope of the quarter hours' means (Theil 1950, Sen 1968) in [newest - 1 h, newest], in steps of 10^-6 of
/// the unit per hour. `quarters`: one series' results of 15 min, ascending. Nothing of fewer than three. Any thread.
[[nodiscard]] std::optional<std::int64_t> rise_per_hour(std::span<const v1::Aggregate> quarters);

/// When what stands at `micro` at `time_us` and rises by `slope` an hour reaches `threshold`: time_us where it has;
/// nothing where it does not rise, or not within ten years.
[[nodiscard]] std::optional<std::int64_t> reaches_us(std::int64_t micro, std::int64_t time_us,
                                                     std::optional<std::int64_t> slope, std::int64_t threshold);

}  // namespace lenne::processing::derived
