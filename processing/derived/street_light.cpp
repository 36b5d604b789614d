#include "processing/derived/street_light.hpp"

#include <algorithm>

#include "base/int128.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kLightQuarterUs = kHourUs / 4;

}  // namespace

StreetLight street_light(std::span<const v1::Aggregate> quarters, const LightNight& night, std::int64_t noon_us,
                         std::int64_t next_noon_us, std::int64_t lamps) {
  StreetLight light;
  const auto first_us = (night.from_us + kLightQuarterUs - 1) / kLightQuarterUs * kLightQuarterUs;
  light.possible_quarters = static_cast<int>(std::max<std::int64_t>(0, night.to_us - first_us) / kLightQuarterUs);
  for (const auto& row : quarters) {
    if (row.start_us() < noon_us || row.start_us() >= next_noon_us) continue;
    const auto amount = sum_micro(row);
    if (!amount) continue;
    light.energy_micro += *amount;
    if (covered(row, kSumCoverage) != true) continue;
    // 1 W for a quarter hour is 0.25 Wh, 250 steps of 10^-6 kWh.
    const bool burns = *amount >= kDarkBelowWatt * 250 * lamps;
    if (row.start_us() >= first_us && row.end_us() <= night.to_us) {
      ++light.quarters;
      light.burning_quarters += burns ? 1 : 0;
    } else if (row.end_us() <= night.from_us || row.start_us() >= night.to_us) {
      light.day_quarters += burns ? 1 : 0;
    }
  }
  light.per_lamp_micro = static_cast<std::int64_t>(base::divide_rounded(light.energy_micro, lamps));
  light.valid = light.possible_quarters > 0 && light.quarters * 4 >= light.possible_quarters * 3;
  light.failed = light.valid && light.burning_quarters == 0;
  return light;
}

}  // namespace lenne::processing::derived
