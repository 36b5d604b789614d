#include "processing/alerts/trend.hpp"

#include <algorithm>
#include <vector>

#include "base/int128.hpp"

namespace lenne::processing::alerts {

std::optional<std::int64_t> slope_per_hour(std::span<const TimedValue> samples, std::int64_t stretch_us) {
  constexpr std::int64_t kHourUs = 3600 * base::kSecondUs;
  if (samples.empty()) return std::nullopt;
  const auto from = samples.back().time_us - stretch_us;
  while (samples.front().time_us < from) samples = samples.subspan(1);
  if (samples.size() > kTrendSamples) samples = samples.last(kTrendSamples);
  if (samples.size() < kTrendLeast || samples.back().time_us - samples.front().time_us < stretch_us / 3)
    return std::nullopt;
  std::vector<base::Int128> slopes;
  slopes.reserve(samples.size() * (samples.size() - 1) / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = i + 1; j < samples.size(); ++j) {
      const auto rise = base::Int128{samples[j].value} - samples[i].value;
      slopes.push_back(base::divide_rounded(rise * kHourUs, samples[j].time_us - samples[i].time_us));
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  auto median = *middle;
  if (slopes.size() % 2 == 0) median = base::divide_rounded(median + *std::max_element(slopes.begin(), middle), 2);
  constexpr base::Int128 kMost = INT64_MAX;
  return static_cast<std::int64_t>(std::clamp(median, -kMost, kMost));
}

}  // namespace lenne::processing::alerts
