// Hours above what is usual.
#include "processing/meters/unusual_flow.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace lenne::processing::meters {
namespace {

constexpr std::int64_t kMidnight = 1'792'879'200'000'000;  // 2026-10-24T22:00:00Z

/// From two hours before midnight on: '+' above the usual 10, '-' just at it, '?' without a result, '.' without a
/// usual.
std::vector<UsualHour> week_hours(std::string_view told) {
  std::vector<UsualHour> hours;
  for (std::size_t i = 0; i < told.size(); ++i) {
    UsualHour hour{kMidnight + (static_cast<std::int64_t>(i) - 2) * kHourUs, 10, 10};
    if (told[i] == '+') hour.amount = 11;
    if (told[i] == '?') hour.amount.reset();
    if (told[i] == '.') hour.usual.reset();
    hours.push_back(hour);
  }
  return hours;
}
Finding found_in(std::string_view told) {
  const auto hours = week_hours(told);
  return find_unusual_flow(hours, kMidnight, kMidnight + static_cast<std::int64_t>(told.size() - 2) * kHourUs);
}

TEST(UnusualFlow, ThreeHoursOnEnd) {
  EXPECT_EQ(found_in("--------------------------"), Finding::no);
  EXPECT_EQ(found_in("-----+++------------------"), Finding::yes);
  EXPECT_EQ(found_in("-----++-++-+--------------"), Finding::no);
  EXPECT_EQ(found_in("-----++?------------------"), Finding::unknown);
  EXPECT_EQ(found_in("-----++.------------------"), Finding::unknown) << "too few weeks";
  EXPECT_EQ(found_in("-----+?-------------------"), Finding::no) << "two at most";
  EXPECT_EQ(found_in("??????????+++?????????????"), Finding::yes);
  EXPECT_EQ(find_unusual_flow({}, kMidnight, kMidnight + kDayUs), Finding::unknown);
}

TEST(UnusualFlow, BelongsToTheDayOfItsThirdHour) {
  EXPECT_EQ(found_in("+++-----------------------"), Finding::yes) << "from ten o'clock in the evening before";
  EXPECT_EQ(found_in("++------------------------"), Finding::no);
  EXPECT_EQ(found_in("------------------------++"), Finding::no) << "the next day will tell";
  EXPECT_EQ(found_in("-----------------------+++"), Finding::yes);
}

TEST(UnusualFlow, AnHourWithoutAPlaceBreaksNothingAndProvesNothing) {
  auto hours = week_hours("-----+++------------------");
  hours.erase(hours.begin() + 6);
  EXPECT_EQ(find_unusual_flow(hours, kMidnight, kMidnight + kDayUs), Finding::unknown);
}

TEST(UnusualFlow, OnlyOfConnectionsWithARhythm) {
  const auto hours = week_hours("-----+++------------------");
  for (const auto& [name, expected] : {std::pair{"household", Finding::yes},
                                       {"industry", Finding::yes},
                                       {"irrigation", Finding::not_judged},
                                       {"hydrant", Finding::not_judged},
                                       {"standpipe", Finding::not_judged}})
    EXPECT_EQ(find_unusual_flow(hours, kMidnight, kMidnight + kDayUs, purpose_named(name)->rules), expected) << name;
}

RC_GTEST_PROP(UnusualFlowProperty, WhatIsKnownLaterContradictsNothing, ()) {
  std::string told;
  for (int i = 0; i < 26; ++i) told += *rc::gen::element('+', '+', '-', '?', '.');
  const auto before = found_in(told);
  auto later = told;
  for (auto& hour : later) {
    if (hour == '?' || hour == '.') hour = *rc::gen::element('+', '-');
  }
  const auto after = found_in(later);
  RC_ASSERT(after != Finding::unknown);
  RC_ASSERT(before == Finding::unknown || before == after);
}

}  // namespace
}  // namespace lenne::processing::meters
