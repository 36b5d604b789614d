// What is usual at an hour of the week.
#include "processing/derived/week_profile.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "base/time.hpp"
#include "processing/derived/levels.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using namespace std::chrono;

constexpr sys_days kMonday{2026y / January / 5};

LocalDay berlin_day(sys_days date, hours offset, hours length = hours{24}) {
  const auto start = base::to_us(base::Timestamp{date} - offset);
  return {date, start, start + length.count() * kTestHourUs};
}

// Mondays in winter.
std::vector<LocalDay> mondays(int count) {
  std::vector<LocalDay> days;
  for (int w = 0; w < count; ++w) days.push_back(berlin_day(kMonday + weeks{w}, hours{1}));
  return days;
}

// People between 9 and 10 o'clock of each of the days.
std::vector<v1::Aggregate> counts_at_nine(const std::vector<LocalDay>& days, const std::vector<std::int64_t>& sums) {
  std::vector<v1::Aggregate> rows;
  for (std::size_t i = 0; i < days.size(); ++i)
    rows.push_back(rain_of("PT1H", days[i].start_us + 9 * kTestHourUs, kTestHourUs, 100 * sums[i]));
  return rows;
}

TEST(WeekProfile, TheNinetyFifthPercentileNeedsTwentyWeeks) {
  std::vector<std::int64_t> sums;
  for (int i = 1; i <= 20; ++i) sums.push_back(i == 20 ? 1000 : i);
  const auto days = mondays(20);
  const auto hour = week_profile(counts_at_nine(days, sums), days)[0][9];
  EXPECT_EQ(hour.weeks, 20);
  EXPECT_EQ(hour.median_micro, 10 * kMicro);
  EXPECT_EQ(hour.p95_micro, 19 * kMicro) << "one fair does not make it";
  EXPECT_EQ(hour.highest_micro, 1000 * kMicro);
  const auto fewer = mondays(19);
  const auto without = week_profile(counts_at_nine(fewer, sums), fewer)[0][9];
  EXPECT_EQ(without.p95_micro, std::nullopt);
  EXPECT_EQ(without.median_micro, 10 * kMicro);
  const auto three = mondays(3);
  EXPECT_EQ(week_profile(counts_at_nine(three, sums), three)[0][9].median_micro, std::nullopt);
  EXPECT_EQ(week_profile(counts_at_nine(three, sums), three)[0][9].highest_micro, 3 * kMicro);
  EXPECT_EQ(week_profile(counts_at_nine(three, sums), three)[0][8].weeks, 0);
  EXPECT_EQ(week_profile(counts_at_nine(three, sums), three)[1][9].weeks, 0);
}

TEST(WeekProfile, TheClockDecidesWhichHourItIs) {
  // Sundays: before, at the end and after summer time.
  const std::vector days{berlin_day(2026y / October / 18, hours{2}),
                         berlin_day(2026y / October / 25, hours{2}, hours{25}),
                         berlin_day(2026y / November / 1, hours{1})};
  const auto rows = [&](std::int64_t first, std::int64_t second, std::int64_t third) {
    return std::vector{hour_of("co2", days[0].start_us + first * kTestHourUs, 100),
                       hour_of("co2", days[1].start_us + second * kTestHourUs, 200),
                       hour_of("co2", days[2].start_us + third * kTestHourUs, 300)};
  };
  EXPECT_EQ(week_profile(rows(9, 10, 9), days)[6][9].weeks, 3) << "nine o'clock is ten hours after midnight";
  EXPECT_EQ(week_profile(rows(2, 2, 2), days)[6][2].weeks, 3);
  EXPECT_EQ(week_profile(rows(2, 3, 2), days)[6][2].weeks, 2) << "the second hour from two to three";
  const std::vector spring{berlin_day(2026y / March / 29, hours{1}, hours{23})};
  const auto third = std::vector{hour_of("co2", spring[0].start_us + 2 * kTestHourUs, 100)};
  EXPECT_EQ(week_profile(third, spring)[6][2].weeks, 0) << "there is no hour from two to three";
  EXPECT_EQ(week_profile(third, spring)[6][3].weeks, 1);
}

TEST(WeekProfile, WhatAnHourCountsWith) {
  EXPECT_EQ(hour_value(hour_of("co2", 0, 80'000)), 800 * kMicro);
  EXPECT_EQ(hour_value(hour_of("co2", 0, 80'000, 749)), std::nullopt);
  EXPECT_EQ(hour_value(rain_of("PT1H", 0, kTestHourUs, 1200)), 12 * kMicro);
  v1::Aggregate state;
  state.set_end_us(kTestHourUs);
  state.set_kind(v1::KIND_STATE);
  state.set_covered_us(kTestHourUs / 4 * 3);
  state.mutable_duration()->set_known_us(kTestHourUs / 4 * 3);
  state.mutable_duration()->set_occupied_us(kTestHourUs / 4);
  EXPECT_EQ(hour_value(state), 333'333);
  state.set_covered_us(kTestHourUs / 2);
  EXPECT_EQ(hour_value(state), std::nullopt);
}

RC_GTEST_PROP(WeekProfile, PercentilesAreValuesInOrder, ()) {
  const auto weeks_of = *rc::gen::inRange(20, 60);
  const auto sums = *rc::gen::container<std::vector<std::int64_t>>(static_cast<std::size_t>(weeks_of),
                                                                   rc::gen::inRange<std::int64_t>(0, 500));
  const auto days = mondays(weeks_of);
  const auto hour = week_profile(counts_at_nine(days, sums), days)[0][9];
  RC_ASSERT(*hour.median_micro <= *hour.p95_micro);
  RC_ASSERT(*hour.p95_micro <= *hour.highest_micro);
  RC_ASSERT(std::ranges::count(sums, *hour.p95_micro / kMicro) > 0);
  const auto not_above = std::ranges::count_if(sums, [&](std::int64_t sum) { return sum * kMicro <= *hour.p95_micro; });
  RC_ASSERT(not_above * 100 >= std::ssize(sums) * 95);
  const auto below = std::ranges::count_if(sums, [&](std::int64_t sum) { return sum * kMicro < *hour.p95_micro; });
  RC_ASSERT(below * 100 < std::ssize(sums) * 95);
}

}  // namespace
}  // namespace lenne::processing::derived
