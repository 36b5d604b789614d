#include "processing/alerts/trend.hpp"

namespace lenne::processing::alerts {

std::optional<std::int64_t> slope_per_hour(std::span<const TimedValue> samples, std::int64_t stretch_us) {
  if (samples.empty()) return std::nullopt;
  const auto from = samples.back().time_us - stretch_us;
  while (samples.front().time_us < from) samples = samples.subspan(1);
  if (samples.size() > kTrendSamples) samples = samples.last(kTrendSamples);
  if (samples.size() < kTrendLeast || samples.back().time_us - samples.front().time_us < stretch_us / 3)
    return std::nullopt;
  return base::median_slope_per_hour(samples);
}

}  // namespace lenne::processing::alerts
