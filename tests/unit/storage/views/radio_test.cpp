// How devices and gateways did in about the last day.
#include "storage/views/radio.hpp"

#include <algorithm>

#include "processing/network_measures.hpp"
#include "tests/unit/storage/views/world.hpp"

namespace lenne::storage::views {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kMinute = 60'000'000;
const Scope kEverything = Scope::everything();

v1::Reception reception_at(std::uint32_t factor, std::initializer_list<std::uint64_t> gateways, int margin_tenths,
                           std::int64_t received_us = kStartUs) {
  v1::Reception reception;
  reception.mutable_data_rate()->set_spreading_factor(factor);
  reception.mutable_data_rate()->set_bandwidth_hz(125'000);
  reception.set_margin_tenths_db(margin_tenths);
  reception.set_frequency_hz(868'100'000);
  reception.set_airtime_us(61'696);
  for (const auto id : gateways) {
    auto& hearing = *reception.add_gateways();
    hearing.set_gateway_id(id);
    hearing.set_received_us(received_us);
  }
  return reception;
}

TEST(Radio, AddsUpHowADeviceWasHeard) {
  v1::DeviceView device;
  note_uplink(device, 0, kStartUs);
  note_uplink(device, 3, kStartUs + kHourUs);
  note_reception(device, reception_at(7, {1, 2, 3}, 95), kStartUs);
  note_reception(device, reception_at(12, {2}, -15), kStartUs + 7 * kHourUs);  // another part of the day
  auto late = reception_at(12, {3}, 0);
  late.set_late(true);
  note_reception(device, late, kStartUs);
  const auto radio = radio_of(device, kStartUs + 8 * kHourUs);
  EXPECT_EQ(device.radio_size(), 2);
  EXPECT_EQ(radio.uplinks, 2U);
  EXPECT_EQ(radio.lost, 3U);
  EXPECT_EQ(radio.receptions, 2U) << "a late copy belongs to one that was counted";
  EXPECT_EQ(radio.copies, 4U);
  EXPECT_EQ(radio.alone, 1U);
  EXPECT_EQ(radio.margins, 2U);
  EXPECT_EQ(radio.margin_sum_tenths_db, 80);
  EXPECT_EQ(radio.margin_least_tenths_db, -15);
  EXPECT_EQ(radio.spreading_factors, (std::array<std::uint64_t, 6>{1, 0, 0, 0, 0, 1}));
  EXPECT_EQ(radio.airtime_us, 2U * 61'696);
  note_join(device, kStartUs);
  note_join(device, kStartUs + 7 * kHourUs);
  note_join(device, kStartUs - 90 * kHourUs);  // too old
  EXPECT_EQ(radio_of(device, kStartUs + 8 * kHourUs).joins, 2U);
}

TEST(Radio, AGatewaySaysHowFullItsChannelsAre) {
  v1::GatewayView gateway;
  auto reception = reception_at(7, {1}, 0);
  note_frame(gateway, reception, kStartUs);
  note_frame(gateway, reception, kStartUs + 7 * kHourUs);
  for (std::uint32_t i = 0; i < 20; ++i) {
    reception.set_frequency_hz(867'050'000 + 100'000 * (20 - i));
    note_frame(gateway, reception, kStartUs);
  }
  const auto radio = radio_of(gateway, kStartUs + 8 * kHourUs);
  EXPECT_EQ(radio.frames, 22U);
  EXPECT_EQ(radio.alone, 22U);
  EXPECT_EQ(radio.channels.size(), static_cast<std::size_t>(kChannels));
  EXPECT_EQ(radio.channels.at(868'100'000).frames, 2U);
  EXPECT_EQ(radio.channels.at(868'100'000).airtime_us, 2U * 61'696);
  EXPECT_EQ(gateway.radio(0).frames_elsewhere(), 5U);
}

v1::TxAck sent_on(std::uint32_t frequency_hz, std::uint32_t airtime_us) {
  v1::TxAck ack;
  ack.set_frequency_hz(frequency_hz);
  ack.set_airtime_us(airtime_us);
  return ack;
}

TEST(Radio, WhatAGatewaySentWithinAnHour) {
  v1::GatewayView gateway;
  constexpr std::int64_t kFive = 5 * kMinute;
  const auto begin = kStartUs - kStartUs % kFive;
  EXPECT_TRUE(note_downlink(gateway, sent_on(869'525'000, 1'000), begin));
  EXPECT_TRUE(note_downlink(gateway, sent_on(868'300'000, 30), begin + kFive));
  EXPECT_TRUE(note_downlink(gateway, sent_on(868'100'000, 7), begin + kFive));
  EXPECT_TRUE(note_downlink(gateway, sent_on(868'100'000, 5), begin + kFive + 1));
  const auto of_m = [&](std::int64_t now) { return sent_within_hour(gateway, 868'000'000, 868'600'000, now); };
  const auto of_p = [&](std::int64_t now) { return sent_within_hour(gateway, 869'400'000, 869'650'000, now); };
  EXPECT_EQ(of_m(begin + kFive), 42U);
  EXPECT_EQ(of_p(begin + kFive), 1'000U);
  EXPECT_EQ(of_p(begin + kFive + kHourUs - 1), 1'000U) << "its end may be within the hour";
  EXPECT_EQ(of_p(begin + kFive + kHourUs), 0U);
  EXPECT_EQ(of_m(begin + kFive + kHourUs), 42U);
  EXPECT_TRUE(note_downlink(gateway, sent_on(868'100'000, 1), begin + 3 * kHourUs));
  EXPECT_EQ(gateway.sent_size(), 1) << "what is older than an hour is not kept";
  EXPECT_TRUE(note_downlink(gateway, sent_on(868'100'000, 1), begin));
  EXPECT_EQ(gateway.sent_size(), 1) << "and does not come again";
}

TEST(Radio, WhatAGatewayRefused) {
  v1::GatewayView gateway;
  v1::TxAck refused;
  refused.set_error(v1::TX_ERROR_DUTY_CYCLE);
  EXPECT_TRUE(note_downlink(gateway, refused, kStartUs));
  refused.set_error(v1::TX_ERROR_TOO_LATE);
  EXPECT_TRUE(note_downlink(gateway, refused, kStartUs));
  const auto radio = radio_of(gateway, kStartUs);
  EXPECT_EQ(radio.downlinks_refused, 2U);
  EXPECT_EQ(radio.duty_cycle_refused, 1U);
  EXPECT_EQ(gateway.sent_size(), 0);
}

TEST(Radio, ManyFrequenciesAreBounded) {
  v1::GatewayView gateway;
  for (int i = 0; i < kSentEntries; ++i)
    EXPECT_TRUE(note_downlink(gateway, sent_on(863'000'000U + static_cast<std::uint32_t>(i), 1), kStartUs));
  EXPECT_FALSE(note_downlink(gateway, sent_on(869'000'000, 1), kStartUs));
  EXPECT_EQ(gateway.sent_size(), kSentEntries);
}

TEST(Radio, WhoHeardADeviceIsASet) {
  v1::DeviceView device;
  auto late = reception_at(7, {9}, 0);
  late.set_late(true);
  note_reception(device, late, kStartUs);
  note_reception(device, reception_at(7, {3, 1}, 0), kStartUs);
  note_reception(device, reception_at(7, {2, 3}, 0), kStartUs + 7 * kHourUs);
  const auto heard = heard_by(device, kStartUs + 8 * kHourUs);
  EXPECT_EQ(heard.gateways, (std::vector<std::uint64_t>{1, 2, 3, 9}));
  EXPECT_FALSE(heard.more);
  EXPECT_EQ(heard_by(device, kStartUs + 32 * kHourUs).gateways, (std::vector<std::uint64_t>{2, 3}));
}

TEST(Radio, OfManyGatewaysTheSmallestStayInAnyOrder) {
  v1::DeviceView up, down;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    note_reception(up, reception_at(7, {id}, 0), kStartUs);
    note_reception(down, reception_at(7, {21 - id}, 0), kStartUs);
  }
  EXPECT_EQ(heard_by(up, kStartUs).gateways, heard_by(down, kStartUs).gateways);
  EXPECT_EQ(heard_by(up, kStartUs).gateways.size(), static_cast<std::size_t>(kHeardBy));
  EXPECT_TRUE(heard_by(up, kStartUs).more);
}

TEST(Radio, WithoutAMarginNothingIsSaidOfIt) {
  v1::DeviceView device;
  auto fsk = reception_at(0, {1}, 0);
  fsk.clear_margin_tenths_db();
  note_reception(device, fsk, kStartUs);
  note_reception(device, reception_at(9, {1}, 30), kStartUs);
  const auto radio = radio_of(device, kStartUs);
  EXPECT_EQ(radio.receptions, 2U);
  EXPECT_EQ(radio.margins, 1U);
  EXPECT_EQ(radio.margin_least_tenths_db, 30);
}

TEST(Radio, KeepsTheLastPartsOnly) {
  v1::DeviceView device;
  const auto noon = kStartUs + 12 * kHourUs;
  note_uplink(device, 0, noon);
  note_uplink(device, 0, noon - 24 * kHourUs);  // comes late, is still kept
  note_uplink(device, 0, noon - 31 * kHourUs);  // too old
  note_uplink(device, 0, -5);
  EXPECT_EQ(device.radio_size(), 2);
  EXPECT_EQ(radio_since_us(noon), noon - 24 * kHourUs);
  EXPECT_EQ(radio_of(device, noon + 5 * kHourUs).uplinks, 2U);
  EXPECT_EQ(radio_of(device, noon + 6 * kHourUs).uplinks, 1U) << "the older part is over a day old";
  EXPECT_EQ(radio_of(device, noon + 60 * kHourUs).uplinks, 0U);
  note_uplink(device, 0, noon + 60 * kHourUs);
  EXPECT_EQ(device.radio_size(), 1);
}

TEST(Radio, ADeviceIsSilentAfterThreeOfItsIntervals) {
  v1::DeviceView device;
  EXPECT_EQ(is_silent(device, kStartUs), std::nullopt) << "never heard";
  device.set_last_seen_us(kStartUs);
  EXPECT_EQ(is_silent(device, kStartUs + 100 * kHourUs), std::nullopt) << "its interval is unknown";
  device.set_nominal_interval_s(600);
  EXPECT_EQ(is_silent(device, kStartUs + 30 * kMinute), false);
  EXPECT_EQ(is_silent(device, kStartUs + 30 * kMinute + 1), true);
}

TEST(Radio, AGatewayIsThereInTheMinutesInWhichSomethingCame) {
  v1::GatewayView gateway;
  note_alive(gateway, kStartUs + 10 * kMinute + 5);
  note_alive(gateway, kStartUs + 10 * kMinute + 30'000'000);  // the same minute
  note_alive(gateway, kStartUs + 12 * kMinute);
  note_alive(gateway, kStartUs + 14 * kMinute);
  auto radio = radio_of(gateway, kStartUs + 14 * kMinute + 59'000'000);
  EXPECT_EQ(radio.minutes, 4) << "10, 11, 12 and 13: the present one is still filling";
  EXPECT_EQ(radio.minutes_alive, 2);
  radio = radio_of(gateway, kStartUs + 15 * kMinute);
  EXPECT_EQ(radio.minutes, 5);
  EXPECT_EQ(radio.minutes_alive, 3);
  radio = radio_of(gateway, kStartUs + 48 * kHourUs);
  EXPECT_EQ(radio.minutes, 24 * 60) << "since the kept parts begin";
  EXPECT_EQ(radio.minutes_alive, 0);
  EXPECT_EQ(radio_of(v1::GatewayView{}, kStartUs).minutes, 0);
}

// Sums do not depend on the order in which records come, as long as it is one of the kept parts.
TEST(Radio, OrderDoesNotMatter) {
  std::vector<int> order(20);
  for (int i = 0; i < 20; ++i) order[static_cast<std::size_t>(i)] = i;
  const auto fold = [&] {
    v1::DeviceView device;
    for (const int i : order) {
      const auto at = kStartUs + i * 100 * kMinute;
      note_uplink(device, i % 3, at);
      note_reception(device, reception_at(7 + static_cast<std::uint32_t>(i) % 6, {1, 2}, i * 7 - 50), at);
    }
    return device.SerializeAsString();
  };
  const auto forwards = fold();
  std::ranges::reverse(order);
  EXPECT_EQ(fold(), forwards);
  std::ranges::rotate(order, order.begin() + 7);
  EXPECT_EQ(fold(), forwards);
}

TEST(Radio, TheNetworkMeasuresHaveTheseNames) {
  EXPECT_EQ(kLost, processing::kUplinksLost);
  EXPECT_EQ(kUplinkAirtime, processing::kGatewayUplinkAirtime);
  EXPECT_EQ(kDownlinkAirtime, processing::kGatewayDownlinkAirtime);
  EXPECT_EQ(kDownlinks, processing::kGatewayDownlinks);
  EXPECT_EQ(kForeignAirtime, processing::kGatewayForeignAirtime);
  EXPECT_EQ(kForeignFrames, processing::kGatewayForeignFrames);
}

// The way of the records through the views.
TEST(Radio, ViewsKeepIt) {
  World world;
  world.put(tenant_object("menden"));
  world.put(gateway_object("menden", 0xa1));
  world.put(device_object("menden", 7));
  world.uplink("menden", 7, 41, kStartUs, 0xa1);
  v1::DeviceEvent event;
  event.set_tenant("menden");
  event.set_dev_eui(7);
  event.set_received_us(kStartUs);
  *event.mutable_reception() = reception_at(10, {0xa1}, 50);
  world.apply(Topic::event, "menden", {}, event.SerializeAsString());
  v1::Measurement measurement;
  measurement.set_tenant("menden");
  measurement.set_dev_eui(7);
  measurement.set_received_us(kStartUs);
  measurement.set_nominal_interval_s(600);
  auto& lost = *measurement.add_samples();
  lost.set_measure(std::string(kLost));
  lost.set_value(2);
  world.apply(Topic::measurement, "menden", {}, measurement.SerializeAsString());
  v1::Measurement airtime;
  airtime.set_tenant("menden");
  airtime.set_dev_eui(0xa1);
  auto& heard = *airtime.add_samples();
  heard.set_measure(std::string(kUplinkAirtime));
  heard.set_exponent(-6);
  heard.set_value(370'688);
  heard.set_time_us(kStartUs);
  world.apply(Topic::measurement, "menden", {}, airtime.SerializeAsString());
  v1::GatewayStatus status;
  status.set_gateway_id(0xa1);
  status.set_received_us(kStartUs + kMinute);
  status.set_rx_received(10);
  status.set_rx_ok(8);
  for (int twice = 0; twice < 2; ++twice) world.apply(Topic::gateway_status, {}, {}, status.SerializeAsString());
  world.commit();

  const auto device = world.queries.device(kEverything, {7});
  ASSERT_TRUE(device && *device);
  EXPECT_EQ((**device).nominal_interval_s(), 600U);
  const auto radio = radio_of(**device, kStartUs);
  EXPECT_EQ(radio.uplinks, 1U);
  EXPECT_EQ(radio.lost, 2U);
  EXPECT_EQ(radio.margin_sum_tenths_db, 50);
  const auto gateways = world.queries.gateways(kEverything, {}, {});
  ASSERT_TRUE(gateways && gateways->items.size() == 1);
  const auto gateway = radio_of(gateways->items[0].status, kStartUs + 2 * kMinute);
  EXPECT_EQ(gateway.minutes, 2);
  EXPECT_EQ(gateway.minutes_alive, 2);
  EXPECT_EQ(gateway.frames, 1U) << "an uplink's first copy comes again with its reception";
  EXPECT_EQ(gateway.alone, 1U);
  EXPECT_EQ(gateway.uplink_airtime_us, 370'688U);
  EXPECT_EQ(gateway.rx_received, 10U) << "a report is counted once";
  EXPECT_EQ(gateway.rx_ok, 8U);
}

}  // namespace
}  // namespace lenne::storage::views
