#include "decode/device_decoder.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
#include "tests/unit/decode/support.hpp"

namespace lenne::decode::tests {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

class DeviceDecoderTest : public testing::Test {
 protected:
  // As the network step calls it. heard: gateway GPS time, 3 ms before the receive time.
  void run(const std::string& schema, std::uint32_t f_port, std::string_view hex, std::int64_t received_us) {
    device.set_schema(schema);
    event.Clear();
    measurement.Clear();
    event.set_received_us(received_us);
    event.set_time_us(heard(received_us));
    auto& uplink = *event.mutable_uplink();
    uplink.set_f_port(f_port);
    uplink.set_time_source(v1::TIME_SOURCE_GATEWAY_GPS);
    const auto payload = base::from_hex(hex);
    uplink.set_payload(payload->data(), payload->size());
    measurement.set_received_us(received_us);
    decoder.decode(device, event, measurement);
  }
  static std::int64_t heard(std::int64_t received_us) { return received_us - 3000; }

  base::Counters counters;
  DeviceDecoder decoder{builtin(), counters};
  v1::Device device;
  v1::DeviceEvent event;
  v1::Measurement measurement;
};

constexpr std::int64_t kReceived = 1'790'000'000 * kSecond;

TEST_F(DeviceDecoderTest, FillsMessageAndSamples) {
  run("elsys/ers", 5, "0100e20229", kReceived);
  const auto& uplink = event.uplink();
  EXPECT_EQ(uplink.schema(), builtin()->find("elsys/ers")->full_name());
  EXPECT_EQ(uplink.decode_error(), "");
  EXPECT_EQ(*message_json(*builtin(), uplink.schema(), base::as_bytes(uplink.message())),
            R"({"temperature":22.6,"humidity":41})");
  EXPECT_EQ(measurement.schema(), uplink.schema());
  EXPECT_EQ(measurement.message(), uplink.message());
  EXPECT_EQ(event.time_us(), heard(kReceived));
  EXPECT_EQ(uplink.time_source(), v1::TIME_SOURCE_GATEWAY_GPS);
  ASSERT_EQ(measurement.samples_size(), 2);
  const auto& sample = measurement.samples(0);
  EXPECT_EQ(sample.measure(), "temperature");
  EXPECT_EQ(sample.unit(), "Cel");
  EXPECT_EQ(sample.kind(), v1::KIND_GAUGE);
  EXPECT_EQ(sample.value(), 22'600'000);
  EXPECT_EQ(sample.exponent(), -6);
  EXPECT_EQ(sample.time_us(), heard(kReceived));
  EXPECT_EQ(sample.time_source(), v1::TIME_SOURCE_GATEWAY_GPS);
  EXPECT_EQ(sample.index(), 0U);
  EXPECT_EQ(sample.flags(), 0U);
  EXPECT_EQ(sample.rollover_at(), 0U);
  EXPECT_EQ(measurement.samples(1).index(), 1U);
  EXPECT_EQ(counters.value("decode.complete"), 1U);
}

TEST_F(DeviceDecoderTest, ParkingIsAState) {
  run("bosch/tps110", 1, "01", kReceived);
  ASSERT_EQ(measurement.samples_size(), 1);
  EXPECT_EQ(measurement.samples(0).measure(), "parking_occupied");
  EXPECT_EQ(measurement.samples(0).kind(), v1::KIND_STATE);
  EXPECT_EQ(measurement.samples(0).value(), 1);
  EXPECT_EQ(measurement.samples(0).exponent(), 0);
}

TEST_F(DeviceDecoderTest, AMetersLogHasItsOwnTimes) {
  const std::int64_t time = 0x60e7c7bf;
  const std::int64_t log = 0x60e6e8c0;
  const auto received = (time + 2) * kSecond;
  run("axioma/w1", 100,
      "bfc7e7600028950100c0e8e660f79301001e0004000f000b00200005001d0054002d000f000a000a00000003000300", received);
  EXPECT_EQ(event.time_us(), time * kSecond);
  EXPECT_EQ(event.uplink().time_source(), v1::TIME_SOURCE_PAYLOAD);
  ASSERT_EQ(measurement.samples_size(), 2 + 2 + 15);
  const auto& present = measurement.samples(2);
  EXPECT_EQ(present.measure(), "water_volume");
  EXPECT_EQ(present.unit(), "m3");
  EXPECT_EQ(present.kind(), v1::KIND_COUNTER);
  EXPECT_EQ(present.value(), 103'720'000);
  EXPECT_EQ(present.time_us(), time * kSecond);
  EXPECT_EQ(present.rollover_at(), 4'294'967'296'000U);
  const auto& base = measurement.samples(3);
  EXPECT_EQ(base.value(), 103'415'000);
  EXPECT_EQ(base.time_us(), log * kSecond);
  EXPECT_EQ(measurement.samples(4).value(), 103'445'000);
  EXPECT_EQ(measurement.samples(4).time_us(), (log + 3600) * kSecond);
  EXPECT_EQ(measurement.samples(18).value(), 103'711'000);
  EXPECT_EQ(measurement.samples(18).time_us(), (log + 15 * 3600) * kSecond);
  for (const auto& sample : measurement.samples()) EXPECT_EQ(sample.time_source(), v1::TIME_SOURCE_PAYLOAD);
}

// A W1 frame without log entries: time and log_time are the same.
std::string meter_frame(std::int64_t time) {
  std::string hex;
  for (int part = 0; part < 2; ++part) {
    const auto value = static_cast<std::uint32_t>(time);
    std::array<std::uint8_t, 4> bytes{};
    base::write_le(bytes.data(), value);
    hex += base::to_hex(bytes) + (part == 0 ? "0005000000" : "05000000");
  }
  return hex;
}

TEST_F(DeviceDecoderTest, ClampsMeterTimes) {
  const std::int64_t now = kReceived / kSecond;
  struct Case {
    std::int64_t offset_s;
    bool credible;
  };
  for (const auto [offset, credible] :
       {Case{59, true}, Case{60, false}, Case{-45 * 86400, true}, Case{-45 * 86400 - 1, false},
        Case{-1'790'000'000, false}, Case{2'000'000'000, false}}) {
    SCOPED_TRACE(offset);
    run("axioma/w1", 100, meter_frame(now + offset), kReceived);
    ASSERT_EQ(measurement.samples_size(), 4);
    const auto& sample = measurement.samples(2);
    if (credible) {
      EXPECT_EQ(event.time_us(), (now + offset) * kSecond);
      EXPECT_EQ(event.uplink().time_source(), v1::TIME_SOURCE_PAYLOAD);
      EXPECT_EQ(sample.time_us(), (now + offset) * kSecond);
      EXPECT_EQ(sample.flags(), 0U);
      EXPECT_EQ(sample.original_time_us(), 0);
    } else {
      EXPECT_EQ(event.time_us(), heard(kReceived));
      EXPECT_EQ(event.uplink().time_source(), v1::TIME_SOURCE_GATEWAY_GPS);
      EXPECT_EQ(sample.time_us(), heard(kReceived));
      EXPECT_EQ(sample.time_source(), v1::TIME_SOURCE_GATEWAY_GPS);
      EXPECT_EQ(sample.flags(), unsigned{v1::SAMPLE_FLAG_CLOCK_SUSPECT});
      EXPECT_EQ(sample.original_time_us(), (now + offset) * kSecond);
    }
  }
  // 4 frames with 4 samples; and of the frame that is 45 d old the two states, whose series reach back 7 d.
  EXPECT_EQ(counters.value("decode.clock_suspect"), 18U);
}

TEST_F(DeviceDecoderTest, NothingIsMeasuredAfterItWasHeardHoweverLateItIsTold) {
  device.set_schema("axioma/w1");
  const auto sent = kReceived - 12 * 3600 * kSecond;  // the gateway was cut off for twelve hours
  for (const auto& [offset, source] : {std::pair{60, v1::TIME_SOURCE_PAYLOAD}, {61, v1::TIME_SOURCE_GATEWAY_GPS}}) {
    event.Clear();
    measurement.Clear();
    event.set_received_us(kReceived);
    event.set_time_us(sent);
    event.mutable_uplink()->set_f_port(100);
    event.mutable_uplink()->set_time_source(v1::TIME_SOURCE_GATEWAY_GPS);
    const auto payload = base::from_hex(meter_frame(sent / kSecond + offset));
    event.mutable_uplink()->set_payload(payload->data(), payload->size());
    decoder.decode(device, event, measurement);
    EXPECT_EQ(event.uplink().time_source(), source) << offset;
  }
}

TEST_F(DeviceDecoderTest, OtherThanMetersAreCredibleForSevenDays) {
  const std::int64_t stored = 1'665'561'758 * kSecond;
  const std::string frame = "20ce9e74466310015d";
  run("milesight/em300_th", 85, frame, stored + 7 * kDay);
  EXPECT_EQ(measurement.samples(0).time_us(), stored);
  EXPECT_EQ(measurement.samples(0).time_source(), v1::TIME_SOURCE_PAYLOAD);
  // A stored reading's time is not the frame's.
  EXPECT_EQ(event.time_us(), heard(stored + 7 * kDay));
  run("milesight/em300_th", 85, frame, stored + 7 * kDay + 1);
  EXPECT_EQ(measurement.samples(0).time_us(), heard(stored + 7 * kDay + 1));
  EXPECT_EQ(measurement.samples(0).flags(), unsigned{v1::SAMPLE_FLAG_CLOCK_SUSPECT});
}

TEST_F(DeviceDecoderTest, FlagsWhatIsOutOfRange) {
  run("elsys/ers", 5, "02ff", kReceived);
  ASSERT_EQ(measurement.samples_size(), 1);
  EXPECT_EQ(measurement.samples(0).value(), 255'000'000);
  EXPECT_EQ(measurement.samples(0).flags(), unsigned{v1::SAMPLE_FLAG_OUT_OF_RANGE});
  EXPECT_EQ(counters.value("decode.out_of_range"), 1U);
}

TEST_F(DeviceDecoderTest, PartialFramesKeepWhatWasRead) {
  run("elsys/ers", 5, "0100e2ee01", kReceived);
  EXPECT_EQ(event.uplink().decode_error(), "partial: unknown key 0xee at offset 3");
  EXPECT_FALSE(event.uplink().message().empty());
  EXPECT_EQ(measurement.samples_size(), 1);
  EXPECT_EQ(counters.value("decode.partial"), 1U);
}

TEST_F(DeviceDecoderTest, FailuresKeepTheRawPayloadOnly) {
  run("bosch/tps110", 9, "01", kReceived);
  EXPECT_EQ(event.uplink().decode_error(), "no layout for FPort 9");
  EXPECT_EQ(event.uplink().payload(), std::string(1, '\1'));
  EXPECT_TRUE(event.uplink().message().empty());
  EXPECT_EQ(measurement.samples_size(), 0);
  EXPECT_EQ(counters.value("decode.failed"), 1U);
  run("bosch/none", 1, "01", kReceived);
  EXPECT_EQ(event.uplink().decode_error(), "schema \"bosch/none\" is not loaded");
  EXPECT_EQ(counters.value("decode.unknown_schema"), 1U);
  run("", 1, "01", kReceived);
  EXPECT_EQ(event.uplink().decode_error(), "");
  EXPECT_EQ(counters.value("decode.no_schema"), 1U);
}

TEST_F(DeviceDecoderTest, CommandsOfTheNetworkAreNotPayload) {
  run("elsys/ers", 0, "0100e2", kReceived);
  EXPECT_EQ(measurement.samples_size(), 0);
  EXPECT_EQ(event.uplink().schema(), "");
}

}  // namespace
}  // namespace lenne::decode::tests
