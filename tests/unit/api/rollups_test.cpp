// Results of sites, tenants and the region, over real sockets.
#include <gtest/gtest.h>

#include "lenne/v1/rollup.pb.h"
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

void tell_rollup(World& world, v1::RollupLevel level, const std::string& tenant, const std::string& site,
                 std::uint64_t sum) {
  v1::Rollup rollup;
  rollup.set_level(level);
  rollup.set_tenant(tenant);
  rollup.set_site(site);
  rollup.set_measure("temperature");
  rollup.set_unit("Cel");
  rollup.set_kind(v1::KIND_GAUGE);
  rollup.set_exponent(-1);
  rollup.set_start_us(kStartUs);
  rollup.set_end_us(kStartUs + 3'600'000'000);
  rollup.set_window("PT1H");
  rollup.set_members_used(3);
  rollup.set_members_total(4);
  rollup.mutable_members()->set_count(3);
  rollup.mutable_members()->mutable_sum()->set_low(sum);
  rollup.mutable_lowest()->set_value(199);
  rollup.mutable_lowest()->set_time_us(kStartUs + 1);
  world.append(storage::Topic::rollup, tenant, std::to_string(level) + "/" + tenant + "/" + site,
               rollup.SerializeAsString());
}

TEST(Rollups, ATenantSeesItsOwnPlacesAndNotTheRegion) {
  World world;
  world.two_towns();
  tell_rollup(world, v1::ROLLUP_LEVEL_SITE, "menden", "school", 633);
  tell_rollup(world, v1::ROLLUP_LEVEL_TENANT, "menden", "", 311);
  tell_rollup(world, v1::ROLLUP_LEVEL_REGION, "", "", 612);
  const auto menden = world.token_of("menden");
  const auto soest = world.token_of("soest");
  const std::string path =
      "/v1/agg?measure=temperature&res=1h&from=2020-01-01T00:00:00Z&to=2036-01-01T00:00:00Z&group=";
  world.wait_until([&] { return world.get(path + "region").items().size() == 1; });

  const auto site = world.get(path + "site", menden).items().at(0).as_object();
  EXPECT_EQ(site.at("site"), "school");
  EXPECT_EQ(site.at("level"), "site");
  EXPECT_TRUE(site.at("dev_eui").is_null());
  EXPECT_EQ(site.at("mean"), 21.1);
  EXPECT_EQ(site.at("members_used"), 3);
  EXPECT_EQ(site.at("members_total"), 4);
  EXPECT_EQ(site.at("coverage"), 0.75);
  EXPECT_EQ(site.at("valid"), true);
  EXPECT_EQ(site.at("lowest"), 19.9);
  EXPECT_FALSE(site.contains("indicators")) << "they are of samples, not of members";
  EXPECT_EQ(world.get(path + "tenant", menden).items().size(), 1U);
  EXPECT_EQ(world.get(path + "site&site=school", menden).items().size(), 1U);
  EXPECT_EQ(world.get(path + "site&site=other", menden).items().size(), 0U);

  for (const std::string group : {"site", "tenant", "region"}) {
    EXPECT_EQ(world.get(path + group, soest).items().size(), 0U) << group;
    EXPECT_EQ(world.get(path + group + "&tenant=menden", soest).items().size(), 0U) << group;
    EXPECT_EQ(world.get(path + group).items().size(), 1U) << group;
  }
  EXPECT_EQ(world.get(path + "region", menden).items().size(), 0U) << "it is made of others' data, too";
  EXPECT_NE(world.get(path + "site&format=csv").body.find(",members_used,members_total,"), std::string::npos);
  EXPECT_EQ(world.get(path + "galaxy").status, 400U);
  EXPECT_EQ(world.get(path + "site&device=0000000000000001").status, 400U);
}

}  // namespace
}  // namespace lenne::api
