#include "decode/quantities.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace lenne::decode {
namespace {

using enum QuantityClass;

// Ranges: what the place or the medium can have, not what one sensor can measure. Sorted by name.
// An angle is KIND_INFO: north is 0 and 360, so its samples have no mean, no lowest and no highest one. What can be
// averaged are components, which are quantities of their own: eastward_wind, northward_wind.
constexpr std::array kQuantities = std::to_array<Quantity>({
    {"absolute_humidity", "g/m3", -2, v1::KIND_GAUGE, 0, 600, kGeneral},
    {"air_pressure", "hPa", -6, v1::KIND_GAUGE, 300, 1200, kGeneral},
    {"alarm", "", 0, v1::KIND_STATE, 0, 65535, kGeneral},
    {"battery_level", "%EL", -6, v1::KIND_GAUGE, 0, 100, kGeneral},
    {"battery_voltage", "V", -6, v1::KIND_GAUGE, 0, 60, kGeneral},
    {"bicycles", "count", 0, v1::KIND_EVENT, 0, 1e6, kGeneral},
    {"co2", "ppm", -6, v1::KIND_GAUGE, 0, 50000, kGeneral},
    {"contact", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"dew_point", "Cel", -2, v1::KIND_GAUGE, -120, 100, kGeneral},
    {"distance", "m", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"eastward_wind", "m/s", -3, v1::KIND_GAUGE, -120, 120, kGeneral},
    {"electrical_conductivity", "S/m", -6, v1::KIND_GAUGE, 0, 100, kGeneral},
    {"energy", "kWh", -3, v1::KIND_COUNTER, -1e9, 1e9, kMeter},
    {"erythemal_irradiance", "W/m2", -6, v1::KIND_GAUGE, 0, 2, kGeneral},
    {"fill_level", "%", -2, v1::KIND_GAUGE, -20, 120, kGeneral},
    {"frost_slick", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"gas_volume", "m3", -6, v1::KIND_COUNTER, 0, 1e9, kMeter},
    {"global_irradiance", "W/m2", -6, v1::KIND_GAUGE, -20, 2000, kGeneral},
    {"groundwater_level", "m", -6, v1::KIND_GAUGE, -1000, 9000, kGeneral},
    {"heat_energy", "kWh", -3, v1::KIND_COUNTER, 0, 1e9, kMeter},
    {"heat_index", "Cel", -2, v1::KIND_GAUGE, -100, 200, kGeneral},
    {"heavy_vehicles", "count", 0, v1::KIND_EVENT, 0, 1e6, kGeneral},
    {"humidex", "", -2, v1::KIND_GAUGE, -120, 200, kGeneral},
    {"ice_slick", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"illuminance", "lx", -6, v1::KIND_GAUGE, 0, 200000, kGeneral},
    {"low_battery", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"motion", "count", 0, v1::KIND_EVENT, 0, 1e9, kGeneral},
    {"mould_humidity", "%RH", -2, v1::KIND_GAUGE, 0, 1000, kGeneral},
    {"no2", "ug/m3", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"northward_wind", "m/s", -3, v1::KIND_GAUGE, -120, 120, kGeneral},
    {"o3", "ug/m3", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"occupancy", "", 0, v1::KIND_STATE, 0, 255, kGeneral},
    {"outdoor_temperature", "Cel", -6, v1::KIND_GAUGE, -80, 80, kGeneral},
    {"parking_occupied", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"people", "count", 0, v1::KIND_EVENT, 0, 1e6, kGeneral},
    {"pm1", "ug/m3", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"pm10", "ug/m3", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"pm2_5", "ug/m3", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"pm4", "ug/m3", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"power", "W", -6, v1::KIND_GAUGE, -1e9, 1e9, kGeneral},
    {"precipitation", "mm", -6, v1::KIND_EVENT, 0, 500, kGeneral},
    {"pulses", "count", 0, v1::KIND_COUNTER, 0, 4e15, kMeter},
    {"relative_humidity", "%RH", -6, v1::KIND_GAUGE, 0, 100, kGeneral},
    {"so2", "ug/m3", -6, v1::KIND_GAUGE, 0, 10000, kGeneral},
    {"soil_moisture", "%", -6, v1::KIND_GAUGE, 0, 100, kGeneral},
    {"soil_pf", "", -2, v1::KIND_GAUGE, -3, 8, kGeneral},
    {"soil_tension", "hPa", -6, v1::KIND_GAUGE, 0, 100000000, kGeneral},
    {"soil_water_share", "%", -2, v1::KIND_GAUGE, -100, 300, kGeneral},
    {"sound_energy", "", 0, v1::KIND_GAUGE, 0, 4e15, kGeneral},
    {"sound_level", "dB", -6, v1::KIND_GAUGE, 0, 194, kGeneral},
    {"speed", "km/h", -2, v1::KIND_GAUGE, 0, 400, kGeneral},
    {"surface_temperature", "Cel", -6, v1::KIND_GAUGE, -80, 150, kGeneral},
    {"surface_wet", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"tamper", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"temperature", "Cel", -6, v1::KIND_GAUGE, -80, 300, kGeneral},
    {"tilt", "", 0, v1::KIND_STATE, 0, 1, kGeneral},
    {"tvoc", "ppb", -6, v1::KIND_GAUGE, 0, 65535, kGeneral},
    {"uv_index", "", -2, v1::KIND_GAUGE, 0, 50, kGeneral},
    {"vapour_pressure", "hPa", -2, v1::KIND_GAUGE, 0, 1200, kGeneral},
    {"vehicles", "count", 0, v1::KIND_EVENT, 0, 1e6, kGeneral},
    {"voltage", "V", -6, v1::KIND_GAUGE, -1e6, 1e6, kGeneral},
    {"water_leak", "", 0, v1::KIND_STATE, 0, 255, kGeneral},
    {"water_level", "m", -6, v1::KIND_GAUGE, -1000, 9000, kGeneral},
    {"water_volume", "m3", -6, v1::KIND_COUNTER, 0, 1e9, kMeter},
    {"wet_bulb", "Cel", -2, v1::KIND_GAUGE, -40, 60, kGeneral},
    {"wind_chill", "Cel", -2, v1::KIND_GAUGE, -120, 20, kGeneral},
    {"wind_direction", "deg", -6, v1::KIND_INFO, 0, 360, kGeneral},
    {"wind_speed", "m/s", -6, v1::KIND_GAUGE, 0, 120, kGeneral},
});

// One unit in terms of its dimension's first one: value = raw * numerator / denominator.
struct Unit {
  std::string_view name;
  std::string_view dimension;
  std::int64_t numerator;
  std::int64_t denominator;
};

constexpr std::array kUnits = std::to_array<Unit>({
    {"Cel", "temperature", 1, 1},
    {"%RH", "humidity", 1, 1},
    {"%EL", "energy level", 1, 1},
    {"%", "percentage", 1, 1},
    {"/", "percentage", 100, 1},
    {"count", "count", 1, 1},
    {"lx", "illuminance", 1, 1},
    {"dB", "level", 1, 1},
    {"dBm", "power level", 1, 1},
    {"V", "voltage", 1, 1},
    {"mV", "voltage", 1, 1000},
    {"A", "current", 1, 1},
    {"mA", "current", 1, 1000},
    {"W", "power", 1, 1},
    {"mW", "power", 1, 1000},
    {"kW", "power", 1000, 1},
    {"J", "energy", 1, 1},
    {"Wh", "energy", 3600, 1},
    {"kWh", "energy", 3600000, 1},
    {"MWh", "energy", 3600000000, 1},
    {"Pa", "pressure", 1, 1},
    {"hPa", "pressure", 100, 1},
    {"m", "length", 1, 1},
    {"cm", "length", 1, 100},
    {"mm", "length", 1, 1000},
    {"km", "length", 1000, 1},
    {"m3", "volume", 1, 1},
    {"l", "volume", 1, 1000},
    {"s", "time", 1, 1},
    {"ms", "time", 1, 1000},
    {"min", "time", 60, 1},
    {"h", "time", 3600, 1},
    {"m/s", "velocity", 1, 1},
    {"km/h", "velocity", 10, 36},
    {"m3/s", "flow", 1, 1},
    {"l/s", "flow", 1, 1000},
    {"deg", "angle", 1, 1},
    {"ppm", "mixing ratio", 1000, 1},
    {"ppb", "mixing ratio", 1, 1},
    {"ug/m3", "mass concentration", 1, 1},
    {"g/m3", "mass concentration", 1000000, 1},
    {"W/m2", "irradiance", 1, 1},
    {"kg", "mass", 1, 1},
    {"g", "mass", 1, 1000},
    {"Hz", "frequency", 1, 1},
    {"lat", "latitude", 1, 1},
    {"lon", "longitude", 1, 1},
    {"S/m", "conductivity", 1, 1},
});

const Unit* find_unit(std::string_view name) {
  const auto* const found = std::ranges::find(kUnits, name, &Unit::name);
  return found == kUnits.end() ? nullptr : found;
}

}  // namespace

std::span<const Quantity> quantities() { return kQuantities; }

const Quantity* find_quantity(std::string_view name) {
  const auto* const found = std::ranges::find(kQuantities, name, &Quantity::name);
  return found == kQuantities.end() ? nullptr : found;
}

bool is_unit(std::string_view unit) { return find_unit(unit) != nullptr; }

std::optional<Conversion> convert(std::string_view from, std::string_view to) {
  if (from == to) return Conversion{1, 1};
  const Unit* a = find_unit(from);
  const Unit* b = find_unit(to);
  if (a == nullptr || b == nullptr || a->dimension != b->dimension) return std::nullopt;
  const std::int64_t numerator = a->numerator * b->denominator;
  const std::int64_t denominator = a->denominator * b->numerator;
  const std::int64_t common = std::gcd(numerator, denominator);
  return Conversion{numerator / common, denominator / common};
}

std::chrono::seconds oldest_credible(QuantityClass quantity_class) {
  return std::chrono::days{quantity_class == kMeter ? 45 : 7};
}

}  // namespace lenne::decode
