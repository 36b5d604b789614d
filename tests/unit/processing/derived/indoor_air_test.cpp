// The air of rooms: CO2 in opening hours, mould.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "processing/derived/indoor_air.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/mould.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kTestQuarterUs = kTestHourUs / 4;
// From 8 to 10 o'clock: eight quarters.
constexpr OpenSpan kLesson{8 * kTestHourUs, 10 * kTestHourUs};

v1::Aggregate co2_quarter(int number, std::int64_t ppm, std::int64_t covered = 1000) {
  const auto start = kLesson.from_us + number * kTestQuarterUs;
  return result_of("co2", "PT15M", start, kTestQuarterUs, ppm * 100, ppm * 100, ppm * 100, covered);
}

TEST(IndoorAirOfADay, ClassesOfItsQuarters) {
  std::vector<v1::Aggregate> rows;
  int number = -1;
  for (const std::int64_t ppm : {9000, 600, 999, 1000, 1000, 1500, 2000, 2001, 2400, 9000})
    rows.push_back(co2_quarter(number++, ppm));
  const auto air = indoor_air(rows, kLesson);
  EXPECT_EQ(air.possible_quarters, 8);
  EXPECT_EQ(air.quarters, 8) << "those before and after do not count";
  EXPECT_EQ(air.by_class, (std::array<int, 3>{2, 4, 2})) << "from 1000 on conspicuous, above 2000 unacceptable";
  EXPECT_EQ(air.valid, true);
  EXPECT_EQ(air.first_above_us, kLesson.from_us + 4 * kTestQuarterUs) << "1000 is not above 1000";
  EXPECT_TRUE(air.first_valid);
  EXPECT_EQ(air.highest_45_micro, 2'133'666'667) << "(2000 + 2001 + 2400) / 3";
  EXPECT_EQ(air.highest_45_us, kLesson.from_us + 5 * kTestQuarterUs);
}

TEST(IndoorAirOfADay, ASampleEachTenMinutesIsEnough) {
  std::vector<v1::Aggregate> rows;
  for (int i = 0; i < 8; ++i) rows.push_back(co2_quarter(i, 800, i % 2 == 0 ? 1000 : 667));
  const auto air = indoor_air(rows, kLesson);
  EXPECT_EQ(air.quarters, 8);
  EXPECT_EQ(air.valid, true);
}

TEST(IndoorAirOfADay, QuartersThatAreMissing) {
  std::vector<v1::Aggregate> rows;
  for (int i = 0; i < 8; ++i) {
    if (i != 2) rows.push_back(co2_quarter(i, i < 5 ? 800 : 1200, i == 7 ? 499 : 1000));
  }
  auto air = indoor_air(rows, kLesson);
  EXPECT_EQ(air.quarters, 6);
  EXPECT_EQ(air.valid, true) << "six of eight";
  EXPECT_EQ(air.first_above_us, kLesson.from_us + 5 * kTestQuarterUs);
  EXPECT_FALSE(air.first_valid) << "it may have been the one that is missing";
  EXPECT_EQ(air.highest_45_micro, 1'066'666'667) << "800, 1200, 1200: three in a row";
  EXPECT_EQ(indoor_air(std::span(rows).first(5), kLesson).valid, false);
  for (auto& row : rows) row.set_nominal_interval_s(0);
  EXPECT_EQ(indoor_air(rows, kLesson).valid, std::nullopt);
  air = indoor_air({}, kLesson);
  EXPECT_FALSE(air.first_above_us);
  EXPECT_FALSE(air.first_valid);
  EXPECT_FALSE(air.highest_45_micro);
  // Hours that begin at ten past eight: the first whole quarter is that of a quarter past.
  EXPECT_EQ(indoor_air(rows, {kLesson.from_us + kTestQuarterUs * 2 / 3, kLesson.to_us}).possible_quarters, 7);
}

RC_GTEST_PROP(IndoorAirLaws, EachQuarterIsInOneClass, ()) {
  std::vector<v1::Aggregate> rows;
  std::int64_t most = 0;
  for (int i = 0; i < 8; ++i) {
    if (*rc::gen::inRange(0, 5) == 0) continue;
    const auto ppm = *rc::gen::inRange<std::int64_t>(300, 4000);
    most = std::max(most, ppm);
    rows.push_back(co2_quarter(i, ppm));
  }
  const auto air = indoor_air(rows, kLesson);
  RC_ASSERT(std::accumulate(air.by_class.begin(), air.by_class.end(), 0) == static_cast<int>(rows.size()));
  RC_ASSERT(air.first_above_us.has_value() == (most > 1000));
  RC_ASSERT(air.highest_45_micro.value_or(0) <= most * kMicro);
}

std::vector<LocalDay> plain_days(int count) {
  std::vector<LocalDay> days;
  for (int d = 0; d < count; ++d) days.push_back({{}, d * kTestDayUs, (d + 1) * kTestDayUs});
  return days;
}

// So many damp hours on each day.
std::vector<v1::Aggregate> damp(const std::vector<int>& hours_of_days) {
  std::vector<v1::Aggregate> rows;
  for (std::size_t d = 0; d < hours_of_days.size(); ++d) {
    for (int h = 0; h < 24; ++h)
      rows.push_back(hour_of("mould_humidity", static_cast<std::int64_t>(d) * kTestDayUs + h * kTestHourUs,
                             h < hours_of_days[d] ? 8000 : 7999));
  }
  return rows;
}

TEST(Mould, TwelveHoursOnFiveDays) {
  const auto rows = damp({0, 12, 13, 12, 24, 12, 12, 11, 12});
  const auto days = mould_days(rows, plain_days(9));
  EXPECT_EQ(days[1].critical_hours, 12);
  EXPECT_EQ(days[7].critical_hours, 11) << "80 % counts, 79.99 % does not";
  for (std::size_t d = 0; d < days.size(); ++d) {
    EXPECT_EQ(days[d].risk, d == 5 || d == 6) << d;
    EXPECT_TRUE(days[d].valid) << d;
  }
}

TEST(Mould, WhatIsMissingMayHaveBeenDamp) {
  auto rows = damp({0, 12, 12, 12, 12, 11});
  rows.pop_back();
  const auto unsure = mould_days(rows, plain_days(6));
  EXPECT_FALSE(unsure[5].risk);
  EXPECT_FALSE(unsure[5].valid) << "the hour that is missing would make it twelve";
  EXPECT_TRUE(unsure[4].valid);
  const auto begun = mould_days(damp({12, 12, 12, 12, 12}), plain_days(5));
  EXPECT_FALSE(begun[3].valid) << "nothing is known of the time before";
  EXPECT_TRUE(begun[4].risk);
  EXPECT_TRUE(begun[4].valid) << "five days are enough, whatever was before";
  EXPECT_TRUE(mould_days({}, {}).empty());
}

}  // namespace
}  // namespace lenne::processing::derived
