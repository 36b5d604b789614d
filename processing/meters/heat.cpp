#include "processing/meters/heat.hpp"

namespace lenne::processing::meters {
namespace {

using base::Int128;

// 1.163 kWh heat a cubic metre of water by one kelvin.
constexpr Int128 kWhPerThousandM3K = 1163;
constexpr Int128 kMillion = 1'000'000;

}  // namespace

std::optional<Int128> mean_return(std::span<const ReturnFlow> flow) {
  Int128 weighted = 0;
  Int128 volume = 0;
  for (const auto& part : flow) {
    weighted += part.volume_ml * part.return_ukel;
    volume += part.volume_ml;
  }
  if (volume <= 0) return std::nullopt;
  return base::divide_rounded(weighted, volume);
}

std::optional<Int128> temperature_difference(Int128 energy_wh, Int128 volume_ml) {
  if (volume_ml <= 0) return std::nullopt;
  // (E / 10^3 kWh) / (1.163 * V / 10^6 m3) in 10^-6 K.
  return base::divide_rounded(energy_wh * kMillion * kMillion, kWhPerThousandM3K * volume_ml);
}

std::optional<Int128> specific_volume(Int128 energy_wh, Int128 volume_ml) {
  if (energy_wh <= 0) return std::nullopt;
  return base::divide_rounded(volume_ml * kMillion, energy_wh);
}

std::optional<Int128> heat_per_degree_day(Int128 energy_wh, std::int64_t degree_days) {
  if (degree_days <= 0) return std::nullopt;
  return base::divide_rounded(energy_wh * 1000, degree_days);
}

std::optional<Int128> full_load_hours(Int128 energy_wh, std::int64_t nominal_power_w) {
  if (nominal_power_w <= 0) return std::nullopt;
  return base::divide_rounded(energy_wh * 1000, nominal_power_w);
}

}  // namespace lenne::processing::meters
