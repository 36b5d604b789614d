#include "base/robust_slope.hpp"

#include <algorithm>
#include <vector>

#include "base/int128.hpp"
#include "base/time.hpp"

namespace lenne::base {

std::optional<std::int64_t> median_slope_per_hour(std::span<const TimedValue> samples) {
  if (samples.size() < 2) return std::nullopt;
  constexpr std::int64_t kHourUs = 3600 * kSecondUs;
  std::vector<Int128> slopes;
  slopes.reserve(samples.size() * (samples.size() - 1) / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = i + 1; j < samples.size(); ++j) {
      const auto rise = Int128{samples[j].value} - samples[i].value;
      slopes.push_back(divide_rounded(rise * kHourUs, samples[j].time_us - samples[i].time_us));
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  auto median = *middle;
  if (slopes.size() % 2 == 0) median = divide_rounded(median + *std::max_element(slopes.begin(), middle), 2);
  constexpr Int128 kMost = INT64_MAX;
  return static_cast<std::int64_t>(std::clamp(median, -kMost, kMost));
}

}  // namespace lenne::base
