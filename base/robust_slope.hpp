#pragma once
// How fast something changes, by a line that wrong samples do not bend.

#include <cstdint>
#include <optional>
#include <span>

namespace lenne::base {

/// A value in steps at a time in µs.
struct TimedValue {
  std::int64_t time_us;
  std::int64_t value;
  friend bool operator==(const TimedValue&, const TimedValue&) = default;
};

/// The median of the slopes of all pairs of samples, in steps per hour, each rounded half away from zero, and so is the
/// mean of the two in the middle (Theil 1950, Sen 1968: up to 29 % of the samples may be wrong). `samples`: by time,
/// none twice at one time, |value| <= 2^62; n of them have n (n - 1) / 2 pairs, so callers bound them. Nothing of fewer
/// than two. Any thread.
[[nodiscard]] std::optional<std::int64_t> median_slope_per_hour(std::span<const TimedValue> samples);

}  // namespace lenne::base
