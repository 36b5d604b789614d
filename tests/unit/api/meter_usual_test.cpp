// What runs through a meter against what is usual at each hour of the week, over real sockets.
#include <gtest/gtest.h>

#include <map>

#include "base/time.hpp"
#include "processing/meters/slice.hpp"
#include "tests/unit/api/waterworks.hpp"

namespace lenne::api {
namespace {

using processing::meters::kDayUs;
using processing::meters::kHourUs;

class UsualFlow : public ::testing::Test {
 protected:
  static constexpr std::int64_t kOctober1 = kOctober25 - 24 * kDayUs;
  static constexpr int kWeeks = 20;

  /// Each third hour of twenty weeks has 10 l, those from 7 to 12 and from 2 to 4 o'clock, too; that from 3 to 4 100 l.
  UsualFlow() {
    for (int day = -7 * kWeeks; day < 0; ++day) put_day(kOctober1 + day * kDayUs);
  }
  /// With other amounts of some hours since the day's start; nothing: the hour has no result.
  void put_day(std::int64_t start_us, const std::map<int, std::optional<std::int64_t>>& other = {}) {
    std::map<int, std::optional<std::int64_t>> litres{{3, 100}};
    for (const int hour : {2, 5, 7, 8, 9, 10, 11, 14, 17, 20, 23}) litres[hour] = 10;
    for (const auto& [hour, amount] : other) litres[hour] = amount;
    for (const auto& [hour, amount] : litres) {
      if (!amount) continue;
      world.put(counted(2, "PT1H", start_us + hour * kHourUs, kHourUs, *amount * 1000));
      ++rows;
    }
    world.put(counted(2, "P1D", start_us, start_us == kOctober25 ? 25 * kHourUs : kDayUs, 1'000'000));
  }
  void wait() {
    world.wait_for("/v1/agg?measure=water_volume&res=1h&limit=10000&from=2026-05-01T00:00:00Z&to=2026-11-01T00:00:00Z",
                   rows);
  }
  /// By date.
  std::map<std::string, std::string> found(const std::string& more) {
    const auto reply = world.get("/v1/meter/report?device=0000000000000002&year=2026&month=10" + more);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    std::map<std::string, std::string> days;
    for (const auto& day : reply.json().at("registers").as_array().at(0).as_object().at("days").as_array())
      days[std::string(day.as_object().at("date").as_string())] = day.as_object().at("unusual_flow").as_string();
    return days;
  }

  Waterworks world{{}, berlin_2026()};
  std::size_t rows = 0;
};

TEST_F(UsualFlow, ThreeHoursAboveWhatIsUsual) {
  put_day(kOctober1 + 4 * kDayUs, {});
  put_day(kOctober1 + 5 * kDayUs, {{8, 20}, {9, 11}, {10, 20}});
  put_day(kOctober1 + 6 * kDayUs, {{8, 20}, {9, 20}});
  put_day(kOctober1 + 7 * kDayUs, {{8, 20}, {9, 20}, {10, std::nullopt}});
  wait();
  const auto days = found("&usual_weeks=20");
  EXPECT_EQ(days.at("2026-10-05"), "unknown") << "of the evening before nothing is known";
  EXPECT_EQ(days.at("2026-10-06"), "yes");
  EXPECT_EQ(days.at("2026-10-07"), "no") << "the third hour is as always";
  EXPECT_EQ(days.at("2026-10-08"), "unknown") << "the third hour is missing";
  for (const auto& [date, finding] : found("")) EXPECT_EQ(finding, "unknown") << date << ": nobody asked";
  EXPECT_EQ(found("&usual_weeks=21").at("2026-10-06"), "yes") << "of twenty weeks in one more";
  const std::string path = "/v1/meter/report?device=0000000000000002&year=2026&month=10";
  EXPECT_EQ(world.get(path + "&usual_weeks=19").status, 400U);
  EXPECT_EQ(world.get(path + "&usual_weeks=x").status, 400U);
  EXPECT_TRUE(world.get(path + "&usual_weeks=20&format=csv").body.contains("2026-10-06"));
}

TEST_F(UsualFlow, AnHourThatComesTwiceIsThatHourOfTheWeek) {
  // From 2 to 3, once more, and from 3 to 4 o'clock.
  put_day(kOctober25, {{2, 50}, {3, 50}, {4, 150}});
  wait();
  EXPECT_EQ(found("&usual_weeks=20").at("2026-10-25"), "yes") << "the second hour from 2 to 3 is no hour from 3 to 4";
}

}  // namespace
}  // namespace lenne::api
