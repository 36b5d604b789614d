#pragma once
// How fast a level changes: a robust slope over its newest samples.

#include <cstdint>
#include <optional>
#include <span>

#include "base/time.hpp"

namespace lenne::processing::alerts {

/// A sample of a level: steps at an event time in µs.
struct TimedValue {
  std::int64_t time_us;
  std::int64_t value;
  friend bool operator==(const TimedValue&, const TimedValue&) = default;
};

inline constexpr std::int64_t kTrendShortUs = 15 * 60 * base::kSecondUs;
inline constexpr std::int64_t kTrendLongUs = 60 * 60 * base::kSecondUs;
/// So many samples of a stretch are looked at; of more, the newest. 64 samples have 2,016 pairs.
inline constexpr std::size_t kTrendSamples = 64;
/// Fewer samples, or ones that lie closer together than a third of the stretch, say nothing about it.
inline constexpr std::size_t kTrendLeast = 3;

/// The median of the slopes of all pairs of samples in [newest - stretch, newest], in steps per hour, each rounded half
/// away from zero, and so is the mean of the two in the middle (Theil 1950, Sen 1968: up to 29 % of the samples may be
/// wrong). `samples`: by time, none twice at one time, |value| <= 2^52. Nothing when there are too few.
[[nodiscard]] std::optional<std::int64_t> slope_per_hour(std::span<const TimedValue> samples, std::int64_t stretch_us);

}  // namespace lenne::processing::alerts
