#pragma once
// How warm or cold air feels, by indices that need no radiation. Temperatures in °C, relative humidity in %. Pure, any
// thread. None of them is the German "gefühlte Temperatur" (Klima-Michel), which needs radiation, wind and clothing.

namespace lenne::processing::derived {

/// °C. Steadman's simple form, from 80 °F on Rothfusz's regression with its two adjustments (US National Weather
/// Service, "The Heat Index Equation").
[[nodiscard]] double heat_index(double temperature, double relative_humidity);
/// A number without unit that reads like °C (Masterton and Richardson 1979; Environment Canada).
[[nodiscard]] double humidex(double temperature, double relative_humidity);
/// °C, `wind_speed` in m/s at 10 m (Environment Canada and National Weather Service, 2001). NaN above 10 °C and below
/// 4.8 km/h, for which it is not defined.
[[nodiscard]] double wind_chill(double temperature, double wind_speed);

}  // namespace lenne::processing::derived
