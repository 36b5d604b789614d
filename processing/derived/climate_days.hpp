#pragma once
// What the days of a month or a year come to: how many were hot, how much heating they asked for.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// The date of a day's result: that of its middle, in UTC. (The same as the local one in the zones of Europe.)
[[nodiscard]] std::chrono::sys_days date_of(const v1::Aggregate& day);

/// An indicator of days, summed up. Yes counts as 1 day.
struct DaySum {
  std::string_view name;
  std::string_view unit;      ///< "d" of what is counted
  std::int64_t micro = 0;     ///< steps of 10^-6; a lower bound of counts when it is not valid
  std::optional<bool> valid;  ///< each day of the span is there and valid; nothing: the coverage of one is unknown
};

struct DaySums {
  int expected_days = 0;
  int days = 0;        ///< with a result
  int valid_days = 0;  ///< covered to 87.5 % (DWD: 21 of 24 hours)
  std::vector<DaySum> sums;
};

/// Whose days are summed up: temperature, and those of which days say how dry the soil was and how much the sun shone.
inline constexpr std::string_view kTemperature = "temperature";
inline constexpr std::array<std::string_view, 3> kDayMeasures{"global_irradiance", "soil_water_share", kTemperature};

/// `days`: results of one series of `measure` (of kDayMeasures), each date once. Sums nothing up that is missing: a day
/// without a result makes the sum not valid. Any thread.
[[nodiscard]] DaySums sum_days(std::string_view measure, std::span<const v1::Aggregate> days, int expected_days);

/// A night from 18 to 06 UTC, of the day on which it ends: tropical when no sample is below 20.0 °C (DWD).
struct Night {
  bool tropical = false;
  std::optional<bool> valid;  ///< one sample below decides; else 87.5 % of its hours must be covered
};
inline constexpr std::chrono::hours kNightBefore{6};  ///< it begins so long before its day's midnight
inline constexpr std::chrono::hours kNightAfter{6};   ///< and ends so long after
/// From the hours' results of that night (others are not looked at). Nothing without any.
[[nodiscard]] std::optional<Night> tropical_night(std::chrono::sys_days date, std::span<const v1::Aggregate> hours);
/// What the result of the day on which a night ends already says: a day that was never as warm as 20.0 °C had no
/// tropical night. Nothing: the hours have to be looked at.
[[nodiscard]] std::optional<Night> night_by_day(const v1::Aggregate& day);

/// When growth starts on grassland: the first day on which the sum of grassland_temperature since 1 January reaches
/// 200 Kd.
struct GrowthStart {
  std::chrono::sys_days date;
  bool valid = false;  ///< each day before was there and valid
};
/// `days` as in sum_days, ascending, from 1 January on.
[[nodiscard]] std::optional<GrowthStart> growth_start(std::span<const v1::Aggregate> days);

}  // namespace lenne::processing::derived
