#pragma once
// Leaks that grow slowly: a meter's least hour of each day, and whether it has risen for good. Pure functions; any
// thread.

#include <cstdint>
#include <optional>
#include <span>

#include "base/int128.hpp"
#include "processing/meters/findings.hpp"
#include "processing/meters/slice.hpp"

namespace lenne::processing::meters {

/// The least amount of an hour of the day [start_us, end_us), in steps. Nothing unless the hours of `profile` (in time
/// order) tile the day and all are sharp: what is spread over the time between two readings never stands still.
[[nodiscard]] std::optional<base::Int128> least_hour(std::span<const Slice> profile, std::int64_t start_us,
                                                     std::int64_t end_us);

inline constexpr std::size_t kReferenceDays = 14;

/// A cumulative sum (Page 1954), one-sided, of days in order: S = max(0, S + least - m - w / 2), at most 10 w; a leak
/// if S > 5 w in the end. m = median of the first 14 known days, w = the larger of `least_per_hour` and the deviation
/// of those days (1.4826 times their median distance from m). So what leaks as much as `least_per_hour` is found after
/// eleven days, three times as much after three; one that is mended is forgotten. Days that are not known change
/// nothing. Unknown: no `least_per_hour` (0), or fewer than 21 known days.
[[nodiscard]] Finding find_slow_leak(std::span<const std::optional<base::Int128>> least, base::Int128 least_per_hour);

}  // namespace lenne::processing::meters
