#pragma once
// Where particles were counted in damp air: optical sensors take drops for dust.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/air_quality.hpp"

namespace lenne::processing::derived {

inline constexpr std::string_view kHumidity = "relative_humidity";
/// %RH; an hour whose mean is above it is humid. Own rule: no norm names a bound for such sensors.
inline constexpr std::int64_t kHumidAbove = 85;

/// "pm10", "pm2_5": what is measured by light that particles scatter.
[[nodiscard]] bool is_particles(std::string_view pollutant) noexcept;

/// Whether an hour was humid.
struct HumidHour {
  std::int64_t start_us = 0;
  bool humid = false;
  friend bool operator==(const HumidHour&, const HumidHour&) = default;
};
/// `results`: hours of kHumidity by the devices that measure the particles, any order. Of several devices one humid
/// hour makes it humid. Hours that are not covered to 75 % say nothing. Ascending. Any thread.
[[nodiscard]] std::vector<HumidHour> humid_hours(std::span<const v1::Aggregate> results);

/// How many of the hours that count were humid, and of how many that is known.
struct HumidShare {
  int humid = 0;
  int known = 0;
};
/// Both ascending. Hours that are not valid do not count. Nothing is left out of any mean for being humid.
[[nodiscard]] HumidShare humid_share(std::span<const HourMean> hours, std::span<const HumidHour> humidity) noexcept;

}  // namespace lenne::processing::derived
