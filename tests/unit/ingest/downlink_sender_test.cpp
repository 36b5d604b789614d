#include "ingest/downlink_sender.hpp"

#include <gtest/gtest.h>

#include "datagrams.hpp"
#include "fake_log.hpp"
#include "lenne/v1/gateway.pb.h"

namespace lenne::ingest {
namespace {

using namespace std::chrono_literals;
using testing::FakeLog;
using testing::kGateway;
using testing::kIdentity;
using testing::kNow;
using testing::kSource;

struct DownlinkSenderTest : ::testing::Test {
  FakeLog log;
  base::Counters counters;
  base::ManualClock clock{kNow};
  GatewayPaths paths{16};
  SenderSettings settings;
  std::vector<ServerMessage> sent;
  std::vector<SocketAddress> sent_to;
  bool network_takes_it = true;
  std::function<void()> before_send = [] {};
  std::unique_ptr<DownlinkSender> sender;

  void SetUp() override {
    make();
    hear(kGateway, 2, kNow);
  }
  void hear(base::GatewayId gateway, std::uint8_t version, base::Timestamp now) {
    static_cast<void>(paths.heard(gateway, kSource, version, now));
  }
  void make() {
    sender = std::make_unique<DownlinkSender>(settings, kIdentity, log, paths, counters,
                                              [this](const SocketAddress& to, base::ByteView datagram) {
                                                before_send();
                                                if (!network_takes_it) return false;
                                                sent.push_back(*decode_server_message(datagram));
                                                sent_to.push_back(to);
                                                return true;
                                              });
  }
  static v1::GatewayDownlink downlink(std::uint64_t id, std::uint32_t tmst = 10'000'000) {
    v1::GatewayDownlink d;
    d.set_downlink_id(id);
    d.set_gateway_id(kGateway.value);
    d.set_phy_payload(std::string("\x60\x01\x02\x03\x26\x00\x01\x00\x01\x02\x03\x04", 12));
    d.set_frequency_hz(868'100'000);
    d.mutable_data_rate()->set_spreading_factor(7);
    d.mutable_data_rate()->set_bandwidth_hz(125'000);
    d.set_power_dbm(14);
    d.set_tmst(tmst);
    d.set_not_after_us(base::to_us(kNow + 1s));
    d.set_dev_eui(0x70b3d5499a3d1c02);
    d.set_dev_addr(0x26030201);
    d.set_f_cnt_down(1);
    d.set_instance(kIdentity.instance);
    d.set_incarnation(kIdentity.incarnation);
    return d;
  }
  std::vector<TxOutcome> handle(const std::vector<v1::GatewayDownlink>& downlinks) {
    std::vector<std::string> bytes;
    for (const auto& d : downlinks) bytes.push_back(d.SerializeAsString());
    const std::vector<std::string_view> views(bytes.begin(), bytes.end());
    return sender->handle(views, clock);
  }
  void expect_refused(const v1::GatewayDownlink& d, v1::TxError error) {
    const auto before = sent.size();
    const auto outcomes = handle({d});
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(v1::TxError_Name(outcomes[0].error), v1::TxError_Name(error));
    EXPECT_EQ(outcomes[0].downlink_id, d.downlink_id());
    EXPECT_EQ(outcomes[0].dev_addr.value, d.dev_addr());
    EXPECT_EQ(sent.size(), before);
  }
};

TEST_F(DownlinkSenderTest, ATokenFollowsFromTheDownlinkAndNotFromWhatWasSentBefore) {
  EXPECT_TRUE(handle({downlink(1), downlink(2, 20'000'000)}).empty());
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_NE(sent[0].token, sent[1].token);
  const auto first = sent[0].token;
  const auto second = sent[1].token;
  sent.clear();
  make();  // another process, which is told of them under other numbers and the other way round
  EXPECT_TRUE(handle({downlink(8, 20'000'000), downlink(9)}).empty());
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].token, second);
  EXPECT_EQ(sent[1].token, first);
  // While one waits, its double gets another token.
  auto at_once = downlink(10);
  at_once.clear_tmst();
  at_once.set_immediately(true);
  sent.clear();
  EXPECT_TRUE(handle({at_once}).empty());
  clock.advance(1s);
  at_once.set_downlink_id(11);
  EXPECT_TRUE(handle({at_once}).empty());
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[1].token, static_cast<std::uint16_t>(sent[0].token + 1));
}

TEST_F(DownlinkSenderTest, SendsToTheLastPullDataAndMatchesTheAnswer) {
  EXPECT_TRUE(handle({downlink(1)}).empty());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent_to[0], kSource);
  EXPECT_EQ(sent[0].tmst, 10'000'000u);
  EXPECT_EQ(sent[0].frequency_hz, 868'100'000u);
  EXPECT_EQ(sent[0].power_dbm, 14);
  EXPECT_TRUE(sent[0].inverted);
  EXPECT_TRUE(sent[0].without_crc);
  EXPECT_EQ(sender->waiting(), 1u);
  EXPECT_EQ(sender->next_deadline(), kNow + settings.answer_timeout);
  const auto token = sent[0].token;
  EXPECT_FALSE(sender->acknowledged(kGateway, static_cast<std::uint16_t>(token + 1), {}));
  EXPECT_FALSE(sender->acknowledged(testing::kStranger, token, {}));
  const auto outcome = sender->acknowledged(kGateway, token, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error, v1::TX_ERROR_NONE);
  EXPECT_EQ(outcome->downlink_id, 1u);
  EXPECT_EQ(outcome->f_cnt_down, 1u);
  EXPECT_FALSE(sender->acknowledged(kGateway, token, {}));  // a repeated answer
  EXPECT_FALSE(sender->next_deadline());
  EXPECT_EQ(counters.value("ingest.tx_ack.unmatched"), 3u);
  EXPECT_TRUE(sender->expire(kNow + 1h).empty());
}

TEST_F(DownlinkSenderTest, KnowsEachErrorName) {
  const std::vector<std::pair<std::string, v1::TxError>> words{{"", v1::TX_ERROR_NONE},
                                                               {"NONE", v1::TX_ERROR_NONE},
                                                               {"TOO_LATE", v1::TX_ERROR_TOO_LATE},
                                                               {"TOO_EARLY", v1::TX_ERROR_TOO_EARLY},
                                                               {"COLLISION_PACKET", v1::TX_ERROR_COLLISION_PACKET},
                                                               {"COLLISION_BEACON", v1::TX_ERROR_COLLISION_BEACON},
                                                               {"TX_FREQ", v1::TX_ERROR_TX_FREQ},
                                                               {"TX_POWER", v1::TX_ERROR_TX_POWER},
                                                               {"GPS_UNLOCKED", v1::TX_ERROR_GPS_UNLOCKED},
                                                               {"WHATEVER", v1::TX_ERROR_OTHER}};
  std::uint64_t id = 0;
  for (const auto& [word, error] : words) {
    ++id;
    EXPECT_TRUE(handle({downlink(id, static_cast<std::uint32_t>(id * 1'000'000))}).empty()) << word;
    const auto outcome = sender->acknowledged(kGateway, sent.back().token, {word, ""});
    ASSERT_TRUE(outcome);
    EXPECT_EQ(v1::TxError_Name(outcome->error), v1::TxError_Name(error));
    EXPECT_EQ(outcome->detail, word);
  }
  EXPECT_TRUE(handle({downlink(++id, 50'000'000)}).empty());
  const auto warned = sender->acknowledged(kGateway, sent.back().token, {"", "TX_POWER"});
  EXPECT_EQ(warned->error, v1::TX_ERROR_NONE);
  EXPECT_EQ(warned->detail, "TX_POWER");
}

TEST_F(DownlinkSenderTest, ARefusedEmissionFreesItsPlace) {
  EXPECT_TRUE(handle({downlink(1)}).empty());
  expect_refused(downlink(2), v1::TX_ERROR_COLLISION_PACKET);
  ASSERT_TRUE(sender->acknowledged(kGateway, sent[0].token, {"TOO_LATE", ""}));
  EXPECT_TRUE(handle({downlink(3)}).empty());
}

TEST_F(DownlinkSenderTest, AVersion2GatewayThatIsSilentIsNoAnswer) {
  EXPECT_TRUE(handle({downlink(1)}).empty());
  EXPECT_TRUE(sender->expire(kNow + 1'999ms).empty());
  const auto outcomes = sender->expire(kNow + 2s);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error, v1::TX_ERROR_NO_ANSWER);
  EXPECT_FALSE(sender->acknowledged(kGateway, sent[0].token, {}));  // too late
}

TEST_F(DownlinkSenderTest, AVersion1GatewayCountsAsSent) {
  hear(kGateway, 1, kNow);
  const auto outcomes = handle({downlink(1)});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error, v1::TX_ERROR_NONE);
  EXPECT_EQ(sent[0].version, 1);
  EXPECT_EQ(sender->waiting(), 0u);
}

TEST_F(DownlinkSenderTest, RefusesWhatMustNotLeave) {
  auto d = downlink(1);
  d.set_not_after_us(base::to_us(kNow) - 1);
  expect_refused(d, v1::TX_ERROR_TOO_LATE);
  d = downlink(2);
  d.set_incarnation(6);
  expect_refused(d, v1::TX_ERROR_NO_PATH);
  d = downlink(3);
  d.set_gateway_id(testing::kStranger.value);
  expect_refused(d, v1::TX_ERROR_NO_PATH);
  d = downlink(4);
  d.set_frequency_hz(868'650'000);
  expect_refused(d, v1::TX_ERROR_TX_FREQ);
  d = downlink(5);
  d.clear_phy_payload();
  expect_refused(d, v1::TX_ERROR_OTHER);
  d = downlink(6);
  d.mutable_data_rate()->set_spreading_factor(13);
  expect_refused(d, v1::TX_ERROR_OTHER);
  d = downlink(7);
  d.clear_tmst();
  expect_refused(d, v1::TX_ERROR_OTHER);
  clock.advance(kPathLifetime + 1s);
  d = downlink(8);
  d.set_not_after_us(base::to_us(clock.now() + 1s));
  expect_refused(d, v1::TX_ERROR_NO_PATH);
}

TEST_F(DownlinkSenderTest, ALateOneTakesNoPlaceFromAnother) {
  auto late = downlink(1);
  late.set_not_after_us(base::to_us(kNow) - 1);
  const auto outcomes = handle({late, downlink(2)});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].downlink_id, 1u);
  EXPECT_EQ(outcomes[0].error, v1::TX_ERROR_TOO_LATE);
  EXPECT_EQ(sent.size(), 1u) << "the same window of the same gateway";
}

TEST_F(DownlinkSenderTest, LeavesOthersAndRepeatsAlone) {
  auto other = downlink(1);
  other.set_instance(99);
  EXPECT_TRUE(handle({other}).empty());
  EXPECT_EQ(counters.value("ingest.downlink.other_instance"), 1u);
  EXPECT_TRUE(handle({downlink(2), downlink(2)}).empty());
  EXPECT_EQ(sent.size(), 1u);
  EXPECT_EQ(counters.value("ingest.downlink.repeated"), 1u);
  const std::string_view nonsense = "\xff\xff";
  EXPECT_TRUE(sender->handle({&nonsense, 1}, clock).empty());
  EXPECT_EQ(counters.value("ingest.downlink.bad_record"), 1u);
}

TEST_F(DownlinkSenderTest, NothingLeavesBeforeTheLedgerIsDurable) {
  log.fail_puts(true);
  expect_refused(downlink(1), v1::TX_ERROR_OTHER);
  EXPECT_EQ(counters.value("ingest.downlink.ledger_failed"), 1u);
  log.fail_puts(false);
  std::size_t puts_at_send = 0;
  before_send = [&] { puts_at_send = log.puts(); };
  EXPECT_TRUE(handle({downlink(2)}).empty());  // the place of the first one is free again
  EXPECT_EQ(puts_at_send, 1u);
}

// A datagram that came twice on its way is sent once and refused once; the refusal may come first.
TEST_F(DownlinkSenderTest, WhatHasLeftCountsForTheDutyCycleWhateverTheGatewaySays) {
  std::uint64_t id = 0;
  for (v1::TxError error = v1::TX_ERROR_NONE; error == v1::TX_ERROR_NONE;) {
    ASSERT_LT(id, 40u);
    ++id;
    auto d = downlink(id, static_cast<std::uint32_t>(id * 2'000'000));
    d.mutable_data_rate()->set_spreading_factor(12);
    const auto outcomes = handle({d});
    if (outcomes.empty()) {
      ASSERT_TRUE(sender->acknowledged(kGateway, sent.back().token, {"COLLISION_PACKET", ""}));
    } else {
      error = outcomes[0].error;
      EXPECT_EQ(error, v1::TX_ERROR_DUTY_CYCLE);
    }
  }
  EXPECT_GT(id, 25u);
}

TEST_F(DownlinkSenderTest, TheDutyCycleHoldsAcrossARestart) {
  std::uint64_t id = 0;
  const auto slow = [&](std::uint64_t n) {
    auto d = downlink(n);
    d.clear_tmst();
    d.set_immediately(true);
    d.set_frequency_hz(868'300'000);
    d.mutable_data_rate()->set_spreading_factor(12);
    d.set_not_after_us(base::to_us(clock.now() + 1s));
    return d;
  };
  hear(kGateway, 1, clock.now());
  // 1 % of an hour is 36 s: 12 bytes at SF12 take some 1.2 s.
  for (;;) {
    ASSERT_LT(id, 40u);
    const auto outcomes = handle({slow(++id)});
    ASSERT_EQ(outcomes.size(), 1u);
    if (outcomes[0].error == v1::TX_ERROR_DUTY_CYCLE) break;
    ASSERT_EQ(outcomes[0].error, v1::TX_ERROR_NONE) << outcomes[0].detail;
    clock.advance(2s);
    hear(kGateway, 1, clock.now());
  }
  EXPECT_GT(sent.size(), 25u);
  make();
  ASSERT_TRUE(sender->restore(clock.now()));
  expect_refused(slow(++id), v1::TX_ERROR_DUTY_CYCLE);
  clock.advance(65min);
  make();
  ASSERT_TRUE(sender->restore(clock.now()));
  hear(kGateway, 1, clock.now());
  EXPECT_EQ(handle({slow(++id)}).at(0).error, v1::TX_ERROR_NONE);
}

TEST_F(DownlinkSenderTest, PowerIsCappedByTheSubBandAndTheForwarder) {
  auto d = downlink(1);
  d.set_power_dbm(29);
  EXPECT_TRUE(handle({d}).empty());
  EXPECT_EQ(sent.back().power_dbm, 16);
  d = downlink(2, 20'000'000);
  d.set_frequency_hz(869'525'000);
  d.set_power_dbm(29);
  EXPECT_TRUE(handle({d}).empty());
  EXPECT_EQ(sent.back().power_dbm, 27);
  EXPECT_EQ(counters.value("ingest.downlink.power_capped"), 2u);
}

TEST_F(DownlinkSenderTest, ANetworkThatTakesNothingIsAnError) {
  network_takes_it = false;
  expect_refused(downlink(1), v1::TX_ERROR_OTHER);
  EXPECT_EQ(sender->waiting(), 0u);
}

TEST_F(DownlinkSenderTest, EverythingIsBounded) {
  settings.max_waiting = 2;
  settings.max_remembered = 3;
  settings.max_gateways = 1;
  make();
  EXPECT_TRUE(handle({downlink(1, 1'000'000), downlink(2, 2'000'000)}).empty());
  expect_refused(downlink(3, 3'000'000), v1::TX_ERROR_OTHER);
  ASSERT_TRUE(sender->acknowledged(kGateway, sent[0].token, {}));
  hear(testing::kStranger, 2, kNow);
  auto d = downlink(4);
  d.set_gateway_id(testing::kStranger.value);
  expect_refused(d, v1::TX_ERROR_OTHER);
  EXPECT_EQ(counters.value("ingest.downlink.timelines_full"), 1u);
}

}  // namespace
}  // namespace lenne::ingest
