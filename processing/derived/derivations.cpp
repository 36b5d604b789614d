#include "processing/derived/derivations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "processing/derived/moist_air.hpp"
#include "processing/derived/thermal_comfort.hpp"
#include "processing/derived/wind.hpp"

namespace lenne::processing::derived {
namespace {

constexpr InputSpec kTemperature{"temperature"};
constexpr InputSpec kHumidity{"relative_humidity"};
constexpr InputSpec kSpeedOfWind{"wind_speed"};
constexpr InputSpec kDirectionOfWind{"wind_direction"};
constexpr std::string_view kWindFrom = "WMO-No. 8, part I, chapter 5: the direction is where the wind comes from";
constexpr std::string_view kMagnus = "Magnus form, WMO-No. 8 annex 4.B";

// A share of a span; none without a span.
double share(double value, double from, double to) {
  return from == to ? std::numeric_limits<double>::quiet_NaN() : (value - from) / (to - from) * 100;
}

double truth(bool condition) { return condition ? 1 : 0; }

// Sorted by measure. Ranges: what the place can have. Resolutions: a tenth of what sensors of the inputs resolve.
constexpr std::array kDerivations = std::to_array<Derivation>({
    {"absolute_humidity",
     "g/m3",
     -2,
     v1::KIND_GAUGE,
     0,
     600,
     {kTemperature, kHumidity},
     {},
     [](const Arguments& in) { return absolute_humidity(in[0], in[1]); },
     "216.679 e / (T + 273.15), e = vapour_pressure",
     kMagnus},
    {"dew_point",
     "Cel",
     -2,
     v1::KIND_GAUGE,
     -120,
     100,
     {kTemperature, kHumidity},
     {},
     [](const Arguments& in) { return dew_point(in[0], in[1]); },
     "243.12 g / (17.62 - g), g = ln(RH / 100) + 17.62 T / (243.12 + T)",
     kMagnus},
    // Directions have no mean; the wind's two components do, in any window.
    {"eastward_wind",
     "m/s",
     -3,
     v1::KIND_GAUGE,
     -120,
     120,
     {kSpeedOfWind, kDirectionOfWind},
     {},
     [](const Arguments& in) { return eastward_wind(in[0], in[1]); },
     "-wind_speed sin(wind_direction)",
     kWindFrom},
    {"fill_level",
     "%",
     -2,
     v1::KIND_GAUGE,
     -20,
     120,
     {InputSpec{"distance"}},
     {ParameterSpec{"empty_distance", "m", 0.01, 100}, ParameterSpec{"full_distance", "m", 0, 100, 0.0}},
     [](const Arguments& in) { return share(in[0], in[1], in[2]); },
     "(empty_distance - distance) / (empty_distance - full_distance) 100",
     "geometry of the container"},
    {"frost_slick",
     "",
     0,
     v1::KIND_STATE,
     0,
     1,
     {InputSpec{"surface_temperature"}, kTemperature, kHumidity},
     {},
     [](const Arguments& in) {
       const double dew = dew_point(in[1], in[2]);
       return std::isnan(dew) ? dew : truth(in[0] <= 0 && in[0] <= dew);
     },
     "1 where the surface has at most 0 °C and at most the dew point of the air: hoar frost forms",
     "own rule"},
    {"heat_index",
     "Cel",
     -2,
     v1::KIND_GAUGE,
     -100,
     200,
     {kTemperature, kHumidity},
     {},
     [](const Arguments& in) { return heat_index(in[0], in[1]); },
     "mean of T and 0.5 (T + 61 + 1.2 (T - 68) + 0.094 RH) in °F; from 80 °F on the regression of nine terms with its "
     "adjustments below 13 % and above 85 %",
     "US National Weather Service, The Heat Index Equation (Rothfusz 1990)"},
    {"humidex",
     "",
     -2,
     v1::KIND_GAUGE,
     -120,
     200,
     {kTemperature, kHumidity},
     {},
     [](const Arguments& in) { return humidex(in[0], in[1]); },
     "T + 0.5555 (6.11 exp(5417.7530 (1/273.16 - 1/(dew_point + 273.15))) - 10)",
     "Masterton and Richardson 1979; Environment Canada"},
    {"ice_slick",
     "",
     0,
     v1::KIND_STATE,
     0,
     1,
     {InputSpec{"surface_temperature"}, InputSpec{"surface_wet"}},
     {},
     [](const Arguments& in) { return truth(in[0] <= 0 && in[1] != 0); },
     "1 where a wet surface has at most 0 °C",
     "own rule"},
    {"mould_humidity",
     "%RH",
     -2,
     v1::KIND_GAUGE,
     0,
     1000,
     {kTemperature, kHumidity, InputSpec{"outdoor_temperature", true}},
     {ParameterSpec{"temperature_factor", "", 0.01, 1, 0.70}},
     [](const Arguments& in) { return humidity_at(inner_surface_temperature(in[0], in[2], in[3]), in[0], in[1]); },
     "RH es(T) / es(Tsi), Tsi = outdoor_temperature + temperature_factor (T - outdoor_temperature)",
     "DIN 4108-2 (fRsi 0.70, limit 80 %)"},
    {"northward_wind",
     "m/s",
     -3,
     v1::KIND_GAUGE,
     -120,
     120,
     {kSpeedOfWind, kDirectionOfWind},
     {},
     [](const Arguments& in) { return northward_wind(in[0], in[1]); },
     "-wind_speed cos(wind_direction)",
     kWindFrom},
    {"soil_pf",
     "",
     -2,
     v1::KIND_GAUGE,
     -3,
     8,
     {InputSpec{"soil_tension"}},
     {},
     [](const Arguments& in) { return in[0] > 0 ? std::log10(in[0]) : std::numeric_limits<double>::quiet_NaN(); },
     "log10(soil_tension in hPa)",
     "Schofield 1935; plants take water from pF 1.8 to 4.2"},
    {"soil_water_share",
     "%",
     -2,
     v1::KIND_GAUGE,
     -100,
     300,
     {InputSpec{"soil_moisture"}},
     {ParameterSpec{"wilting_point", "%", 1, 80}, ParameterSpec{"field_capacity", "%", 2, 100}},
     [](const Arguments& in) {
       return in[2] > in[1] ? share(in[0], in[1], in[2]) : std::numeric_limits<double>::quiet_NaN();
     },
     "(soil_moisture - wilting_point) / (field_capacity - wilting_point) 100 (% nFK)",
     "DWD, usable field capacity"},
    // Noise adds up by its energy: means and sums of this one are those of any length of time, exactly.
    {"sound_energy",
     "",
     0,
     v1::KIND_GAUGE,
     0,
     4e15,
     {InputSpec{"sound_level"}},
     {},
     [](const Arguments& in) { return std::pow(10.0, in[0] / 10); },
     "10^(sound_level / 10)",
     "ISO 1996-1, equivalent continuous sound pressure level"},
    {"uv_index",
     "",
     -2,
     v1::KIND_GAUGE,
     0,
     50,
     {InputSpec{"erythemal_irradiance"}},
     {},
     [](const Arguments& in) { return 40 * in[0]; },
     "40 erythemal_irradiance in W/m2",
     "WHO 2002, Global Solar UV Index"},
    {"vapour_pressure",
     "hPa",
     -2,
     v1::KIND_GAUGE,
     0,
     1200,
     {kTemperature, kHumidity},
     {},
     [](const Arguments& in) { return vapour_pressure(in[0], in[1]); },
     "RH / 100 es(T), es(T) = 6.112 exp(17.62 T / (243.12 + T))",
     kMagnus},
    {"water_level",
     "m",
     -6,
     v1::KIND_GAUGE,
     -1000,
     9000,
     {InputSpec{"distance"}},
     {ParameterSpec{"sensor_height", "m", -1000, 9000}},
     [](const Arguments& in) { return in[1] - in[0]; },
     "sensor_height - distance: the sensor looks down from so high above the gauge's zero",
     "geometry of the gauge"},
    {"wet_bulb",
     "Cel",
     -2,
     v1::KIND_GAUGE,
     -40,
     60,
     {kTemperature, kHumidity},
     {},
     [](const Arguments& in) { return wet_bulb(in[0], in[1]); },
     "T atan(0.151977 (RH + 8.313659)^0.5) + atan(T + RH) - atan(RH - 1.676331) + 0.00391838 RH^1.5 "
     "atan(0.023101 RH) - 4.686035; none outside of 5 to 99 % and -20 to 50 °C",
     "Stull 2011, J. Appl. Meteor. Climatol. 50 (-1.0 to +0.65 K)"},
    {"wind_chill",
     "Cel",
     -2,
     v1::KIND_GAUGE,
     -120,
     20,
     {kTemperature, InputSpec{"wind_speed"}},
     {},
     [](const Arguments& in) { return wind_chill(in[0], in[1]); },
     "13.12 + 0.6215 T - 11.37 v^0.16 + 0.3965 T v^0.16, v in km/h; none above 10 °C and below 4.8 km/h",
     "Environment Canada and National Weather Service 2001"},
});

static_assert(std::ranges::is_sorted(kDerivations, {}, &Derivation::measure));

}  // namespace

std::span<const Derivation> derivations() noexcept { return kDerivations; }

const Derivation* find_derivation(std::string_view measure) noexcept {
  const auto* const found = std::ranges::lower_bound(kDerivations, measure, {}, &Derivation::measure);
  return found == kDerivations.end() || found->measure != measure ? nullptr : found;
}

}  // namespace lenne::processing::derived
