#pragma once
// Charge points: how long they were taken, and how much of that without charging.

#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// On average of a quarter hour; less is no charging. Own rule: what a car draws that is full, and the point itself.
inline constexpr std::int64_t kIdleBelowWatt = 100;

struct Charging {
  std::int64_t energy_micro = 0;  ///< kWh, steps of 10^-6
  std::uint64_t sessions = 0;     ///< arrivals
  std::int64_t occupied_us = 0;
  std::int64_t known_us = 0;  ///< of which it is known whether it was taken: the point's availability, as heard
  std::int64_t length_us = 0;
  std::int64_t idle_us = 0;    ///< occupied in quarter hours without charging
  std::int64_t judged_us = 0;  ///< occupied in quarter hours whose energy is measured
};
/// `places`: quarter hours of a state (0 is free), `energy`: of a counter in kWh; both ascending; those that start in
/// [from_us, to_us) count. Any thread.
[[nodiscard]] Charging charging_of(std::span<const v1::Aggregate> places, std::span<const v1::Aggregate> energy,
                                   std::int64_t from_us, std::int64_t to_us);

}  // namespace lenne::processing::derived
