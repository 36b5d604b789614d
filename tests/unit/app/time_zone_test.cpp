#include "app/time_zone.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"

namespace lenne::app {
namespace {

std::pair<std::string, std::string> day(const std::string& zone, std::string_view at, int hour = 0) {
  const auto found = days_of(zone, std::chrono::hours{hour}).value()->at(base::to_us(base::parse_rfc3339(at).value()));
  const auto text = [](std::int64_t us) { return base::to_rfc3339(base::from_us(us)).substr(0, 16); };
  return {text(found.start_us), text(found.end_us)};
}
using Day = std::pair<std::string, std::string>;

TEST(TimeZone, DaysOfTheDatabase) {
  EXPECT_EQ(day("Europe/Berlin", "2026-11-26T12:00:00Z"), (Day{"2026-11-25T23:00", "2026-11-26T23:00"}));
  EXPECT_EQ(day("Europe/Berlin", "2026-03-29T12:00:00Z"), (Day{"2026-03-28T23:00", "2026-03-29T22:00"}));
  EXPECT_EQ(day("Europe/Berlin", "2026-10-25T12:00:00Z"), (Day{"2026-10-24T22:00", "2026-10-25T23:00"}));
  EXPECT_EQ(day("Europe/Berlin", "2027-10-31T12:00:00Z"), (Day{"2027-10-30T22:00", "2027-10-31T23:00"}));
  EXPECT_EQ(day("Asia/Kolkata", "2026-11-26T12:00:00Z"), (Day{"2026-11-25T18:30", "2026-11-26T18:30"}));
  // Half an hour of summer time.
  EXPECT_EQ(day("Australia/Lord_Howe", "2026-04-05T00:00:00Z"), (Day{"2026-04-04T13:00", "2026-04-05T13:30"}));
  // Midnight was skipped: the day began at one.
  EXPECT_EQ(day("America/Sao_Paulo", "2018-11-04T12:00:00Z"), (Day{"2018-11-04T03:00", "2018-11-05T02:00"}));
  // Midnight came twice: the day began with the first.
  EXPECT_EQ(day("America/Havana", "2026-11-01T12:00:00Z"), (Day{"2026-11-01T04:00", "2026-11-02T05:00"}));
  // A whole day was left out at the date line.
  EXPECT_EQ(day("Pacific/Apia", "2011-12-30T09:59:00Z"), (Day{"2011-12-29T10:00", "2011-12-30T10:00"}));
  EXPECT_EQ(day("Pacific/Apia", "2011-12-30T10:00:00Z"), (Day{"2011-12-30T10:00", "2011-12-31T10:00"}));
  EXPECT_EQ(day("UTC", "1970-01-01T00:00:00Z"), (Day{"1970-01-01T00:00", "1970-01-02T00:00"}));
}

TEST(TimeZone, DaysThatBeginLater) {
  // Gas: 23 and 25 hours when the clock is put on or back in the night before.
  EXPECT_EQ(day("Europe/Berlin", "2026-03-29T03:59:59Z", 6), (Day{"2026-03-28T05:00", "2026-03-29T04:00"}));
  EXPECT_EQ(day("Europe/Berlin", "2026-10-24T12:00:00Z", 6), (Day{"2026-10-24T04:00", "2026-10-25T05:00"}));
  EXPECT_EQ(day("Europe/Berlin", "2028-02-29T12:00:00Z", 6), (Day{"2028-02-29T05:00", "2028-03-01T05:00"}));
  // Rain, and reports on air quality.
  EXPECT_EQ(day("Etc/UTC", "2026-07-15T05:59:59Z", 6), (Day{"2026-07-14T06:00", "2026-07-15T06:00"}));
  EXPECT_EQ(day("Etc/GMT-1", "2026-07-15T22:59:59Z"), (Day{"2026-07-14T23:00", "2026-07-15T23:00"}));
}

class DaysTile : public ::testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(DaysTile, TheYears2025To2030) {
  const auto [zone, hour] = GetParam();
  {
    const auto days = days_of(zone, std::chrono::hours{hour}).value();
    auto at = base::to_us(base::parse_rfc3339("2025-01-01T00:00:00Z").value());
    const auto end = base::to_us(base::parse_rfc3339("2031-01-01T00:00:00Z").value());
    int count = 0;
    for (auto found = days->at(at); found.start_us < end; found = days->at(at), ++count) {
      ASSERT_EQ(days->at(found.end_us - 1).start_us, found.start_us) << zone;
      ASSERT_EQ(days->at(found.end_us).start_us, found.end_us) << zone;
      at = found.end_us;
    }
    EXPECT_NEAR(count, 6 * 365 + 1, 1) << zone;
  }
}

INSTANTIATE_TEST_SUITE_P(TimeZone, DaysTile,
                         ::testing::Values(std::pair{"Europe/Berlin", 0}, std::pair{"Europe/Berlin", 6},
                                           std::pair{"Australia/Lord_Howe", 0}, std::pair{"America/Sao_Paulo", 0},
                                           std::pair{"Pacific/Apia", 0}, std::pair{"Asia/Kolkata", 6},
                                           std::pair{"Etc/UTC", 6}, std::pair{"Etc/GMT-1", 0}));

TEST(TimeZone, OthersAreRefusedByName) {
  for (const auto* zone : {"", "Europe/Sauerland", "../../etc/passwd"}) {
    const auto days = days_of(zone);
    ASSERT_FALSE(days) << zone;
    EXPECT_EQ(days.error().code, "bad_time_zone");
    EXPECT_NE(days.error().message.find(zone), std::string::npos);
  }
}

}  // namespace
}  // namespace lenne::app
