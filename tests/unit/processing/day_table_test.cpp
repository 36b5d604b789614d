#include "processing/day_table.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

std::int64_t us(std::string_view text) { return base::to_us(base::parse_rfc3339(text).value()); }

std::vector<std::int64_t> every_day() {
  std::vector<std::int64_t> starts;
  for (std::int64_t start = 0; start < 7'300'000'000; start += 86'400) starts.push_back(start);
  return starts;
}

TEST(DayTable, TheDaysOnWhichSummerTimeBeginsAndEnds) {
  const auto march = berlin()->at(us("2026-03-29T12:00:00Z"));
  EXPECT_EQ(march.start_us, us("2026-03-28T23:00:00Z"));
  EXPECT_EQ(march.end_us, us("2026-03-29T22:00:00Z")) << "23 hours";
  const auto october = berlin()->at(us("2026-10-24T22:00:00Z"));
  EXPECT_EQ(october.start_us, us("2026-10-24T22:00:00Z"));
  EXPECT_EQ(october.end_us, us("2026-10-25T23:00:00Z")) << "25 hours";
  EXPECT_EQ(berlin()->at(us("2026-10-25T23:00:00Z") - 1).start_us, october.start_us);
  EXPECT_EQ(berlin()->at(us("2026-10-25T23:00:00Z")).start_us, october.end_us);
}

TEST(DayTable, OutsideTheTableIsItsFirstOrLastDay) {
  const auto days = DayTable::from_starts("UTC", every_day()).value();
  EXPECT_EQ(days.at(-1).start_us, 0);
  EXPECT_EQ(days.at(INT64_MIN).start_us, 0);
  EXPECT_EQ(days.at(INT64_MAX).end_us, every_day().back() * kSecond);
}

TEST(DayTable, TablesThatAreNoneAreRefused) {
  const auto refused = [](std::vector<std::int64_t> starts) {
    return DayTable::from_starts("X", std::move(starts)).error().code == "bad_time_zone";
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({0}));
  EXPECT_TRUE(refused({0, 86'400}));
  auto starts = every_day();
  starts[7] = starts[6];
  EXPECT_TRUE(refused(starts));
  starts = every_day();
  starts.erase(starts.begin() + 7, starts.begin() + 9);
  EXPECT_TRUE(refused(starts));
  starts = every_day();
  for (auto& start : starts) start += 1;
  EXPECT_TRUE(refused(starts)) << "nothing before its first day";
}

TEST(DayTable, PanesMustFillThem) {
  EXPECT_TRUE(berlin()->is_multiple_of(3600));
  auto starts = every_day();
  for (auto& start : starts) start -= 1800;
  const auto days = DayTable::from_starts("Asia/Kolkata", starts).value();
  EXPECT_TRUE(days.is_multiple_of(1800));
  EXPECT_FALSE(days.is_multiple_of(3600));
}

TEST(DayTable, AreWindowsLikeAnyOther) {
  WindowSettings settings = plain_settings();
  settings.windows_s = {3600};
  settings.days[index_of(Calendar::day_local)] = berlin();
  Windows windows(settings);
  // A sample each hour of the 25 hours of 2026-10-25, and one on each side.
  const auto start = us("2026-10-24T22:00:00Z");
  std::vector<v1::Aggregate> days;
  for (std::uint32_t i = 0; i < 27; ++i) {
    const auto at = start + (static_cast<std::int64_t>(i) - 1) * kHour;
    for (auto& a : Windows::aggregates(windows.feed(gauge(1, at, at, i, i, 3600)))) {
      if (a.window() == "P1D") days.push_back(std::move(a));
    }
  }
  for (auto& a : windows.tick(start + 60 * kHour)) {
    if (a.window() == "P1D") days.push_back(std::move(a));
  }
  ASSERT_EQ(days.size(), 3u);
  EXPECT_EQ(days[1].start_us(), start);
  EXPECT_EQ(days[1].end_us(), start + 25 * kHour);
  EXPECT_EQ(days[1].gauge().count(), 25u);
  EXPECT_EQ(days[1].covered_us(), 25 * kHour);
  EXPECT_EQ(days[1].time_zone(), "Europe/Berlin");
  EXPECT_EQ(days[0].gauge().count(), 1u);
  EXPECT_EQ(days[2].gauge().count(), 1u);
}

}  // namespace
}  // namespace lenne::processing::test
