#include "tests/unit/storage/views/world.hpp"

namespace lenne::storage::views {
namespace {

const Scope kAll = Scope::everything();
const Scope kMenden = Scope::of({"menden"});
const Scope kSoest = Scope::of({"soest"});

TEST(Views, DeviceIsListedWithHowItWasHeardAndItsNewestValues) {
  World world;
  world.put(tenant_object("menden"));
  world.put(device_object("menden", 7, "school"));
  world.uplink("menden", 7, 41, kStartUs);
  world.measure("menden", 7, "temperature", 21'500'000, kStartUs);
  world.measure("menden", 7, "humidity", 48'000'000, kStartUs);
  world.commit();
  world.uplink("menden", 7, 42, kStartUs + 600'000'000);
  world.measure("menden", 7, "temperature", 22'000'000, kStartUs + 600'000'000);
  world.measure("menden", 7, "temperature", 1, kStartUs - 1);  // a late one is not the newest, but the first
  for (const auto flag :
       {v1::SAMPLE_FLAG_OUT_OF_RANGE, v1::SAMPLE_FLAG_IMPLAUSIBLE, v1::SAMPLE_FLAG_STEP, v1::SAMPLE_FLAG_FLAT}) {
    world.measure("menden", 7, "temperature", 99, kStartUs + 700'000'000, flag);
  }
  world.commit();

  const auto page = world.queries.devices(kMenden, {}, {});
  ASSERT_TRUE(page && page->items.size() == 1 && page->next.empty());
  const auto& row = page->items[0];
  EXPECT_EQ(row.f_cnt(), 42U);
  EXPECT_EQ(row.uplinks(), 2U);
  EXPECT_EQ(row.rssi_dbm(), -97);
  EXPECT_EQ(row.last_seen_us(), kStartUs + 600'000'000);
  ASSERT_EQ(row.series_size(), 2);
  EXPECT_EQ(row.series(0).measure(), "humidity");
  EXPECT_EQ(row.series(1).value(), 22'000'000);
  EXPECT_EQ(row.series(1).first_us(), kStartUs - 1);
  EXPECT_EQ(row.series(1).flagged_us(), kStartUs + 700'000'000) << "it says that there is a newer one";
  EXPECT_EQ(row.series(1).flagged_value(), 99);
  EXPECT_EQ(row.series(1).flags(), std::uint32_t{v1::SAMPLE_FLAG_FLAT});
  world.measure("menden", 7, "temperature", 23'000'000, kStartUs + 800'000'000);
  world.measure("menden", 7, "temperature", 5, kStartUs + 750'000'000, v1::SAMPLE_FLAG_STEP);
  world.commit();
  EXPECT_EQ(world.queries.devices(kMenden, {}, {})->items[0].series(1).flagged_us(), 0) << "the value is the newest";
  EXPECT_TRUE(world.queries.devices(kSoest, {}, {})->items.empty());
  EXPECT_TRUE(world.queries.devices(kAll, {.tenant = "soest"}, {})->items.empty());
  EXPECT_TRUE(world.queries.devices(kSoest, {.tenant = "menden"}, {})->items.empty());
  EXPECT_EQ(world.queries.devices(kAll, {.site = "school", .text = "DEVICE 7"}, {})->items.size(), 1U);
  EXPECT_EQ(world.queries.devices(kAll, {.text = "0007"}, {})->items.size(), 1U);
}

TEST(Views, TheBestGatewayOfAReceptionIsShown) {
  World world;
  world.put(device_object("menden", 7));
  world.uplink("menden", 7, 41, kStartUs, 0xa1);
  v1::DeviceEvent event;
  event.set_tenant("menden");
  event.set_dev_eui(7);
  event.mutable_reception()->set_f_cnt(41);
  for (const int snr : {-20, 95}) {
    auto& hearing = *event.mutable_reception()->add_gateways();
    hearing.set_gateway_id(snr > 0 ? 0xb2 : 0xa1);
    hearing.set_snr_tenths_db(snr);
    hearing.set_rssi_dbm(-60);
    hearing.set_received_us(kStartUs + 5);
  }
  world.apply(Topic::event, "menden", {}, event.SerializeAsString());
  world.commit();
  const auto row = world.queries.device(kAll, {7});
  ASSERT_TRUE(row && *row);
  EXPECT_EQ((**row).gateway_id(), 0xb2U);
  EXPECT_EQ((**row).snr_tenths_db(), 95);
}

TEST(Views, TotalsOfATenant) {
  World world;
  world.put(tenant_object("menden"));
  world.put(site_object("menden", "school"));
  world.put(gateway_object("menden", 0xa1));
  for (std::uint64_t eui = 1; eui <= 3; ++eui) world.put(device_object("menden", eui));
  world.put(device_object("menden", 3));  // the same again
  world.commit();
  for (std::int64_t i = 0; i < 12; ++i)
    world.uplink("menden", 1 + static_cast<std::uint64_t>(i) % 2, 1, kStartUs + i * 10'000'000);
  world.remove(device_object("menden", 3));
  world.commit();
  const auto tenants = world.queries.tenants(kAll);
  ASSERT_TRUE(tenants && tenants->size() == 1);
  const auto& row = (*tenants)[0].second;
  EXPECT_EQ(row.devices(), 2U);
  EXPECT_EQ(row.gateways(), 1U);
  EXPECT_EQ(row.sites(), 1U);
  EXPECT_EQ(row.uplinks(), 12U);
  EXPECT_EQ(count_recent(row.uplinks_10s(), (kStartUs + 110'000'000) / kUplinkBucketUs, 6), 6U);
  EXPECT_EQ(count_recent(row.devices_5min(), (kStartUs + 110'000'000) / kSeenBucketUs, 12), 2U) << "each device once";
  EXPECT_TRUE(world.queries.tenants(kSoest)->empty());
}

TEST(Views, ADeviceThatMovesLeavesItsTenantsListsAndKeepsItsHistoryThere) {
  World world;
  world.put(device_object("menden", 7));
  world.measure("menden", 7, "temperature", 1, kStartUs);
  world.aggregate("menden", 7, "temperature", kStartUs);
  world.commit();
  world.put(device_object("soest", 7));
  world.commit();
  EXPECT_TRUE(world.queries.devices(kMenden, {}, {})->items.empty());
  EXPECT_TRUE(world.queries.series(kMenden, {.measure = "temperature"}, {})->items.empty());
  EXPECT_EQ(world.queries.devices(kSoest, {}, {})->items.size(), 1U);
  EXPECT_TRUE((world.queries.devices(kSoest, {}, {})->items[0].series().empty()));
  const AggregateFilter filter{
      .measure = "temperature", .window = "PT15M", .from = kStart, .to = kStart + std::chrono::hours{1}};
  EXPECT_EQ(world.queries.aggregates(kMenden, filter, {})->items.size(), 1U);
  EXPECT_TRUE(world.queries.aggregates(kSoest, filter, {})->items.empty());
  EXPECT_FALSE(*world.queries.object(kMenden, "device/0000000000000007"));
  EXPECT_TRUE(*world.queries.object(kSoest, "device/0000000000000007"));
}

TEST(Views, DataBeforeTheDeclarationIsKeptButNotListed) {
  World world;
  world.measure("menden", 7, "temperature", 1, kStartUs);
  world.commit();
  EXPECT_TRUE(world.queries.devices(kAll, {}, {})->items.empty());
  EXPECT_TRUE(world.queries.series(kAll, {}, {})->items.empty());
  world.put(device_object("menden", 7));
  world.commit();
  EXPECT_EQ(world.queries.series(kAll, {}, {})->items.size(), 1U);
  EXPECT_EQ(world.queries.series(kAll, {.measure = "temperature"}, {})->items.size(), 1U);
}

TEST(Views, GatewaysAreSeenByTheirReportsAndByWhatTheyHear) {
  World world;
  world.uplink("menden", 7, 1, kStartUs + 5, 0xa1);  // heard before it is declared: nobody's
  world.commit();
  EXPECT_TRUE(world.queries.gateways(kMenden, {}, {})->items.empty());
  EXPECT_EQ(world.queries.gateways(kAll, {}, {})->items.size(), 1U);
  world.put(gateway_object("menden", 0xa1));
  v1::GatewayStatus status;
  status.set_gateway_id(0xa1);
  status.set_received_us(kStartUs + 9);
  status.set_rx_received(3);
  status.set_rx_ok(2);
  world.apply(Topic::gateway_status, {}, "a1", status.SerializeAsString());
  world.apply(Topic::gateway_status, {}, "a1", status.SerializeAsString());  // the same report again
  world.commit();
  const auto page = world.queries.gateways(kMenden, {}, {});
  ASSERT_TRUE(page && page->items.size() == 1);
  EXPECT_EQ(page->items[0].status.last_seen_us(), kStartUs + 9);
  EXPECT_EQ(page->items[0].status.rx_received(), 3U);
  EXPECT_EQ(world.queries.gateways(kAll, {}, {})->items.size(), 1U) << "it moved, it was not copied";
  world.remove(gateway_object("menden", 0xa1));
  world.commit();
  EXPECT_TRUE(world.queries.gateways(kAll, {}, {})->items.empty());
}

TEST(Views, AHigherRevisionReplacesAndATombstoneRemoves) {
  World world;
  world.put(device_object("menden", 7));
  world.aggregate("menden", 7, "temperature", kStartUs, 0);
  world.aggregate("menden", 7, "temperature", kStartUs, 1);
  world.commit();
  const AggregateFilter filter{
      .measure = "temperature", .window = "PT15M", .from = kStart, .to = kStart + std::chrono::hours{1}};
  auto page = world.queries.aggregates(kAll, filter, {});
  ASSERT_TRUE(page && page->items.size() == 1);
  EXPECT_EQ(page->items[0].revision(), 1U);
  EXPECT_EQ(world.queries.series(kAll, {}, {})->items[0].series.windows_size(), 1);
  world.apply(Topic::aggregate, "menden",
              "0000000000000007/temperature/PT15M/" + base::hex_of(static_cast<std::uint64_t>(kStartUs), 16), {}, true);
  world.commit();
  EXPECT_TRUE(world.queries.aggregates(kAll, filter, {})->items.empty());
}

TEST(Views, WhatWasBackfilledIsASeriesUntilItIsDropped) {
  World world;
  world.put(device_object("menden", 7));
  world.measure("menden", 7, "temperature", 21'500'000, kStartUs);
  world.aggregate("menden", 7, "temperature", kStartUs, 0);
  constexpr std::int64_t kQuarterUs = 900'000'000;
  for (const auto start : {kStartUs, kStartUs + kQuarterUs}) world.aggregate("menden", 7, "temperature@2", start, 0);
  world.commit();
  const auto measures = [&] {
    const auto page = world.queries.series(kAll, {}, {});
    std::vector<std::string> names;
    for (const auto& item : page->items) names.push_back(item.series.measure());
    return names;
  };
  EXPECT_EQ(measures(), (std::vector<std::string>{"temperature", "temperature@2"}));
  AggregateFilter filter{
      .measure = "temperature@2", .window = "PT15M", .from = kStart, .to = kStart + std::chrono::hours{1}};
  EXPECT_EQ(world.queries.aggregates(kAll, filter, {})->items.size(), 2U);
  for (const auto start : {kStartUs, kStartUs + kQuarterUs}) {
    world.apply(Topic::aggregate, "menden",
                "0000000000000007/temperature@2/PT15M/" + base::hex_of(static_cast<std::uint64_t>(start), 16), {},
                true);
  }
  world.commit();
  EXPECT_EQ(measures(), std::vector<std::string>{"temperature"});
  EXPECT_TRUE(world.queries.aggregates(kAll, filter, {})->items.empty());
  filter.measure = "temperature";
  EXPECT_EQ(world.queries.aggregates(kAll, filter, {})->items.size(), 1U) << "what stands stays";
}

TEST(Views, OutcomesAndPositions) {
  World world;
  world.put(tenant_object("menden"), 5, 17);
  v1::DeviceEvent refusal;
  refusal.mutable_input()->set_partition(3);
  refusal.mutable_input()->set_offset(9);
  refusal.mutable_log()->set_level(v1::LOG_LEVEL_ERROR);
  refusal.mutable_log()->set_code("no");
  refusal.mutable_log()->set_request_id(6);
  world.apply(Topic::event, {}, {}, refusal.SerializeAsString());
  refusal.mutable_input()->set_offset(4);  // positions never go back
  refusal.mutable_log()->set_request_id(0);
  world.apply(Topic::event, {}, {}, refusal.SerializeAsString());
  world.commit();
  EXPECT_TRUE((**world.queries.outcome(5)).accepted());
  EXPECT_EQ((**world.queries.outcome(6)).code(), "no");
  EXPECT_FALSE(*world.queries.outcome(7));
  EXPECT_EQ(*world.queries.applied(), (std::map<std::uint32_t, Offset>{{0, 17}, {3, 9}}));
  // The ring: a later write takes the place of the one kOutcomes before it.
  world.put(tenant_object("menden"), 5 + kOutcomes, 18);
  world.commit();
  EXPECT_FALSE(*world.queries.outcome(5));
  EXPECT_TRUE(*world.queries.outcome(5 + kOutcomes));
}

TEST(Views, WhatCannotBeReadIsCounted) {
  World world;
  const std::string garbage = "\xff\xff\xff";
  world.apply(Topic::control, {}, "tenant/x", garbage);
  world.apply(Topic::event, {}, {}, garbage);
  world.apply(Topic::measurement, {}, {}, garbage);
  world.apply(Topic::aggregate, {}, {}, garbage);
  world.apply(Topic::aggregate, {}, "nonsense", {}, true);
  world.apply(Topic::gateway_status, {}, {}, garbage);
  world.apply(Topic::keys, {}, {}, {});
  world.uplink(std::string("a\0b", 3), 1, 1, kStartUs);  // a tenant that would not stay inside its keys
  world.uplink(std::string(200, 'x'), 1, 1, kStartUs);
  world.commit();
  for (const auto name : {"control", "event", "measurement", "aggregate", "aggregate_key", "gateway_status", "topic"}) {
    EXPECT_EQ(world.counters.value(std::string("views.refused.") + name), 1U) << name;
  }
  EXPECT_EQ(world.counters.value("views.refused.tenant"), 2U);
  EXPECT_TRUE(world.queries.tenants(kAll)->empty());
}

TEST(Views, AResolutionBeyondAllUnitsIsRefused) {
  World world;
  world.put(device_object("menden", 7));
  v1::Measurement measurement;
  measurement.set_tenant("menden");
  measurement.set_dev_eui(7);
  auto& sample = *measurement.add_samples();
  sample.set_measure("temperature");
  v1::Aggregate aggregate;
  aggregate.set_tenant("menden");
  aggregate.set_measure("temperature");
  aggregate.set_window("PT15M");
  for (const auto exponent : {19, -19, INT32_MAX, INT32_MIN}) {
    sample.set_exponent(exponent);
    world.apply(Topic::measurement, {}, {}, measurement.SerializeAsString());
    aggregate.set_exponent(exponent);
    world.apply(Topic::aggregate, "menden", "k", aggregate.SerializeAsString());
  }
  world.commit();
  EXPECT_EQ(world.counters.value("views.refused.exponent"), 8U);
  EXPECT_TRUE(world.queries.series(kAll, {}, {})->items.empty());
}

TEST(Views, SeriesOfADeviceAreBounded) {
  World world;
  world.put(device_object("menden", 7));
  for (int i = 0; i < kMaxSeries + 3; ++i) world.measure("menden", 7, "m" + std::to_string(i), 1, kStartUs);
  world.commit();
  EXPECT_EQ(world.counters.value("views.refused.series"), 3U);
  EXPECT_EQ(world.queries.series(kAll, {}, {})->items.size(), static_cast<std::size_t>(kMaxSeries));
}

TEST(Queries, AForeignOrBrokenCursorIsRefused) {
  World world;
  for (std::uint64_t eui = 1; eui <= 3; ++eui) world.put(device_object(eui == 3 ? "soest" : "menden", eui));
  world.commit();
  const auto page = world.queries.devices(kAll, {}, {.limit = 1});
  ASSERT_TRUE(page && !page->next.empty());
  EXPECT_EQ(world.queries.devices(kSoest, {}, {.limit = 1, .cursor = page->next}).error().code, "bad_cursor");
  EXPECT_EQ(world.queries.devices(kAll, {}, {.cursor = "zz"}).error().code, "bad_cursor");
  EXPECT_EQ(world.queries.devices(kAll, {}, {.cursor = "00ff00"})->items.size(), 3U)
      << "any key is a place to go on from";
  EXPECT_EQ(world.queries.devices(kAll, {}, {.cursor = "ff"}).error().code, "bad_cursor");
}

TEST(Queries, AtMostScanLimitRowsAreLookedAt) {
  World world;
  for (std::uint64_t eui = 1; eui <= 10; ++eui) world.put(device_object("menden", eui, eui == 10 ? "last" : "first"));
  world.commit();
  PageRequest page{.limit = 5, .cursor = {}, .scan_limit = 4};
  int pages = 0;
  std::size_t found = 0;
  do {
    const auto read = world.queries.devices(kAll, {.site = "last"}, page);
    ASSERT_TRUE(read);
    found += read->items.size();
    page.cursor = read->next;
    ++pages;
  } while (!page.cursor.empty());
  EXPECT_EQ(found, 1U);
  EXPECT_EQ(pages, 3);
}

TEST(Buckets, KeepTheNewest) {
  v1::BucketCounts counts;
  add_to_bucket(counts, 100, 4);
  add_to_bucket(counts, 98, 4);
  add_to_bucket(counts, 90, 4);  // too old
  EXPECT_EQ(count_recent(counts, 100, 4), 2U);
  add_to_bucket(counts, 102, 4);
  EXPECT_EQ(count_recent(counts, 102, 4), 2U) << "98 has gone";
  take_from_bucket(counts, 100, 4);
  take_from_bucket(counts, 98, 4);
  EXPECT_EQ(count_recent(counts, 102, 4), 1U);
  add_to_bucket(counts, 1'000'000, 4);
  EXPECT_EQ(counts.counts_size(), 4);
  EXPECT_EQ(count_recent(counts, 1'000'000, 4), 1U);
}

TEST(Keys, StartWithTheirTenant) {
  for (const auto& key :
       {object_key("menden", "device/1"), device_key("menden", 1), series_key("menden", "t", 1), tenant_key("menden"),
        gateway_key("menden", 1), aggregate_key(aggregate_prefix("menden", "t", "PT1H"), kStart, 1)}) {
    EXPECT_EQ(tenant_of_key(key), "menden");
    EXPECT_EQ(key.substr(0, 7), std::string("menden\0", 7));
  }
  EXPECT_EQ(after_prefix("a\xff"), "b");
  EXPECT_EQ(after_prefix("\xff"), "");
}

}  // namespace
}  // namespace lenne::storage::views
