// What everybody may see, over real sockets: each way by which data could leave without a token.
#include <gtest/gtest.h>

#include <set>

#include "api/routes.hpp"
#include "lenne/v1/rollup.pb.h"
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

v1::Rollup house_sum(const std::string& tenant, std::uint64_t sum) {
  v1::Rollup rollup;
  rollup.set_level(v1::ROLLUP_LEVEL_TENANT);
  rollup.set_tenant(tenant);
  rollup.set_measure("water_volume");
  rollup.set_unit("m3");
  rollup.set_kind(v1::KIND_COUNTER);
  rollup.set_exponent(-3);
  rollup.set_start_us(kStartUs);
  rollup.set_end_us(kStartUs + 86'400'000'000);
  rollup.set_window("P1D");
  rollup.set_members_used(12);
  rollup.set_members_total(12);
  rollup.mutable_members()->set_count(12);
  rollup.mutable_members()->mutable_sum()->set_low(sum);
  return rollup;
}

void tell_open(World& world, const v1::Rollup& result, v1::PrivacyClass privacy) {
  v1::OpenRollup open;
  *open.mutable_result() = result;
  open.set_privacy(privacy);
  open.set_rules_version(1);
  world.append(storage::Topic::open_rollup, result.tenant(), "k", open.SerializeAsString());
}

const std::string kOpenAgg =
    "/v1/open/agg?measure=water_volume&res=1d&from=2020-01-01T00:00:00Z&to=2036-01-01T00:00:00Z";

// Whoever adds a route that needs no token has to say here why it tells nothing.
TEST(OpenData, NoOtherRouteAnswersWithoutAToken) {
  std::set<std::string> without;
  for (const auto& route : routes()) {
    if (admit(route, Caller{})) without.insert(std::string(route.path));
  }
  EXPECT_EQ(without, (std::set<std::string>{"/healthz", "/metrics", "/openapi.yaml", "/v1/schemas", "/v1/open/agg"}));
}

TEST(OpenData, ShowsWhatIsReleasedAndNothingElse) {
  World world;
  world.two_towns();
  world.uplink("menden", 1, 5);
  world.measure("menden", 1, 21'500'000);
  world.aggregate("menden", 1, kStartUs);
  auto own = house_sum("menden", 777);
  world.append(storage::Topic::rollup, "menden", "a", own.SerializeAsString());
  own.set_level(v1::ROLLUP_LEVEL_SITE);
  own.set_site("school");
  world.append(storage::Topic::rollup, "menden", "b", own.SerializeAsString());
  tell_open(world, house_sum("soest", 1234), v1::PRIVACY_CLASS_HOUSEHOLD);
  auto pool = house_sum("soest", 50);
  tell_open(world, pool, v1::PRIVACY_CLASS_OPEN);
  world.wait_until([&] { return world.get(kOpenAgg, "").items().size() == 2; });
  world.wait_until([&] {
    return world.get("/v1/agg?measure=water_volume&res=1d&group=site&from=2020-01-01T00:00:00Z&to=2036-01-01T00:00:00Z")
               .items()
               .size() == 1;
  });

  const auto items = world.get(kOpenAgg, "").items();
  const auto open = items.at(0).as_object();
  EXPECT_EQ(open.at("privacy"), "open");
  EXPECT_EQ(open.at("sum"), 0.05);
  const auto houses = items.at(1).as_object();
  EXPECT_EQ(houses.at("privacy"), "household");
  EXPECT_EQ(houses.at("tenant"), "soest");
  EXPECT_EQ(houses.at("sum"), 1.234);
  EXPECT_EQ(houses.at("members_used"), 12);
  for (const auto* name : {"min", "max", "deviation", "p50", "lowest", "highest", "dev_eui", "device", "site"})
    EXPECT_TRUE(houses.at(name).is_null()) << name;

  for (const std::string group : {"site", "area", "tenant", "district", "region"}) {
    for (const std::string format : {"json", "csv", "geojson"}) {
      for (const std::string measure : {"water_volume", "temperature"}) {
        for (const std::string res : {"15m", "1h", "1d"}) {
          const auto reply = world.get("/v1/open/agg?measure=" + measure + "&res=" + res + "&group=" + group +
                                           "&format=" + format + "&from=2020-01-01T00:00:00Z&to=2036-01-01T00:00:00Z",
                                       "");
          EXPECT_EQ(reply.status, 200U);
          EXPECT_EQ(reply.body.find("menden"), std::string::npos) << group << format << measure << res;
        }
      }
    }
  }
  EXPECT_EQ(world.get(kOpenAgg + "&tenant=menden", "").items().size(), 0U);
  EXPECT_EQ(world.get(kOpenAgg + "&device=0000000000000001", "").status, 400U) << "there are no devices here";
  EXPECT_EQ(world.get(kOpenAgg + "&group=device", "").status, 400U);
  EXPECT_EQ(world.get(kOpenAgg, "wrong").status, 401U);
  EXPECT_EQ(world.get(kOpenAgg).items().size(), 2U) << "with any token it is the same";
  EXPECT_EQ(world.get(kOpenAgg, world.token_of("menden")).items().size(), 2U);

  // The rest that needs no token tells of no tenant and no device.
  for (const auto* path : {"/healthz", "/metrics"}) {
    const auto reply = world.get(path, "");
    EXPECT_EQ(reply.status, 200U);
    for (const auto* name : {"menden", "soest", "school", "0000000000000001"})
      EXPECT_EQ(reply.body.find(name), std::string::npos) << path << " tells " << name;
  }
  EXPECT_THROW((void)world.live("/v1/live?type=aggregate", ""), std::exception);
  EXPECT_THROW((void)world.live("/v1/open/agg", ""), std::exception) << "no WebSocket there";
  EXPECT_EQ(world.get("/v1/agg?measure=water_volume&res=1d&group=tenant", "").status, 401U);
  EXPECT_EQ(world.get("/v1/events", "").status, 401U);
}

}  // namespace
}  // namespace lenne::api
