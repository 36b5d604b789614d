#include "processing/derived/heat_hours.hpp"

#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {

std::optional<HeatHours> heat_hours(std::span<const v1::Aggregate> temperature,
                                    std::span<const v1::Aggregate> heat_index, const LocalDay& day) {
  HeatHours found;
  found.possible_hours = static_cast<int>((day.end_us - day.start_us) / kHourUs);
  bool known = true;
  for (const auto& hour : rows_in(temperature, day.start_us, day.end_us)) {
    const auto mean = mean_micro(hour);
    const auto enough = covered(hour, kHourCoverage);
    if (!mean || enough == false) continue;
    known = known && enough.has_value();
    ++found.hours;
    found.hot += *mean >= kHotHour * kMicro ? 1 : 0;
  }
  for (const auto& hour : rows_in(heat_index, day.start_us, day.end_us)) {
    const auto mean = mean_micro(hour);
    if (!mean || covered(hour, kHourCoverage) == false) continue;
    ++found.heat_index_hours;
    found.strong += *mean >= kStrongHeat * kMicro ? 1 : 0;
    found.extreme += *mean >= kExtremeHeat * kMicro ? 1 : 0;
  }
  if (found.hours == 0 && found.heat_index_hours == 0) return std::nullopt;
  found.valid = false;
  if (std::int64_t{found.hours} * 1000 >= found.possible_hours * kDayCoverage)
    found.valid = known ? std::optional(true) : std::nullopt;
  return found;
}

}  // namespace lenne::processing::derived
