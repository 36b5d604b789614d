#pragma once
// Months and years, made of their days when somebody reads: so a day's correction corrects them too.

#include <cstdint>
#include <span>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// [start, end) from the first day's beginning to the last one's end, µs.
struct Period {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::string_view window;  ///< "P1M", "P1Y"
};

/// What the days of one series in a period come to: counts, sums, times and extremes of all of them, exactly. `days`:
/// at least one, ascending, each once, inside of the period. Those with another kind, unit or exponent than the newest
/// one are left out and their samples counted in left_out. Days that are missing are missing in covered_us.
/// revision = how often its days were corrected; final = all of `days` are. Any thread.
[[nodiscard]] v1::Aggregate sum_up(std::span<const v1::Aggregate> days, const Period& period);

}  // namespace lenne::processing::derived
