#pragma once
// How fast a level changes: a robust slope over its newest samples.

#include <cstdint>
#include <optional>
#include <span>

#include "base/robust_slope.hpp"
#include "base/time.hpp"

namespace lenne::processing::alerts {

using base::TimedValue;  // steps of a level at an event time

inline constexpr std::int64_t kTrendShortUs = 15 * 60 * base::kSecondUs;
inline constexpr std::int64_t kTrendLongUs = 60 * 60 * base::kSecondUs;
/// So many samples of a stretch are looked at; of more, the newest. 64 samples have 2,016 pairs.
inline constexpr std::size_t kTrendSamples = 64;
/// Fewer samples, or ones that lie closer together than a third of the stretch, say nothing about it.
inline constexpr std::size_t kTrendLeast = 3;

/// base::median_slope_per_hour of the samples in [newest - stretch, newest]. `samples`: by time, none twice at one
/// time, |value| <= 2^52. Nothing when there are too few.
[[nodiscard]] std::optional<std::int64_t> slope_per_hour(std::span<const TimedValue> samples, std::int64_t stretch_us);

}  // namespace lenne::processing::alerts
