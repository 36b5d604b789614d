// What scopes leave of meters: by each query, for each detail.
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "lenne/v1/alert.pb.h"
#include "lenne/v1/rollup.pb.h"
#include "tests/unit/storage/views/world.hpp"

namespace lenne::storage::views {
namespace {

bool counts(std::string_view measure) { return measure == "water_volume"; }
bool is_long(std::string_view window) { return window == "PT15M"; }

constexpr std::uint64_t kAir = 1;
constexpr std::uint64_t kMeter = 2;
constexpr std::uint64_t kNamed = 3;
constexpr std::uint64_t kUnknown = 4;  ///< has results, and no row of its own

Scope scope_of(Detail of_all, Detail of_named = Detail::nothing) {
  return Scope::of({"menden"}).with({of_all, of_named, {kNamed}, counts, is_long});
}

class Town : public World {
 public:
  Town() {
    put(tenant_object("menden"));
    for (const auto eui : {kAir, kMeter, kNamed}) {
      put(device_object("menden", eui, eui == kAir ? "park" : "house"));
      measure("menden", eui, "temperature", 21'500'000, kStartUs);
      if (eui != kAir) measure("menden", eui, "water_volume", 5'000, kStartUs, v1::SAMPLE_FLAG_STEP);
      if (eui != kAir) measure("menden", eui, "water_volume", 4'000, kStartUs - 1);
      aggregate("menden", eui, "temperature", kStartUs);
      if (eui != kAir) aggregate("menden", eui, "water_volume", kStartUs);
      tell_alert(eui);
    }
    for (const std::string measure : {"temperature", "water_volume"}) {
      for (const std::string site : {"park", "house", ""}) tell_rollup(measure, site);
    }
    commit();
  }

  void tell_alert(std::uint64_t eui) {
    v1::Alert alert;
    alert.set_tenant("menden");
    alert.set_dev_eui(eui);
    alert.set_rule("burst");
    alert.set_measure(eui == kAir ? "temperature" : "flow");
    alert.set_state(v1::ALERT_STATE_FIRING);
    alert.set_revision(1);
    for (auto* seen : {alert.mutable_first(), alert.mutable_last(), alert.mutable_extreme()}) seen->set_value(77);
    alert.set_observations(3);
    alert.mutable_trend()->set_over_15min(77);
    alert.mutable_forecast()->set_after_s(77);
    apply(Topic::alert, "menden", base::hex_of(eui, 16) + "/burst", alert.SerializeAsString());
  }
  void tell_rollup(const std::string& measure, const std::string& site) {
    v1::Rollup rollup;
    rollup.set_level(site.empty() ? v1::ROLLUP_LEVEL_TENANT : v1::ROLLUP_LEVEL_SITE);
    rollup.set_tenant("menden");
    rollup.set_site(site);
    rollup.set_measure(measure);
    rollup.set_window("PT1H");
    rollup.set_start_us(kStartUs);
    apply(Topic::rollup, "menden", measure + site, rollup.SerializeAsString());
  }

  std::set<std::uint64_t> results(const Scope& scope, const std::string& measure, const std::string& window = "PT15M",
                                  std::optional<base::DevEui> device = {}) {
    const AggregateFilter filter{
        .measure = measure, .window = window, .from = kStart, .to = kStart + std::chrono::hours{1}, .device = device};
    std::set<std::uint64_t> devices;
    const auto page = queries.aggregates(scope, filter, {});
    EXPECT_TRUE(page);
    for (const auto& row : page->items) devices.insert(row.dev_eui());
    return devices;
  }
  std::size_t rollups(const Scope& scope, const std::string& measure, v1::RollupLevel level, const std::string& site) {
    const RollupFilter filter{level, measure, "PT1H", kStart, kStart + std::chrono::hours{1}, {}, site};
    return queries.rollups(scope, filter, {}).value().items.size();
  }
};

using Devices = std::set<std::uint64_t>;

TEST(MetersScope, DevicesAndTheirSeries) {
  Town town;
  const auto everything = Scope::of({"menden"});
  EXPECT_EQ(town.queries.devices(everything, {}, {})->items.size(), 3U);
  for (const auto detail : {Detail::nothing, Detail::name, Detail::alerts, Detail::results}) {
    const auto scope = scope_of(detail);
    Devices listed;
    const auto page = town.queries.devices(scope, {}, {});
    ASSERT_TRUE(page);
    for (const auto& device : page->items) {
      listed.insert(device.dev_eui());
      if (device.dev_eui() == kAir) {
        EXPECT_EQ(device.series_size(), 1);
        EXPECT_EQ(device.series(0).value(), 21'500'000);
        continue;
      }
      EXPECT_EQ(device.series_size(), detail == Detail::results ? 2 : 0);
      for (const auto& series : device.series()) {
        EXPECT_EQ(series.value(), 0);
        EXPECT_EQ(series.first_us(), 0);
        EXPECT_EQ(series.last_us(), 0);
        EXPECT_EQ(series.flagged_value(), 0);
        EXPECT_EQ(series.flagged_us(), 0);
        EXPECT_FALSE(series.has_offset());
      }
    }
    EXPECT_EQ(listed, detail == Detail::nothing ? Devices({kAir}) : Devices({kAir, kMeter})) << "the named one is not";
    EXPECT_EQ(town.queries.device(scope, {kMeter})->has_value(), detail != Detail::nothing);
    EXPECT_EQ(town.queries.series(scope, {}, {})->items.size(), detail == Detail::results ? 3U : 1U);
    EXPECT_EQ(town.queries.series(scope, {.measure = "temperature"}, {})->items.size(),
              detail == Detail::results ? 2U : 1U);
    EXPECT_EQ(town.queries.series(scope, {.device = base::DevEui{kMeter}}, {})->items.size(),
              detail == Detail::results ? 2U : 0U);
  }
  EXPECT_EQ(town.queries.devices(scope_of(Detail::nothing, Detail::all), {}, {})->items.size(), 2U);
}

TEST(MetersScope, Results) {
  Town town;
  town.aggregate("menden", kUnknown, "temperature", kStartUs);
  town.commit();
  Batch batch;
  batch.erase(Store::view_latest, 0, device_key("menden", kUnknown));
  ASSERT_TRUE(town.log.put_state(batch));
  for (const auto detail : {Detail::nothing, Detail::name, Detail::alerts}) {
    const auto scope = scope_of(detail, Detail::results);
    EXPECT_EQ(town.results(scope, "water_volume"), Devices({kNamed}));
    EXPECT_EQ(town.results(scope, "temperature"), Devices({kAir, kNamed})) << "all that a meter measures is its own";
    EXPECT_EQ(town.results(scope, "water_volume", "PT15M", base::DevEui{kMeter}), Devices{});
    EXPECT_EQ(town.results(scope, "water_volume", "PT15M", base::DevEui{kNamed}), Devices({kNamed}));
    EXPECT_EQ(town.results(scope, "temperature", "PT15M", base::DevEui{kAir}), Devices({kAir}));
    EXPECT_EQ(town.queries.shows_results(scope, "menden", {kNamed}, "temperature", "PT15M"), true);
    EXPECT_EQ(town.queries.shows_results(scope, "menden", {kNamed}, "temperature", "PT1M"), false) << "too short";
    EXPECT_EQ(town.queries.shows_results(scope, "menden", {kAir}, "temperature", "PT1M"), true);
    EXPECT_EQ(town.queries.shows_results(scope, "menden", {kMeter}, "temperature", "PT15M"), false);
    EXPECT_EQ(town.queries.shows_results(scope, "menden", {kUnknown}, "temperature", "PT15M"), false);
    EXPECT_EQ(town.queries.shows_results(scope, "soest", {kAir}, "temperature", "PT15M"), false);
  }
  EXPECT_EQ(town.results(Scope::of({"menden"}), "temperature"), Devices({kAir, kMeter, kNamed, kUnknown}));
}

TEST(MetersScope, AlertsWithoutWhatWasMeasured) {
  Town town;
  for (const auto detail : {Detail::nothing, Detail::name, Detail::alerts, Detail::results}) {
    const auto scope = scope_of(detail);
    const bool seen = detail >= Detail::alerts;
    EXPECT_EQ(town.queries.alerts(scope, {}, {})->items.size(), seen ? 2U : 1U);
    const auto own = town.queries.alert(scope, "menden", {kMeter}, "burst");
    ASSERT_TRUE(own);
    ASSERT_EQ(own->has_value(), seen);
    const auto air = town.queries.alert(scope, "menden", {kAir}, "burst").value();
    ASSERT_TRUE(air);
    EXPECT_EQ(air->alert().extreme().value(), 77);
    const auto whole = town.queries.alert(Scope::everything(), "menden", {kMeter}, "burst").value();
    ASSERT_TRUE(whole);
    auto all = town.queries.alert_changes(scope, whole->alert()).value();
    EXPECT_EQ(all.size(), seen ? 1U : 0U);
    if (seen) all.push_back(**own);
    for (const auto& view : all) {
      const auto& alert = view.alert();
      EXPECT_EQ(alert.state(), v1::ALERT_STATE_FIRING);
      EXPECT_FALSE(alert.has_first() || alert.has_last() || alert.has_extreme() || alert.has_trend() ||
                   alert.has_forecast());
      EXPECT_EQ(alert.observations(), 0U);
    }
  }
}

TEST(MetersScope, PlacesThatAMeterIsAPartOf) {
  Town town;
  const auto scope = scope_of(Detail::nothing, Detail::results);
  EXPECT_EQ(town.rollups(scope, "temperature", v1::ROLLUP_LEVEL_SITE, ""), 1U) << "the park alone";
  EXPECT_EQ(town.rollups(scope, "temperature", v1::ROLLUP_LEVEL_SITE, "house"), 0U);
  EXPECT_EQ(town.rollups(scope, "temperature", v1::ROLLUP_LEVEL_TENANT, ""), 0U);
  EXPECT_EQ(town.rollups(scope, "water_volume", v1::ROLLUP_LEVEL_SITE, "park"), 0U);
  const auto all = Scope::of({"menden"});
  EXPECT_EQ(town.rollups(all, "water_volume", v1::ROLLUP_LEVEL_SITE, ""), 2U);
  // What is too much to look through is refused, not shown.
  const RollupFilter filter{
      v1::ROLLUP_LEVEL_SITE, "temperature", "PT1H", kStart, kStart + std::chrono::hours{1}, {}, "park"};
  const auto refused = town.queries.rollups(scope, filter, {.scan_limit = 2});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "too_large");
}

}  // namespace
}  // namespace lenne::storage::views
