// Substations by how badly they cool, over real sockets.
#include <gtest/gtest.h>

#include "base/time.hpp"
#include "processing/meters/slice.hpp"
#include "tests/unit/api/waterworks.hpp"

namespace lenne::api {
namespace {

using processing::meters::kDayUs;
using processing::meters::kHourUs;

class Substations : public ::testing::Test {
 protected:
  void put_heat(std::uint64_t eui, std::int64_t start_us, std::int64_t length_us, std::int64_t wh) {
    auto heat = counted(eui, "P1D", start_us, length_us, wh);
    heat.set_measure("heat_energy");
    heat.set_unit("kWh");
    heat.set_exponent(-3);
    world.put(heat);
  }
  /// Each day of October 2026 but the last `missing` ones; 1163 kWh and so many litres in all of the month.
  void put_month(std::uint64_t eui, std::int64_t litres, int missing = 0) {
    for (int day = 0; day < 31 - missing; ++day) {
      const auto start = day <= 24 ? kOctober25 + (day - 24) * kDayUs : kOctober25 + kHourUs + (day - 24) * kDayUs;
      const auto length = day == 24 ? 25 * kHourUs : kDayUs;
      world.put(counted(eui, "P1D", start, length, litres * 1000 / 31 + (day == 0 ? litres * 1000 % 31 : 0)));
      put_heat(eui, start, length, 1'163'000 / 31 + (day == 0 ? 1'163'000 % 31 : 0));
    }
  }
  void wait_for_heat(std::size_t days) {
    const std::string times = "&res=1d&limit=1000&from=2026-09-01T00:00:00Z&to=2026-12-01T00:00:00Z";
    world.wait_for("/v1/agg?measure=heat_energy" + times, days);
  }
  boost::json::array ranking(const std::string& more = {}) {
    const auto reply = world.get("/v1/meter/substations?year=2026&month=10" + more);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return reply.items();
  }

  Waterworks world{{}, berlin_2026()};
};

TEST_F(Substations, TheWorstFirstAndWhoIsLeftOut) {
  put_month(1, 50'000);
  put_month(2, 100'000);
  put_month(3, 200'000, 8);  // 23 of 31 days are 74 %
  wait_for_heat(31 + 31 + 23);
  const auto items = ranking();
  ASSERT_EQ(items.size(), 3U);
  const auto worst = items[0].as_object();
  EXPECT_EQ(worst.at("dev_eui"), "0000000000000002");
  EXPECT_EQ(worst.at("rank"), 1);
  EXPECT_EQ(worst.at("temperature_difference"), 10) << "1163 kWh by 100 m3";
  EXPECT_NEAR(worst.at("specific_volume").as_double(), 85.984523, 1e-6);
  EXPECT_EQ(worst.at("volume"), 100);
  EXPECT_EQ(worst.at("days"), 31);
  EXPECT_TRUE(worst.at("left_out").is_null());
  EXPECT_TRUE(worst.at("return_temperature").is_null()) << "not asked for";
  EXPECT_EQ(items[1].as_object().at("dev_eui"), "0000000000000001");
  EXPECT_EQ(items[1].as_object().at("temperature_difference"), 20);
  const auto last = items[2].as_object();
  EXPECT_EQ(last.at("left_out"), "too_few_days");
  EXPECT_EQ(last.at("days"), 23);
  EXPECT_TRUE(last.at("rank").is_null());
  const auto csv = world.get("/v1/meter/substations?year=2026&month=10&format=csv-de").body;
  EXPECT_TRUE(
      csv.starts_with("\xef\xbb\xbfrank;tenant;site;dev_eui;device;return_temperature;temperature_difference;"
                      "specific_volume;energy;volume;days;left_out\r\n"
                      "1;menden;zone-1;0000000000000002;House 2;;10;85,984523;1163;100;31;\r\n"))
      << csv;
  EXPECT_TRUE(csv.contains(";23;too_few_days\r\n"));
}

TEST_F(Substations, ByTheReturnTemperatureOfTheirWater) {
  put_month(1, 50'000);
  put_month(2, 50'000);
  for (const std::uint64_t eui : {1U, 2U}) {
    for (int day = 0; day < 25; ++day) {
      const auto start = kOctober25 + (day - 24) * kDayUs;
      world.put(counted(eui, "PT1H", start, kHourUs, 2'000'000));
      auto warm = counted(eui, "PT1H", start, kHourUs, 0);
      warm.set_measure("temperature.return");
      warm.set_unit("Cel");
      warm.set_kind(v1::KIND_GAUGE);
      warm.mutable_gauge()->set_count(1);
      warm.mutable_gauge()->mutable_sum()->set_low(eui == 2 ? 61'000'000 : 48'500'000);
      if (eui == 1 || day < 18) world.put(warm);  // of the second one 36 of 50 m3
    }
  }
  wait_for_heat(62);
  const std::string hours = "&res=1h&limit=1000&from=2026-09-01T00:00:00Z&to=2026-12-01T00:00:00Z";
  world.wait_for("/v1/agg?measure=temperature.return" + hours, 43);
  world.wait_for("/v1/agg?measure=water_volume" + hours, 50);
  const auto items = ranking("&by=return_temperature");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].as_object().at("dev_eui"), "0000000000000001");
  EXPECT_EQ(items[0].as_object().at("return_temperature"), 48.5);
  EXPECT_EQ(items[1].as_object().at("left_out"), "no_return_temperature");
}

TEST_F(Substations, WithoutWaterThereIsNothingToCompare) {
  put_heat(3, kOctober25 - kDayUs, kDayUs, 1000);
  wait_for_heat(1);
  ASSERT_EQ(ranking().size(), 1U);
  EXPECT_EQ(ranking()[0].as_object().at("left_out"), "no_volume");
  EXPECT_EQ(ranking("&site=elsewhere").size(), 0U);
  for (const auto* target : {"/v1/meter/substations", "/v1/meter/substations?year=2026&month=10&by=heat",
                             "/v1/meter/substations?year=2026&month=10&format=xml",
                             "/v1/meter/substations?year=2026&month=10&device=0000000000000003"})
    EXPECT_EQ(world.get(target).status, 400U) << target;
}

}  // namespace
}  // namespace lenne::api
