#include "processing/derived/level_rise.hpp"

#include <algorithm>
#include <vector>

#include "base/robust_slope.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {

std::optional<std::int64_t> rise_per_hour(std::span<const v1::Aggregate> quarters) {
  constexpr std::size_t kLeast = 3;
  constexpr std::size_t kMost = 5;  // from one quarter to the one an hour later
  std::vector<base::TimedValue> samples;
  for (const auto& row : quarters.last(std::min(quarters.size(), kMost))) {
    if (row.start_us() < quarters.back().start_us() - kHourUs) continue;
    if (const auto mean = mean_micro(row)) samples.push_back({row.start_us(), *mean});
  }
  if (samples.size() < kLeast) return std::nullopt;
  return base::median_slope_per_hour(samples);
}

std::optional<std::int64_t> reaches_us(std::int64_t micro, std::int64_t time_us, std::optional<std::int64_t> slope,
                                       std::int64_t threshold) {
  const auto missing = base::Int128{threshold} - micro;
  if (missing <= 0) return time_us;
  if (!slope || *slope <= 0) return std::nullopt;
  const auto us = base::divide_rounded(missing * kHourUs, *slope);
  constexpr base::Int128 kTooFar = base::Int128{10} * 366 * 24 * kHourUs;
  if (us > kTooFar) return std::nullopt;
  return time_us + static_cast<std::int64_t>(us);
}

}  // namespace lenne::processing::derived
