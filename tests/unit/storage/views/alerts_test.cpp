// Alerts in the views: one row for the newest state, under the key of its urgency.

#include "world.hpp"

#include "lenne/v1/alert.pb.h"

namespace lenne::storage::views {
namespace {

v1::Alert alert_of(v1::AlertState state, std::uint32_t revision, v1::Severity severity = v1::SEVERITY_WARNING) {
  v1::Alert alert;
  alert.set_tenant("menden");
  alert.set_dev_eui(7);
  alert.set_rule("level-1");
  alert.set_state(state);
  alert.set_severity(severity);
  alert.set_revision(revision);
  alert.set_since_us(kStartUs + revision);
  alert.set_changed_us(kStartUs + revision);
  return alert;
}

void tell(World& world, const v1::Alert& alert) {
  world.apply(Topic::alert, alert.tenant(), "k", alert.SerializeAsString());
}

std::size_t rows(const World& world) {
  std::size_t count = 0;
  EXPECT_TRUE(world.log.state().scan(Store::view_alert, 0, {}, {}, [&](std::string_view, std::string_view) {
    ++count;
    return true;
  }));
  return count;
}

TEST(ViewAlerts, AChangeTakesThePlaceOfTheStateBeforeIt) {
  World world;
  const auto everything = Scope::everything();
  std::uint32_t revision = 0;
  for (const auto state : {v1::ALERT_STATE_PENDING, v1::ALERT_STATE_FIRING, v1::ALERT_STATE_ACKNOWLEDGED,
                           v1::ALERT_STATE_RESOLVED, v1::ALERT_STATE_PENDING, v1::ALERT_STATE_OK}) {
    tell(world, alert_of(state, ++revision));
    if (revision % 2 == 0) world.commit();
    const bool committed = revision % 2 == 0;
    if (!committed) continue;
    const auto all = world.queries.alerts(everything, {}, {});
    ASSERT_TRUE(all);
    ASSERT_EQ(all->items.size(), 1U) << revision;
    EXPECT_EQ(all->items[0].alert().state(), state);
    EXPECT_EQ(rows(world), 2U + revision) << "the state, where it lies, and each change";
  }
  const auto changes = world.queries.alert_changes(Scope::everything(), alert_of(v1::ALERT_STATE_OK, 6));
  ASSERT_TRUE(changes);
  ASSERT_EQ(changes->size(), 6U);
  EXPECT_EQ(changes->front().alert().revision(), 6U);
  EXPECT_EQ(changes->back().alert().revision(), 1U);
}

TEST(ViewAlerts, OneAlertIsFoundByItsDeviceAndRuleInScopeOnly) {
  World world;
  tell(world, alert_of(v1::ALERT_STATE_FIRING, 1));
  world.commit();
  const base::DevEui eui{7};
  EXPECT_TRUE(world.queries.alert(Scope::everything(), "menden", eui, "level-1")->has_value());
  EXPECT_TRUE(world.queries.alert(Scope::of({"menden"}), "menden", eui, "level-1")->has_value());
  EXPECT_FALSE(world.queries.alert(Scope::of({"soest"}), "menden", eui, "level-1")->has_value());
  EXPECT_FALSE(world.queries.alert(Scope::everything(), {}, eui, "level-1")->has_value()) << "nobody declared it";
  EXPECT_FALSE(world.queries.alert(Scope::everything(), "menden", eui, "level-2")->has_value());
}

TEST(ViewAlerts, WhatIsNoAlertIsCounted) {
  World world;
  world.apply(Topic::alert, "menden", "k", "\xff\xff");
  auto nobody = alert_of(v1::ALERT_STATE_FIRING, 1);
  nobody.clear_tenant();
  tell(world, nobody);
  auto endless = alert_of(v1::ALERT_STATE_FIRING, 1);
  endless.set_exponent(1'000'000);
  tell(world, endless);
  world.commit();
  EXPECT_EQ(rows(world), 0U);
  EXPECT_EQ(world.counters.value("views.refused.alert"), 1U);
  EXPECT_EQ(world.counters.value("views.refused.alert_fields"), 2U);
}

}  // namespace
}  // namespace lenne::storage::views
