#include "processing/derived/sun.hpp"

#include <cmath>
#include <numbers>

#include "base/time.hpp"

namespace lenne::processing::derived {

std::optional<SunTimes> sun_times(std::chrono::sys_days date, const Place& place) {
  using std::chrono::year_month_day;
  constexpr double kRadians = std::numbers::pi / 180;
  const auto year = year_month_day{date}.year();
  const auto day_of_year = (date - std::chrono::sys_days{year / std::chrono::January / 1}).count();
  // The year's angle at noon.
  const double angle = 2 * std::numbers::pi / (year.is_leap() ? 366 : 365) * static_cast<double>(day_of_year);
  const double equation_min = 229.18 * (0.000075 + 0.001868 * std::cos(angle) - 0.032077 * std::sin(angle) -
                                        0.014615 * std::cos(2 * angle) - 0.040849 * std::sin(2 * angle));
  const double declination = 0.006918 - 0.399912 * std::cos(angle) + 0.070257 * std::sin(angle) -
                             0.006758 * std::cos(2 * angle) + 0.000907 * std::sin(2 * angle) -
                             0.002697 * std::cos(3 * angle) + 0.00148 * std::sin(3 * angle);
  const double latitude = place.latitude * kRadians;
  const double cosine = std::cos(90.833 * kRadians) / (std::cos(latitude) * std::cos(declination)) -
                        std::tan(latitude) * std::tan(declination);
  if (!(std::fabs(cosine) <= 1)) return std::nullopt;
  const double half_min = 4 * std::acos(cosine) / kRadians;
  const double noon_min = 720 - 4 * place.longitude - equation_min;
  const auto midnight_us = base::to_us(base::Timestamp{date});
  const auto at = [&](double minutes) { return midnight_us + std::llround(minutes * 60) * base::kSecondUs; };
  return SunTimes{at(noon_min - half_min), at(noon_min + half_min)};
}

}  // namespace lenne::processing::derived
