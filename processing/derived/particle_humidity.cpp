#include "processing/derived/particle_humidity.hpp"

#include <algorithm>
#include <map>

#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {

bool is_particles(std::string_view pollutant) noexcept { return pollutant.starts_with("pm"); }

std::vector<HumidHour> humid_hours(std::span<const v1::Aggregate> results) {
  std::map<std::int64_t, bool> hours;
  for (const auto& result : results) {
    const auto mean = mean_micro(result);
    if (!mean || covered(result, kHourCoverage) == false) continue;
    auto& humid = hours[result.start_us()];
    humid = humid || *mean > kHumidAbove * kMicro;
  }
  std::vector<HumidHour> found;
  found.reserve(hours.size());
  for (const auto& [start_us, humid] : hours) found.push_back({start_us, humid});
  return found;
}

HumidShare humid_share(std::span<const HourMean> hours, std::span<const HumidHour> humidity) noexcept {
  HumidShare share;
  auto at = humidity.begin();
  for (const auto& hour : hours) {
    while (at != humidity.end() && at->start_us < hour.start_us) ++at;
    if (at == humidity.end()) break;
    if (at->start_us != hour.start_us || hour.valid == false) continue;
    ++share.known;
    share.humid += at->humid ? 1 : 0;
  }
  return share;
}

}  // namespace lenne::processing::derived
