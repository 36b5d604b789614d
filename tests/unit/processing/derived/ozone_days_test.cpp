// Ozone's highest mean of eight hours.
#include "processing/derived/ozone_days.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lenne::processing::derived {
namespace {

// Hours that begin from seven before the day on, by their mean.
std::vector<HourMean> ozone_hours(int count, const std::vector<int>& means) {
  std::vector<HourMean> hours;
  for (int i = 0; i < count; ++i)
    hours.push_back({(i - 7) * kHourUs, means[static_cast<std::size_t>(i) % means.size()] * kMicro, true});
  return hours;
}

TEST(OzoneDays, AMeanBelongsToTheDayOnWhichItEnds) {
  auto hours = ozone_hours(31, {40});
  for (auto& hour : hours) {
    if (hour.start_us < 0) hour.micro = 136 * kMicro;  // the evening before
  }
  const auto day = ozone_day(hours, 0);
  EXPECT_EQ(day->means, 24);
  EXPECT_EQ(day->end_us, kHourUs);
  EXPECT_EQ(day->micro, 124 * kMicro) << "(7 * 136 + 40) / 8";
  EXPECT_TRUE(day->exceeded);
  EXPECT_EQ(day->valid, true);
  hours.front().micro = 104 * kMicro;
  EXPECT_EQ(ozone_day(hours, 0)->micro, 120 * kMicro);
  EXPECT_FALSE(ozone_day(hours, 0)->exceeded) << "120 is not above";
}

TEST(OzoneDays, NeedsEighteenOfTwentyFour) {
  // Six hours make the first mean: with n hours from seven before the day on there are n - 7 complete ones, and two
  // more.
  EXPECT_EQ(ozone_day(ozone_hours(23, {40}), 0)->means, 18);
  EXPECT_EQ(ozone_day(ozone_hours(23, {40}), 0)->valid, true);
  EXPECT_EQ(ozone_day(ozone_hours(22, {40}), 0)->means, 17);
  EXPECT_EQ(ozone_day(ozone_hours(22, {40}), 0)->valid, false);
  EXPECT_EQ(ozone_day(ozone_hours(15, {130}), 0)->valid, true) << "more hours could not lower it";
  EXPECT_FALSE(ozone_day(ozone_hours(5, {40}), 0));
  auto unknown = ozone_hours(31, {40});
  unknown[9].valid = std::nullopt;
  EXPECT_EQ(ozone_day(unknown, 0)->valid, std::nullopt);
}

}  // namespace
}  // namespace lenne::processing::derived
