#pragma once
// How long a battery will last, by the days' means of its level.

#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

inline constexpr std::int64_t kEmptyLevel = 10;  ///< %: a battery is to be replaced before
/// So many days are looked at; of more, the newest. 100 have 4,950 pairs.
inline constexpr std::size_t kBatteryDays = 100;
inline constexpr std::size_t kBatteryDaysLeast = 14;  ///< fewer say nothing of how fast it empties

struct Battery {
  std::int64_t level_micro = 0;             ///< %, steps of 10^-6, of the newest day
  std::int64_t time_us = 0;                 ///< its end
  std::optional<std::int64_t> slope_micro;  ///< 10^-6 % per hour (Theil 1950, Sen 1968)
  std::optional<std::int64_t> empty_us;     ///< when it falls to 10 %; nothing: it does not fall, or not in ten years
};
/// `days`: one series' results of local days of battery_level, ascending. Nothing without a result. Any thread.
[[nodiscard]] std::optional<Battery> battery_of(std::span<const v1::Aggregate> days);

}  // namespace lenne::processing::derived
