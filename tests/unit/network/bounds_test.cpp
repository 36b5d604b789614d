#include <gtest/gtest.h>

#include "lenne/v1/quarantine.pb.h"
#include "network/frame_counter.hpp"
#include "network/origins.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using storage::Topic;
using v1::DeviceEvent;

Sensor abp_sensor(std::uint16_t n, std::uint32_t address = 0x01020304) {
  Sensor s;
  s.eui.value = 0x2200 + n;
  s.address = {address};
  s.keys.f_nwk_s_int_key.bytes[0] = static_cast<std::uint8_t>(n);
  s.keys.f_nwk_s_int_key.bytes[1] = static_cast<std::uint8_t>(n >> 8);
  s.keys.s_nwk_s_int_key = s.keys.nwk_s_enc_key = s.keys.f_nwk_s_int_key;
  return s;
}

v1::NetworkIn from(v1::NetworkIn in, std::uint32_t instance, std::uint32_t incarnation, std::uint64_t sequence) {
  in.mutable_origin()->set_instance(instance);
  in.mutable_origin()->set_incarnation(incarnation);
  in.mutable_origin()->set_sequence(sequence);
  return in;
}

TEST(Bounds, RepeatsOfARecordAreDropped) {
  Rig rig;
  auto nothing = tick(kStart);  // who handles it puts it into quarantine
  nothing.clear_tick();
  rig.feed(from(nothing, 1, 1, 10));
  rig.feed(from(nothing, 1, 1, 10));
  rig.feed(from(nothing, 1, 1, 9));
  rig.feed(from(nothing, 2, 1, 10));
  rig.commit();
  rig.restart_processor();
  rig.feed(from(nothing, 1, 1, 9));
  rig.feed(from(nothing, 1, 2, 9));
  rig.feed(from(nothing, 1, 1, 11));
  rig.feed(nothing);
  rig.feed(nothing);
  EXPECT_EQ(rig.counter("network.quarantined"), 6U);
  EXPECT_EQ(rig.counter("network.dropped.repeated_record"), 2U);
  EXPECT_EQ(rig.counter("network.dropped.stale_record"), 1U);
}

TEST(Bounds, TheMemoryOfRepeatsDoesNotGrow) {
  OriginMemory memory;
  v1::Origin origin;
  origin.set_incarnation(1);
  for (std::uint32_t instance = 1; instance <= 3 * OriginMemory::kInstances; ++instance) {
    origin.set_instance(instance);
    EXPECT_EQ(memory.take(origin, instance), OriginMemory::Verdict::fresh);
  }
  EXPECT_EQ(memory.instances(), OriginMemory::kInstances);
  const auto others = OriginMemory::kInstances - 1;
  const auto take = [&](std::uint64_t sequence) {
    origin.set_sequence(sequence);
    return memory.take(origin, 1'000 + sequence);
  };
  constexpr auto kRemembered = OriginMemory::kRows * OriginMemory::kNumbers;
  for (std::uint64_t s = 1; s <= 3 * kRemembered; s += 100) ASSERT_EQ(take(s), OriginMemory::Verdict::fresh);
  EXPECT_EQ(memory.rows(), OriginMemory::kRows + others);
  EXPECT_EQ(take(3), OriginMemory::Verdict::stale);
  EXPECT_EQ(take(2 * kRemembered - 1), OriginMemory::Verdict::stale) << "the last number of the row before the oldest";
  EXPECT_EQ(take(2 * kRemembered), OriginMemory::Verdict::fresh);
  EXPECT_EQ(take(UINT64_MAX), OriginMemory::Verdict::fresh);
  EXPECT_EQ(memory.rows(), 1 + others) << "a number far ahead makes all others old";
  EXPECT_EQ(take(UINT64_MAX), OriginMemory::Verdict::repeated);
  EXPECT_EQ(take(UINT64_MAX - kRemembered), OriginMemory::Verdict::stale);
}

TEST(Bounds, TheMemoryOfRepeatsIsInItsRows) {
  OriginMemory memory;
  MapState state;
  v1::NetworkPartition row;
  const auto save = [&] {
    storage::Batch batch;
    row.Clear();
    memory.save(row, batch, 7);
    state.apply(batch);
    return batch.changes();
  };
  v1::Origin origin;
  const auto take = [&](std::uint32_t instance, std::uint32_t incarnation, std::uint64_t sequence) {
    origin.set_instance(instance);
    origin.set_incarnation(incarnation);
    origin.set_sequence(sequence);
    return memory.take(origin, 0);
  };
  for (std::uint64_t s = 0; s < 200'000; s += 17) EXPECT_EQ(take(1, 1, s), OriginMemory::Verdict::fresh);
  EXPECT_EQ(take(2, 1, 5), OriginMemory::Verdict::fresh);
  save();
  EXPECT_EQ(state.rows.size(), OriginMemory::kRows + 1);
  EXPECT_EQ(take(1, 1, 199'999), OriginMemory::Verdict::fresh);
  EXPECT_EQ(save(), 1U) << "only the row that has changed";
  EXPECT_EQ(take(2, 2, 6), OriginMemory::Verdict::fresh);
  save();

  OriginMemory loaded;
  ASSERT_TRUE(loaded.load(row));
  for (const auto& [key, value] : state.rows) ASSERT_TRUE(loaded.load_row(std::get<2>(key), value));
  memory = loaded;
  for (std::uint64_t s = 0; s < 200'000; s += 17)
    EXPECT_EQ(take(1, 1, s), s / 1'024 + OriginMemory::kRows <= 199'999 / 1'024 ? OriginMemory::Verdict::stale
                                                                                : OriginMemory::Verdict::repeated);
  EXPECT_EQ(take(1, 1, 199'998), OriginMemory::Verdict::fresh);
  EXPECT_EQ(take(2, 1, 7), OriginMemory::Verdict::stale);
  EXPECT_EQ(take(2, 2, 5), OriginMemory::Verdict::fresh) << "an incarnation begins with nothing";
  EXPECT_EQ(take(2, 2, 6), OriginMemory::Verdict::repeated);

  const auto& [key, value] = *state.rows.begin();
  const auto& name = std::get<2>(key);
  EXPECT_FALSE(loaded.load_row(name + "x", value));
  EXPECT_FALSE(loaded.load_row(name, value + "x"));
  EXPECT_FALSE(loaded.load_row("s" + std::string(12, '\x01'), value)) << "nobody knows the writer";
  EXPECT_FALSE(loaded.load_row(name.substr(0, 5) + std::string(8, '\xff'), value)) << "no such number";
}

TEST(Bounds, AClockThatRunsAheadDoesNotMoveThePartition) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.feed(hear(sensor.uplink(1), kStart + 3'600 * kSecond), 0, kStart + kSecond);
  EXPECT_EQ(rig.counter("network.clock_ahead"), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).at(0).received_us(), kStart + kSecond);
  rig.feed(tick(kStart + 3 * kSecond), 0, kStart + kSecond);  // 2 s ahead is allowed
  EXPECT_EQ(rig.counter("network.clock_ahead"), 1U);
  EXPECT_EQ(rig.ticks(), (std::vector<std::int64_t>{kStart, kStart + kSecond, kStart + 3 * kSecond}));
  rig.feed(tick(kStart));  // behind: time stands
  EXPECT_EQ(rig.ticks().size(), 3U);
}

TEST(Bounds, WindowsAreToldOfEachSecondOnceWhateverBringsIt) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  for (int i = 1; i < 10; ++i) rig.feed(tick(kStart + i * 100 * kMs));
  EXPECT_EQ(rig.ticks(), (std::vector<std::int64_t>{kStart}));
  rig.feed(hear(sensor.uplink(1), kStart + 1'100 * kMs));
  rig.commit();
  rig.restart_processor();
  rig.feed(tick(kStart + 1'900 * kMs));
  EXPECT_EQ(rig.ticks(), (std::vector<std::int64_t>{kStart, kStart + 1'100 * kMs})) << "a restart changes nothing";
  EXPECT_EQ(rig.measurements().size(), 1U);
}

TEST(Bounds, ATimerFiresBeforeTheRecordThatMakesItDue) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  EXPECT_FALSE(rig.processor->next_due(0).has_value());
  rig.feed(hear(sensor.uplink(1), kStart));
  EXPECT_EQ(rig.processor->next_due(0), base::from_us(kStart + 200 * kMs));
  rig.feed(hear(sensor.uplink(2), kStart + 200 * kMs));
  std::vector<DeviceEvent::EventCase> order;
  for (const auto& output : rig.on(Topic::event)) {
    DeviceEvent event;
    ASSERT_TRUE(event.ParseFromString(output.value));
    order.push_back(event.event_case());
  }
  EXPECT_EQ(order, (std::vector{DeviceEvent::kUplink, DeviceEvent::kReception, DeviceEvent::kUplink}));
}

TEST(Bounds, AnOpenWindowSurvivesACommitAndARestart) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.feed(hear(sensor.uplink(1), kStart));
  rig.commit();
  rig.restart_processor();
  EXPECT_EQ(rig.processor->next_due(0), base::from_us(kStart + 200 * kMs));
  rig.feed(hear(sensor.uplink(1), kStart + 100 * kMs, {.gateway = kGateway + 1}));
  rig.commit();
  rig.restart_processor();
  rig.feed(tick(kStart + kSecond));
  ASSERT_EQ(rig.events(DeviceEvent::kReception).size(), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kReception)[0].reception().gateways_size(), 2);
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
  rig.commit();
  rig.restart_processor();
  rig.feed(tick(kStart + 2 * kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kReception).size(), 1U);
}

TEST(Bounds, WhatIsNoRecordGoesToDeadLetter) {
  Rig rig;
  rig.feed_raw({0, 99, kStart, "\xff\xff not a record"});
  rig.feed_raw({0, 100, kStart, std::string(200'000, '\xff')});
  v1::NetworkIn empty;
  empty.set_received_us(kStart);
  rig.feed(empty);
  const auto letters = rig.on(Topic::dead_letter);
  ASSERT_EQ(letters.size(), 3U);
  v1::DeadLetter letter;
  ASSERT_TRUE(letter.ParseFromString(letters[0].value));
  EXPECT_EQ(letter.offset(), 99U);
  EXPECT_EQ(letter.reason(), "not_a_record");
  ASSERT_TRUE(letter.ParseFromString(letters[1].value));
  EXPECT_EQ(letter.record().size(), 65'536U);
  EXPECT_FALSE(letter.detail().empty());
  EXPECT_EQ(rig.counter("network.quarantined"), 3U);
}

TEST(Bounds, LogEventsOfADeviceAreLimitedPerHour) {
  auto settings = Rig::one_partition();
  settings.logs_per_hour = 5;
  Rig rig(settings);
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  auto wrong = sensor.uplink(1);
  wrong.back() ^= 1;
  for (int i = 0; i < 20; ++i) rig.feed(hear(wrong, kStart + i * kSecond));
  EXPECT_EQ(rig.log_codes().size(), 5U);
  EXPECT_EQ(rig.counter("network.refused.mic"), 20U);
  EXPECT_EQ(rig.counter("network.dropped.log"), 15U);
  rig.feed(hear(wrong, kStart + 3'601 * kSecond));
  EXPECT_EQ(rig.log_codes().size(), 6U);
}

TEST(Bounds, CopiesOfATransmissionAreLimited) {
  auto settings = Rig::one_partition();
  settings.copies_per_transmission = 4;
  Rig rig(settings);
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  const auto phy = sensor.uplink(1);
  for (std::uint64_t g = 0; g < 10; ++g) rig.feed(hear(phy, kStart, {.gateway = kGateway + g}));
  for (std::uint64_t g = 20; g < 30; ++g) rig.feed(hear(phy, kStart + kSecond, {.gateway = kGateway + g}));
  EXPECT_EQ(rig.events(DeviceEvent::kReception).size(), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kReception)[0].reception().gateways_size(), 4);
  EXPECT_EQ(rig.counter("network.dropped.copy"), 16U);
  EXPECT_EQ(rig.counter("network.dropped.late_copy"), 10U);
}

TEST(Bounds, RepetitionsOfAFrameAreLimited) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  const auto phy = sensor.uplink(1);
  for (int i = 0; i < 30; ++i) rig.feed(hear(phy, kStart + i * 5 * kSecond));
  EXPECT_EQ(rig.counter("network.repetitions"), 15U);
  EXPECT_EQ(rig.counter("network.refused.repeated_too_often"), 14U);
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 1U);
  EXPECT_LE(rig.row(sensor.eui).transmissions_size(), 4);
}

TEST(Bounds, MoreOpenWindowsThanADeviceHasPlacesForAreClosedEarly) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  for (std::uint32_t f = 1; f <= 20; ++f) rig.feed(hear(sensor.uplink(f), kStart + f));
  EXPECT_EQ(rig.counter("network.windows_cut"), 16U);
  rig.feed(tick(kStart + kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kReception).size(), 20U) << "each is told, once";
  EXPECT_LE(rig.row(sensor.eui).transmissions_size(), 4);
}

TEST(Bounds, DownlinksOfADeviceAreLimited) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  std::int64_t at = kStart;
  for (std::uint32_t f = 1; f <= 10; ++f) {
    rig.feed(hear(sensor.uplink(f, "\x01", 2, true), at));
    rig.feed(tick(at += 250 * kMs));
  }
  EXPECT_EQ(rig.row(sensor.eui).downlinks_size(), 4);
  EXPECT_EQ(rig.counter("network.dropped.downlink"), 6U);
  EXPECT_EQ(rig.events(DeviceEvent::kTxAck).size(), 6U);
}

TEST(Bounds, DevicesPerPartitionAndPerAddressAreLimited) {
  auto settings = Rig::one_partition();
  settings.devices_per_partition = 20;
  settings.sessions_per_address = 3;
  Rig rig(settings);
  for (std::uint16_t n = 0; n < 5; ++n) rig.feed(put(abp_sensor(n).abp(rig.vault), kStart));
  EXPECT_EQ(rig.log_codes(), (std::vector<std::string>{"dev_addr_crowded", "dev_addr_crowded"}));
  for (std::uint16_t n = 5; n < 30; ++n) rig.feed(put(abp_sensor(n, 0x01030000U + n).abp(rig.vault), kStart));
  EXPECT_EQ(rig.log_codes().back(), "device_limit");
  EXPECT_EQ(rig.on(Topic::control).size(), 20U);
  rig.feed(put(abp_sensor(5, 0x01030005).abp(rig.vault), kStart));
  EXPECT_EQ(rig.on(Topic::control).size(), 21U) << "who is there can be changed";
}

TEST(Bounds, DamagedStateIsAnErrorNotACrash) {
  Rig rig;
  rig.state.rows[{storage::Store::device, 0, "12345678"}] = "\xff\xff";
  EXPECT_EQ(rig.processor->assigned(0, rig.state).error().code, "state_damaged");
  rig.state.rows.clear();
  rig.state.rows[{storage::Store::network, 0, "p"}] = "\xff\xff";
  EXPECT_EQ(rig.processor->assigned(0, rig.state).error().code, "state_damaged");
  rig.state.rows.clear();
  rig.state.rows[{storage::Store::network, 0, "jx"}] = "";
  EXPECT_EQ(rig.processor->assigned(0, rig.state).error().code, "state_damaged");
}

TEST(Bounds, ARevokedPartitionIsForgotten) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.feed(hear(sensor.uplink(1), kStart));
  rig.commit();
  rig.processor->revoked(0);
  EXPECT_FALSE(rig.processor->next_due(0).has_value());
  storage::Batch batch;
  rig.processor->flush(batch);
  EXPECT_TRUE(batch.empty());
}

TEST(Bounds, AQuietCommitWritesNothingAndADeviceIsWrittenOnce) {
  Rig rig;
  const auto sensor = abp_sensor(1);
  rig.feed(put(sensor.abp(rig.vault), kStart));
  rig.commit();
  storage::Batch quiet;
  rig.processor->flush(quiet);
  EXPECT_TRUE(quiet.empty());
  const auto phy = sensor.uplink(1);
  for (std::uint64_t g = 0; g < 3; ++g) rig.feed(hear(phy, kStart, {.gateway = kGateway + g}));
  storage::Batch batch;
  rig.processor->flush(batch);
  EXPECT_EQ(batch.changes(), 5U) << "the device, the airtime of three gateways, and the partition";
}

TEST(FrameCounter, GuessesAreFewAndOrdered) {
  EXPECT_EQ(CounterGuesses(0, 5, {}).all().size(), 1U);
  const CounterGuesses forward(100, 200, {});
  ASSERT_EQ(forward.all().size(), 1U);
  EXPECT_EQ(forward.all()[0].f_cnt, 200U);
  const CounterGuesses old(100, 50, {});
  ASSERT_EQ(old.all().size(), 2U);
  EXPECT_EQ(old.all()[0].f_cnt, 65'586U);
  EXPECT_EQ(old.all()[1].f_cnt, 50U);
  const CounterGuesses reset(70'000, 3, 100);
  ASSERT_EQ(reset.all().size(), 3U);
  EXPECT_TRUE(reset.all()[1].reset);
  EXPECT_EQ(reset.all()[1].f_cnt, 3U);
  const CounterGuesses end(kFCntEnd, 0, {});
  for (const auto& guess : end.all()) EXPECT_LT(guess.f_cnt, 0xFFFF'FFFFU) << "only old ones";
}

}  // namespace
}  // namespace lenne::network::test
