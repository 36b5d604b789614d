// /v1/alerts: what is open first, what a caller may see, one alert with its changes, acknowledgements, the live stream.
#include "tests/unit/api/world.hpp"

namespace lenne::api {
namespace {

v1::Alert level(const std::string& tenant, std::uint64_t eui, const std::string& rule, v1::AlertState state,
                v1::Severity severity = v1::SEVERITY_WARNING, std::uint32_t revision = 1) {
  v1::Alert alert;
  alert.set_tenant(tenant);
  alert.set_dev_eui(eui);
  alert.set_device_name("gauge");
  alert.set_use_case("flood-level");
  alert.set_rule(rule);
  alert.set_state(state);
  alert.set_reason(v1::ALERT_REASON_VALUE);
  alert.set_severity(severity);
  alert.set_revision(revision);
  alert.set_measure("temperature");
  alert.set_unit("Cel");
  alert.set_exponent(-3);
  alert.set_comparison(v1::COMPARISON_ABOVE);
  alert.mutable_threshold()->set_value(160);
  alert.mutable_threshold()->set_exponent(-2);
  alert.mutable_last()->set_value(1725);
  alert.mutable_last()->set_time_us(kStartUs);
  alert.set_firing_since_us(kStartUs);
  alert.set_since_us(kStartUs + revision);
  alert.set_changed_us(kStartUs + revision);
  return alert;
}

std::string rules(const Reply& reply) {
  std::string found;
  for (const auto& item : reply.items())
    found += (found.empty() ? "" : " ") + std::string(item.as_object().at("rule").as_string());
  return found;
}

TEST(AlertsApi, OpenOnesComeFirstAndEachTenantSeesItsOwn) {
  World world;
  world.two_towns();
  world.measure("menden", 1, 1'800'000);
  world.alert(level("menden", 1, "over", v1::ALERT_STATE_RESOLVED));
  world.alert(level("menden", 1, "arising", v1::ALERT_STATE_PENDING));
  world.alert(level("menden", 1, "in-hand", v1::ALERT_STATE_ACKNOWLEDGED, v1::SEVERITY_ALARM));
  world.alert(level("menden", 1, "warning", v1::ALERT_STATE_FIRING));
  world.alert(level("soest", 2, "alarm", v1::ALERT_STATE_FIRING, v1::SEVERITY_ALARM));
  world.wait_until([&] { return world.get("/v1/alerts").items().size() == 5; });
  EXPECT_EQ(rules(world.get("/v1/alerts")), "warning alarm in-hand arising over");
  EXPECT_EQ(rules(world.get("/v1/alerts?state=open")), "warning alarm in-hand");
  EXPECT_EQ(rules(world.get("/v1/alerts?state=ended")), "over");
  EXPECT_EQ(rules(world.get("/v1/alerts?severity=alarm")), "alarm in-hand");
  EXPECT_EQ(rules(world.get("/v1/alerts?device=0000000000000002")), "alarm");
  EXPECT_EQ(rules(world.get("/v1/alerts?tenant=menden&state=firing")), "warning");
  EXPECT_EQ(rules(world.get("/v1/alerts", world.token_of("soest"))), "alarm");
  EXPECT_EQ(world.get("/v1/alerts/0000000000000001/warning", world.token_of("soest")).status, 404U);
  EXPECT_EQ(world.get("/v1/alerts?state=loud").status, 400U);
  EXPECT_EQ(world.get("/v1/alerts?severity=loud").status, 400U);
  EXPECT_EQ(world.get("/v1/alerts?device=1").status, 400U);
  const auto first = world.get("/v1/alerts?tenant=menden").items().at(0).as_object();
  EXPECT_EQ(first.at("threshold"), 1.6);
  EXPECT_EQ(first.at("last").at("value"), 1.725);
  EXPECT_EQ(first.at("now").at("value"), 1.8);
  EXPECT_EQ(first.at("state"), "firing");
  // Page by page the same, in the same order.
  std::string paged;
  std::string cursor;
  for (int i = 0; i < 10; ++i) {
    const auto page = world.get("/v1/alerts?limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& item : page.items()) paged += std::string(item.as_object().at("rule").as_string()) + " ";
    const auto next = page.json().at("next");
    if (next.is_null()) break;
    cursor = std::string(next.as_string());
  }
  EXPECT_EQ(paged, "warning alarm in-hand arising over ");
  EXPECT_EQ(world.get("/v1/alerts?cursor=9").status, 400U);
  EXPECT_EQ(world.get("/v1/alerts?cursor=1zz").status, 400U);
}

TEST(AlertsApi, AnAlertHasItsLastChanges) {
  World world;
  world.two_towns();
  for (std::uint32_t i = 1; i <= 70; ++i)
    world.alert(level("menden", 1, "level-1", i % 2 == 0 ? v1::ALERT_STATE_FIRING : v1::ALERT_STATE_PENDING,
                      v1::SEVERITY_INFO, i));
  const std::string target = "/v1/alerts/0000000000000001/level-1";
  world.wait_until([&] { return world.get(target).status == 200 && world.get(target).json().at("revision") == 70; });
  const auto changes = world.get(target).json().at("changes").as_array();
  ASSERT_EQ(changes.size(), 64U);
  EXPECT_EQ(changes.front().at("revision"), 70);
  EXPECT_EQ(changes.back().at("revision"), 7);
  EXPECT_EQ(world.get("/v1/alerts").items().size(), 1U) << "a change replaces the state before it";
  EXPECT_EQ(world.get("/v1/alerts/0000000000000001/level-9").status, 404U);
}

TEST(AlertsApi, AnAcknowledgementGoesToThePartitionOfTheAlert) {
  World world;
  world.two_towns();
  world.firing = level("menden", 1, "level-1", v1::ALERT_STATE_FIRING);
  world.alert(world.firing);
  const std::string target = "/v1/alerts/0000000000000001/level-1/acknowledgement";
  world.wait_until([&] { return world.get("/v1/alerts").items().size() == 1; });
  EXPECT_EQ(world.post(target, "{}", world.token_of("menden")).status, 403U);
  EXPECT_EQ(world.post(target, R"({"firing_since":"2020-01-01T00:00:00Z"})").status, 409U) << "another episode";
  for (const auto* body : {"[]", R"({"note":5})", R"({"actor":""})", R"({"firing_since":"noon"})", R"({"who":"me"})"})
    EXPECT_EQ(world.post(target, body).status, 400U) << body;
  const auto reply = world.post(target, R"({"actor":"fire brigade","note":"sandbags"})");
  ASSERT_EQ(reply.status, 200U) << reply.body;
  EXPECT_EQ(reply.json().at("alert").at("state"), "acknowledged");
  EXPECT_EQ(reply.json().at("alert").at("actor"), "fire brigade");
  EXPECT_EQ(reply.json().at("alert").at("note"), "sandbags");
  EXPECT_EQ(world.post(target, "{}").json().at("error"), "not_firing");
  world.stop();
  EXPECT_EQ(world.acknowledged_in, std::vector<std::uint32_t>{0});
}

TEST(AlertsApi, ChangesComeByTheLiveStream) {
  World world;
  auto socket = world.live("/v1/live?type=alert");
  world.uplink("menden", 1, 7);
  world.alert(level("menden", 1, "level-1", v1::ALERT_STATE_FIRING));
  const auto line = boost::json::parse(socket.read()).as_object();
  EXPECT_EQ(line.at("type"), "alert");
  EXPECT_EQ(line.at("rule"), "level-1");
  EXPECT_THROW(world.live("/v1/live?type=alert&from=beginning"), std::exception);
  EXPECT_EQ(world.get("/v1/events?type=alert").status, 400U);
}

TEST(AlertsApi, WhatCannotBeWrittenIsLeftOut) {
  World world;
  auto broken = level("menden", 1, "level-1", v1::ALERT_STATE_FIRING);
  broken.mutable_hysteresis()->set_exponent(2'000'000'000);
  world.alert(broken);
  broken.set_exponent(2'000'000'000);
  broken.set_rule("level-2");
  world.alert(broken);
  world.alert(level("menden", 1, "level-3", v1::ALERT_STATE_FIRING));
  world.wait_until([&] { return !world.get("/v1/alerts").items().empty(); });
  EXPECT_EQ(rules(world.get("/v1/alerts")), "level-3");
  EXPECT_EQ(world.counters.value("views.refused.alert_fields"), 1U);
}

}  // namespace
}  // namespace lenne::api
