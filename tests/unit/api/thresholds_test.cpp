// The values at which series become alerts, for those who may see the series but no use case.
#include "tests/unit/api/days_world.hpp"

namespace lenne::api {
namespace {

const std::string kThresholds = "/v1/thresholds?device=0000000000000001";

// Two rules about what the device measures, one about how fast it changes, one about another measure.
void judged_town(DaysWorld& world) {
  ASSERT_EQ(world.apply(R"([{"kind":"UseCase","name":"stream","title":"Streams","version":3,"alerts":[
      {"name":"level-1","measure":"water_level","comparison":"above","parameter":"w1","severity":"info",
       "text":{"de":"Wiesen","en":"Meadows"}},
      {"name":"level-2","measure":"water_level","comparison":"above","threshold":2.5,"parameter":"w2","severity":"alarm"},
      {"name":"level-3","measure":"water_level","comparison":"above","parameter":"w3","severity":"alarm"},
      {"name":"rising","measure":"water_level","statistic":"rate","comparison":"above","threshold":0.3,"severity":"info"},
      {"name":"warm","measure":"temperature","window":"PT1H","statistic":"mean","comparison":"above","threshold":30,
       "severity":"warning"}]},
      {"kind":"Profile","name":"sensor","schema":"vendor/model","use_case":"stream"},
      {"kind":"Device","dev_eui":"0000000000000001","join_eui":"0000000000000000","name":"Menden 1","tenant":"menden",
       "site":"school","profile":"sensor","app_key":"00112233445566778899aabbccddeeff","parameters":{"w1":1.1}}])"),
            "created, created, updated");
  const auto quarter = processing::derived::kTestHourUs / 4;
  world.publish(processing::derived::result_of("water_level", "PT15M", kStartUs, quarter, 120, 120, 120));
  world.wait_until([&] { return world.get(kThresholds).items().size() == 2; });
}

TEST(Thresholds, OfWhatADeviceMeasures) {
  DaysWorld world;
  judged_town(world);
  const auto answer = world.get(kThresholds, world.token_of("menden"));
  EXPECT_EQ(answer.json().at("use_case"), "stream");
  EXPECT_EQ(answer.json().at("use_case_version"), 3);
  const auto items = answer.items();
  ASSERT_EQ(items.size(), 2U) << "no rate, no value without a number, no other measure";
  const auto& first = items.at(0).as_object();
  EXPECT_EQ(first.at("rule"), "level-1");
  EXPECT_EQ(first.at("use_case"), "stream") << "that of the profile";
  EXPECT_EQ(first.at("threshold"), 1.1) << "the device's own";
  EXPECT_EQ(first.at("comparison"), "above");
  EXPECT_EQ(first.at("severity"), "info");
  EXPECT_EQ(first.at("text").as_object().at("de"), "Wiesen");
  EXPECT_TRUE(first.at("window").is_null());
  EXPECT_EQ(items.at(1).as_object().at("threshold"), 2.5) << "it says none of its own";
  EXPECT_EQ(world.get(kThresholds + "&measure=water_level").items().size(), 2U);
  EXPECT_EQ(world.get(kThresholds + "&measure=temperature").items().size(), 0U);
}

TEST(Thresholds, OnlyOfWhatTheCallerMaySee) {
  DaysWorld world;
  judged_town(world);
  EXPECT_EQ(world.get(kThresholds, world.token_of("soest")).items().size(), 0U);
  EXPECT_EQ(world.get(kThresholds, "").status, 401U);
  EXPECT_EQ(world.get("/v1/thresholds").status, 400U);
  EXPECT_EQ(world.get("/v1/thresholds?device=0000000000000002").items().size(), 0U) << "it has no use case";
}

}  // namespace
}  // namespace lenne::api
