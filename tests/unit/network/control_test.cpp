#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/slot.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using storage::Topic;
using v1::DeviceEvent;

Sensor sensor_at(std::uint32_t address) {
  Sensor s;
  s.address = {address};
  s.keys.f_nwk_s_int_key.bytes.fill(9);
  s.keys.s_nwk_s_int_key = s.keys.nwk_s_enc_key = s.keys.f_nwk_s_int_key;
  s.keys.app_s_key.bytes.fill(8);
  return s;
}

TEST(Control, AnAcceptedDeviceIsToldWithoutItsKeys) {
  Rig rig;
  const Sensor sensor;
  rig.feed(put(sensor.otaa(rig.vault), kStart, 77));
  const auto states = rig.on(Topic::control);
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].key, "device/70b3d5499a3d1c02");
  v1::ControlState state;
  ASSERT_TRUE(state.ParseFromString(states[0].value));
  EXPECT_EQ(state.request_id(), 77U);
  EXPECT_EQ(state.input().offset(), 1U);
  EXPECT_TRUE(state.object().device().wrapped_root_keys().empty());
  const auto keys = rig.on(Topic::keys);
  ASSERT_EQ(keys.size(), 1U);
  v1::Device wrapped;
  ASSERT_TRUE(wrapped.ParseFromString(keys[0].value));
  EXPECT_FALSE(wrapped.wrapped_root_keys().empty());
  for (const auto& output : rig.outputs) {
    EXPECT_EQ(output.value.find(std::string(sensor.app_key.bytes.begin(), sensor.app_key.bytes.end())),
              std::string::npos);
  }
}

TEST(Control, WhatADeviceLacksIsSaid) {
  struct Case {
    const char* code;
    std::function<void(v1::Device&)> spoil;
  };
  const std::vector<Case> cases{
      {"dev_eui_missing", [](auto& d) { d.set_dev_eui(0); }},
      {"tenant_name", [](auto& d) { d.set_tenant("Menden."); }},
      {"name", [](auto& d) { d.set_name("a\nb"); }},
      {"name", [](auto& d) { d.set_site(std::string(200, 'x')); }},
      {"region", [](auto& d) { d.set_region("US915"); }},
      {"mac_version", [](auto& d) { d.set_mac_version("1.1"); }},
      {"mac_version", [](auto& d) { d.set_mac_version("1.1.0"); }},
      {"mac_version", [](auto& d) { d.set_mac_version(""); }},
      {"device_class", [](auto& d) { d.set_device_class("B"); }},
      {"name", [](auto& d) { d.set_use_case("a\nb"); }},
      {"parameters", [](auto& d) { d.add_parameters(); }},
      {"activation", [](auto& d) { d.set_activation(v1::ACTIVATION_UNSPECIFIED); }},
      {"root_keys", [](auto& d) { d.clear_wrapped_root_keys(); }},
      {"root_keys", [](auto& d) { (*d.mutable_wrapped_root_keys())[3] ^= 1; }},
      {"session_keys", [](auto& d) { d.set_activation(v1::ACTIVATION_ABP); }},
  };
  for (const auto& c : cases) {
    Rig rig;
    auto device = Sensor{}.otaa(rig.vault);
    c.spoil(device);
    rig.feed(put(device, kStart, 5));
    EXPECT_EQ(rig.log_codes(), std::vector<std::string>{c.code});
    const auto event = rig.events(DeviceEvent::kLog).at(0);
    EXPECT_EQ(event.log().level(), v1::LOG_LEVEL_ERROR);
    EXPECT_EQ(event.log().request_id(), 5U);
    EXPECT_FALSE(event.log().message().empty());
    EXPECT_TRUE(rig.on(Topic::control).empty());
    EXPECT_EQ(rig.counter("network.control.refused"), 1U);
  }
}

TEST(Control, AForeignAddressIsAMatterOfTheSettings) {
  auto settings = Rig::one_partition();
  settings.foreign_addresses = false;
  Rig rig(settings);
  rig.feed(put(sensor_at(0x26011bda).abp(rig.vault), kStart));
  rig.feed(put(sensor_at(0x00011bda).abp(rig.vault), kStart));
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"dev_addr"});
  EXPECT_EQ(rig.on(Topic::control).size(), 1U);
}

TEST(Control, OtherObjectsAreToldAndRemoved) {
  Rig rig;
  v1::Object tenant, site, gateway, profile, use_case, grant, bad;
  tenant.mutable_tenant()->set_name("menden");
  site.mutable_site()->set_tenant("menden");
  site.mutable_site()->set_name("town-hall");
  gateway.mutable_gateway()->set_gateway_id(kGateway);
  gateway.mutable_gateway()->set_tenant("menden");
  profile.mutable_profile()->set_name("vendor/model");
  use_case.mutable_use_case()->set_name("parking");
  grant.mutable_grant()->set_name("air");
  grant.mutable_grant()->set_from_tenant("menden");
  grant.mutable_grant()->set_to_tenant("hemer");
  bad.mutable_site()->set_tenant("menden");
  for (const auto& object : {tenant, site, gateway, profile, use_case, grant, bad, v1::Object{}})
    rig.feed(put(object, kStart));
  std::vector<std::string> keys;
  for (const auto& state : rig.on(Topic::control)) keys.push_back(state.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"tenant/menden", "site/menden/town-hall", "gateway/70b3d5000000a000",
                                            "profile/vendor/model", "use_case/parking", "grant/air"}));
  EXPECT_EQ(rig.log_codes(), (std::vector<std::string>{"name", "empty_object"}));
  v1::NetworkIn removal;
  removal.set_received_us(kStart);
  *removal.mutable_control()->mutable_remove() = gateway;
  rig.feed(removal);
  EXPECT_TRUE(rig.on(Topic::control).back().tombstone);
  EXPECT_EQ(rig.on(Topic::control).back().key, "gateway/70b3d5000000a000");
}

TEST(Control, ApplyingAgainKeepsTheSession) {
  Rig rig;
  const auto sensor = sensor_at(0x01020304);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.feed(hear(sensor.uplink(41), kStart));
  rig.feed(put(sensor.abp(rig.vault), kStart + kSecond));
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_up(), 42U) << "used counters are not offered again";
  auto ahead = sensor.abp(rig.vault);
  ahead.set_f_cnt_up(100);
  ahead.set_f_cnt_down(7);
  rig.feed(put(ahead, kStart + kSecond));
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_up(), 100U);
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_down(), 7U);
  const auto id = rig.row(sensor.eui).active().id();
  auto other = sensor;
  other.keys.app_s_key.bytes[0] ^= 1;
  rig.feed(put(other.abp(rig.vault), kStart + kSecond));
  EXPECT_NE(rig.row(sensor.eui).active().id(), id) << "other keys, another session";
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_up(), 0U);
}

TEST(Control, ARemovedDeviceThatComesBackGetsNoUsedCounters) {
  Rig rig;
  const auto sensor = sensor_at(0x01020304);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.feed(hear(sensor.uplink(41, "\x01", 2, true), kStart));
  rig.feed(tick(kStart + 300 * kMs));
  rig.feed(remove_device(sensor.eui, kStart + kSecond));
  rig.commit();
  rig.restart_processor();
  rig.feed(put(sensor.abp(rig.vault), kStart + 2 * kSecond));
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_up(), 42U);
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_down(), 1U);
  auto other = sensor;
  other.keys.app_s_key.bytes[0] ^= 1;
  rig.feed(put(other.abp(rig.vault), kStart + 2 * kSecond));
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_up(), 0U);
  rig.feed(put(sensor.abp(rig.vault), kStart + 2 * kSecond));
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_up(), 42U) << "keys that come back as well";
  for (std::uint8_t n = 0; n < 30; ++n) {
    other.keys.app_s_key.bytes[1] = n;
    rig.feed(put(other.abp(rig.vault), kStart + 2 * kSecond));
  }
  rig.feed(put(sensor.abp(rig.vault), kStart + 2 * kSecond));
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_up(), 0U) << "the memory is bounded";
  auto ahead = sensor.abp(rig.vault);
  ahead.set_f_cnt_up(42);
  rig.feed(put(ahead, kStart + 2 * kSecond));
  rig.feed(hear(sensor.uplink(41), kStart + 9 * kSecond));
  EXPECT_EQ(rig.counter("network.refused.replayed"), 1U);
}

TEST(Control, RemovingClosesOpenWindowsAndTellsIt) {
  Rig rig;
  const auto sensor = sensor_at(0x01020304);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.feed(hear(sensor.uplink(1), kStart));
  rig.feed(remove_device(sensor.eui, kStart + kMs));
  EXPECT_EQ(rig.events(DeviceEvent::kReception).size(), 1U);
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"removed"});
  EXPECT_TRUE(rig.on(Topic::control).back().tombstone);
  EXPECT_TRUE(rig.on(Topic::keys).back().tombstone);
  rig.feed(hear(sensor.uplink(2), kStart + kSecond));
  EXPECT_EQ(rig.counter("network.refused.unknown_dev_addr"), 1U);
  rig.feed(remove_device(sensor.eui, kStart + kSecond));
  EXPECT_EQ(rig.log_codes().back(), "unknown_device");
  rig.commit();
  EXPECT_EQ(rig.row(sensor.eui).device().dev_eui(), 0U);
}

// Two homes: the partition of the DevEUI tells, the partition of the DevAddr hears.
struct TwoHomes : testing::Test {
  TwoHomes() : rig(settings_of_four()), sensor(sensor_at(0)) {
    home = base::partition_of(base::slot_of(sensor.eui), 4);
    sensor.address = {(home + 1) % 4};
    first = base::partition_of(base::slot_of(sensor.address), 4);
    sensor.address.value |= 0x01020300;
  }
  static NetworkSettings settings_of_four() {
    NetworkSettings settings;
    settings.partitions = 4;
    return settings;
  }
  // Feeds what was handed over to other partitions, as the log would.
  void deliver() {
    auto handed = rig.on(Topic::network_in);
    std::erase_if(rig.outputs, [](const Output& o) { return o.topic == Topic::network_in; });
    for (const auto& output : handed) {
      v1::NetworkIn in;
      ASSERT_TRUE(in.ParseFromString(output.value));
      rig.feed(in, output.partition);
    }
  }
  bool lives_in(std::uint32_t partition) { return rig.row(sensor.eui, partition).has_active(); }

  Rig rig;
  Sensor sensor;
  std::uint32_t home = 0;
  std::uint32_t first = 0;
};

TEST_F(TwoHomes, TheDevEuisPartitionTellsAndTheDevAddrsHears) {
  rig.feed(put(sensor.abp(rig.vault), kStart), first);
  EXPECT_TRUE(rig.on(Topic::control).empty());
  rig.feed(put(sensor.abp(rig.vault), kStart), home);
  EXPECT_EQ(rig.on(Topic::control).size(), 1U);
  deliver();
  EXPECT_EQ(rig.on(Topic::control).size(), 1U);
  rig.feed(hear(sensor.uplink(1), kStart), first);
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
}

TEST_F(TwoHomes, AMovedDeviceLeavesItsOldHome) {
  rig.feed(put(sensor.abp(rig.vault), kStart), home);
  deliver();
  ASSERT_TRUE(lives_in(first));
  const auto old = sensor;
  sensor.address.value += 1;
  const auto second = base::partition_of(base::slot_of(sensor.address), 4);
  rig.feed(put(sensor.abp(rig.vault), kStart), home);
  deliver();
  EXPECT_FALSE(lives_in(first));
  EXPECT_TRUE(lives_in(second));
  rig.feed(remove_device(sensor.eui, kStart), home);
  deliver();
  EXPECT_FALSE(lives_in(second));
  EXPECT_TRUE(rig.on(Topic::control).back().tombstone);
}

TEST_F(TwoHomes, ADownlinkIsQueuedWhereTheFramesArrive) {
  rig.feed(put(sensor.abp(rig.vault), kStart), home);
  deliver();
  v1::NetworkIn in;
  in.set_received_us(kStart + kSecond);
  in.mutable_downlink()->set_dev_eui(sensor.eui.value);
  in.mutable_downlink()->set_request_id(77);
  in.mutable_downlink()->set_f_port(3);
  rig.feed(in, home);
  EXPECT_EQ(rig.row(sensor.eui, home).queue_size(), 0);
  deliver();
  ASSERT_EQ(rig.row(sensor.eui, first).queue_size(), 1);
  const auto told = rig.events(DeviceEvent::kLog).back();
  EXPECT_EQ(told.log().code(), "downlink_queued");
  EXPECT_EQ(told.log().request_id(), 77U);
  EXPECT_EQ(told.input().partition(), first);
}

TEST_F(TwoHomes, AFaultIsToldOnce) {
  auto device = sensor.abp(rig.vault);
  device.set_region("EU433");
  rig.feed(put(device, kStart), home);
  rig.feed(put(device, kStart), first);
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"region"});
}

TEST(Settings, WhatCannotWorkIsSaid) {
  const auto code = [](auto&& spoil) {
    NetworkSettings settings;
    spoil(settings);
    const auto good = check(settings);
    return good ? std::string("good") : good.error().code;
  };
  EXPECT_EQ(code([](auto&) {}), "good");
  EXPECT_EQ(code([](auto& s) { s.net_id = {0xE00001}; }), "net_id") << "type 7 has 7 address bits";
  EXPECT_EQ(code([](auto& s) { s.partitions = 0; }), "partitions");
  EXPECT_EQ(code([](auto& s) { s.partitions = 257; }), "partitions");
  EXPECT_EQ(code([](auto& s) { s.regions = {"XX999"}; }), "region");
  EXPECT_EQ(code([](auto& s) { s.deduplication = std::chrono::seconds{1}; }), "deduplication");
  EXPECT_EQ(code([](auto& s) { s.rx1_dr_offset = 6; }), "rx1_dr_offset");
  EXPECT_EQ(code([](auto& s) { s.extra_channels_hz.push_back(868'900'000); }), "extra_channels");
  EXPECT_EQ(code([](auto& s) { s.rx1_delay_s = 16; }), "rx1_delay");
  EXPECT_EQ(code([](auto& s) { s.mics_per_frame = 0; }), "bounds");
}

}  // namespace
}  // namespace lenne::network::test
