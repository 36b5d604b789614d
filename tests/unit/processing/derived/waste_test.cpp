// Containers that fill, levels that rise, batteries that empty.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/int128.hpp"
#include "processing/derived/battery.hpp"
#include "processing/derived/level_rise.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/waste.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

// A result each three hours, in %.
std::vector<v1::Aggregate> fills(const std::vector<std::int64_t>& percents) {
  std::vector<v1::Aggregate> rows;
  for (std::size_t i = 0; i < percents.size(); ++i) {
    auto row = hour_of("fill_level", static_cast<std::int64_t>(i) * 3 * kTestHourUs, percents[i] * 100);
    row.set_nominal_interval_s(3 * 3600);
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(Waste, FillsAndIsDue) {
  const auto rows = fills({20, 23, 26, 29, 32, 35});
  const auto filling = *filling_of(rows);
  EXPECT_EQ(filling.fill_micro, 35 * kMicro);
  EXPECT_EQ(filling.time_us, 16 * kTestHourUs);
  EXPECT_EQ(filling.slope_micro, kMicro) << "a point an hour";
  EXPECT_EQ(filling.due_us, 61 * kTestHourUs) << "45 h until 80 %";
  EXPECT_TRUE(filling.emptyings.empty());
  EXPECT_EQ(filling.full_us, 0);
  // A wrong echo does not bend it.
  EXPECT_EQ(filling_of(fills({20, 23, 26, 5, 32, 35, 38, 41}))->slope_micro, kMicro);
}

TEST(Waste, CountsFromTheLastEmptying) {
  const auto filling = *filling_of(fills({50, 70, 90, 95, 65, 35, 5, 11, 17, 23, 29}));
  ASSERT_EQ(filling.emptyings.size(), 3U) << "each fall of 30 points is one";
  EXPECT_EQ(filling.emptyings[0], (Emptying{13 * kTestHourUs, 95 * kMicro}));
  EXPECT_EQ(filling.slope_micro, 2 * kMicro);
  EXPECT_EQ(filling.full_us, 6 * kTestHourUs) << "90 and 95 %, three hours each";
  EXPECT_EQ(filling_of(fills({50, 70, 90, 61, 62, 63, 64, 65}))->emptyings.size(), 0U) << "29 points are none";
}

TEST(Waste, WhenThereIsLittleToGoBy) {
  EXPECT_FALSE(filling_of({}));
  EXPECT_FALSE(filling_of(fills({10}))->due_us);
  EXPECT_FALSE(filling_of(fills({10, 11, 12}))->slope_micro) << "six hours only";
  EXPECT_FALSE(filling_of(fills({90, 10, 12, 14, 16}))->slope_micro) << "nine hours since it was emptied";
  EXPECT_FALSE(filling_of(fills({30, 29, 28, 27, 26, 25}))->due_us) << "it falls";
  EXPECT_EQ(filling_of(fills({82}))->due_us, kTestHourUs) << "it is due";
  EXPECT_FALSE(filling_of(fills({30, 30, 30, 30, 30, 30}))->due_us);
}

TEST(Waste, AFullContainerThatIsSilentIsNotFullForEver) {
  auto rows = fills({95, 95});
  rows[1].set_start_us(100 * kTestHourUs);
  rows[1].set_end_us(101 * kTestHourUs);
  EXPECT_EQ(filling_of(rows)->full_us, 6 * kTestHourUs) << "two nominal intervals";
}

TEST(LevelRise, OfAnHourAndWhenItIsThere) {
  // 1.2 m in 6 h: 5 cm each quarter hour.
  std::vector<v1::Aggregate> rows;
  for (std::int64_t q = 0; q < 9; ++q) {
    const auto level = q < 4 ? 10 : 10 + (q - 4) * 5;
    rows.push_back(result_of("water_level", "PT15M", q * kTestHourUs / 4, kTestHourUs / 4, level, level, level));
  }
  EXPECT_EQ(rise_per_hour(rows, kRiseLongUs), 200'000) << "20 cm/h, by the last hour alone";
  rows[6].mutable_gauge()->mutable_sum()->set_low(9000);  // a wave
  EXPECT_EQ(rise_per_hour(rows, kRiseLongUs), 200'000);
  EXPECT_FALSE(rise_per_hour(std::span(rows).first(2), kRiseLongUs));
  EXPECT_FALSE(rise_per_hour({}, kRiseLongUs));
  rows.erase(rows.begin() + 5, rows.begin() + 8);
  EXPECT_FALSE(rise_per_hour(rows, kRiseLongUs)) << "two quarters of the hour";
  EXPECT_EQ(reaches_us(kMicro, 0, 200'000, 1'600'000), 3 * kTestHourUs);
  EXPECT_EQ(reaches_us(kMicro, 7, 0, kMicro), 7) << "it is there";
  EXPECT_FALSE(reaches_us(kMicro, 0, 0, 2 * kMicro));
  EXPECT_FALSE(reaches_us(kMicro, 0, -5, 2 * kMicro));
  EXPECT_FALSE(reaches_us(kMicro, 0, 1, 1000 * kMicro)) << "not within ten years";
  EXPECT_FALSE(reaches_us(kMicro, 0, std::nullopt, 2 * kMicro));
}

TEST(LevelRise, OfAQuarterHourIsThatOfTwoQuarters) {
  const auto quarter = [](std::int64_t at, std::int64_t level) {
    return result_of("groundwater_level", "PT15M", at * kTestHourUs / 4, kTestHourUs / 4, level, level, level);
  };
  const std::vector<v1::Aggregate> rows{quarter(0, 100), quarter(1, 100), quarter(2, 103)};
  EXPECT_EQ(rise_per_hour(rows, kRiseShortUs), 120'000);
  EXPECT_EQ(rise_per_hour(rows, kRiseLongUs), 60'000) << "the median of 0, 6 and 12 cm/h";
  EXPECT_FALSE(rise_per_hour(std::vector{quarter(0, 100), quarter(2, 103)}, kRiseShortUs)) << "one is missing";
  auto silent = rows;
  silent.back().mutable_gauge()->set_count(0);
  EXPECT_FALSE(rise_per_hour(silent, kRiseShortUs)) << "the newest one has no mean";
}

TEST(Batteries, LastUntilTenPercent) {
  std::vector<v1::Aggregate> days;
  for (std::int64_t d = 0; d < 20; ++d) {
    const auto level = d == 7 ? 2000 : 9000 - d * 50;  // half a percent a day; one cold day
    days.push_back(result_of("battery_level", "P1D", d * kTestDayUs, kTestDayUs, level, level, level));
  }
  const auto battery = *battery_of(days);
  EXPECT_EQ(battery.level_micro, 80'500'000);
  EXPECT_EQ(battery.slope_micro, -20'833);
  EXPECT_NEAR(static_cast<double>(*battery.empty_us - 20 * kTestDayUs) / kTestDayUs, 141, 0.01);
  EXPECT_FALSE(battery_of(std::span(days).first(13))->empty_us) << "too few days";
  EXPECT_TRUE(battery_of(std::span(days).first(14))->empty_us);
  for (auto& day : days) put(*day.mutable_gauge()->mutable_sum(), 16'000);
  EXPECT_FALSE(battery_of(days)->empty_us) << "it does not fall";
  for (auto& day : days) put(*day.mutable_gauge()->mutable_sum(), 1'800);
  EXPECT_EQ(battery_of(days)->empty_us, 20 * kTestDayUs) << "it is below";
  EXPECT_FALSE(battery_of({}));
}

RC_GTEST_PROP(WasteLaws, AnEvenRiseIsFoundThroughTwoWrongOnes, ()) {
  const auto rate = *rc::gen::inRange<std::int64_t>(1, 5);
  std::vector<std::int64_t> percents;
  for (std::int64_t i = 0; i < 12; ++i) percents.push_back(10 + i * rate);
  auto wrong = percents;
  for (int n = 0; n < 2; ++n) {
    // Less than an emptying's fall away.
    wrong[*rc::gen::inRange<std::size_t>(1, 11)] += *rc::gen::inRange<std::int64_t>(-10, 10);
  }
  const auto clean = filling_of(fills(percents))->slope_micro;
  RC_ASSERT(clean == base::divide_rounded(base::Int128{rate} * kMicro, 3));
  RC_ASSERT(filling_of(fills(wrong))->slope_micro == clean);
}

}  // namespace
}  // namespace lenne::processing::derived
