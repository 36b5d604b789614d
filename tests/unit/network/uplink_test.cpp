#include <gtest/gtest.h>

#include <algorithm>

#include "network/lorawan/airtime.hpp"
#include "network/lorawan/mac_command.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using v1::DeviceEvent;

struct UplinkTest : testing::Test {
  Rig rig;
  Sensor sensor = abp_sensor(1);
  std::int64_t now = kStart;

  static Sensor abp_sensor(std::uint8_t n) {
    Sensor s;
    s.eui.value = 0x1100 + n;
    s.address = {0x01020304};
    s.keys.f_nwk_s_int_key.bytes.fill(n);
    s.keys.s_nwk_s_int_key = s.keys.nwk_s_enc_key = s.keys.f_nwk_s_int_key;
    s.keys.app_s_key.bytes.fill(static_cast<std::uint8_t>(n + 100));
    return s;
  }
  void declare() { rig.feed(put(sensor.abp(rig.vault), now)); }
  std::vector<std::uint32_t> counters() {
    std::vector<std::uint32_t> all;
    for (const auto& e : rig.events(DeviceEvent::kUplink)) all.push_back(e.uplink().f_cnt());
    return all;
  }
};

TEST_F(UplinkTest, TheFirstCopyIsPublishedAtOnceAndTheWindowListsAll) {
  declare();
  const auto phy = sensor.uplink(7, "\x2a", 2);
  rig.feed(hear(phy, now, {.gateway = kGateway + 1, .rssi = -100, .snr_tenths = -20}));
  ASSERT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
  const auto event = rig.events(DeviceEvent::kUplink)[0];
  EXPECT_EQ(event.uplink().f_cnt(), 7U);
  EXPECT_EQ(event.uplink().f_port(), 2U);
  EXPECT_EQ(event.uplink().payload(), "\x2a");
  EXPECT_EQ(event.uplink().first().gateway_id(), kGateway + 1);
  EXPECT_EQ(event.uplink().time_source(), v1::TIME_SOURCE_RECEIVED);
  EXPECT_EQ(event.time_us(), now);
  EXPECT_EQ(event.input().offset(), 2U);
  ASSERT_EQ(rig.measurements().size(), 1U);
  const auto measured = rig.measurements()[0];
  EXPECT_EQ(measured.samples(0).value(), 42);
  EXPECT_EQ(measured.site(), "town-hall");
  EXPECT_EQ(measured.tenant(), "menden");
  EXPECT_EQ(measured.nominal_interval_s(), 900U);
  EXPECT_EQ(measured.uplink_id(), event.uplink().id());

  rig.feed(hear(phy, now + 50 * kMs, {.gateway = kGateway + 2, .rssi = -80, .snr_tenths = 70}));
  rig.feed(hear(phy, now + 90 * kMs, {.gateway = kGateway + 3, .rssi = -90, .snr_tenths = 30}));
  EXPECT_TRUE(rig.events(DeviceEvent::kReception).empty());
  rig.feed(tick(now + 200 * kMs));
  ASSERT_EQ(rig.events(DeviceEvent::kReception).size(), 1U);
  const auto reception = rig.events(DeviceEvent::kReception)[0].reception();
  EXPECT_EQ(reception.uplink_id(), event.uplink().id());
  ASSERT_EQ(reception.gateways_size(), 3);
  EXPECT_EQ(reception.gateways(0).gateway_id(), kGateway + 2) << "best first";
  EXPECT_FALSE(reception.late());
  EXPECT_FALSE(reception.retransmission());
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
}

TEST_F(UplinkTest, CopiesInAnyOrderAreOneUplinkAndOneReception) {
  std::vector<int> order{0, 1, 2};
  do {
    Rig fresh;
    fresh.feed(put(sensor.abp(fresh.vault), now));
    const auto phy = sensor.uplink(1);
    std::int64_t at = now;
    for (const int g : order) {
      fresh.feed(
          hear(phy, at += 10 * kMs,
               {.gateway = kGateway + static_cast<std::uint64_t>(g), .rssi = -80 - g, .snr_tenths = 60 - 30 * g}));
    }
    fresh.feed(tick(at + kSecond));
    EXPECT_EQ(fresh.events(DeviceEvent::kUplink).size(), 1U);
    const auto receptions = fresh.events(DeviceEvent::kReception);
    ASSERT_EQ(receptions.size(), 1U);
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(receptions[0].reception().gateways(i).gateway_id(), kGateway + static_cast<std::uint64_t>(i));
    }
  } while (std::ranges::next_permutation(order).found);
}

// By the best copy's SNR: -7.5 dB are needed at SF7, 2.5 dB less for each step (SX1276, table 13).
TEST_F(UplinkTest, AReceptionSaysHowMuchItHadToSpare) {
  declare();
  const auto margin_of = [&](std::uint32_t factor, std::vector<std::int32_t> copies, std::uint32_t f_cnt) {
    const auto phy = sensor.uplink(f_cnt);
    std::uint64_t gateway = kGateway;
    for (const auto snr : copies)
      rig.feed(hear(phy, now, {.gateway = ++gateway, .snr_tenths = snr, .spreading_factor = factor}));
    rig.feed(tick(now += kSecond));
    return rig.events(DeviceEvent::kReception).back().reception();
  };
  EXPECT_EQ(margin_of(7, {-100, 60, 20}, 1).margin_tenths_db(), 135);
  EXPECT_EQ(margin_of(12, {-215}, 2).margin_tenths_db(), -15) << "it was heard all the same";
  const auto size = sensor.uplink(3).size();
  const lorawan::DataRate sf9{.spreading_factor = 9, .bandwidth_hz = 125'000};
  EXPECT_EQ(margin_of(9, {0}, 3).airtime_us(), lorawan::time_on_air(sf9, size).count());
  rig.feed(hear(sensor.uplink(2), now, {.gateway = kGateway + 9, .spreading_factor = 12}));
  EXPECT_FALSE(rig.events(DeviceEvent::kReception).back().reception().has_margin_tenths_db()) << "a late copy";
}

TEST_F(UplinkTest, ALateCopyIsMetadataOnly) {
  declare();
  const auto phy = sensor.uplink(1);
  rig.feed(hear(phy, now));
  rig.feed(hear(phy, now + 1'500 * kMs, {.gateway = kGateway + 9}));
  const auto receptions = rig.events(DeviceEvent::kReception);
  ASSERT_EQ(receptions.size(), 2U);
  EXPECT_TRUE(receptions[1].reception().late());
  EXPECT_EQ(receptions[1].reception().gateways(0).gateway_id(), kGateway + 9);
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
  // Again through the same gateway, with the same counter: it says nothing new.
  rig.feed(
      hear(phy, now + 1'600 * kMs, {.gateway = kGateway + 9, .tmst = static_cast<std::uint32_t>(now + 1'500 * kMs)}));
  EXPECT_EQ(rig.events(DeviceEvent::kReception).size(), 2U);
  EXPECT_EQ(rig.counter("network.dropped.late_copy"), 1U);
}

TEST_F(UplinkTest, ALateCopyOfTheFrameBeforeTheLastIsNoReplay) {
  declare();
  const auto phy = sensor.uplink(1);
  rig.feed(hear(phy, now));
  rig.feed(hear(sensor.uplink(2), now + 1'000 * kMs));
  rig.feed(hear(phy, now + 1'500 * kMs, {.gateway = kGateway + 9}));
  EXPECT_EQ(rig.counter("network.refused.replayed"), 0U);
  EXPECT_EQ(rig.counter("network.late_copies"), 1U);
}

TEST_F(UplinkTest, ARepetitionByTheDeviceHasItsOwnReceptionAndNoUplink) {
  declare();
  const auto phy = sensor.uplink(1);
  rig.feed(hear(phy, now));
  rig.feed(hear(phy, now + 3 * kSecond, {.frequency = 868'300'000}));  // another channel
  rig.feed(
      hear(phy, now + 6 * kSecond, {.frequency = 868'300'000}));  // same channel, 3 s later on the gateway's counter
  rig.feed(hear(phy, now + 6 * kSecond + 50 * kMs, {.gateway = kGateway + 1, .frequency = 868'300'000}));
  rig.feed(tick(now + 7 * kSecond));
  const auto receptions = rig.events(DeviceEvent::kReception);
  ASSERT_EQ(receptions.size(), 3U);
  EXPECT_FALSE(receptions[0].reception().retransmission());
  EXPECT_TRUE(receptions[1].reception().retransmission());
  EXPECT_EQ(receptions[1].reception().frequency_hz(), 868'300'000U);
  EXPECT_TRUE(receptions[2].reception().retransmission());
  EXPECT_EQ(receptions[2].reception().gateways_size(), 2);
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
  EXPECT_EQ(rig.measurements().size(), 1U);
}

TEST_F(UplinkTest, GpsTimeTellsARepetitionFromALateCopy) {
  declare();
  const auto phy = sensor.uplink(1);
  const std::int64_t gps = base::to_gps(base::from_us(now)).count();
  rig.feed(hear(phy, now, {.gps_us = gps}));
  rig.feed(hear(phy, now + 9 * kSecond, {.gateway = kGateway + 1, .gps_us = gps + 3}));
  rig.feed(hear(phy, now + 9 * kSecond, {.gateway = kGateway + 2, .gps_us = gps + 2 * kSecond}));
  rig.feed(tick(now + 20 * kSecond));
  const auto receptions = rig.events(DeviceEvent::kReception);
  ASSERT_EQ(receptions.size(), 3U);
  EXPECT_TRUE(receptions[1].reception().late());
  EXPECT_TRUE(receptions[2].reception().retransmission());
}

TEST_F(UplinkTest, LeakageIntoANeighbouringChannelKeepsTheStrongest) {
  declare();
  const auto phy = sensor.uplink(1);
  rig.feed(hear(phy, now, {.rssi = -115, .snr_tenths = -150, .frequency = 868'300'000, .tmst = 5}));
  rig.feed(hear(phy, now, {.rssi = -70, .snr_tenths = 90, .frequency = 868'100'000, .tmst = 5}));
  rig.feed(tick(now + kSecond));
  const auto receptions = rig.events(DeviceEvent::kReception);
  ASSERT_EQ(receptions.size(), 1U);
  ASSERT_EQ(receptions[0].reception().gateways_size(), 1);
  EXPECT_EQ(receptions[0].reception().gateways(0).rssi_dbm(), -70);
  EXPECT_EQ(receptions[0].reception().frequency_hz(), 868'100'000U);
  EXPECT_FALSE(receptions[0].reception().retransmission());
  EXPECT_EQ(rig.counter("network.leakage"), 1U);
}

TEST_F(UplinkTest, CountersRollOverInto32Bits) {
  declare();
  for (const std::uint32_t f : {65'534U, 65'535U, 65'536U, 65'537U, 70'000U}) {
    if (f == 65'534U) {
      auto device = sensor.abp(rig.vault);
      device.set_f_cnt_up(65'534);
      rig.feed(put(device, now));
    }
    rig.feed(hear(sensor.uplink(f), now += 10 * kSecond));
  }
  EXPECT_EQ(counters(), (std::vector<std::uint32_t>{65'534, 65'535, 65'536, 65'537, 70'000}));
}

TEST_F(UplinkTest, ReplayedFramesAreRefusedOnceKnown) {
  declare();
  const auto first = sensor.uplink(1);
  rig.feed(hear(first, now));
  for (std::uint32_t f = 2; f < 10; ++f) rig.feed(hear(sensor.uplink(f), now += 10 * kSecond));
  rig.feed(hear(first, now += 10 * kSecond));
  EXPECT_EQ(rig.counter("network.refused.replayed"), 1U);
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"replayed"});
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 9U);
  // The last counter with other contents: its MIC is right, its number is used.
  rig.feed(hear(sensor.uplink(9, "other"), now += 10 * kSecond));
  EXPECT_EQ(rig.counter("network.refused.replayed"), 2U);
}

TEST_F(UplinkTest, GapsEndASessionBefore104Only) {
  for (const auto* version : {"1.0.3", "1.0.4"}) {
    Rig fresh;
    sensor.version = version;
    fresh.feed(put(sensor.abp(fresh.vault), now));
    fresh.feed(hear(sensor.uplink(10), now));
    fresh.feed(hear(sensor.uplink(10 + 16'384), now + 10 * kSecond));
    EXPECT_EQ(fresh.events(DeviceEvent::kUplink).size(), 2U);
    fresh.feed(hear(sensor.uplink(10 + 2 * 16'384 + 1), now + 20 * kSecond));
    const bool strict = std::string(version) == "1.0.3";
    EXPECT_EQ(fresh.events(DeviceEvent::kUplink).size(), strict ? 2U : 3U);
    EXPECT_EQ(fresh.counter("network.refused.f_cnt_gap"), strict ? 1U : 0U);
  }
}

TEST_F(UplinkTest, AYearOfSilenceIsNoReset) {
  sensor.version = "1.0.4";
  auto device = sensor.abp(rig.vault);
  device.set_f_cnt_reset(true);
  device.set_f_cnt_up(65'000);
  rig.feed(put(device, now));
  rig.feed(hear(sensor.uplink(65'535), now += kSecond));
  rig.feed(hear(sensor.uplink(65'536 + 50), now += kSecond));
  rig.feed(hear(sensor.uplink(2 * 65'536 + 20), now += kSecond));
  EXPECT_EQ(counters(), (std::vector<std::uint32_t>{65'535, 65'586, 131'092}));
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 0U);
}

TEST_F(UplinkTest, CountersStartAnewOnlyWhereTheOperatorSaysSo) {
  declare();
  for (const std::uint32_t f : {100U, 200U}) rig.feed(hear(sensor.uplink(f), now += kSecond));
  rig.feed(hear(sensor.uplink(0), now += kSecond));
  EXPECT_EQ(rig.counter("network.refused.replayed"), 1U);
  const auto before = rig.row(sensor.eui).active().id();

  auto device = sensor.abp(rig.vault);
  device.set_f_cnt_reset(true);
  rig.feed(put(device, now));
  rig.feed(hear(sensor.uplink(1, "new"), now += kSecond));
  EXPECT_EQ(counters(), (std::vector<std::uint32_t>{100, 200, 1}));
  EXPECT_EQ(rig.log_codes().back(), "f_cnt_reset");
  EXPECT_NE(rig.row(sensor.eui).active().id(), before) << "a session of its own";
  rig.feed(hear(sensor.uplink(150), now += kSecond));
  rig.feed(hear(sensor.uplink(120), now += kSecond));
  EXPECT_EQ(rig.counter("network.refused.replayed"), 2U) << "beyond the limit it is a replay";
}

// Nothing but its time on the air tells a frame that was long on its way from a device that begins anew.
TEST_F(UplinkTest, ALateFrameIsNoNewBeginning) {
  auto device = sensor.abp(rig.vault);
  device.set_f_cnt_reset(true);
  rig.feed(put(device, now));
  const auto heard = [&](std::uint32_t f_cnt, std::uint32_t tmst, std::optional<std::int64_t> gps_us = {}) {
    rig.feed(hear(sensor.uplink(f_cnt), now += 3 * kSecond, {.tmst = tmst, .gps_us = gps_us}));
  };
  heard(42, 0xffff'0000 - 30'000'000);
  heard(45, 0xffff'0000);
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 0U);
  heard(43, 0xffff'0000 - 10'000'000);
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 0U) << "sent ten seconds before the last one";
  EXPECT_EQ(rig.counter("network.refused.replayed"), 1U);
  heard(46, 0x0010'0000, 900 * kSecond);
  heard(44, 0x0020'0000, 890 * kSecond);
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 0U) << "GPS says so, whatever the counter reads";
  EXPECT_EQ(rig.counter("network.refused.replayed"), 2U);
  now += 600 * kSecond;
  heard(41, 0x0025'0000, 880 * kSecond);
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 0U) << "and however late it is";
  EXPECT_EQ(rig.counter("network.refused.replayed"), 3U);
  heard(0, 0x0030'0000, 910 * kSecond);
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 1U);
}

TEST_F(UplinkTest, AGatewayThatWasStartedAnewHidesNoNewBeginning) {
  auto device = sensor.abp(rig.vault);
  device.set_f_cnt_reset(true);
  rig.feed(put(device, now));
  rig.feed(hear(sensor.uplink(42), now += kSecond, {.tmst = 2'000'000'000}));
  rig.feed(hear(sensor.uplink(0), now += 3 * kSecond, {.tmst = 1'000'000}));
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 1U);
}

TEST_F(UplinkTest, WhereNothingComparesAFrameThatMayBeLateIsNoNewBeginning) {
  auto device = sensor.abp(rig.vault);
  device.set_f_cnt_reset(true);
  rig.feed(put(device, now));
  rig.feed(hear(sensor.uplink(42), now += kSecond));
  rig.feed(hear(sensor.uplink(41), now += 59 * kSecond, {.gateway = kGateway + 1}));
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 0U) << "another gateway, whose counter says nothing";
  EXPECT_EQ(rig.counter("network.refused.replayed"), 1U);
  rig.feed(hear(sensor.uplink(1), now += 2 * kSecond, {.gateway = kGateway + 1}));
  EXPECT_EQ(rig.counter("network.f_cnt_resets"), 1U) << "no datagram is on its way for so long";
}

TEST_F(UplinkTest, OtaaNeverStartsAnew) {
  Sensor otaa;
  auto device = otaa.otaa(rig.vault);
  device.set_f_cnt_reset(true);
  rig.feed(put(device, now));
  join(rig, otaa, 1, now);
  rig.feed(hear(otaa.uplink(5), now += kSecond));
  rig.feed(hear(otaa.uplink(0, "again"), now += kSecond));
  EXPECT_EQ(rig.counter("network.refused.replayed"), 1U);
}

TEST_F(UplinkTest, TheLastCounterIsTheEnd) {
  sensor.version = "1.0.4";
  auto device = sensor.abp(rig.vault);
  device.set_f_cnt_up(0xFFFF'FFFF);
  rig.feed(put(device, now));
  rig.feed(hear(sensor.uplink(0xFFFF'FFFF), now += kSecond));
  EXPECT_EQ(counters(), std::vector<std::uint32_t>{0xFFFF'FFFF});
  rig.feed(hear(sensor.uplink(0), now += kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
}

TEST_F(UplinkTest, DevicesOnOneAddressAreToldApartByTheirMic) {
  std::vector<Sensor> all;
  for (std::uint8_t n = 1; n <= 5; ++n) {
    all.push_back(abp_sensor(n));
    rig.feed(put(all.back().abp(rig.vault), now));
  }
  for (std::uint32_t f = 1; f <= 3; ++f) {
    for (const auto& s : all) rig.feed(hear(s.uplink(f), now += kSecond));
  }
  const auto events = rig.events(DeviceEvent::kUplink);
  ASSERT_EQ(events.size(), 15U);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].dev_eui(), all[i % 5].eui.value);
    EXPECT_EQ(events[i].uplink().f_cnt(), i / 5 + 1);
  }
}

TEST_F(UplinkTest, TheMostRecentlyHeardIsTriedFirst) {
  for (std::uint8_t n = 1; n <= 5; ++n) rig.feed(put(abp_sensor(n).abp(rig.vault), now));
  rig.feed(hear(abp_sensor(5).uplink(1), now += kSecond));
  const auto before = rig.counter("network.mics");
  rig.feed(hear(abp_sensor(5).uplink(2), now += kSecond));
  EXPECT_EQ(rig.counter("network.mics"), before + 1);
}

TEST_F(UplinkTest, TheCostOfAFrameIsBounded) {
  auto settings = Rig::one_partition();
  settings.mics_per_frame = 3;
  Rig tight(settings);
  for (std::uint8_t n = 1; n <= 5; ++n) tight.feed(put(abp_sensor(n).abp(tight.vault), now));
  auto stranger = abp_sensor(77);
  tight.feed(hear(stranger.uplink(1), now));
  EXPECT_EQ(tight.counter("network.mics"), 3U);
  EXPECT_EQ(tight.counter("network.refused.too_many_candidates"), 1U);
}

TEST_F(UplinkTest, WhatIsNoFrameOfOursIsCountedByReason) {
  declare();
  auto wrong = sensor.uplink(1);
  wrong.back() ^= 1;
  rig.feed(hear(wrong, now));
  EXPECT_EQ(rig.counter("network.refused.mic"), 1U);
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"mic"});
  auto cut = sensor.uplink(1);
  cut.resize(9);
  rig.feed(hear(cut, now));
  rig.feed(hear({}, now));
  EXPECT_EQ(rig.counter("network.refused.too_short"), 2U);
  auto unknown = sensor;
  unknown.address.value = 0x01999999;
  rig.feed(hear(unknown.uplink(1), now));
  EXPECT_EQ(rig.counter("network.refused.unknown_dev_addr"), 1U);
  auto down = sensor.uplink(1);
  down[0] = 0x60;
  rig.feed(hear(down, now));
  EXPECT_EQ(rig.counter("network.refused.downlink_type"), 1U);
  rig.feed(hear({0xE0, 1, 2, 3}, now));
  EXPECT_EQ(rig.counter("network.refused.proprietary"), 1U);
  EXPECT_TRUE(rig.events(DeviceEvent::kUplink).empty());
}

TEST_F(UplinkTest, EventTimeIsTheGatewaysGpsTimeWhenCredible) {
  declare();
  const auto gps_of = [](std::int64_t us) { return base::to_gps(base::from_us(us)).count(); };
  rig.feed(hear(sensor.uplink(1), now, {.gps_us = gps_of(now - 40 * kMs)}));
  now += 10 * kSecond;
  rig.feed(hear(sensor.uplink(2), now, {.gps_us = gps_of(now + 61 * kSecond)}));
  now += 10 * kSecond;
  rig.feed(hear(sensor.uplink(3), now, {.gps_us = gps_of(now - 8 * 86'400 * kSecond)}));
  now += 10 * kSecond;
  rig.feed(hear(sensor.uplink(4), now, {.gps_us = INT64_MAX}));
  const auto events = rig.events(DeviceEvent::kUplink);
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].uplink().time_source(), v1::TIME_SOURCE_GATEWAY_GPS);
  EXPECT_EQ(events[0].time_us(), kStart - 40 * kMs);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(events[i].uplink().time_source(), v1::TIME_SOURCE_RECEIVED);
    EXPECT_EQ(events[i].time_us(), events[i].received_us());
  }
}

TEST_F(UplinkTest, FramesWithoutAnApplicationPayloadAreEvents) {
  declare();
  rig.feed(hear(sensor.uplink(1, "", std::nullopt), now));
  rig.feed(hear(sensor.uplink(2, "", 2), now += kSecond));
  base::Bytes status;
  lorawan::append_command(status, lorawan::DevStatusAns{.battery = 127, .margin_db = -5});
  status.push_back(0xEE);  // unknown: reading stops here, what came before stands
  rig.feed(hear(sensor.uplink(3, base::as_text(status), 0), now += kSecond));
  const auto events = rig.events(DeviceEvent::kUplink);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_FALSE(events[0].uplink().has_f_port());
  EXPECT_TRUE(events[1].uplink().has_f_port());
  EXPECT_EQ(events[2].uplink().f_port(), 0U);
  const auto measured = rig.measurements();
  ASSERT_EQ(measured.size(), 3U);
  for (const auto& m : measured) {
    ASSERT_EQ(m.samples_size(), 1) << "what the network server measures itself";
    EXPECT_EQ(m.samples(0).measure(), "uplinks_lost");
  }
  ASSERT_EQ(rig.events(DeviceEvent::kStatus).size(), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kStatus)[0].status().battery_percent(), 50U);
  EXPECT_EQ(rig.events(DeviceEvent::kStatus)[0].status().margin_db(), -5);
  EXPECT_EQ(rig.counter("network.mac_unread"), 1U);
}

TEST_F(UplinkTest, LossIsOfTheTimeOnTheAir) {
  declare();
  rig.feed(hear(sensor.uplink(1, "\x2a\x01"), now));
  ASSERT_EQ(rig.measurements().size(), 1U);
  const auto measured = rig.measurements()[0];
  ASSERT_EQ(measured.samples_size(), 2);
  EXPECT_EQ(measured.samples(0).time_us(), now - 86'400 * kSecond) << "the payload's own time";
  EXPECT_EQ(measured.samples(1).time_us(), now);
  EXPECT_EQ(measured.samples(1).time_source(), v1::TIME_SOURCE_RECEIVED);
}

TEST_F(UplinkTest, LossIsMeasuredByTheGapsOfFCnt) {
  declare();
  const auto hear_one = [&](std::uint32_t f_cnt) { rig.feed(hear(sensor.uplink(f_cnt), now += kSecond)); };
  for (const std::uint32_t f_cnt : {5U, 6U, 10U, 10U, 11U, 65'535U, 65'537U}) hear_one(f_cnt);
  std::vector<std::int64_t> lost;
  for (const auto& m : rig.measurements()) {
    ASSERT_EQ(m.samples_size(), 2);
    const auto& sample = m.samples(1);
    EXPECT_EQ(sample.measure(), "uplinks_lost");
    EXPECT_EQ(sample.kind(), v1::KIND_EVENT);
    EXPECT_EQ(sample.index(), 1U);
    lost.push_back(sample.value());
  }
  // Not before the first one, and not by a repetition; a gap of more than 16,384 is refused by 1.0.3.
  EXPECT_EQ(lost, (std::vector<std::int64_t>{0, 0, 3, 0}));
}

struct AnswerTest : UplinkTest {
  // The frame opened as the device would, with a given full counter.
  lorawan::DataFrame open(const v1::GatewayDownlink& downlink) {
    phy = downlink.phy_payload();
    const auto frame = std::get<lorawan::DataFrame>(*lorawan::parse_frame(base::as_bytes(phy)));
    base::crypto::Aes128 aes;
    EXPECT_TRUE(
        lorawan::data_mic_valid(aes, lorawan::Version::v1_0, sensor.keys, frame, {.f_cnt = downlink.f_cnt_down()}));
    return frame;
  }
  std::string phy;
};

TEST_F(AnswerTest, ConfirmedUplinksAreAcknowledgedAndEachRepetitionWithANewCounter) {
  declare();
  const auto up = sensor.uplink(1, "\x01", 2, true);
  rig.feed(hear(up, now));
  rig.feed(tick(now + 200 * kMs));
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_EQ(rig.downlinks()[0].tmst(), static_cast<std::uint32_t>(now + kSecond));
  EXPECT_EQ(rig.downlinks()[0].dev_addr(), sensor.address.value);
  auto frame = open(rig.downlinks()[0]);
  EXPECT_TRUE(frame.ack);
  EXPECT_EQ(frame.f_cnt, 0);
  rig.feed(hear(up, now += 3 * kSecond, {.frequency = 868'500'000}));
  rig.feed(tick(now + 200 * kMs));
  ASSERT_EQ(rig.downlinks().size(), 2U);
  frame = open(rig.downlinks()[1]);
  EXPECT_EQ(frame.f_cnt, 1);
  EXPECT_EQ(rig.downlinks()[1].frequency_hz(), 868'500'000U);
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_down(), 2U);
}

TEST_F(AnswerTest, AnUnconfirmedUplinkIsNotAnswered) {
  declare();
  rig.feed(hear(sensor.uplink(1), now));
  rig.feed(tick(now + 200 * kMs));
  EXPECT_TRUE(rig.downlinks().empty());
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_down(), 0U);
}

TEST_F(AnswerTest, LinkCheckAndDeviceTimeAreAnswered) {
  declare();
  base::Bytes asked;
  lorawan::append_command(asked, lorawan::LinkCheckReq{});
  lorawan::append_command(asked, lorawan::DeviceTimeReq{});
  const auto up = sensor.uplink(1, "\x01", 2, false, asked);
  const auto gps = base::to_gps(base::from_us(now - 500 * kMs)).count();
  rig.feed(hear(up, now, {.gateway = kGateway + 1, .snr_tenths = 25}));
  rig.feed(hear(up, now, {.gateway = kGateway + 2, .snr_tenths = -60, .gps_us = gps}));
  rig.feed(tick(now + 200 * kMs));
  ASSERT_EQ(rig.downlinks().size(), 1U);
  const auto frame = open(rig.downlinks()[0]);
  lorawan::MacCommandReader reader(lorawan::Version::v1_0, lorawan::Direction::down, frame.f_opts);
  const auto link = lorawan::decode_command<lorawan::LinkCheckAns>(*reader.next());
  const auto time = lorawan::decode_command<lorawan::DeviceTimeAns>(*reader.next());
  ASSERT_TRUE(link && time);
  EXPECT_EQ(link->margin_db, 10);
  EXPECT_EQ(link->gateway_count, 2);
  EXPECT_EQ(time->gps_seconds, static_cast<std::uint32_t>(gps / kSecond));
  EXPECT_FALSE(frame.ack);
}

TEST_F(AnswerTest, NoCounterIsSpentOnAnAnswerThatCannotLeave) {
  declare();
  rig.feed(hear(sensor.uplink(1, "\x01", 2, true), now, {.path = ""}));
  rig.feed(tick(now + kSecond));
  rig.feed(hear(sensor.uplink(2, "\x01", 2, true), now += 10 * kSecond));
  rig.feed(tick(now + 60 * kSecond));
  EXPECT_TRUE(rig.downlinks().empty());
  EXPECT_EQ(rig.row(sensor.eui).active().next_f_cnt_down(), 0U);
  EXPECT_EQ(rig.counter("network.downlink.no_path"), 1U);
  EXPECT_EQ(rig.counter("network.downlink.too_late"), 1U);
}

TEST_F(AnswerTest, ACrashBetweenStoreAndSendNeverUsesACounterTwice) {
  declare();
  rig.commit();
  rig.feed(hear(sensor.uplink(1, "\x01", 2, true), now));
  rig.feed(tick(now + 200 * kMs));
  rig.commit();
  rig.crash();
  rig.feed(hear(sensor.uplink(2, "\x01", 2, true), now += 5 * kSecond));
  rig.feed(tick(now + 200 * kMs));
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(rig.downlinks()[0].f_cnt_down(), 0U);
  EXPECT_EQ(rig.downlinks()[1].f_cnt_down(), 1U);
}

}  // namespace
}  // namespace lenne::network::test
