#include <gtest/gtest.h>

#include <array>
#include <set>

#include "base/slot.hpp"
#include "network/dev_nonces.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using v1::DeviceEvent;

struct JoinTest : testing::Test {
  Rig rig;
  Sensor sensor;
  std::int64_t now = kStart;

  void declare() { rig.feed(put(sensor.otaa(rig.vault), now)); }
};

TEST_F(JoinTest, CopiesOfOneRequestAreOneJoinAnsweredByTheBestGateway) {
  declare();
  const auto phy = sensor.join_request(17);
  rig.feed(hear(phy, now, {.gateway = kGateway + 1, .snr_tenths = -50, .tmst = 100}));
  rig.feed(hear(phy, now + 30 * kMs, {.gateway = kGateway + 2, .snr_tenths = 40, .tmst = 4'294'967'000}));
  rig.feed(hear(phy, now + 60 * kMs, {.gateway = kGateway + 3, .snr_tenths = 10, .tmst = 300}));
  EXPECT_TRUE(rig.downlinks().empty()) << "the gateway is chosen when the window closes";
  rig.feed(tick(now + 300 * kMs));

  const auto joins = rig.events(DeviceEvent::kJoin);
  ASSERT_EQ(joins.size(), 1U);
  EXPECT_EQ(joins[0].join().join_nonce(), 1U);
  EXPECT_EQ(joins[0].join().dev_nonce(), 17U);
  EXPECT_EQ(joins[0].tenant(), "menden");
  const auto downlinks = rig.downlinks();
  ASSERT_EQ(downlinks.size(), 1U);
  const auto& accept = downlinks[0];
  EXPECT_EQ(accept.gateway_id(), kGateway + 2);
  EXPECT_EQ(accept.tmst(), static_cast<std::uint32_t>(4'294'967'000ULL + 5'000'000ULL)) << "modulo 2^32";
  EXPECT_EQ(accept.frequency_hz(), 868'100'000U);
  EXPECT_EQ(accept.data_rate().spreading_factor(), 7U);
  EXPECT_EQ(accept.rx_window(), 1U);
  EXPECT_EQ(accept.not_after_us(), now + 30 * kMs + 5 * kSecond);
  EXPECT_EQ(accept.instance(), 0x0aU);
  EXPECT_EQ(accept.incarnation(), 3U);
  EXPECT_TRUE(accept.join_accept());
  EXPECT_EQ(accept.phy_payload().size(), 33U) << "with a CFList";
  ASSERT_TRUE(sensor.take_accept(accept.phy_payload(), 17));
  EXPECT_EQ(sensor.address.value, joins[0].join().dev_addr());
  EXPECT_EQ(base::slot_of(sensor.address), base::slot_of(sensor.eui)) << "the address is in the device's slot";
}

TEST_F(JoinTest, WithoutExtraChannelsThereIsNoCfList) {
  auto settings = Rig::one_partition();
  settings.extra_channels_hz.clear();
  Rig plain(settings);
  plain.feed(put(sensor.otaa(plain.vault), now));
  join(plain, sensor, 1, now);
  EXPECT_EQ(plain.downlinks()[0].phy_payload().size(), 17U);
}

TEST_F(JoinTest, Rx2FollowsARefusalThenTheNextGatewayWithTheSameFrame) {
  declare();
  const auto phy = sensor.join_request(1);
  rig.feed(hear(phy, now, {.gateway = kGateway + 1, .snr_tenths = 40}));
  rig.feed(hear(phy, now, {.gateway = kGateway + 2, .snr_tenths = 10}));
  now += 300 * kMs;
  rig.feed(tick(now));
  rig.feed(tx_result(rig.downlinks()[0], v1::TX_ERROR_COLLISION_PACKET, now));
  ASSERT_EQ(rig.downlinks().size(), 2U);
  const auto rx2 = rig.downlinks()[1];
  EXPECT_EQ(rx2.gateway_id(), kGateway + 1);
  EXPECT_EQ(rx2.rx_window(), 2U);
  EXPECT_EQ(rx2.frequency_hz(), 869'525'000U);
  EXPECT_EQ(rx2.data_rate().spreading_factor(), 12U);
  EXPECT_EQ(rx2.power_dbm(), 27);
  EXPECT_EQ(rx2.phy_payload(), rig.downlinks()[0].phy_payload());
  EXPECT_EQ(rx2.tmst() - rig.downlinks()[0].tmst(), 1'000'000U);
  rig.feed(tx_result(rig.downlinks()[0], v1::TX_ERROR_NONE, now));  // late: of a try that is over
  EXPECT_EQ(rig.counter("network.dropped.tx_result"), 1U);
  rig.feed(tx_result(rx2, v1::TX_ERROR_NO_PATH, now));
  ASSERT_EQ(rig.downlinks().size(), 3U);
  EXPECT_EQ(rig.downlinks()[2].gateway_id(), kGateway + 2);
  EXPECT_EQ(rig.downlinks()[2].rx_window(), 1U);
  rig.feed(tx_result(rig.downlinks()[2], v1::TX_ERROR_NONE, now));
  rig.feed(tx_result(rig.downlinks()[2], v1::TX_ERROR_NONE, now));  // a second answer
  EXPECT_EQ(rig.downlinks().size(), 3U);
  EXPECT_EQ(rig.events(DeviceEvent::kTxAck).size(), 3U);
  EXPECT_EQ(rig.row(sensor.eui).downlinks_size(), 0);
}

TEST_F(JoinTest, NoPathSkipsTheOtherWindowOfThatGateway) {
  declare();
  const auto phy = sensor.join_request(1);
  rig.feed(hear(phy, now, {.gateway = kGateway + 1, .snr_tenths = 40}));
  rig.feed(hear(phy, now, {.gateway = kGateway + 2, .snr_tenths = 10}));
  rig.feed(tick(now + 300 * kMs));
  rig.feed(tx_result(rig.downlinks()[0], v1::TX_ERROR_NO_PATH, now + 300 * kMs));
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(rig.downlinks()[1].gateway_id(), kGateway + 2);
}

TEST_F(JoinTest, NoTryAfterItsTimeHasPassed) {
  declare();
  rig.feed(hear(sensor.join_request(1), now));
  rig.feed(tick(now + 300 * kMs));
  rig.feed(tx_result(rig.downlinks()[0], v1::TX_ERROR_TOO_LATE, now + 7 * kSecond));
  EXPECT_EQ(rig.downlinks().size(), 1U);
  EXPECT_EQ(rig.counter("network.downlink.failed"), 1U);
}

TEST_F(JoinTest, AWindowThatClosesTooLateSendsNothing) {
  declare();
  rig.feed(hear(sensor.join_request(1), now));
  rig.feed(tick(now + 60 * kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kJoin).size(), 1U);
  EXPECT_TRUE(rig.downlinks().empty());
  ASSERT_EQ(rig.events(DeviceEvent::kTxAck).size(), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kTxAck)[0].tx_ack().error(), v1::TX_ERROR_TOO_LATE);
}

TEST_F(JoinTest, AGatewayWithoutAPathIsNotAsked) {
  declare();
  rig.feed(hear(sensor.join_request(1), now, {.path = ""}));
  rig.feed(tick(now + kSecond));
  EXPECT_TRUE(rig.downlinks().empty());
  ASSERT_EQ(rig.events(DeviceEvent::kTxAck).size(), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kTxAck)[0].tx_ack().error(), v1::TX_ERROR_NO_PATH);
}

TEST_F(JoinTest, NoAnswerOfAGatewayEndsTheDownlink) {
  declare();
  rig.feed(hear(sensor.join_request(1), now));
  rig.feed(tick(now + kSecond));
  rig.feed(tick(now + 30 * kSecond));
  ASSERT_EQ(rig.events(DeviceEvent::kTxAck).size(), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kTxAck)[0].tx_ack().error(), v1::TX_ERROR_NO_ANSWER);
  EXPECT_EQ(rig.row(sensor.eui).downlinks_size(), 0);
}

TEST_F(JoinTest, WrongMicUsesUpNoNonce) {
  declare();
  auto forged = sensor;
  forged.app_key.bytes[0] ^= 1;
  rig.feed(hear(forged.join_request(5), now));
  EXPECT_EQ(rig.counter("network.refused.join_mic"), 1U);
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"join_mic"});
  join(rig, sensor, 5, now);
  EXPECT_EQ(rig.events(DeviceEvent::kJoin)[0].join().join_nonce(), 1U);
}

TEST_F(JoinTest, AReplayedRequestLeavesTheSessionAlone) {
  declare();
  join(rig, sensor, 5, now);
  rig.feed(hear(sensor.uplink(0), now));
  now += 20 * kSecond;
  const auto before = rig.row(sensor.eui).active().id();
  rig.feed(hear(sensor.join_request(5), now));
  rig.feed(tick(now + kSecond));
  EXPECT_EQ(rig.counter("network.refused.dev_nonce_used"), 1U);
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"dev_nonce_used"});
  EXPECT_EQ(rig.events(DeviceEvent::kJoin).size(), 1U);
  EXPECT_EQ(rig.row(sensor.eui).active().id(), before);
  EXPECT_FALSE(rig.row(sensor.eui).has_pending());
}

TEST_F(JoinTest, ALateCopyOfARequestIsNoReplay) {
  declare();
  const auto phy = sensor.join_request(5);
  rig.feed(hear(phy, now, {.gateway = kGateway + 1}));
  rig.feed(hear(phy, now + 900 * kMs, {.gateway = kGateway + 2}));
  EXPECT_EQ(rig.events(DeviceEvent::kJoin).size(), 1U);
  EXPECT_EQ(rig.counter("network.refused.dev_nonce_used"), 0U);
  EXPECT_EQ(rig.counter("network.late_copies"), 1U);
}

TEST_F(JoinTest, NoncesOf104RiseStrictlyFromZero) {
  sensor.version = "1.0.4";
  declare();
  join(rig, sensor, 0, now);
  join(rig, sensor, 1, now);
  join(rig, sensor, 700, now);
  rig.feed(hear(sensor.join_request(699), now + 60 * kSecond));
  EXPECT_EQ(rig.counter("network.refused.dev_nonce_used"), 1U);
  now += 120 * kSecond;
  join(rig, sensor, 65'535, now);
  rig.feed(hear(sensor.join_request(0), now + 60 * kSecond));
  EXPECT_EQ(rig.counter("network.refused.dev_nonce_used"), 2U);
}

TEST_F(JoinTest, TheLastNonceOf104IsUsedEvenWhenItsFrameIsLongForgotten) {
  sensor.version = "1.0.4";
  declare();
  join(rig, sensor, 7, now);
  for (std::uint32_t f_cnt = 0; f_cnt < 8; ++f_cnt) rig.feed(hear(sensor.uplink(f_cnt), now += 60 * kSecond));
  rig.feed(hear(sensor.join_request(7), now += 3'600 * kSecond));
  rig.feed(tick(now + kSecond));
  EXPECT_EQ(rig.counter("network.refused.dev_nonce_used"), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kJoin).size(), 1U);
}

TEST_F(JoinTest, NoncesBefore104ComeInAnyOrderOnce) {
  constexpr std::array<std::uint16_t, 5> kNonces{500, 3, 65'535, 0, 499};
  declare();
  for (const std::uint16_t nonce : kNonces) join(rig, sensor, nonce, now);
  now += 60 * kSecond;
  for (const std::uint16_t nonce : kNonces) rig.feed(hear(sensor.join_request(nonce), now += kSecond));
  EXPECT_EQ(rig.counter("network.refused.dev_nonce_used"), 5U);
  const auto joins = rig.events(DeviceEvent::kJoin);
  ASSERT_EQ(joins.size(), 5U);
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(joins[i].join().join_nonce(), i + 1);
}

TEST_F(JoinTest, JoinNonceAndDevNonceSurviveRemovalAndRestart) {
  declare();
  join(rig, sensor, 5, now);
  rig.feed(remove_device(sensor.eui, now));
  rig.commit();
  rig.restart_processor();
  declare();
  rig.feed(hear(sensor.join_request(5), now += 60 * kSecond));
  EXPECT_EQ(rig.counter("network.refused.dev_nonce_used"), 1U);
  join(rig, sensor, 6, now);
  EXPECT_EQ(rig.events(DeviceEvent::kJoin).back().join().join_nonce(), 2U);
}

TEST_F(JoinTest, ANewAppKeyFreesTheDevNoncesAndJoinNonceGoesOn) {
  sensor.version = "1.0.4";
  declare();
  join(rig, sensor, 100, now);
  sensor.app_key.bytes[3] ^= 0x55;
  declare();
  join(rig, sensor, 0, now);
  EXPECT_EQ(rig.events(DeviceEvent::kJoin).back().join().join_nonce(), 2U);
}

TEST_F(JoinTest, TheOldSessionStaysUntilTheFirstUplinkUnderTheNewKeys) {
  declare();
  join(rig, sensor, 1, now);
  const auto old_session = sensor;
  rig.feed(hear(old_session.uplink(0), now += kSecond));
  join(rig, sensor, 2, now += 60 * kSecond);
  const auto lost_accept = sensor;
  rig.feed(hear(old_session.uplink(1), now += kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 2U);
  join(rig, sensor, 3, now += 60 * kSecond);
  rig.feed(hear(lost_accept.uplink(0), now += kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 2U) << "only the newest pending session counts";
  rig.feed(hear(sensor.uplink(0), now += kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 3U);
  rig.feed(hear(old_session.uplink(2), now += kSecond));
  EXPECT_EQ(rig.events(DeviceEvent::kUplink).size(), 3U) << "the old keys are gone";
  EXPECT_FALSE(rig.row(sensor.eui).has_pending());
}

TEST_F(JoinTest, OthersAreRefused) {
  declare();
  auto stranger = sensor;
  stranger.eui.value += 1;
  rig.feed(hear(stranger.join_request(1), now));
  EXPECT_EQ(rig.counter("network.refused.unknown_device"), 1U);
  auto lost = sensor;
  lost.join_eui.value += 1;
  rig.feed(hear(lost.join_request(1), now));
  EXPECT_EQ(rig.counter("network.refused.join_eui"), 1U);
}

TEST_F(JoinTest, JoinNonceEndsBefore24BitsAreUsedUp) {
  declare();
  rig.commit();
  v1::NetworkJoinMemory memory;
  memory.set_last_join_nonce(lorawan::kMaxJoinNonce - 1);
  std::string key = "j";
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(sensor.eui.value >> shift));
  rig.state.rows[{storage::Store::network, 0, key}] = memory.SerializeAsString();
  rig.restart_processor();
  join(rig, sensor, 1, now);
  EXPECT_EQ(rig.events(DeviceEvent::kJoin)[0].join().join_nonce(), lorawan::kMaxJoinNonce);
  rig.feed(hear(sensor.join_request(2), now += 60 * kSecond));
  EXPECT_EQ(rig.counter("network.refused.join_nonce_exhausted"), 1U);
}

TEST(DevNonces, AllOfThemFitIntoEightKilobytes) {
  std::string seen;
  std::set<std::uint16_t> truth;
  for (std::uint32_t i = 0; i < 65'536; ++i) {
    const auto nonce = static_cast<std::uint16_t>(i * 40'503U);  // odd: visits each once
    EXPECT_FALSE(seen_dev_nonce(seen, nonce));
    mark_dev_nonce(seen, nonce);
    truth.insert(nonce);
    if (i % 1'021 == 0 || (i > 4'090 && i < 4'100)) {
      for (std::uint32_t n = 0; n < 65'536; n += 7) {
        ASSERT_EQ(seen_dev_nonce(seen, static_cast<std::uint16_t>(n)), truth.contains(static_cast<std::uint16_t>(n)));
      }
    }
    ASSERT_LE(seen.size(), 8'192U);
  }
}

}  // namespace
}  // namespace lenne::network::test
