// Numbers that no radio has, from a gateway or a log that was written by somebody else. The sanitizers watch.

#include <gtest/gtest.h>

#include <cstdint>

#include "network/lorawan/frame.hpp"
#include "network/windows.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

TEST(ExtremeValues, TimesOfTwoGatewaysAreFarApart) {
  v1::NetworkTransmission transmission;
  transmission.add_copies()->mutable_hearing()->set_gps_time_us(INT64_MAX);
  v1::NetworkCopy copy;
  copy.mutable_hearing()->set_gps_time_us(INT64_MIN);
  EXPECT_FALSE(same_transmission(transmission, copy, true, kSecond));
  copy.mutable_hearing()->set_gps_time_us(INT64_MAX - kSecond);
  EXPECT_TRUE(same_transmission(transmission, copy, true, kSecond));
}

TEST(ExtremeValues, TheWeakestIsTheLast) {
  v1::NetworkTransmission transmission;
  for (const auto level : {INT32_MIN, INT32_MAX, 0}) {
    v1::GatewayFrame frame;
    frame.set_rssi_dbm(level);
    frame.set_snr_tenths_db(level);
    *transmission.add_copies() = copy_of(frame, kStart);
  }
  const auto copies = ranked(transmission);
  EXPECT_EQ(copies.front()->hearing().rssi_dbm(), kMostRssiDbm);
  EXPECT_EQ(copies.back()->hearing().snr_tenths_db(), -kMostSnrTenthsDb);
}

TEST(ExtremeValues, AnUnknownSpreadingFactorHasNoMargin) {
  for (const auto& [factor, snr] : {std::pair{0x80000006U, 100}, std::pair{13U, 100}, std::pair{7U, INT32_MIN}}) {
    Rig rig;
    Sensor sensor;
    sensor.address = {0x01020304};
    rig.feed(put(sensor.abp(rig.vault), kStart));
    constexpr std::uint8_t kLinkCheckReq[] = {0x02};
    // A way to answer through, and a copy that is better by its numbers.
    rig.feed(hear(sensor.uplink(1, "\x15", 2, false, kLinkCheckReq), kStart, {.rssi = -100, .snr_tenths = -10}));
    Ear strange{.gateway = kGateway + 1, .rssi = INT32_MAX, .snr_tenths = snr, .spreading_factor = factor};
    rig.feed(hear(sensor.uplink(1, "\x15", 2, false, kLinkCheckReq), kStart, strange));
    rig.feed(tick(kStart + kSecond / 2));
    ASSERT_EQ(rig.downlinks().size(), 1U) << factor;
    const auto phy = rig.downlinks().front().phy_payload();
    const auto frame = lorawan::parse_frame(base::as_bytes(phy));
    ASSERT_TRUE(frame);
    const auto& answer = std::get<lorawan::DataFrame>(*frame).f_opts;
    ASSERT_EQ(answer.size(), 3U);
    const auto expected = factor == 7U ? 6 : 0;  // -1 dB is 6.5 dB above the floor of SF7
    EXPECT_EQ(answer[1], expected) << factor;
    EXPECT_EQ(answer[2], 2) << "gateways";
  }
}

}  // namespace
}  // namespace lenne::network::test
