#pragma once
// Water vapour in air. Temperatures in °C, relative humidity in %, vapour pressures in hPa. Pure, any thread. What has
// no result (a humidity of 0 has no dew point) is NaN.

namespace lenne::processing::derived {

/// Saturation vapour pressure over water, hPa. Magnus form with 6.112 hPa, 17.62 and 243.12 °C (WMO-No. 8, annex 4.B;
/// -45 to 60 °C).
[[nodiscard]] double saturation_vapour_pressure(double temperature);
/// The part of it that is there, hPa.
[[nodiscard]] double vapour_pressure(double temperature, double relative_humidity);
/// °C. The Magnus form solved for the temperature.
[[nodiscard]] double dew_point(double temperature, double relative_humidity);
/// g/m3. Ideal gas: 216.679 e / T.
[[nodiscard]] double absolute_humidity(double temperature, double relative_humidity);
/// °C, at sea-level pressure (R. Stull 2011, J. Appl. Meteor. Climatol. 50; -1.0 to +0.65 K). NaN outside of 5 to 99 %
/// and -20 to 50 °C, for which it was fitted.
[[nodiscard]] double wet_bulb(double temperature, double relative_humidity);

/// Humidity of the air at a surface of another temperature, %: what condenses or grows there sees this. Above 100 the
/// surface is wet.
[[nodiscard]] double humidity_at(double surface_temperature, double temperature, double relative_humidity);
/// Temperature of the inner surface of an outer wall, °C: theta_e + f (theta_i - theta_e), f = temperature factor fRsi
/// (DIN 4108-2: at least 0.70).
[[nodiscard]] double inner_surface_temperature(double indoor, double outdoor, double temperature_factor);

}  // namespace lenne::processing::derived
