// Expected airtimes are from Semtech's formula (SX1276 data sheet 4.1.1.7), by hand: a frame of 14 bytes at SF7 and
// 125 kHz has 12.25 + 8 + ceil((112 - 28 + 28 + 16) / 28) * 5 = 45.25 symbols of 1.024 ms.

#include "network/gateway_airtime.hpp"

#include <gtest/gtest.h>

#include "network/outbox.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using storage::Topic;

constexpr std::int64_t kFive = 300 * kSecond;
constexpr std::uint64_t kUplinkUs = 46'336;

v1::NetworkIn declared(std::uint64_t id, std::int64_t at_us, std::string_view tenant = "menden") {
  v1::Object object;
  object.mutable_gateway()->set_gateway_id(id);
  object.mutable_gateway()->set_tenant(std::string(tenant));
  object.mutable_gateway()->set_name("tower");
  return put(object, at_us);
}

struct GatewayAirtime : ::testing::Test {
  GatewayAirtime() {
    sensor.eui.value = 0x2201;
    sensor.address = {0x01020304};
    sensor.keys.f_nwk_s_int_key.bytes.fill(1);
    sensor.keys.s_nwk_s_int_key = sensor.keys.nwk_s_enc_key = sensor.keys.f_nwk_s_int_key;
  }
  void SetUp() override {
    rig.feed(put(sensor.abp(rig.vault), kStart));
    rig.feed(declared(kGateway, kStart));
  }
  /// What has been handed over so far.
  [[nodiscard]] std::vector<v1::NetworkIn> handed() const {
    std::vector<v1::NetworkIn> all;
    for (const auto& output : rig.on(Topic::network_in)) {
      EXPECT_EQ(output.partition, 0U);
      EXPECT_TRUE(all.emplace_back().ParseFromString(output.value));
    }
    return all;
  }
  [[nodiscard]] v1::GatewayAirtime only() const {
    const auto all = handed();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? v1::GatewayAirtime{} : all.front().gateway_airtime();
  }
  /// The samples of the one measurement of a gateway, by name.
  [[nodiscard]] std::map<std::string, std::int64_t> measured() const {
    std::map<std::string, std::int64_t> samples;
    for (const auto& measurement : rig.measurements()) {
      if (measurement.dev_eui() != kGateway) continue;
      for (const auto& sample : measurement.samples())
        EXPECT_TRUE(samples.emplace(sample.measure(), sample.value()).second) << "twice";
    }
    return samples;
  }

  Rig rig;
  Sensor sensor;
};

TEST_F(GatewayAirtime, ATransmissionCountsOnceForEachGatewayThatHearsIt) {
  const auto phy = sensor.uplink(1);
  ASSERT_EQ(phy.size(), 14U);
  for (int copy = 0; copy < 3; ++copy) {
    rig.feed(hear(phy, kStart));
    rig.feed(hear(phy, kStart, {.gateway = kGateway + 1}));
    rig.feed(hear(phy, kStart, {.rssi = -70, .frequency = 868'300'000}));  // leakage that is stronger
  }
  rig.feed(tick(kStart + kFive + 9'999 * kMs));
  EXPECT_TRUE(handed().empty()) << "copies may still be on their way";
  rig.feed(tick(kStart + kFive + 10 * kSecond));
  const auto all = handed();
  ASSERT_EQ(all.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& airtime = all[i].gateway_airtime();
    EXPECT_EQ(airtime.gateway_id(), kGateway + i);
    EXPECT_EQ(airtime.start_us(), kStart);
    EXPECT_EQ(airtime.heard().frames(), 1U);
    EXPECT_EQ(airtime.heard().airtime_us(), kUplinkUs);
    EXPECT_EQ(airtime.partition(), 0U);
    EXPECT_EQ(airtime.offset(), rig.inputs.back().offset);
    EXPECT_EQ(all[i].received_us(), kStart + kFive + 10 * kSecond);
  }
}

TEST_F(GatewayAirtime, WhatNoDeviceHasSentIsForeign) {
  Sensor stranger = sensor;
  stranger.address = {0x0e02ff04};
  rig.feed(hear(stranger.uplink(1), kStart));
  rig.feed(hear(stranger.uplink(1), kStart + kSecond, {.gateway = kGateway + 1}));
  rig.feed(hear(stranger.uplink(2), kStart + 2 * kSecond));
  rig.feed(tick(kStart + 2 * kFive));
  const auto all = handed();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].gateway_airtime().foreign().frames(), 2U);
  EXPECT_EQ(all[0].gateway_airtime().foreign().airtime_us(), 2 * kUplinkUs);
  EXPECT_EQ(all[0].gateway_airtime().heard().frames(), 0U);
  EXPECT_EQ(all[1].gateway_airtime().foreign().frames(), 1U);
  rig.feed(all[0]);
  EXPECT_EQ(measured(), (std::map<std::string, std::int64_t>{{"gateway_foreign_frames", 2},
                                                             {"gateway_foreign_airtime", 2 * kUplinkUs}}));
}

TEST_F(GatewayAirtime, ARepetitionALateCopyAndAJoinRequestCount) {
  Sensor joiner;
  rig.feed(put(joiner.otaa(rig.vault), kStart));
  const auto phy = sensor.uplink(1);
  rig.feed(hear(phy, kStart));
  rig.feed(hear(phy, kStart + kSecond, {.gateway = kGateway + 1}));  // its window is closed
  rig.feed(hear(phy, kStart + 5 * kSecond));                         // the device sends again
  rig.feed(hear(sensor.uplink(1), kStart + 5 * kSecond));
  const auto request = joiner.join_request(1);  // 23 bytes: 12.25 + 8 + 8 * 5 symbols
  rig.feed(hear(request, kStart + 6 * kSecond));
  rig.feed(hear(request, kStart + 6 * kSecond));
  auto forged = sensor.uplink(2);
  forged.back() ^= 1;
  rig.feed(hear(forged, kStart + 7 * kSecond));  // nobody's
  rig.feed(tick(kStart + 2 * kFive));
  const auto all = handed();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].gateway_airtime().heard().frames(), 3U);
  EXPECT_EQ(all[0].gateway_airtime().heard().airtime_us(), 2 * kUplinkUs + 61'696);
  EXPECT_EQ(all[1].gateway_airtime().gateway_id(), kGateway + 1);
  EXPECT_EQ(all[1].gateway_airtime().heard().airtime_us(), kUplinkUs);
}

TEST_F(GatewayAirtime, FiveMinutesAreHandedOverOnceWhateverRestarts) {
  rig.feed(hear(sensor.uplink(1), kStart));
  rig.commit();
  rig.restart_processor();
  rig.feed(hear(sensor.uplink(2), kStart + kSecond));
  rig.crash();
  rig.commit();
  rig.restart_processor();
  rig.feed(tick(kStart + 2 * kSecond));
  EXPECT_EQ(rig.processor->next_due(0), base::from_us(kStart + kFive + 10 * kSecond));
  rig.feed(tick(kStart + kFive + 10 * kSecond));
  rig.crash();
  rig.commit();
  rig.restart_processor();
  rig.feed(tick(kStart + 4 * kFive));
  EXPECT_EQ(only().heard().frames(), 2U);
  EXPECT_EQ(only().heard().airtime_us(), 2 * kUplinkUs);
  EXPECT_FALSE(rig.processor->next_due(0).has_value());
  for (const auto& [key, value] : rig.state.rows) EXPECT_FALSE(std::get<2>(key).starts_with('a')) << "a row is left";
}

TEST_F(GatewayAirtime, WhatComesAfterwardsIsHandedOverUnderAnotherName) {
  rig.feed(hear(sensor.uplink(1), kStart));
  rig.feed(tick(kStart + kFive + 20 * kSecond));
  rig.feed(hear(sensor.uplink(2), kStart + kSecond));  // was on its way for more than five minutes
  rig.feed(tick(kStart + kFive + 21 * kSecond));
  const auto all = handed();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].gateway_airtime().start_us(), all[1].gateway_airtime().start_us());
  EXPECT_EQ(all[1].gateway_airtime().heard().frames(), 1U);
  EXPECT_LT(all[0].gateway_airtime().offset(), all[1].gateway_airtime().offset());
}

TEST_F(GatewayAirtime, IsMeasuredAsEventsOfTheGateway) {
  rig.feed(hear(sensor.uplink(1), kStart));
  rig.feed(hear(sensor.uplink(2, "\x15", 2, true), kStart + kSecond));
  rig.feed(tick(kStart + kSecond + 200 * kMs));
  const auto downlinks = rig.downlinks();
  ASSERT_EQ(downlinks.size(), 1U);
  ASSERT_EQ(downlinks[0].phy_payload().size(), 12U);  // 12.25 + 8 + ceil((96 - 28 + 28) / 28) * 5 symbols: no CRC
  rig.feed(tx_result(downlinks[0], v1::TX_ERROR_NONE, kStart + 2 * kSecond));
  rig.feed(tx_result(downlinks[0], v1::TX_ERROR_NONE, kStart + 2 * kSecond));
  const auto told = rig.events(v1::DeviceEvent::kTxAck).back().tx_ack();
  EXPECT_EQ(told.frequency_hz(), downlinks[0].frequency_hz());
  EXPECT_EQ(told.airtime_us(), 41'216U);
  rig.feed(tick(kStart + 2 * kFive));
  rig.feed(handed().at(0));
  const auto of_gateway = rig.measurements().back();
  EXPECT_EQ(of_gateway.dev_eui(), kGateway);
  EXPECT_EQ(of_gateway.tenant(), "menden");
  EXPECT_EQ(of_gateway.device_name(), "tower");
  EXPECT_EQ(of_gateway.session(), rig.inputs.at(rig.inputs.size() - 2).offset);
  EXPECT_EQ(of_gateway.f_cnt(), 0U);
  for (const auto& sample : of_gateway.samples()) {
    EXPECT_EQ(sample.kind(), v1::KIND_EVENT);
    EXPECT_EQ(sample.time_us(), kStart);
    const bool frames = sample.unit() == "count";
    EXPECT_EQ(sample.exponent(), frames ? 0 : -6);
    EXPECT_TRUE(frames || sample.unit() == "s");
  }
  EXPECT_EQ(measured(), (std::map<std::string, std::int64_t>{{"gateway_uplinks", 2},
                                                             {"gateway_uplink_airtime", 2 * kUplinkUs},
                                                             {"gateway_downlinks", 1},
                                                             {"gateway_downlink_airtime", 41'216}}));
  rig.feed(handed().at(0));  // a replay of what was recorded
  const auto again = rig.measurements().back();
  EXPECT_EQ(again.session(), of_gateway.session()) << "windows know it by its time, session and FCnt";
  EXPECT_EQ(again.f_cnt(), of_gateway.f_cnt());
  EXPECT_EQ(again.samples(0).time_us(), of_gateway.samples(0).time_us());
}

TEST_F(GatewayAirtime, OnlyADownlinkThatTheGatewayHasSentCounts) {
  rig.feed(hear(sensor.uplink(1, "\x15", 2, true), kStart));
  rig.feed(tick(kStart + 200 * kMs));
  rig.feed(tx_result(rig.downlinks().at(0), v1::TX_ERROR_COLLISION_PACKET, kStart + 300 * kMs));
  ASSERT_EQ(rig.downlinks().size(), 2U) << "RX2";
  rig.feed(tick(kStart + kFive + 20 * kSecond));  // nothing is said of it
  EXPECT_EQ(only().heard().frames(), 1U);
  EXPECT_EQ(only().sent().frames(), 0U);
}

TEST_F(GatewayAirtime, WhoIsNotDeclaredIsNotMeasured) {
  rig.feed(hear(sensor.uplink(1), kStart, {.gateway = kGateway + 1}));
  rig.feed(tick(kStart + 2 * kFive));
  const auto before = rig.measurements().size();
  const auto part = handed().at(0);
  rig.feed(part);
  EXPECT_EQ(rig.measurements().size(), before);
  EXPECT_EQ(rig.counter("network.dropped.undeclared_gateway"), 1U);

  rig.feed(declared(kGateway + 1, kStart + 2 * kFive, "olpe"));
  rig.commit();
  rig.restart_processor();
  rig.feed(part);
  EXPECT_EQ(rig.measurements().back().tenant(), "olpe") << "known after a restart, too";

  v1::NetworkIn removal;
  removal.set_received_us(kStart + 2 * kFive);
  removal.mutable_control()->mutable_remove()->mutable_gateway()->set_gateway_id(kGateway + 1);
  rig.feed(removal);
  rig.commit();
  rig.restart_processor();
  rig.feed(part);
  EXPECT_EQ(rig.measurements().size(), before + 1);
  EXPECT_EQ(rig.counter("network.dropped.undeclared_gateway"), 2U);
}

TEST_F(GatewayAirtime, AGatewayWithTheEuiOfADeviceIsNotMeasured) {
  rig.feed(declared(sensor.eui.value, kStart, "olpe"));
  rig.feed(hear(sensor.uplink(1), kStart, {.gateway = sensor.eui.value}));
  rig.feed(tick(kStart + 2 * kFive));
  rig.feed(handed().at(0));
  EXPECT_EQ(rig.counter("network.dropped.gateway_is_a_device"), 1U);
  EXPECT_EQ(rig.measurements().size(), 1U) << "the device's own";
}

TEST_F(GatewayAirtime, WhatNobodyHandsOverIsDropped) {
  v1::NetworkIn in;
  in.set_received_us(kStart);
  auto& airtime = *in.mutable_gateway_airtime();
  airtime.set_gateway_id(kGateway);
  airtime.set_start_us(kStart);
  airtime.mutable_heard()->set_frames(1);
  airtime.mutable_heard()->set_airtime_us((std::uint64_t{1} << 52) + 1);
  rig.feed(in);
  airtime.mutable_heard()->set_airtime_us(1);
  airtime.set_start_us(kStart + 1);
  rig.feed(in);
  airtime.set_start_us(-kFive);
  rig.feed(in);
  EXPECT_EQ(rig.counter("network.dropped.gateway_airtime"), 3U);
  EXPECT_TRUE(rig.measurements().empty());
  EXPECT_TRUE(rig.on(Topic::dead_letter).empty());
}

TEST_F(GatewayAirtime, ADataRateThatIsNoneCountsNothing) {
  auto in = hear(sensor.uplink(1), kStart);
  in.mutable_frame()->mutable_data_rate()->set_spreading_factor(4);
  rig.feed(in);
  in = hear(sensor.uplink(2), kStart + kSecond);
  in.mutable_frame()->mutable_data_rate()->set_bandwidth_hz(1);  // 12 hours
  rig.feed(in);
  rig.feed(tick(kStart + 2 * kFive));
  EXPECT_TRUE(handed().empty());
  EXPECT_EQ(rig.counter("network.dropped.airtime"), 2U);
}

TEST(GatewayAirtimeBounds, SumsAndGatewaysAreLimited) {
  auto settings = Rig::one_partition();
  settings.airtime_sums = 4;
  settings.gateways = 2;
  Rig rig(settings);
  Sensor sensor;
  sensor.address = {0x01020304};
  rig.feed(put(sensor.abp(rig.vault), kStart));
  const auto phy = sensor.uplink(1);
  for (std::uint64_t g = 0; g < 10; ++g) rig.feed(hear(phy, kStart, {.gateway = kGateway + g}));
  EXPECT_EQ(rig.counter("network.dropped.airtime"), 6U);
  rig.feed(tick(kStart + 2 * kFive));
  EXPECT_EQ(rig.on(Topic::network_in).size(), 4U);
  rig.feed(hear(sensor.uplink(2), kStart + 2 * kFive, {.gateway = kGateway + 9}));
  EXPECT_EQ(rig.counter("network.dropped.airtime"), 6U) << "there is room again";

  for (std::uint64_t g = 0; g < 4; ++g) rig.feed(declared(kGateway + g, kStart));
  EXPECT_EQ(rig.log_codes(), (std::vector<std::string>{"gateway_limit", "gateway_limit"}));
  rig.feed(declared(kGateway, kStart, "olpe"));
  EXPECT_EQ(rig.log_codes().size(), 2U) << "who is there can be changed";
}

TEST(GatewayAirtimeBounds, StrangersLeaveHalfOfTheSums) {
  auto settings = Rig::one_partition();
  settings.airtime_sums = 4;
  Rig rig(settings);
  Sensor sensor, stranger;
  sensor.address = {0x01020304};
  stranger.address = {0x0e02ff04};
  rig.feed(put(sensor.abp(rig.vault), kStart));
  const auto phy = stranger.uplink(1);
  for (std::uint64_t g = 0; g < 10; ++g) rig.feed(hear(phy, kStart, {.gateway = kGateway + g}));
  EXPECT_EQ(rig.counter("network.dropped.airtime"), 8U);
  rig.feed(hear(sensor.uplink(1), kStart, {.gateway = kGateway + 11}));
  rig.feed(hear(sensor.uplink(1), kStart, {.gateway = kGateway + 12}));
  EXPECT_EQ(rig.counter("network.dropped.airtime"), 8U);
}

TEST(GatewayAirtimeRows, DamagedOnesAreNamed) {
  Rig rig;
  Sensor sensor;
  sensor.address = {0x01020304};
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.feed(declared(kGateway, kStart));
  rig.feed(hear(sensor.uplink(1), kStart));
  rig.commit();
  for (const char prefix : {'a', 'g'}) {
    const auto found = std::ranges::find_if(
        rig.state.rows, [&](const auto& row) { return std::get<2>(row.first).starts_with(prefix); });
    ASSERT_NE(found, rig.state.rows.end());
    const auto [key, value] = *found;
    for (const auto& damaged : {std::string("\xff"), std::string(), value.substr(0, value.size() / 2)}) {
      rig.state.rows[key] = damaged;
      const auto loaded = rig.processor->assigned(0, rig.state);
      ASSERT_FALSE(loaded) << prefix;
      EXPECT_EQ(loaded.error().code, "state_damaged");
    }
    rig.state.rows[key] = value;
    auto other = key;
    // A gateway's row under another id; airtime of other minutes than five.
    auto& name = std::get<2>(other);
    name.at(8) = static_cast<char>(name.at(8) ^ 1);
    rig.state.rows[other] = value;
    EXPECT_FALSE(rig.processor->assigned(0, rig.state)) << "under another key";
    rig.state.rows.erase(other);
  }
  EXPECT_TRUE(rig.processor->assigned(0, rig.state));
}

}  // namespace
}  // namespace lenne::network::test
