#pragma once
// Street light against the night: how long lamps burnt, and of how much of the time in which they should.

#include <cstdint>
#include <span>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// On average of a quarter hour, for each lamp: below it is dark. Own rule.
inline constexpr std::int64_t kDarkBelowWatt = 1;

/// From a sunset to the next sunrise.
struct LightNight {
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
};
struct StreetLight {
  int possible_quarters = 0;        ///< that lie in the night as a whole
  int quarters = 0;                 ///< of these, whose energy is measured
  int burning_quarters = 0;         ///< of those: at least kDarkBelowWatt for each lamp
  int day_quarters = 0;             ///< burning outside of the night, from noon to noon
  bool failed = false;              ///< all the night dark, where at least 75 % of it are measured
  std::int64_t energy_micro = 0;    ///< kWh from noon to noon, steps of 10^-6
  std::int64_t per_lamp_micro = 0;  ///< the same for each lamp
  bool valid = false;               ///< at least 75 % of the night's quarter hours are measured
};
/// `quarters`: one counter's results of 15 min in kWh, ascending; those in [noon_us, next_noon_us) count. `lamps`: how
/// many it feeds, at least 1. Any thread.
[[nodiscard]] StreetLight street_light(std::span<const v1::Aggregate> quarters, const LightNight& night,
                                       std::int64_t noon_us, std::int64_t next_noon_us, std::int64_t lamps);

}  // namespace lenne::processing::derived
