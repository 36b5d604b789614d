#pragma once
// When the sun sets and rises at a place.

#include <chrono>
#include <cstdint>
#include <optional>

namespace lenne::processing::derived {

/// Degrees, north and east positive.
struct Place {
  double latitude = 0;
  double longitude = 0;
};
struct SunTimes {
  std::int64_t rise_us = 0;
  std::int64_t set_us = 0;
};

/// Of a date at a place whose noon lies on that date in UTC (as in Europe), within four minutes in Germany: NOAA,
/// general solar position calculations (equation of time and declination by Fourier series); the sun's upper edge at
/// the horizon is 0.833 degrees below it. Nothing where it does not rise or set on that date. Any thread.
[[nodiscard]] std::optional<SunTimes> sun_times(std::chrono::sys_days date, const Place& place);

}  // namespace lenne::processing::derived
