// Indicators of single results: bounds on both sides, validity, and the laws between them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <utility>

#include "processing/derived/indicators.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

const std::int64_t kJune = 1'782'864'000'000'000;     // 2026-07-01T00:00:00Z
const std::int64_t kJanuary = 1'768'435'200'000'000;  // 2026-01-15T00:00:00Z

std::optional<Indicator> find(const v1::Aggregate& row, std::string_view name) {
  for (const auto& indicator : indicators_of(row)) {
    if (indicator.spec->name == name) return indicator;
  }
  return std::nullopt;
}
std::int64_t micro(const v1::Aggregate& row, std::string_view name) {
  const auto found = find(row, name);
  return found ? found->micro : -1;
}
std::string level(const v1::Aggregate& row, std::string_view name) {
  const auto found = find(row, name);
  return found ? std::string(found->level) : "none of that name";
}
v1::Aggregate day_of(std::int64_t min, std::int64_t mean, std::int64_t max, std::int64_t covered = 1000,
                     std::int64_t start_us = kJune) {
  return result_of("temperature", "P1D", start_us, kTestDayUs, min, mean, max, covered);
}

TEST(Indicators, TheEquivalentLevelOfNoiseIsThatOfItsMeanEnergy) {
  auto hour = hour_of("sound_energy", kJune, 0);
  hour.set_exponent(0);
  put(*hour.mutable_gauge()->mutable_sum(), 1'000'000 + 10'000'000);  // 60 and 70 dB, equally long
  EXPECT_EQ(micro(hour, "sound_level_eq"), 67'403'627);
  EXPECT_TRUE(find(hour, "sound_level_eq")->spec->indicative);
  put(*hour.mutable_gauge()->mutable_sum(), 0);
  EXPECT_FALSE(find(hour, "sound_level_eq")) << "silence has no level";
}

TEST(Indicators, ClimateDaysAtTheirBounds) {
  EXPECT_EQ(micro(day_of(1500, 2000, 2500), "summer_day"), kMicro) << "25.0 is one";
  EXPECT_EQ(micro(day_of(1500, 2000, 2499), "summer_day"), 0);
  EXPECT_EQ(micro(day_of(1500, 2000, 3000), "hot_day"), kMicro);
  EXPECT_EQ(micro(day_of(1500, 2000, 2999), "hot_day"), 0);
  EXPECT_EQ(micro(day_of(0, 300, 500), "frost_day"), 0) << "0.0 is no frost";
  EXPECT_EQ(micro(day_of(-1, 300, 500), "frost_day"), kMicro);
  EXPECT_EQ(micro(day_of(-500, -200, 0), "ice_day"), 0);
  EXPECT_EQ(micro(day_of(-500, -200, -1), "ice_day"), kMicro);
}

// What one sample decides needs no other; what all have to say needs 21 of 24 hours.
TEST(Indicators, ValidityOfClimateDays) {
  EXPECT_EQ(find(day_of(1500, 2000, 3000, 100), "hot_day")->valid, true);
  EXPECT_EQ(find(day_of(1500, 2000, 2999, 874), "hot_day")->valid, false);
  EXPECT_EQ(find(day_of(1500, 2000, 2999, 875), "hot_day")->valid, true);
  EXPECT_EQ(find(day_of(-500, -200, -1, 874), "ice_day")->valid, false);
  EXPECT_EQ(find(day_of(-500, -200, 0, 100), "ice_day")->valid, true);
  EXPECT_EQ(find(day_of(1500, 1000, 3000, 874), "heating_degree_days_15")->valid, false);
  auto unknown = day_of(1500, 2000, 2999);
  unknown.set_nominal_interval_s(0);
  EXPECT_EQ(find(unknown, "hot_day")->valid, std::nullopt);
}

TEST(Indicators, DegreeDays) {
  EXPECT_EQ(micro(day_of(0, 1499, 2000), "heating_degree_days_20_15"), 5'010'000);
  EXPECT_EQ(micro(day_of(0, 1499, 2000), "heating_degree_days_15"), 10'000);
  EXPECT_EQ(micro(day_of(0, 1500, 2000), "heating_degree_days_20_15"), 0) << "15.0 is no heating day";
  EXPECT_EQ(micro(day_of(0, 1234, 2000), "growing_degree_days_5"), 7'340'000);
  EXPECT_EQ(micro(day_of(0, 1234, 2000), "growing_degree_days_10"), 2'340'000);
  EXPECT_EQ(micro(day_of(0, 3200, 3500), "growing_degree_days_10"), 20'000'000) << "not above 30";
  EXPECT_EQ(micro(day_of(0, 400, 2000), "growing_degree_days_5"), 0);
  EXPECT_EQ(micro(day_of(0, 400, 500, 1000, kJanuary), "grassland_temperature"), 2'000'000);
  EXPECT_EQ(micro(day_of(0, 400, 500, 1000, kJanuary + 31 * kTestDayUs), "grassland_temperature"), 3'000'000);
  EXPECT_EQ(micro(day_of(0, 400, 500, 1000, kJanuary + 60 * kTestDayUs), "grassland_temperature"), 4'000'000);
  EXPECT_EQ(micro(day_of(-900, -400, 500, 1000, kJanuary), "grassland_temperature"), 0);
}

// The local day of 1 February begins on 31 January in UTC.
TEST(Indicators, AMonthIsTheOneOfTheDaysMiddle) {
  const std::int64_t february = 1'769'900'400'000'000;  // 2026-01-31T23:00:00Z
  EXPECT_EQ(micro(day_of(0, 400, 500, 1000, february), "grassland_temperature"), 3'000'000);
}

TEST(Indicators, HeavyRain) {
  const auto rain = [](int hours, std::int64_t sum) {
    return level(rain_of("PT" + std::to_string(hours) + "H/PT1H", kJune, hours * kTestHourUs, sum), "heavy_rain_level");
  };
  EXPECT_EQ(rain(1, 1499), "none");
  EXPECT_EQ(rain(1, 1500), "marked");
  EXPECT_EQ(rain(1, 2500), "marked");
  EXPECT_EQ(rain(1, 2501), "severe");
  EXPECT_EQ(rain(1, 4000), "severe");
  EXPECT_EQ(rain(1, 4001), "extreme");
  EXPECT_EQ(rain(6, 1999), "none");
  EXPECT_EQ(rain(6, 2000), "marked");
  EXPECT_EQ(rain(6, 3501), "severe");
  EXPECT_EQ(rain(6, 6001), "extreme");
  EXPECT_EQ(rain(12, 4001), "severe");
  EXPECT_EQ(rain(24, 5000), "none");
  EXPECT_EQ(rain(24, 5001), "severe");
  EXPECT_EQ(rain(48, 6001), "severe");
  EXPECT_EQ(rain(72, 9001), "severe");
  EXPECT_EQ(rain(2, 9001), "none of that name");
  EXPECT_EQ(find(rain_of("PT1H", kJune, kTestHourUs, 3000, 999), "heavy_rain_level")->valid, false);
  EXPECT_EQ(find(rain_of("PT1H", kJune, kTestHourUs, 4001, 500), "heavy_rain_level")->valid, true)
      << "more rain would not raise it";
}

TEST(Indicators, RainByACounterOfTips) {
  v1::Aggregate row = rain_of("PT1H", kJune, kTestHourUs, 0);
  row.set_kind(v1::KIND_COUNTER);
  put(*row.mutable_counter()->mutable_amount(), 2600);
  EXPECT_EQ(level(row, "heavy_rain_level"), "severe");
}

TEST(Indicators, AirQuality) {
  const auto air = [](const char* measure, std::int64_t mean) {
    return level(hour_of(measure, kJune, mean), "air_quality_class");
  };
  EXPECT_EQ(air("pm10", 949), "very_good");
  EXPECT_EQ(air("pm10", 950), "good") << "half up to 10";
  EXPECT_EQ(air("pm10", 2749), "good");
  EXPECT_EQ(air("pm10", 2750), "moderate");
  EXPECT_EQ(air("pm10", 5450), "poor");
  EXPECT_EQ(air("pm10", 9050), "very_poor");
  EXPECT_EQ(air("pm2_5", 500), "very_good");
  EXPECT_EQ(air("pm2_5", 600), "good");
  EXPECT_EQ(air("pm2_5", 1600), "moderate");
  EXPECT_EQ(air("pm2_5", 3100), "poor");
  EXPECT_EQ(air("pm2_5", 5100), "very_poor");
  EXPECT_EQ(air("o3", 2449), "very_good");
  EXPECT_EQ(air("o3", 7200), "good");
  EXPECT_EQ(air("o3", 14400), "moderate");
  EXPECT_EQ(air("o3", 24000), "poor");
  EXPECT_EQ(air("o3", 24050), "very_poor");
  EXPECT_EQ(air("no2.2", 1000), "very_good");
  EXPECT_EQ(air("no2", 10000), "poor");
  EXPECT_EQ(air("so2", 10051), "very_poor");
  EXPECT_EQ(air("pm1", 1), "none of that name");
  const auto found = *find(hour_of("pm10", kJune, 2000, 749), "air_quality_class");
  EXPECT_EQ(found.valid, false) << "45 minutes make an hour";
  EXPECT_EQ(found.version, 2U);
  EXPECT_TRUE(found.spec->indicative);
  EXPECT_EQ(find(result_of("pm10", "P1D", kJune, kTestDayUs, 1, 1, 1), "air_quality_class"), std::nullopt)
      << "the index is of hours";
}

// The published table: the last whole ug/m3 of each class but the worst one.
TEST(Indicators, AirQualityAtEveryBound) {
  const std::pair<const char*, std::array<std::int64_t, 4>> table[] = {{"pm10", {9, 27, 54, 90}},
                                                                       {"pm2_5", {5, 15, 30, 50}},
                                                                       {"o3", {24, 72, 144, 240}},
                                                                       {"no2", {10, 30, 60, 100}},
                                                                       {"so2", {10, 30, 60, 100}}};
  const char* const classes[] = {"very_good", "good", "moderate", "poor", "very_poor"};
  for (const auto& [measure, last] : table) {
    for (std::size_t i = 0; i < last.size(); ++i) {
      const auto rounded_down = last[i] * 100 + 49;
      EXPECT_EQ(level(hour_of(measure, kJune, rounded_down), "air_quality_class"), classes[i]) << measure << last[i];
      EXPECT_EQ(level(hour_of(measure, kJune, rounded_down + 1), "air_quality_class"), classes[i + 1])
          << measure << last[i];
    }
  }
}

TEST(Indicators, LimitsOfAir) {
  const auto of_day = [](const char* measure, std::int64_t start_us, std::int64_t mean) {
    return micro(result_of(measure, "P1D-CET", start_us, kTestDayUs, 0, mean, 0), "day_limit_exceeded");
  };
  const std::int64_t last_of_2029 = 1'893'366'000'000'000;  // 2029-12-30T23:00:00Z
  EXPECT_EQ(of_day("pm10", last_of_2029, 5049), 0) << "50 when rounded";
  EXPECT_EQ(of_day("pm10", last_of_2029, 5050), kMicro);
  EXPECT_EQ(of_day("pm10", last_of_2029 + kTestDayUs, 4550), kMicro);
  EXPECT_EQ(of_day("pm10", last_of_2029 + kTestDayUs, 4549), 0);
  EXPECT_EQ(of_day("pm2_5", last_of_2029, 9000), -1) << "no such limit yet";
  EXPECT_EQ(of_day("pm2_5", last_of_2029 + kTestDayUs, 2550), kMicro);
  EXPECT_EQ(of_day("no2", last_of_2029 + kTestDayUs, 5050), kMicro);
  EXPECT_EQ(of_day("so2", last_of_2029, 12'550), kMicro);
  EXPECT_EQ(of_day("so2", last_of_2029, 12'549), 0);
  EXPECT_EQ(of_day("so2", last_of_2029 + kTestDayUs, 12'550), -1) << "what holds then is not in the table";
  EXPECT_EQ(micro(result_of("pm10", "P1D", kJune, kTestDayUs, 0, 9000, 0), "day_limit_exceeded"), -1)
      << "not by local days";
  EXPECT_EQ(micro(hour_of("no2", kJune, 20049), "hour_limit_exceeded"), 0);
  EXPECT_EQ(micro(hour_of("no2", kJune, 20050), "hour_limit_exceeded"), kMicro);
  EXPECT_EQ(level(hour_of("o3", kJune, 18049), "ozone_threshold"), "none");
  EXPECT_EQ(level(hour_of("o3", kJune, 18050), "ozone_threshold"), "information");
  EXPECT_EQ(level(hour_of("o3", kJune, 24050), "ozone_threshold"), "alert");
}

TEST(Indicators, Classes) {
  EXPECT_EQ(level(hour_of("co2", kJune, 99'999), "co2_class"), "harmless");
  EXPECT_EQ(level(hour_of("co2", kJune, 100'000), "co2_class"), "conspicuous");
  EXPECT_EQ(level(hour_of("co2", kJune, 200'000), "co2_class"), "conspicuous");
  EXPECT_EQ(level(hour_of("co2", kJune, 200'001), "co2_class"), "unacceptable");
  const auto soil = [](std::int64_t share) {
    return level(hour_of("soil_water_share", kJune, share), "soil_water_class");
  };
  EXPECT_EQ(soil(-300), "extreme_drought");
  EXPECT_EQ(soil(999), "extreme_drought");
  EXPECT_EQ(soil(1000), "drought_stress");
  EXPECT_EQ(soil(3000), "light_drought_stress");
  EXPECT_EQ(soil(5000), "sufficient");
  EXPECT_EQ(soil(7000), "good");
  EXPECT_EQ(soil(9000), "possible_lack_of_oxygen");
  EXPECT_EQ(soil(11000), "oversupply");
  const auto uv = [](std::int64_t index) { return level(hour_of("uv_index", kJune, index), "uv_class"); };
  EXPECT_EQ(uv(249), "low");
  EXPECT_EQ(uv(250), "moderate");
  EXPECT_EQ(uv(549), "moderate");
  EXPECT_EQ(uv(550), "high");
  EXPECT_EQ(uv(750), "very_high");
  EXPECT_EQ(uv(1050), "extreme");
  EXPECT_EQ(level(hour_of("humidex", kJune, 2999), "humidex_class"), "little_discomfort");
  EXPECT_EQ(level(hour_of("humidex", kJune, 3000), "humidex_class"), "some_discomfort");
  EXPECT_EQ(level(hour_of("humidex", kJune, 4500), "humidex_class"), "great_discomfort");
  EXPECT_EQ(level(hour_of("humidex", kJune, 4501), "humidex_class"), "dangerous");
  EXPECT_EQ(level(hour_of("heat_index", kJune, 2666), "heat_index_class"), "none");
  EXPECT_EQ(level(hour_of("heat_index", kJune, 2667), "heat_index_class"), "caution");
  EXPECT_EQ(level(hour_of("heat_index", kJune, 3223), "heat_index_class"), "extreme_caution");
  EXPECT_EQ(level(hour_of("heat_index", kJune, 3945), "heat_index_class"), "danger");
  EXPECT_EQ(level(hour_of("heat_index", kJune, 5167), "heat_index_class"), "extreme_danger");
  EXPECT_EQ(micro(hour_of("mould_humidity", kJune, 7999), "mould_critical"), 0);
  EXPECT_EQ(micro(hour_of("mould_humidity", kJune, 8000), "mould_critical"), kMicro);
  EXPECT_EQ(micro(result_of("soil_water_share", "P1D", kJune, kTestDayUs, 0, 2999, 0), "irrigation_needed"), kMicro);
  EXPECT_EQ(micro(result_of("soil_water_share", "P1D", kJune, kTestDayUs, 0, 3000, 0), "irrigation_needed"), 0);
  EXPECT_EQ(micro(result_of("global_irradiance", "P1D", kJune, kTestDayUs, 0, 25000, 0), "global_radiation"), 6'000'000)
      << "250 W/m2 over 24 h";
}

TEST(Indicators, NothingOfNothing) {
  auto empty = day_of(1500, 2000, 3000);
  empty.clear_gauge();
  EXPECT_TRUE(indicators_of(empty).empty());
  EXPECT_TRUE(indicators_of({}).empty());
  auto other = day_of(1500, 2000, 3000);
  other.set_measure("temperature_of_something");
  EXPECT_TRUE(indicators_of(other).empty());
  auto hopping = day_of(1500, 2000, 3000);
  hopping.set_window("PT24H/PT1H");
  EXPECT_TRUE(indicators_of(hopping).empty()) << "a climate day begins at midnight";
}

TEST(Indicators, MeansAreRoundedHalfAwayFromZero) {
  auto row = hour_of("co2", kJune, 0);
  row.set_exponent(-6);
  row.mutable_gauge()->set_count(2);
  put(*row.mutable_gauge()->mutable_sum(), 3);
  EXPECT_EQ(mean_micro(row), 2);
  put(*row.mutable_gauge()->mutable_sum(), -3);
  EXPECT_EQ(mean_micro(row), -2);
  row.set_exponent(0);
  EXPECT_EQ(mean_micro(row), -1'500'000);
  row.set_exponent(-7);
  put(*row.mutable_gauge()->mutable_sum(), 10);
  EXPECT_EQ(mean_micro(row), 1) << "5 steps of 10^-7";
}

// Rows of a damaged disk are numbers, too.
RC_GTEST_PROP(IndicatorLaws, AnyRowIsJudgedWithoutHarm,
              (std::int64_t high, std::uint64_t low, std::uint64_t count, std::int64_t start, std::int64_t end,
               std::int64_t covered_us, std::int64_t max, std::int32_t exponent)) {
  for (const auto* measure : {"temperature", "precipitation", "pm10", "co2", "soil_water_share", "global_irradiance"}) {
    for (const auto* window : {"P1D", "PT1H", "P1D-CET"}) {
      v1::Aggregate row;
      row.set_measure(measure);
      row.set_window(window);
      row.set_start_us(start);
      row.set_end_us(
          *rc::gen::element(end, static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + 86'400'000'000U)));
      row.set_exponent(*rc::gen::element(exponent, -6, -2, 0));
      row.set_covered_us(covered_us);
      row.mutable_gauge()->set_count(count);
      row.mutable_gauge()->mutable_sum()->set_high(high);
      row.mutable_gauge()->mutable_sum()->set_low(low);
      row.mutable_gauge()->mutable_max()->set_value(max);
      row.mutable_gauge()->mutable_min()->set_value(max);
      for (const auto& indicator : indicators_of(row)) RC_ASSERT(indicator.spec != nullptr);
    }
  }
}

RC_GTEST_PROP(IndicatorLaws, AHotDayIsASummerDayAndAnIceDayIsAFrostDay, ()) {
  const auto min = *rc::gen::inRange<std::int64_t>(-3000, 4500);
  const auto max = min + *rc::gen::inRange<std::int64_t>(0, 3000);
  const auto row = day_of(min, (min + max) / 2, max);
  RC_ASSERT(micro(row, "hot_day") <= micro(row, "summer_day"));
  RC_ASSERT(micro(row, "ice_day") <= micro(row, "frost_day"));
  RC_ASSERT(micro(row, "heating_degree_days_15") <= micro(row, "heating_degree_days_20_15"));
  RC_ASSERT(micro(row, "growing_degree_days_10") <= micro(row, "growing_degree_days_5"));
}

// More of anything is never a lower level.
RC_GTEST_PROP(IndicatorLaws, LevelsAreMonotone, ()) {
  const auto& table = level_tables()[*rc::gen::inRange<std::size_t>(0, level_tables().size())];
  const auto a = *rc::gen::inRange<std::int64_t>(-200 * kMicro, 3000 * kMicro);
  const auto b = a + *rc::gen::inRange<std::int64_t>(0, 300 * kMicro);
  RC_ASSERT(table.level_of(a) <= table.level_of(b));
  RC_ASSERT(table.level_of(b) < table.levels.size());
}

TEST(IndicatorLaws, TablesAscend) {
  for (const auto& table : level_tables()) {
    for (std::size_t i = 1; i < table.levels.size(); ++i) {
      EXPECT_LT(table.levels[i - 1].from, table.levels[i].from) << table.name;
      EXPECT_EQ(table.level_of(table.levels[i].from + kMicro), i) << table.name;
    }
  }
}

}  // namespace
}  // namespace lenne::processing::derived
