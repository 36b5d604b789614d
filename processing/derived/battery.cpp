#include "processing/derived/battery.hpp"

#include <algorithm>
#include <vector>

#include "base/robust_slope.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/level_rise.hpp"

namespace lenne::processing::derived {

std::optional<Battery> battery_of(std::span<const v1::Aggregate> days) {
  std::vector<base::TimedValue> levels;
  for (const auto& day : days) {
    if (const auto mean = mean_micro(day)) levels.push_back({day.end_us(), *mean});
  }
  if (levels.empty()) return std::nullopt;
  Battery battery{levels.back().value, levels.back().time_us, {}, {}};
  const auto newest = std::span(levels).last(std::min(levels.size(), kBatteryDays));
  if (newest.size() >= kBatteryDaysLeast) battery.slope_micro = base::median_slope_per_hour(newest);
  // It falls to a level as its opposite rises to the level's.
  const auto fall = battery.slope_micro ? std::optional(-*battery.slope_micro) : std::nullopt;
  battery.empty_us = reaches_us(-battery.level_micro, battery.time_us, fall, -kEmptyLevel * kMicro);
  return battery;
}

}  // namespace lenne::processing::derived
