#include "processing/derived/levels.hpp"

#include <algorithm>
#include <array>

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t units(std::int64_t whole) { return whole * kMicro; }

constexpr std::array kCo2 = std::to_array<Level>({
    {"harmless", 0},
    {"conspicuous", units(1000)},
    {"unacceptable", units(2000), true},
});
constexpr std::array kSoilWater = std::to_array<Level>({
    {"extreme_drought", 0},
    {"drought_stress", units(10)},
    {"light_drought_stress", units(30)},
    {"sufficient", units(50)},
    {"good", units(70)},
    {"possible_lack_of_oxygen", units(90)},
    {"oversupply", units(110)},
});
constexpr std::array kUv = std::to_array<Level>({
    {"low", 0},
    {"moderate", units(3)},
    {"high", units(6)},
    {"very_high", units(8)},
    {"extreme", units(11)},
});
constexpr std::array kHumidex = std::to_array<Level>({
    {"little_discomfort", 0},
    {"some_discomfort", units(30)},
    {"great_discomfort", units(40)},
    {"dangerous", units(45), true},
});
// 80, 90, 103 and 125 °F.
constexpr std::array kHeatIndex = std::to_array<Level>({
    {"none", 0},
    {"caution", 26'666'667},
    {"extreme_caution", 32'222'222},
    {"danger", 39'444'444},
    {"extreme_danger", 51'666'667},
});
constexpr std::array kRain1 = std::to_array<Level>({
    {"none", 0},
    {"marked", units(15)},
    {"severe", units(25), true},
    {"extreme", units(40), true},
});
constexpr std::array kRain6 = std::to_array<Level>({
    {"none", 0},
    {"marked", units(20)},
    {"severe", units(35), true},
    {"extreme", units(60), true},
});
constexpr std::array kRain12 = std::to_array<Level>({{"none", 0}, {"severe", units(40), true}});
constexpr std::array kRain24 = std::to_array<Level>({{"none", 0}, {"severe", units(50), true}});
constexpr std::array kRain48 = std::to_array<Level>({{"none", 0}, {"severe", units(60), true}});
constexpr std::array kRain72 = std::to_array<Level>({{"none", 0}, {"severe", units(90), true}});

constexpr std::array kOzone = std::to_array<Level>({
    {"none", 0},
    {"information", units(180), true},
    {"alert", units(240), true},
});

// The first whole number of each class.
constexpr std::array<Level, 5> air(std::int64_t good, std::int64_t moderate, std::int64_t poor,
                                   std::int64_t very_poor) {
  return {{{"very_good", 0},
           {"good", units(good)},
           {"moderate", units(moderate)},
           {"poor", units(poor)},
           {"very_poor", units(very_poor)}}};
}
constexpr auto kPm10 = air(10, 28, 55, 91);
constexpr auto kPm25 = air(6, 16, 31, 51);
constexpr auto kO3 = air(25, 73, 145, 241);
constexpr auto kNo2 = air(11, 31, 61, 101);
constexpr auto kSo2 = air(11, 31, 61, 101);

constexpr std::string_view kAir = "Umweltbundesamt, Luftqualitätsindex, hourly means (umweltbundesamt.de node 73614)";
constexpr std::string_view kDwd = "Deutscher Wetterdienst, criteria of weather warnings";

constexpr std::array kTables = std::to_array<LevelTable>({
    {"co2", "ppm", kCo2, "Umweltbundesamt, Ausschuss für Innenraumrichtwerte"},
    {"soil_water_share", "%", kSoilWater, "Deutscher Wetterdienst, scale of the usable field capacity"},
    {"uv_index", "", kUv, "WHO 2002, Global Solar UV Index", 1, true},
    {"humidex", "", kHumidex, "Environment Canada, degrees of comfort"},
    {"heat_index", "Cel", kHeatIndex, "US National Weather Service, 80, 90, 103 and 125 °F"},
    {"precipitation_1h", "mm", kRain1, kDwd},
    {"precipitation_6h", "mm", kRain6, kDwd},
    {"precipitation_12h", "mm", kRain12, kDwd},
    {"precipitation_24h", "mm", kRain24, kDwd},
    {"precipitation_48h", "mm", kRain48, kDwd},
    {"precipitation_72h", "mm", kRain72, kDwd},
    {"ozone_threshold", "ug/m3", kOzone, "39. BImSchV, § 9", 1, true},
    // Version 2: hourly means. The first one took running means of 24 h and other bounds.
    {"pm10", "ug/m3", kPm10, kAir, 2, true},
    {"pm2_5", "ug/m3", kPm25, kAir, 2, true},
    {"o3", "ug/m3", kO3, kAir, 2, true},
    {"no2", "ug/m3", kNo2, kAir, 2, true},
    {"so2", "ug/m3", kSo2, kAir, 2, true},
});

constexpr const LevelTable& table(std::string_view name) {
  return *std::ranges::find(kTables, name, &LevelTable::name);
}

}  // namespace

std::int64_t round_half_up(std::int64_t micro) noexcept {
  const auto shifted = micro + kMicro / 2;
  const auto rest = shifted % kMicro;
  return (shifted - (rest < 0 ? rest + kMicro : rest)) / kMicro;
}

std::size_t LevelTable::level_of(std::int64_t micro) const noexcept {
  const auto judged = whole ? round_half_up(micro) * kMicro : micro;
  std::size_t place = 0;
  for (std::size_t i = 1; i < levels.size(); ++i) {
    if (judged > levels[i].from || (judged == levels[i].from && !levels[i].beyond)) place = i;
  }
  return place;
}

const LevelTable& co2_levels() noexcept { return table("co2"); }
const LevelTable& soil_water_levels() noexcept { return table("soil_water_share"); }
const LevelTable& uv_levels() noexcept { return table("uv_index"); }
const LevelTable& humidex_levels() noexcept { return table("humidex"); }
const LevelTable& ozone_levels() noexcept { return table("ozone_threshold"); }
const LevelTable& heat_index_levels() noexcept { return table("heat_index"); }

const LevelTable* rain_levels(int hours) noexcept {
  switch (hours) {
    case 1:
      return &table("precipitation_1h");
    case 6:
      return &table("precipitation_6h");
    case 12:
      return &table("precipitation_12h");
    case 24:
      return &table("precipitation_24h");
    case 48:
      return &table("precipitation_48h");
    case 72:
      return &table("precipitation_72h");
    default:
      return nullptr;
  }
}

const LevelTable* air_quality_levels(std::string_view pollutant) noexcept {
  return std::ranges::find(kPollutants, pollutant) == kPollutants.end() ? nullptr : &table(pollutant);
}

std::span<const LevelTable> level_tables() noexcept { return kTables; }

}  // namespace lenne::processing::derived
