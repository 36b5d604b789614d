// Gaps that are filled by comparable days.
#include "processing/meters/substitute.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lenne::processing::meters {
namespace {

constexpr std::int64_t kMonday = 1'791'151'200'000'000;  // 2026-10-04T22:00:00Z: 5 October in Berlin

std::vector<Day> weeks(int count) {
  std::vector<Day> days;
  for (int i = 0; i < count * 7; ++i) {
    const auto of = i % 7 == 5 ? DayClass::saturday : i % 7 == 6 ? DayClass::sunday : DayClass::working_day;
    days.push_back({kMonday + i * kDayUs, kMonday + (i + 1) * kDayUs, of});
  }
  return days;
}

/// Hours in which 10 l run, from 6 to 8 o'clock 40 l, on Saturdays all from 20 to 21 o'clock.
std::vector<Hour> usual(int days) {
  std::vector<Hour> hours;
  for (int i = 0; i < days * 24; ++i) {
    const auto clock = i % 24;
    const bool saturday = i / 24 % 7 == 5;
    const auto amount = saturday ? (clock == 20 ? 300 : 0) : clock == 6 || clock == 7 ? 40 : 10;
    hours.push_back({{kMonday + i * kHourUs, kMonday + (i + 1) * kHourUs, amount, 0, kHourUs, 0, 0}, 0, true, false});
  }
  return hours;
}

/// Nothing is read from the beginning of hour `first` until that of `last`; `amount` ran meanwhile.
void gap(std::vector<Hour>& hours, std::size_t first, std::size_t last, std::int64_t amount) {
  const auto length = static_cast<std::int64_t>(last - first);
  for (std::int64_t i = 0; i < length; ++i) {
    auto& hour = hours[first + static_cast<std::size_t>(i)];
    const auto part = amount * (i + 1) / length - amount * i / length;
    hour.slice.amount = hour.estimated = part;
    hour.slice.measured_us = 0;
    hour.slice.estimated_us = kHourUs;
    hour.reading_at_start = i == 0;
  }
}

base::Int128 sum(const std::vector<Substitute>& all, std::size_t first, std::size_t last) {
  base::Int128 sum = 0;
  for (auto i = first; i < last; ++i) sum += all[i].estimated;
  return sum;
}

TEST(Substitute, ADayHasTheShapeOfComparableOnes) {
  auto hours = usual(14);
  const std::size_t tuesday = 8 * 24;
  gap(hours, tuesday, tuesday + 30, 2 * (300 + 40 + 40 + 40));  // 30 hours, twice as much as usual
  const auto found = substitute(hours, weeks(2));
  ASSERT_EQ(found.size(), hours.size());
  EXPECT_EQ(found[tuesday - 1].method, Method::none);
  EXPECT_EQ(found[tuesday].method, Method::comparable_days);
  EXPECT_EQ(found[tuesday + 30].method, Method::none);
  EXPECT_EQ(sum(found, tuesday, tuesday + 30), 840);
  // On a usual day 22 hours of 10 l and two of 40 l run: 300 l; six hours more are 60 l.
  EXPECT_EQ(found[tuesday + 3].estimated, 840 * 10 / 360);
  EXPECT_EQ(found[tuesday + 6].estimated, 93);  // 840 * 100 / 360 less 840 * 60 / 360
  EXPECT_EQ(name_of(found[tuesday].method), "comparable_days");
}

TEST(Substitute, SaturdaysAreSaturdays) {
  auto hours = usual(14);
  const std::size_t saturday = 12 * 24;
  gap(hours, saturday, saturday + 24, 777);
  const auto found = substitute(hours, weeks(2));
  EXPECT_EQ(found[saturday + 20].estimated, 777);
  EXPECT_EQ(found[saturday + 6].estimated, 0);
  // The first Saturday has none before it.
  hours = usual(14);
  gap(hours, 5 * 24, 6 * 24, 777);
  const auto none = substitute(hours, weeks(2));
  EXPECT_EQ(none[5 * 24].method, Method::even);
  EXPECT_EQ(none[5 * 24 + 20].estimated, hours[5 * 24 + 20].estimated);
}

TEST(Substitute, OnlyDaysThatAreWhollyMeasuredAreComparable) {
  auto hours = usual(14);
  for (int day = 0; day < 8; ++day) hours[static_cast<std::size_t>(day * 24 + 5)].slice.measured_us -= 1;
  gap(hours, 8 * 24, 9 * 24 + 6, 840);
  EXPECT_EQ(substitute(hours, weeks(2))[8 * 24].method, Method::even);
  hours[5].slice.measured_us = kHourUs;
  EXPECT_EQ(substitute(hours, weeks(2))[8 * 24].method, Method::comparable_days);
}

TEST(Substitute, DaysBeforeTheGapOfFourWeeksAtMost) {
  auto hours = usual(42);
  for (int day = 1; day < 42; ++day) hours[static_cast<std::size_t>(day * 24 + 5)].slice.measured_us -= 1;
  const std::size_t monday = 28 * 24;
  gap(hours, monday, monday + 24, 600);
  EXPECT_EQ(substitute(hours, weeks(6))[monday].method, Method::comparable_days) << "the Monday four weeks before";
  hours = usual(42);
  for (int day = 1; day < 42; ++day) hours[static_cast<std::size_t>(day * 24 + 5)].slice.measured_us -= 1;
  gap(hours, monday + 24, monday + 48, 600);
  EXPECT_EQ(substitute(hours, weeks(6))[monday + 24].method, Method::even);
}

TEST(Substitute, WhatRanOnNoComparableDayStaysEven) {
  auto hours = usual(14);
  for (auto& hour : hours) hour.slice.amount = 0;
  gap(hours, 8 * 24, 9 * 24 + 1, 50);
  const auto found = substitute(hours, weeks(2));
  EXPECT_EQ(found[8 * 24].method, Method::even);
  EXPECT_EQ(found[8 * 24 + 1].estimated, 2);
}

/// What many meters use: seven times the usual hours, by the same days.
StandardProfile standard_weeks() {
  StandardProfile standard;
  for (const auto& hour : usual(14)) {
    standard.hours.push_back(hour.slice);
    standard.hours.back().amount *= 7;
  }
  standard.days = weeks(2);
  return standard;
}

TEST(Substitute, AStandardProfileIsTheThirdStep) {
  const std::size_t tuesday = 8 * 24;
  auto hours = usual(14);
  hours.erase(hours.begin(), hours.begin() + tuesday);  // a new meter
  gap(hours, 0, 30, 840);
  const auto found = substitute(hours, weeks(2), standard_weeks());
  EXPECT_EQ(found[0].method, Method::standard_profile);
  EXPECT_EQ(name_of(found[0].method), "standard_profile");
  EXPECT_EQ(sum(found, 0, 30), 840);
  EXPECT_EQ(found[3].estimated, 840 * 10 / 360);
  EXPECT_EQ(found[6].estimated, 93);
  EXPECT_EQ(found[30].method, Method::none);
  EXPECT_EQ(substitute(hours, weeks(2))[0].method, Method::even);
  // Only days before the gap: the standard's own days lie after this one.
  auto later = standard_weeks();
  later.hours.erase(later.hours.begin(), later.hours.begin() + tuesday);
  EXPECT_EQ(substitute(hours, weeks(2), later)[0].method, Method::even);
  // What nobody uses says nothing.
  auto still = standard_weeks();
  for (auto& hour : still.hours) hour.amount = 0;
  EXPECT_EQ(substitute(hours, weeks(2), still)[0].method, Method::even);
}

TEST(Substitute, OwnDaysGoBeforeAStandardProfile) {
  auto hours = usual(14);
  const std::size_t tuesday = 8 * 24;
  gap(hours, tuesday, tuesday + 24, 600);
  auto standard = standard_weeks();
  for (std::size_t i = 0; i < standard.hours.size(); ++i) standard.hours[i].amount = i % 24 == 12 ? 1 : 0;
  const auto found = substitute(hours, weeks(2), standard);
  EXPECT_EQ(found[tuesday + 12].method, Method::comparable_days);
  EXPECT_EQ(found[tuesday + 12].estimated, 20);
}

TEST(Substitute, TwoGapsOfOneReadingKeepTheirOwnSums) {
  auto hours = usual(14);
  const std::size_t first = 8 * 24;
  gap(hours, first, first + 30, 900);
  gap(hours, first + 30, first + 60, 0);
  const auto found = substitute(hours, weeks(2));
  EXPECT_EQ(sum(found, first, first + 30), 900);
  EXPECT_EQ(sum(found, first + 30, first + 60), 0);
  EXPECT_EQ(found[first + 40].method, Method::comparable_days);
}

TEST(Substitute, AnHourAtTheEdgeCountsByItsPart) {
  auto hours = usual(14);
  const std::size_t first = 8 * 24;
  gap(hours, first, first + 26, 260);
  auto& edge = hours[first];  // read at a quarter past
  edge.slice.measured_us = kHourUs / 4;
  edge.slice.estimated_us = kHourUs * 3 / 4;
  edge.slice.amount = 20;
  edge.estimated = 8;
  edge.reading_at_start = true;
  edge.reading_inside = true;
  const auto found = substitute(hours, weeks(2));
  // 8 + 10 for each of 25 hours; weights: 7.5, 23 of 10, two of 40.
  EXPECT_EQ(sum(found, first, first + 26), 258);
  EXPECT_EQ(found[first].estimated, 6);  // 258 * 7.5 / 317.5
  EXPECT_EQ(found[first].method, Method::comparable_days);
  // Between two gaps nobody knows whose part it is.
  hours[first - 1].slice.estimated_us = kHourUs;
  hours[first - 1].slice.measured_us = 0;
  hours[first - 1].estimated = 5;
  const auto other = substitute(hours, weeks(2));
  EXPECT_EQ(other[first].estimated, 8);
  EXPECT_EQ(other[first].method, Method::even);
}

TEST(Substitute, TheClockShowsHoursOfDaysThatAreLongerAndShorter) {
  const Day longer{kMonday, kMonday + 25 * kHourUs, DayClass::sunday};
  EXPECT_EQ(clock_hour(longer, kMonday + 2 * kHourUs), 2);
  EXPECT_EQ(clock_hour(longer, kMonday + 3 * kHourUs), 2);
  EXPECT_EQ(clock_hour(longer, kMonday + 24 * kHourUs), 23);
  const Day shorter{kMonday, kMonday + 23 * kHourUs, DayClass::sunday};
  EXPECT_EQ(clock_hour(shorter, kMonday + kHourUs), 1);
  EXPECT_EQ(clock_hour(shorter, kMonday + 2 * kHourUs), 3);
  EXPECT_EQ(clock_hour(shorter, kMonday + 22 * kHourUs), 23);
}

}  // namespace
}  // namespace lenne::processing::meters
