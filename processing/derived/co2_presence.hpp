#pragma once
// Whether somebody is in a room that has no sensor of presence, by its CO2: a proxy, only where its device says so.
//
//   presence_by_co2   1: its CO2 stands for presence; absent: 0
//   outdoor_co2       of the outside air, ppm, 300 to 1000; absent: 430
//
// Nothing tells how many people there are. A room that was left stays above the limit until it is aired, and one whose
// window is open may never reach it.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/control.pb.h"

namespace lenne::processing::derived {

/// Own rule: a quarter hour whose mean is so many ppm above the outside air has somebody in the room. One person at
/// rest gives off some 20 l of CO2 an hour: 170 ppm in a quarter hour in 30 m3 of still air.
inline constexpr std::int64_t kPresencePpm = 200;
inline constexpr std::uint32_t kPresenceVersion = 1;

/// From which mean on somebody is there, in steps of 10^-6 ppm; nothing: its CO2 says nothing of presence. Error
/// bad_parameter, naming the parameter. Any thread.
[[nodiscard]] base::Result<std::optional<std::int64_t>> presence_limit_of(const v1::Device& device);

/// The same windows as results of a state: occupied as a whole where the mean is at least `limit_micro`, else free.
/// `quarters`: one series' results of 15 min of co2. Those that are not covered to a half, or without a mean, are left
/// out: they are unknown. Any thread.
[[nodiscard]] std::vector<v1::Aggregate> presence_by_co2(std::span<const v1::Aggregate> quarters,
                                                         std::int64_t limit_micro);

}  // namespace lenne::processing::derived
