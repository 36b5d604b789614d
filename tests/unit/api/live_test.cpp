// GET /v1/live over a real WebSocket.
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

TEST(Live, FollowsTheLog) {
  World world;
  world.two_towns();
  auto socket = world.live("/v1/live?type=uplink");
  world.uplink("menden", 1, 7);
  auto line = boost::json::parse(socket.read()).as_object();
  EXPECT_EQ(line.at("f_cnt"), 7);
  const auto position = std::string(line.at("position").as_string());
  world.uplink("menden", 1, 8);
  world.uplink("soest", 2, 9);
  EXPECT_EQ(boost::json::parse(socket.read()).at("f_cnt"), 8);
  EXPECT_EQ(boost::json::parse(socket.read()).at("f_cnt"), 9);
  socket.close();
  // A client that was cut goes on where it was.
  auto again = world.live("/v1/live?from=" + position);
  EXPECT_EQ(boost::json::parse(again.read()).at("f_cnt"), 8);
  EXPECT_EQ(boost::json::parse(again.read()).at("f_cnt"), 9);
}

TEST(Live, ATenantHearsOnlyItsOwn) {
  World world;
  world.two_towns();
  auto socket = world.live("/v1/live?type=uplink,aggregate", world.token_of("soest"));
  world.uplink("menden", 1, 7);
  world.aggregate("menden", 1, kStartUs);
  world.uplink("soest", 2, 8);
  EXPECT_EQ(boost::json::parse(socket.read()).at("f_cnt"), 8);
}

TEST(Live, FinalAggregatesComeWhenTheyAreAskedFor) {
  World world;
  auto socket = world.live("/v1/live?type=aggregate");
  world.uplink("menden", 1, 7);
  world.aggregate("menden", 1, kStartUs);
  const auto line = boost::json::parse(socket.read()).as_object();
  EXPECT_EQ(line.at("type"), "aggregate");
  EXPECT_EQ(line.at("window"), "PT15M");
  auto again = world.live("/v1/live?type=aggregate&from=beginning");
  EXPECT_EQ(boost::json::parse(again.read()).at("start"), line.at("start"));
  EXPECT_THROW(world.live("/v1/live?type=alert&from=beginning"), std::exception);
}

TEST(Live, RefusesBeforeItOpens) {
  World world({.limits = {.live_clients = 1}});
  EXPECT_THROW(world.live("/v1/live", "wrong"), std::exception);
  EXPECT_THROW(world.live("/v1/live", ""), std::exception);
  EXPECT_THROW(world.live("/v1/live?type=birth"), std::exception);
  EXPECT_THROW(world.live("/v1/status"), std::exception);
  EXPECT_GE(world.counters.value("api.refused.live_unauthorized"), 2U);
  auto first = world.live("/v1/live");
  EXPECT_THROW(world.live("/v1/live"), std::exception);
  EXPECT_EQ(world.counters.value("api.refused.live_too_many"), 1U);
  first.close();
  world.wait_until([&] { return world.get("/metrics").body.find("lenne_api_live_clients 0") != std::string::npos; });
}

TEST(Live, AClientThatTakesNothingIsCut) {
  World world(
      {.limits = {.live_write_timeout = std::chrono::milliseconds{200}, .live_poll = std::chrono::milliseconds{5}}});
  auto socket = world.live("/v1/live");
  v1::DeviceEvent event;
  event.set_tenant("menden");
  event.set_dev_eui(1);
  event.mutable_log()->set_message(std::string(200'000, 'x'));
  // More than the buffers of two sockets hold.
  for (int i = 0; i < 60; ++i) world.event(event);
  world.wait_until([&] { return world.counters.value("api.refused.live_slow") == 1; });
  world.wait_until([&] { return world.get("/metrics").body.find("lenne_api_live_clients 0") != std::string::npos; });
}

TEST(Live, ARevokedTokenEndsIt) {
  World world({.limits = {.live_poll = std::chrono::milliseconds{1}}});
  world.two_towns();
  auto socket = world.live("/v1/live", world.token_of("menden"));
  const auto id = std::string(world.get("/v1/tokens").items().at(0).as_object().at("id").as_string());
  ASSERT_EQ(world.ask("DELETE", "/v1/tokens/" + id).status, 204U);
  EXPECT_EQ(socket.read_end(), 1008U) << "policy violation, RFC 6455 section 7.4.1";
}

TEST(Live, StopsWithClientsConnected) {
  World world;
  auto socket = world.live("/v1/live");
  auto idle = world.connect();
  world.stop();
  EXPECT_TRUE(socket.read_end());
}

}  // namespace
}  // namespace lenne::api
