#include "processing/derived/level_rise.hpp"

#include <algorithm>
#include <vector>

#include "base/robust_slope.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {

std::optional<std::int64_t> rise_per_hour(std::span<const v1::Aggregate> quarters, std::int64_t stretch_us) {
  constexpr std::int64_t kQuarterUs = kHourUs / 4;
  if (quarters.empty()) return std::nullopt;
  // Both ends of the stretch have a quarter.
  const auto most = static_cast<std::size_t>(stretch_us / kQuarterUs) + 1;
  std::vector<base::TimedValue> samples;
  for (const auto& row : quarters.last(std::min(quarters.size(), most))) {
    if (row.start_us() < quarters.back().start_us() - stretch_us) continue;
    if (const auto mean = mean_micro(row)) samples.push_back({row.start_us(), *mean});
  }
  if (samples.size() * 2 <= most) return std::nullopt;
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
