#include "processing/meters/slow_leak.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lenne::processing::meters {
namespace {

using base::Int128;
using Least = std::vector<std::optional<Int128>>;

constexpr std::int64_t kDawn = 400'000 * kHourUs;

Least least_of(std::size_t usual_days, Int128 usual, std::size_t more_days, Int128 more) {
  Least least(usual_days, usual);
  least.insert(least.end(), more_days, more);
  return least;
}

TEST(SlowLeak, IsFoundTheSoonerTheLargerItIs) {
  EXPECT_EQ(find_slow_leak(least_of(14, 10, 10, 30), 20), Finding::no) << "5 w are not more than 5 w";
  EXPECT_EQ(find_slow_leak(least_of(14, 10, 11, 30), 20), Finding::yes);
  EXPECT_EQ(find_slow_leak(least_of(19, 10, 2, 70), 20), Finding::no);
  EXPECT_EQ(find_slow_leak(least_of(18, 10, 3, 70), 20), Finding::yes);
  EXPECT_EQ(find_slow_leak(least_of(14, 10, 60, 20), 20), Finding::no) << "half of the limit never is";
}

TEST(SlowLeak, OneThatIsMendedIsForgotten) {
  auto least = least_of(14, 0, 30, 1000);
  EXPECT_EQ(find_slow_leak(least, 20), Finding::yes);
  least.insert(least.end(), 9, Int128{0});
  EXPECT_EQ(find_slow_leak(least, 20), Finding::yes);
  least.push_back(Int128{0});
  EXPECT_EQ(find_slow_leak(least, 20), Finding::no) << "at most 10 w, less w / 2 a day";
}

TEST(SlowLeak, WhatVariesAnywaySaysLess) {
  Least least;
  for (int i = 0; i < 14; ++i) least.emplace_back(i % 2 == 0 ? 0 : 200);
  least.insert(least.end(), 14, Int128{140});
  EXPECT_EQ(find_slow_leak(least, 20), Finding::no) << "the deviation of the first days is 148";
  least.resize(14);
  for (auto& day : least) day = 100;
  least.insert(least.end(), 14, Int128{140});
  EXPECT_EQ(find_slow_leak(least, 20), Finding::yes);
}

TEST(SlowLeak, NeedsThreeWeeksAndALimit) {
  EXPECT_EQ(find_slow_leak(least_of(14, 0, 6, 1000), 20), Finding::unknown);
  EXPECT_EQ(find_slow_leak(least_of(14, 0, 7, 1000), 20), Finding::yes);
  EXPECT_EQ(find_slow_leak(least_of(14, 0, 7, 1000), 0), Finding::unknown);
  EXPECT_EQ(find_slow_leak({}, 20), Finding::unknown);
  auto holes = least_of(14, 0, 7, 1000);
  holes.insert(holes.begin() + 3, 5, std::nullopt);
  EXPECT_EQ(find_slow_leak(holes, 20), Finding::yes) << "days that are not known change nothing";
}

std::vector<Slice> day_of(int hours) {
  std::vector<Slice> profile;
  for (int i = 0; i < hours; ++i)
    profile.push_back({kDawn + i * kHourUs, kDawn + (i + 1) * kHourUs, 10 + (i + 20) % 7, 0, kHourUs, 0, 0});
  return profile;
}

TEST(SlowLeak, TheLeastHourOfADayThatIsKnown) {
  for (const int hours : {23, 24, 25}) {
    EXPECT_EQ(least_hour(day_of(hours), kDawn, kDawn + hours * kHourUs), Int128{10}) << hours;
    EXPECT_EQ(least_hour(day_of(hours), kDawn, kDawn + (hours + 1) * kHourUs), std::nullopt) << hours;
  }
  EXPECT_EQ(least_hour({}, kDawn, kDawn + kDayUs), std::nullopt);
  auto spread = day_of(24);
  spread[5].interpolated_us = 1;
  EXPECT_EQ(least_hour(spread, kDawn, kDawn + kDayUs), std::nullopt);
  auto hole = day_of(24);
  hole.erase(hole.begin() + 7);
  EXPECT_EQ(least_hour(hole, kDawn, kDawn + kDayUs), std::nullopt);
}

}  // namespace
}  // namespace lenne::processing::meters
