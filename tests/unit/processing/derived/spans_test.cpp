// What several results come to: climate days of months, the air of a place.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "base/time.hpp"
#include "processing/derived/air_quality.hpp"
#include "processing/derived/climate_days.hpp"
#include "processing/derived/heat_island.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/rain.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using namespace std::chrono;

std::int64_t at(int y, unsigned m, unsigned d, int hour = 0) {
  return base::to_us(base::Timestamp{sys_days{year{y} / month{m} / day{d}} + hours{hour}});
}

v1::Aggregate temperature_day(std::int64_t start_us, std::int64_t min, std::int64_t mean, std::int64_t max,
                              std::int64_t covered = 1000) {
  return result_of("temperature", "P1D", start_us, kTestDayUs, min, mean, max, covered);
}

const DaySum& sum_of(const DaySums& sums, std::string_view name) {
  return *std::ranges::find(sums.sums, name, &DaySum::name);
}

TEST(ClimateSpans, AMonthIsTheSumOfItsDays) {
  std::vector<v1::Aggregate> days;
  for (unsigned d = 1; d <= 30; ++d) {
    const bool hot = d <= 3;
    days.push_back(temperature_day(at(2026, 6, d), 1000, hot ? 2200 : 1300, hot ? 3100 : 2000));
  }
  const auto sums = sum_days("temperature", days, 30);
  EXPECT_EQ(sums.days, 30);
  EXPECT_EQ(sums.valid_days, 30);
  EXPECT_EQ(sum_of(sums, "hot_day").micro, 3 * kMicro);
  EXPECT_EQ(sum_of(sums, "hot_day").unit, "d");
  EXPECT_EQ(sum_of(sums, "summer_day").micro, 3 * kMicro);
  EXPECT_EQ(sum_of(sums, "frost_day").micro, 0);
  EXPECT_EQ(sum_of(sums, "heating_degree_days_20_15").micro, 27 * 7 * kMicro);
  EXPECT_EQ(sum_of(sums, "heating_degree_days_15").micro, 27 * 2 * kMicro);
  EXPECT_EQ(sum_of(sums, "heating_degree_days_15").unit, "Kd");
  for (const auto& sum : sums.sums) EXPECT_EQ(sum.valid, true) << sum.name;
}

TEST(ClimateSpans, AMissingDayMakesSumsNotValid) {
  std::vector<v1::Aggregate> days;
  for (unsigned d = 2; d <= 30; ++d) days.push_back(temperature_day(at(2026, 6, d), 1000, 1300, 2000));
  EXPECT_EQ(sum_of(sum_days("temperature", days, 30), "hot_day").valid, false);
  days.push_back(temperature_day(at(2026, 6, 1), 1000, 1300, 3000, 100));
  const auto sums = sum_days("temperature", days, 30);
  EXPECT_EQ(sums.valid_days, 29);
  EXPECT_EQ(sum_of(sums, "hot_day").valid, true) << "that it was hot is certain";
  EXPECT_EQ(sum_of(sums, "heating_degree_days_15").valid, false) << "its mean is not";
  days.back().set_nominal_interval_s(0);
  EXPECT_EQ(sum_of(sum_days("temperature", days, 30), "heating_degree_days_15").valid, std::nullopt);
  EXPECT_EQ(sum_of(sum_days("temperature", {}, 30), "hot_day").valid, false);
}

TEST(ClimateSpans, DaysOfDrySoilAndOfSun) {
  std::vector<v1::Aggregate> soil, sun;
  for (unsigned d = 1; d <= 10; ++d) {
    const auto percent = d <= 4 ? 2999 : 3000;
    soil.push_back(result_of("soil_water_share", "P1D", at(2026, 6, d), kTestDayUs, percent, percent, percent));
    sun.push_back(result_of("global_irradiance", "P1D", at(2026, 6, d), kTestDayUs, 0, 25'000, 90'000));
  }
  const auto dry = sum_days("soil_water_share", soil, 10);
  ASSERT_EQ(dry.sums.size(), 1U) << "a class is no amount";
  EXPECT_EQ(sum_of(dry, "irrigation_needed").micro, 4 * kMicro);
  EXPECT_EQ(sum_of(dry, "irrigation_needed").unit, "d");
  EXPECT_EQ(sum_of(dry, "irrigation_needed").valid, true);
  const auto shone = sum_days("global_irradiance", sun, 10);
  ASSERT_EQ(shone.sums.size(), 1U);
  EXPECT_EQ(sum_of(shone, "global_radiation").micro, 60 * kMicro) << "250 W/m2 are 6 kWh/m2 a day";
  EXPECT_EQ(sum_of(shone, "global_radiation").unit, "kWh/m2");
  for (const auto measure : kDayMeasures) EXPECT_FALSE(sum_days(measure, {}, 1).sums.empty()) << measure;
}

TEST(ClimateSpans, TropicalNights) {
  const auto date = sys_days{year{2026} / 7 / 2};
  std::vector<v1::Aggregate> hours;
  for (int h = -6; h < 6; ++h) hours.push_back(hour_of("temperature", at(2026, 7, 2) + h * kTestHourUs, 2000));
  EXPECT_TRUE(tropical_night(date, hours)->tropical) << "20.0 is not below";
  EXPECT_EQ(tropical_night(date, hours)->valid, true);
  // Outside of 18 to 06 UTC it may be colder.
  hours.push_back(hour_of("temperature", at(2026, 7, 1, 17), 1500));
  hours.push_back(hour_of("temperature", at(2026, 7, 2, 6), 1500));
  EXPECT_TRUE(tropical_night(date, hours)->tropical);
  auto colder = hours;
  colder[11].mutable_gauge()->mutable_min()->set_value(1999);
  EXPECT_FALSE(tropical_night(date, colder)->tropical);
  EXPECT_EQ(tropical_night(date, std::span(colder).subspan(11, 1))->valid, true) << "one sample below decides";
  EXPECT_EQ(tropical_night(date, std::span(hours).first(11))->valid, true) << "11 of 12 hours";
  EXPECT_EQ(tropical_night(date, std::span(hours).first(10))->valid, false) << "10 of 12 hours";
  EXPECT_EQ(tropical_night(date + days{5}, hours), std::nullopt);
}

TEST(ClimateSpans, AColdDayHadNoTropicalNight) {
  EXPECT_EQ(night_by_day(temperature_day(at(2026, 7, 1), 1000, 1500, 1999, 875))->tropical, false);
  EXPECT_EQ(night_by_day(temperature_day(at(2026, 7, 1), 1000, 1500, 1999, 874)), std::nullopt);
  EXPECT_EQ(night_by_day(temperature_day(at(2026, 7, 1), 1000, 1500, 2000)), std::nullopt);
}

TEST(ClimateSpans, GrowthStartsAt200Kd) {
  std::vector<v1::Aggregate> days;
  for (unsigned d = 1; d <= 31; ++d) days.push_back(temperature_day(at(2026, 1, d), 0, 400, 800));  // 31 * 2 = 62
  for (unsigned d = 1; d <= 28; ++d) days.push_back(temperature_day(at(2026, 2, d), 0, 400, 800));  // 28 * 3 = 84
  for (unsigned d = 1; d <= 31; ++d) days.push_back(temperature_day(at(2026, 3, d), 0, 400, 800));  // 54 / 4 = 13.5
  const auto start = growth_start(days);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->date, sys_days{year{2026} / 3 / 14});
  EXPECT_TRUE(start->valid);
  days.erase(days.begin() + 10);
  EXPECT_EQ(growth_start(days)->date, sys_days{year{2026} / 3 / 14});
  EXPECT_FALSE(growth_start(days)->valid) << "a day is missing";
  EXPECT_EQ(growth_start(std::span(days).first(50)), std::nullopt);
}

// The result of the local day of 1 March begins on 28 February in UTC; in summer it begins two hours before midnight.
TEST(ClimateSpans, DatesAreLocal) {
  EXPECT_EQ(date_of(temperature_day(at(2026, 2, 28, 23), 0, 0, 0)), sys_days{year{2026} / 3 / 1});
  EXPECT_EQ(date_of(result_of("temperature", "P1D", at(2026, 10, 24, 22), 25 * kTestHourUs, 0, 0, 0)),
            sys_days{year{2026} / 10 / 25});
  EXPECT_EQ(date_of(result_of("temperature", "P1D", at(2026, 3, 28, 23), 23 * kTestHourUs, 0, 0, 0)),
            sys_days{year{2026} / 3 / 29});
}

TEST(AirQualitySpans, APlaceIsTheMeanOfItsDevices) {
  const auto t = at(2026, 6, 1);
  auto second = hour_of("pm10", t, 3000);
  second.set_dev_eui(2);
  const std::vector<v1::Aggregate> rows{hour_of("pm10", t + kTestHourUs, 500, 700), second, hour_of("pm10", t, 1001)};
  const auto hours = hours_of(rows);
  ASSERT_EQ(hours.size(), 2U);
  EXPECT_EQ(hours[0], (HourMean{t, 20'005'000, true}));
  EXPECT_EQ(hours[1], (HourMean{t + kTestHourUs, 5'000'000, false}));
  const std::vector<v1::Aggregate> mixed{hour_of("pm10", t, 1000), hour_of("pm10", t, 9000, 700)};
  EXPECT_EQ(hours_of(mixed)[0], (HourMean{t, 10'000'000, true})) << "the valid one alone";
  auto unknown = hour_of("pm10", t, 1000);
  unknown.set_nominal_interval_s(0);
  EXPECT_EQ(hours_of(std::vector{unknown})[0].valid, std::nullopt);
}

std::array<std::optional<HourMean>, kPollutants.size()> five(std::array<std::int64_t, 5> values) {
  std::array<std::optional<HourMean>, kPollutants.size()> hours;
  for (std::size_t i = 0; i < values.size(); ++i) hours[i] = HourMean{0, values[i] * kMicro, true};
  return hours;
}

TEST(AirQualitySpans, TheWorstPollutantWins) {
  auto hours = five({5, 3, 80, 5, 5});
  auto index = air_quality_index(hours);
  EXPECT_EQ(index->worst.level, "moderate");
  EXPECT_EQ(index->pollutant, "o3");
  EXPECT_FALSE(index->incomplete);
  hours[2]->valid = false;
  index = air_quality_index(hours);
  EXPECT_EQ(index->worst.level, "very_good");
  EXPECT_TRUE(index->incomplete);
  hours[4].reset();
  hours[2]->valid = std::nullopt;
  EXPECT_EQ(air_quality_index(hours)->worst.level, "moderate") << "an unknown coverage does not hide it";
  EXPECT_EQ(air_quality_index({}), std::nullopt);
  EXPECT_EQ(air_quality_index(five({5, 51, 5, 5, 5}))->worst.place, 4U);
}

RC_GTEST_PROP(AirQualityLaws, MoreIsNeverBetter, ()) {
  std::array<std::int64_t, 5> values{};
  for (auto& value : values) value = *rc::gen::inRange<std::int64_t>(0, 300);
  const auto before = air_quality_index(five(values));
  values[*rc::gen::inRange<std::size_t>(0, 5)] += *rc::gen::inRange<std::int64_t>(0, 100);
  RC_ASSERT(air_quality_index(five(values))->worst.place >= before->worst.place);
}

TEST(AirQualitySpans, RunningMeansNeedThreeQuarters) {
  std::vector<HourMean> hours;
  for (int h = 0; h < 24; ++h) hours.push_back({h * kTestHourUs, h * kMicro, true});
  EXPECT_EQ(running_mean(hours, 8 * kTestHourUs, 8)->micro, 3'500'000);
  EXPECT_EQ(running_mean(hours, 24 * kTestHourUs, 24)->micro, 11'500'000);
  EXPECT_EQ(running_mean(hours, 6 * kTestHourUs, 8)->hours, 6);
  EXPECT_EQ(running_mean(hours, 5 * kTestHourUs, 8), std::nullopt) << "5 of 8";
  EXPECT_EQ(running_mean(hours, 18 * kTestHourUs, 24)->hours, 18);
  EXPECT_EQ(running_mean(hours, 17 * kTestHourUs, 24), std::nullopt) << "17 of 24";
  hours[3].valid = false;
  EXPECT_EQ(running_mean(hours, 8 * kTestHourUs, 8)->hours, 7);
  EXPECT_EQ(running_mean(hours, 8 * kTestHourUs, 8)->micro, 3'571'429);
  hours[4].valid = std::nullopt;
  EXPECT_EQ(running_mean(hours, 8 * kTestHourUs, 8)->valid, std::nullopt);
}

TEST(AirQualitySpans, Aot40) {
  std::vector<HourMean> hours;
  for (int h = 0; h < 24; ++h) hours.push_back({at(2026, 5, 10, h), 100 * kMicro, true});
  auto result = aot40(hours, at(2026, 5, 10), at(2026, 5, 11));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->possible_hours, 12);
  EXPECT_EQ(result->hours, 12);
  EXPECT_EQ(result->micro, 240 * kMicro);
  EXPECT_TRUE(result->valid);
  for (auto& hour : hours) hour.micro = (hour.start_us == at(2026, 5, 10, 7) ? 81 : 80) * kMicro;
  EXPECT_EQ(aot40(hours, at(2026, 5, 10), at(2026, 5, 11))->micro, kMicro) << "07 UTC is 8 o'clock";
  for (auto& hour : hours) hour.micro = (hour.start_us == at(2026, 5, 10, 6) ? 100 : 80) * kMicro;
  EXPECT_EQ(aot40(hours, at(2026, 5, 10), at(2026, 5, 11))->micro, 0) << "06 UTC is 7 o'clock";
  hours[7].valid = false;
  hours[8].valid = false;
  EXPECT_FALSE(aot40(hours, at(2026, 5, 10), at(2026, 5, 11))->valid) << "10 of 12 hours";
  EXPECT_EQ(aot40(hours, at(2026, 8, 1), at(2026, 8, 2)), std::nullopt);
  EXPECT_EQ(aot40({}, at(2026, 7, 31), at(2026, 8, 2))->possible_hours, 12);
}

TEST(RainSpans, SlidingSums) {
  std::vector<v1::Aggregate> hours;
  for (int h = 0; h < 12; ++h)
    hours.push_back(rain_of("PT1H", at(2026, 7, 1, h), kTestHourUs, h == 3 ? 1500 : h == 8 ? 2100 : 0));
  const auto one = *rain_sum(hours, at(2026, 7, 1, 4), 1);
  EXPECT_EQ(one.micro, 15 * kMicro);
  EXPECT_EQ(one.place, 1U);
  EXPECT_EQ(one.valid, true);
  const auto six = *rain_sum(hours, at(2026, 7, 1, 9), 6);
  EXPECT_EQ(six.micro, 36 * kMicro) << "hours 3 to 8";
  EXPECT_EQ(six.place, 2U);
  EXPECT_EQ(rain_sum(hours, at(2026, 7, 1, 10), 6)->micro, 21 * kMicro) << "hours 4 to 9";
  const auto day = *rain_sum(hours, at(2026, 7, 1, 12), 24);
  EXPECT_EQ(day.micro, 36 * kMicro);
  EXPECT_EQ(day.hours, 12);
  EXPECT_EQ(day.valid, false) << "half a day is missing: a lower bound";
  EXPECT_EQ(rain_sum(hours, at(2026, 7, 1, 12), 7), std::nullopt);
  EXPECT_EQ(rain_sum(hours, at(2026, 7, 3), 24), std::nullopt);
  hours[5].set_covered_us(1);
  EXPECT_EQ(rain_sum(hours, at(2026, 7, 1, 9), 6)->valid, false);
  put(*hours[5].mutable_gauge()->mutable_sum(), 6000);
  EXPECT_EQ(rain_sum(hours, at(2026, 7, 1, 9), 6)->valid, true) << "extreme it is in any case";
  put(*hours[5].mutable_gauge()->mutable_sum(), 0);
  hours[5].set_covered_us(kTestHourUs);
  hours[5].set_nominal_interval_s(0);
  EXPECT_EQ(rain_sum(hours, at(2026, 7, 1, 9), 6)->valid, std::nullopt);
}

std::vector<HourMean> even(std::int64_t micro, int count) {
  std::vector<HourMean> hours;
  for (int h = 0; h < count; ++h) hours.push_back({h * kTestHourUs, micro, true});
  return hours;
}

TEST(HeatIslands, AreCorrectedForHeight) {
  const auto place = even(22 * kMicro, 8);
  // The place lies 100 m above the first reference and 100 m below the second: 0.65 K less and more are natural there.
  const std::vector<ReferencePlace> references{{even(20 * kMicro, 8), 100 * kMicro},
                                               {even(20 * kMicro, 8), -100 * kMicro}};
  EXPECT_EQ(heat_island(place, std::span(references).first(1), 0, 8 * kTestHourUs)->micro, 2'650'000);
  EXPECT_EQ(heat_island(place, std::span(references).last(1), 0, 8 * kTestHourUs)->micro, 1'350'000);
  const auto both = *heat_island(place, references, 0, 8 * kTestHourUs);
  EXPECT_EQ(both.micro, 2'000'000);
  EXPECT_EQ(both.hours, 8);
  EXPECT_TRUE(both.valid);
  EXPECT_TRUE(heat_island(place, references, 0, 10 * kTestHourUs)->valid) << "8 of 10 hours";
  EXPECT_FALSE(heat_island(place, references, 0, 11 * kTestHourUs)->valid);
  EXPECT_EQ(heat_island(place, {}, 0, 8 * kTestHourUs), std::nullopt);
}

TEST(HeatIslands, NightsOfChangedClocks) {
  const auto night = [](std::int64_t start_us, int length) {
    const auto span = night_before(result_of("temperature", "P1D", start_us, length * kTestHourUs, 0, 0, 0));
    return std::pair(span.from_us, span.to_us);
  };
  EXPECT_EQ(night(at(2026, 6, 30, 22), 24), std::pair(at(2026, 6, 30, 20), at(2026, 7, 1, 4)));
  EXPECT_EQ(night(at(2026, 3, 28, 23), 23), std::pair(at(2026, 3, 28, 21), at(2026, 3, 29, 4))) << "7 h";
  EXPECT_EQ(night(at(2026, 10, 24, 22), 25), std::pair(at(2026, 10, 24, 20), at(2026, 10, 25, 5))) << "9 h";
}

}  // namespace
}  // namespace lenne::processing::derived
