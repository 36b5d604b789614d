#include "processing/privacy/gate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lenne::processing::privacy {
namespace {

constexpr std::int64_t kHour = 3'600 * base::kSecondUs;
constexpr auto kHouseholds = v1::PRIVACY_CLASS_HOUSEHOLD;

// An hour that ended a day ago.
constexpr Occasion kHourOfYesterday{0, kHour, 25 * kHour};

std::vector<base::Int128> meters(std::size_t count, std::int64_t each) {
  return std::vector<base::Int128>(count, base::Int128{each});
}

TEST(PrivacyGate, HouseholdsArePublishedWhenNobodyShows) {
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, meters(10, 7)), Withheld::no);
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, meters(9, 7)), Withheld::too_few);
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, {}), Withheld::too_few);
}

TEST(PrivacyGate, NobodyIsMoreThanHalf) {
  auto amounts = meters(10, 10);
  amounts.push_back(100);
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, amounts), Withheld::no) << "half is not more than half";
  amounts.back() = 101;
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, amounts), Withheld::dominated);
  amounts.back() = -101;
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, amounts), Withheld::dominated) << "feeding in hides nobody";
}

TEST(PrivacyGate, MetersThatStandStillHideNobody) {
  auto amounts = meters(20, 0);
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, amounts), Withheld::too_few) << "a sum of 0 tells of all of them";
  for (std::size_t i = 0; i < 9; ++i) amounts[i] = 5;
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, amounts), Withheld::too_few);
  amounts[9] = 5;
  EXPECT_EQ(judge(kHouseholds, kHourOfYesterday, amounts), Withheld::no);
}

TEST(PrivacyGate, NothingOfNowAndNothingShort) {
  EXPECT_EQ(judge(kHouseholds, {0, kHour - 1, 30 * kHour}, meters(10, 7)), Withheld::too_short);
  EXPECT_EQ(judge(kHouseholds, {0, kHour, 25 * kHour - 1}, meters(10, 7)), Withheld::too_early);
  EXPECT_EQ(judge(kHouseholds, {0, 24 * kHour, 48 * kHour}, meters(10, 7)), Withheld::no);
}

TEST(PrivacyGate, TheUseCaseDecides) {
  EXPECT_EQ(judge(v1::PRIVACY_CLASS_OPEN, {0, 1, 1}, meters(1, 7)), Withheld::no);
  EXPECT_EQ(judge(v1::PRIVACY_CLASS_UNSPECIFIED, kHourOfYesterday, meters(10, 7)), Withheld::not_open);
  EXPECT_EQ(judge(static_cast<v1::PrivacyClass>(17), kHourOfYesterday, meters(10, 7)), Withheld::not_open)
      << "what a newer version means is not known here";
  EXPECT_EQ(name_of(Withheld::dominated), "dominated");
  EXPECT_EQ(name_of(Withheld::no), "");
}

}  // namespace
}  // namespace lenne::processing::privacy
