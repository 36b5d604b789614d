#include "processing/derived/thermal_comfort.hpp"

#include <cmath>
#include <limits>

#include "processing/derived/moist_air.hpp"

namespace lenne::processing::derived {
namespace {

double to_fahrenheit(double celsius) { return celsius * 9 / 5 + 32; }
double to_celsius(double fahrenheit) { return (fahrenheit - 32) * 5 / 9; }

double rothfusz(double t, double rh) {
  double index = -42.379 + 2.04901523 * t + 10.14333127 * rh - 0.22475541 * t * rh - 0.00683783 * t * t -
                 0.05481717 * rh * rh + 0.00122874 * t * t * rh + 0.00085282 * t * rh * rh -
                 0.00000199 * t * t * rh * rh;
  if (rh < 13 && t >= 80 && t <= 112) index -= (13 - rh) / 4 * std::sqrt((17 - std::fabs(t - 95)) / 17);
  if (rh > 85 && t >= 80 && t <= 87) index += (rh - 85) / 10 * ((87 - t) / 5);
  return index;
}

}  // namespace

double heat_index(double temperature, double relative_humidity) {
  const double t = to_fahrenheit(temperature);
  const double simple = 0.5 * (t + 61 + (t - 68) * 1.2 + relative_humidity * 0.094);
  const double mean = (simple + t) / 2;
  return to_celsius(mean >= 80 ? rothfusz(t, relative_humidity) : mean);
}

double humidex(double temperature, double relative_humidity) {
  const double dew_point_k = dew_point(temperature, relative_humidity) + 273.15;
  const double vapour = 6.11 * std::exp(5417.7530 * (1 / 273.16 - 1 / dew_point_k));
  return temperature + 0.5555 * (vapour - 10);
}

double wind_chill(double temperature, double wind_speed) {
  const double v = wind_speed * 3.6;
  if (!(temperature <= 10 && v >= 4.8)) return std::numeric_limits<double>::quiet_NaN();
  const double power = std::pow(v, 0.16);
  return 13.12 + 0.6215 * temperature - 11.37 * power + 0.3965 * temperature * power;
}

}  // namespace lenne::processing::derived
