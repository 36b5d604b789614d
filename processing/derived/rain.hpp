#pragma once
// Rain over sliding windows, from hours' results.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/levels.hpp"

namespace lenne::processing::derived {

/// Hours of the sliding sums for which there are levels (DWD).
inline constexpr std::array<int, 6> kRainHours{1, 6, 12, 24, 48, 72};

struct RainSum {
  std::int64_t micro = 0;     ///< mm, steps of 10^-6; a lower bound when hours are missing
  int hours = 0;              ///< that have a result
  std::size_t place = 0;      ///< in rain_levels(length_h)
  std::optional<bool> valid;  ///< every hour is there and covered, or the highest level is reached; nothing: unknown
};

/// The sum of the hours that begin less than `length_h` before `end_us`, the end of an hour; length_h is one of
/// kRainHours. `hours`: one series' results of 1 h, ascending. Nothing when none of them has a result.
[[nodiscard]] std::optional<RainSum> rain_sum(std::span<const v1::Aggregate> hours, std::int64_t end_us, int length_h);

}  // namespace lenne::processing::derived
