#include "processing/derived/moist_air.hpp"

#include <cmath>
#include <limits>

namespace lenne::processing::derived {
namespace {

constexpr double kMagnusB = 17.62;
constexpr double kMagnusC = 243.12;
constexpr double kCelsiusZero = 273.15;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double saturation_vapour_pressure(double temperature) {
  return 6.112 * std::exp(kMagnusB * temperature / (kMagnusC + temperature));
}

double vapour_pressure(double temperature, double relative_humidity) {
  return relative_humidity / 100 * saturation_vapour_pressure(temperature);
}

double dew_point(double temperature, double relative_humidity) {
  if (!(relative_humidity > 0)) return kNone;
  const double g = std::log(relative_humidity / 100) + kMagnusB * temperature / (kMagnusC + temperature);
  return kMagnusC * g / (kMagnusB - g);
}

double absolute_humidity(double temperature, double relative_humidity) {
  return 216.679 * vapour_pressure(temperature, relative_humidity) / (temperature + kCelsiusZero);
}

double wet_bulb(double temperature, double relative_humidity) {
  const double t = temperature;
  const double rh = relative_humidity;
  if (!(rh >= 5 && rh <= 99 && t >= -20 && t <= 50)) return kNone;
  return t * std::atan(0.151977 * std::sqrt(rh + 8.313659)) + std::atan(t + rh) - std::atan(rh - 1.676331) +
         0.00391838 * std::pow(rh, 1.5) * std::atan(0.023101 * rh) - 4.686035;
}

double humidity_at(double surface_temperature, double temperature, double relative_humidity) {
  return relative_humidity * saturation_vapour_pressure(temperature) / saturation_vapour_pressure(surface_temperature);
}

double inner_surface_temperature(double indoor, double outdoor, double temperature_factor) {
  return outdoor + temperature_factor * (indoor - outdoor);
}

}  // namespace lenne::processing::derived
