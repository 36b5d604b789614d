// Rain that dry hours separate.
#include "processing/derived/rain_events.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kQuarterUs = kTestHourUs / 4;

// Quarter hours from the first one on, hundredths of a millimetre each.
std::vector<v1::Aggregate> rain_quarters(const std::vector<std::int64_t>& sums) {
  std::vector<v1::Aggregate> rows;
  for (std::size_t i = 0; i < sums.size(); ++i)
    rows.push_back(rain_of("PT15M", static_cast<std::int64_t>(i) * kQuarterUs, kQuarterUs, sums[i]));
  return rows;
}

std::vector<std::int64_t> dry_quarters(std::size_t quarters) { return std::vector<std::int64_t>(quarters, 0); }

TEST(RainEvents, SixDryHoursPartThem) {
  auto sums = dry_quarters(100);
  sums[30] = 20;
  sums[31] = 150;
  sums[33] = 150;
  sums[33 + 24] = 40;      // 5:45 after the end of the last one
  sums[33 + 24 + 25] = 1;  // 6 h after
  const auto rows = rain_quarters(sums);
  const auto events = rain_events(rows, 0, 100 * kQuarterUs);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].start_us, 30 * kQuarterUs);
  EXPECT_EQ(events[0].end_us, 58 * kQuarterUs);
  EXPECT_EQ(events[0].micro, 3'600'000);
  EXPECT_EQ(events[0].quarters, 4);
  EXPECT_EQ(events[0].intensity_micro, 6'000'000) << "1.5 mm in a quarter of an hour";
  EXPECT_EQ(events[0].intensity_start_us, 31 * kQuarterUs) << "the first of two";
  EXPECT_EQ(events[0].valid, true);
  EXPECT_EQ(events[1].start_us, 82 * kQuarterUs);
  EXPECT_EQ(events[1].valid, false) << "nobody knows whether it goes on";
}

TEST(RainEvents, WhatIsMissingMayBeRain) {
  auto sums = dry_quarters(60);
  sums[30] = 20;
  auto rows = rain_quarters(sums);
  EXPECT_EQ(rain_events(rows, 0, 60 * kQuarterUs).at(0).valid, true);
  auto gap = rows;
  gap.erase(gap.begin() + 54);
  EXPECT_EQ(rain_events(gap, 0, 60 * kQuarterUs).at(0).valid, false);
  gap = rows;
  gap.erase(gap.begin() + 55);
  EXPECT_EQ(rain_events(gap, 0, 60 * kQuarterUs).at(0).valid, true) << "six hours later";
  gap = rows;
  gap[6].set_covered_us(kQuarterUs / 2);
  EXPECT_EQ(rain_events(gap, 0, 60 * kQuarterUs).at(0).valid, false);
  for (auto& row : rows) row.set_nominal_interval_s(0);
  EXPECT_EQ(rain_events(rows, 0, 60 * kQuarterUs).at(0).valid, std::nullopt);
}

TEST(RainEvents, ThoseThatHaveRainInTheTimeAskedFor) {
  auto sums = dry_quarters(120);
  sums[24] = sums[30] = 10;  // 06:00 and 07:30
  sums[80] = 10;
  const auto rows = rain_quarters(sums);
  const auto events = rain_events(rows, 28 * kQuarterUs, 80 * kQuarterUs);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].start_us, 24 * kQuarterUs) << "as a whole";
  EXPECT_TRUE(rain_events(rows, 31 * kQuarterUs, 80 * kQuarterUs).empty());
  EXPECT_EQ(rain_events(rows, 30 * kQuarterUs, 81 * kQuarterUs).size(), 2U);
  EXPECT_TRUE(rain_events({}, 0, kQuarterUs).empty());
}

RC_GTEST_PROP(RainEventLaws, NothingIsLostAndDryTimeLiesBetween, ()) {
  const auto sums = *rc::gen::container<std::vector<std::int64_t>>(
      300, rc::gen::weightedOneOf<std::int64_t>(
               {{30, rc::gen::just<std::int64_t>(0)}, {1, rc::gen::inRange<std::int64_t>(1, 500)}}));
  const auto rows = rain_quarters(sums);
  const auto events = rain_events(rows, 0, 300 * kQuarterUs);
  std::int64_t all = 0, told = 0;
  for (const auto sum : sums) all += sum * 10'000;
  for (std::size_t i = 0; i < events.size(); ++i) {
    told += events[i].micro;
    RC_ASSERT(events[i].end_us > events[i].start_us);
    RC_ASSERT(events[i].intensity_micro <= 4 * events[i].micro);
    if (i > 0) RC_ASSERT(events[i].start_us - events[i - 1].end_us >= kDryUs);
  }
  RC_ASSERT(told == all);
}

}  // namespace
}  // namespace lenne::processing::derived
