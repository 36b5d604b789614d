#pragma once
// Charge points: how long they were taken, and how much of that without charging.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/stays.hpp"

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

/// A stay at a charge point that has ended; of one that lies within a quarter hour the end is that of its last sample.
struct ChargeSession {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::optional<std::int64_t> energy_micro;  ///< kWh, steps of 10^-6
};
/// `ended`: of the same `places`, which begin early enough. A session's energy is that of the quarter hours which it
/// touches; nothing where one of them is not measured as a whole, or somebody else stood there in one. Own rule. Any
/// thread.
[[nodiscard]] std::vector<ChargeSession> charge_sessions(std::span<const Stay> ended,
                                                         std::span<const v1::Aggregate> places,
                                                         std::span<const v1::Aggregate> energy);

}  // namespace lenne::processing::derived
