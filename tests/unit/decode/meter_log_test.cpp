// A meter that sends its log sends each reading many times: from the payload to the windows it counts once.

#include <gtest/gtest.h>

#include <map>

#include "base/time.hpp"
#include "decode/device_decoder.hpp"
#include "tests/unit/decode/support.hpp"
#include "tests/unit/processing/support.hpp"

namespace lenne::decode::tests {
namespace {

namespace in_windows = processing::test;

// The schema's own examples: two uplinks an hour apart, each with the meter's last sixteen full hours and its present
// reading.
constexpr std::int64_t kFirst = std::int64_t{0x60e7c7bf} * in_windows::kSecond;
constexpr std::string_view kLogs[] = {
    "bfc7e7600028950100c0e8e660f79301001e0004000f000b00200005001d0054002d000f000a000a00000003000300",
    "cfd5e7600038950100d0f6e6601594010004000f000b00200005001d0054002d000f000a000a000000030003000900"};

v1::Measurement measured(DeviceDecoder& decoder, std::string_view hex, std::int64_t received, std::uint32_t f_cnt) {
  v1::Device device;
  device.set_schema("axioma/w1");
  v1::DeviceEvent event;
  event.set_received_us(received);
  event.set_time_us(received);
  event.mutable_uplink()->set_f_port(100);
  const auto payload = base::from_hex(hex);
  event.mutable_uplink()->set_payload(payload->data(), payload->size());
  auto measurement = processing::test::record(1, received, f_cnt, 0);
  decoder.decode(device, event, measurement);
  return measurement;
}
v1::Measurement measured(DeviceDecoder& decoder, int which) {
  return measured(decoder, kLogs[which], kFirst + which * in_windows::kHour, static_cast<std::uint32_t>(which));
}

TEST(MeterLog, AReadingInTwoUplinksCountsOnce) {
  base::Counters counters;
  DeviceDecoder decoder{builtin(), counters};
  in_windows::Windows windows(processing::test::plain_settings());
  std::map<std::int64_t, std::int64_t> truth;  // by time
  for (const int which : {0, 1}) {
    const auto measurement = measured(decoder, which);
    for (const auto& sample : measurement.samples()) {
      if (sample.measure() == "water_volume") truth.emplace(sample.time_us(), sample.value());
    }
    windows.feed(measurement);
  }
  ASSERT_EQ(truth.size(), 19U) << "seventeen hours of the log and two present readings";
  EXPECT_EQ(windows.counters.value("windows.repeated_readings"), 15U);
  EXPECT_EQ(windows.counters.value("windows.conflicting_readings"), 0U);
  std::uint64_t count = 0;
  base::Int128 sum = 0;
  for (const auto& result : windows.tick(kFirst + 60 * in_windows::kHour)) {
    if (result.window() != "PT1H" || result.measure() != "water_volume") continue;
    count += result.counter().count();
    sum += base::int128_of(result.counter().amount().high(), result.counter().amount().low());
    EXPECT_EQ(result.left_out(), 0U);
  }
  EXPECT_EQ(count, 19U);
  EXPECT_EQ(sum, base::Int128{truth.rbegin()->second} - truth.begin()->second);
}

TEST(MeterLog, WhatTheMeterCallsBackwardsIsNoReset) {
  // Since its last full hour (420 l) the register fell to 410 l: with alarm "backflow", and with none.
  constexpr std::int64_t kAt = std::int64_t{1'790'000'000} * in_windows::kSecond;
  for (const bool says : {true, false}) {
    base::Counters counters;
    DeviceDecoder decoder{builtin(), counters};
    in_windows::Windows windows(processing::test::plain_settings());
    const auto measurement = measured(
        decoder, says ? "803bb16a709a010000401cb16aa201000002000000" : "803bb16a009a010000401cb16aa201000002000000",
        kAt, 1);
    ASSERT_EQ(measurement.samples_size(), 6);
    for (const auto& sample : measurement.samples()) {
      EXPECT_EQ(sample.reverse(), says && sample.index() == 2) << "the present reading's, not that of the log";
      EXPECT_EQ(sample.flags(), 0U);
    }
    windows.feed(measurement);
    base::Int128 sum = 0;
    base::Int128 reverse = 0;
    std::uint64_t resets = 0;
    for (const auto& result : windows.tick(kAt + 60 * in_windows::kHour)) {
      if (result.window() != "PT1H" || result.measure() != "water_volume") continue;
      sum += base::int128_of(result.counter().amount().high(), result.counter().amount().low());
      reverse += base::int128_of(result.counter().reverse().high(), result.counter().reverse().low());
      resets += result.counter().resets();
    }
    EXPECT_EQ(sum, says ? -8'000 : 2'000);
    EXPECT_EQ(reverse, says ? 10'000 : 0);
    EXPECT_EQ(resets, says ? 0U : 1U);
  }
}

TEST(MeterLog, AnotherValueOfAReadingIsCountedAndTheFirstStays) {
  base::Counters counters;
  DeviceDecoder decoder{builtin(), counters};
  in_windows::Windows windows(processing::test::plain_settings());
  windows.feed(measured(decoder, 0));
  auto second = measured(decoder, 1);
  for (auto& sample : *second.mutable_samples()) {
    if (sample.time_us() < kFirst) sample.set_value(sample.value() + 1'000'000);
  }
  windows.feed(second);
  EXPECT_EQ(windows.counters.value("windows.repeated_readings"), 0U);
  EXPECT_EQ(windows.counters.value("windows.conflicting_readings"), 15U);
}

}  // namespace
}  // namespace lenne::decode::tests
