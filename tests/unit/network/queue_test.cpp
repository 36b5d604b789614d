#include "tests/unit/network/two_way.hpp"

namespace lenne::network::test {
namespace {

using v1::DeviceEvent;

struct QueueTest : TwoWay {
  std::vector<std::string> payloads() {
    std::vector<std::string> all;
    for (const auto& downlink : rig.downlinks()) all.push_back(open(downlink).payload);
    return all;
  }
  std::vector<bool> acks() {
    std::vector<bool> all;
    for (const auto& event : rig.events(DeviceEvent::kAck)) all.push_back(event.ack().acknowledged());
    return all;
  }
};

TEST_F(QueueTest, OneLeavesPerUplinkInOrderAndFPendingSaysThatMoreWait) {
  declare();
  ask("one");
  ask("two", false, 7);
  EXPECT_TRUE(rig.downlinks().empty()) << "class A waits for an uplink";
  EXPECT_EQ(rig.log_codes(), (std::vector<std::string>{"downlink_queued", "downlink_queued"}));
  EXPECT_EQ(rig.events(DeviceEvent::kLog)[1].log().request_id(), 102U);
  EXPECT_EQ(rig.events(DeviceEvent::kLog)[1].log().correlation_id(), "c102");

  send();
  ASSERT_EQ(rig.downlinks().size(), 1U);
  auto opened = last();
  EXPECT_EQ(opened.payload, "one");
  EXPECT_EQ(opened.frame.f_port, 5);
  EXPECT_TRUE(opened.frame.f_pending);
  EXPECT_FALSE(opened.frame.ack);
  EXPECT_FALSE(opened.frame.confirmed);
  EXPECT_EQ(rig.downlinks()[0].rx_window(), 1U);
  result(rig.downlinks()[0]);
  const auto told = rig.events(DeviceEvent::kTxAck).back().tx_ack();
  EXPECT_EQ(told.request_id(), 101U);
  EXPECT_EQ(told.correlation_id(), "c101");
  EXPECT_EQ(told.error(), v1::TX_ERROR_NONE);

  send();
  opened = last();
  EXPECT_EQ(opened.payload, "two");
  EXPECT_EQ(opened.frame.f_port, 7);
  EXPECT_EQ(opened.frame.f_cnt, 1);
  EXPECT_FALSE(opened.frame.f_pending);
  result(rig.downlinks()[1]);
  send();
  EXPECT_EQ(rig.downlinks().size(), 2U) << "nothing waits any more";
  EXPECT_TRUE(acks().empty());
}

TEST_F(QueueTest, AnAckAndMacAnswersTravelWithIt) {
  declare();
  ask("x");
  send({.confirmed = true, .f_opts = commands(lorawan::LinkCheckReq{})});
  ASSERT_EQ(rig.downlinks().size(), 1U);
  const auto opened = last();
  EXPECT_TRUE(opened.frame.ack);
  EXPECT_EQ(opened.payload, "x");
  EXPECT_TRUE(find<lorawan::LinkCheckAns>(opened));
}

TEST_F(QueueTest, WhileOneIsOnItsWayTheNextOneWaitsButAcksDoNot) {
  declare();
  ask("one");
  ask("two");
  send();
  send({.confirmed = true});
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(payloads()[1], "");
  EXPECT_TRUE(last().frame.ack);
  EXPECT_TRUE(last().frame.f_pending);
}

TEST_F(QueueTest, TheNextUplinkAcknowledgesAConfirmedOne) {
  declare();
  ask("valve", true);
  ask("later");
  send();
  EXPECT_TRUE(last().frame.confirmed);
  result(rig.downlinks()[0]);
  EXPECT_TRUE(acks().empty());
  send({.ack = true});
  ASSERT_EQ(rig.events(DeviceEvent::kAck).size(), 1U);
  const auto ack = rig.events(DeviceEvent::kAck)[0].ack();
  EXPECT_TRUE(ack.acknowledged());
  EXPECT_EQ(ack.f_cnt_down(), 0U);
  EXPECT_EQ(ack.request_id(), 101U);
  EXPECT_EQ(ack.correlation_id(), "c101");
  EXPECT_EQ(last().payload, "later") << "the same uplink opens the way for the next one";
  send({.ack = true});
  EXPECT_EQ(acks().size(), 1U) << "an ACK of nothing";
}

TEST_F(QueueTest, NoAckIsToldOnceAndNothingIsSentAgain) {
  declare();
  ask("valve", true);
  send();
  result(rig.downlinks()[0]);
  send();
  send();
  EXPECT_EQ(acks(), std::vector<bool>{false});
  EXPECT_EQ(rig.downlinks().size(), 1U);
}

TEST_F(QueueTest, ARepetitionOfTheUplinkBeforeSaysNothingAboutAConfirmedOne) {
  declare();
  ask("valve", true);
  send();
  result(rig.downlinks()[0]);
  rig.feed(hear(last_phy, now, {.frequency = 868'300'000}));
  rig.feed(tick(now += kSecond));
  EXPECT_TRUE(acks().empty());
  send({.ack = true});
  EXPECT_EQ(acks(), std::vector<bool>{true});
}

TEST_F(QueueTest, AnAckIsProofEvenWhenNoGatewayAnswered) {
  declare();
  ask("valve", true);
  send();
  send({.ack = true});
  EXPECT_EQ(acks(), std::vector<bool>{true});
  result(rig.downlinks()[0]);
  EXPECT_EQ(acks().size(), 1U);
}

TEST_F(QueueTest, WhatNoGatewayWouldSendComesAgainWithANewCounter) {
  declare();
  ask("one");
  ask("two");
  send();
  result(rig.downlinks()[0], v1::TX_ERROR_TOO_LATE);
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(rig.downlinks()[1].phy_payload(), rig.downlinks()[0].phy_payload()) << "RX2, the same frame";
  EXPECT_EQ(rig.downlinks()[1].rx_window(), 2U);
  result(rig.downlinks()[1], v1::TX_ERROR_COLLISION_PACKET);
  send();
  EXPECT_EQ(last().payload, "one");
  EXPECT_EQ(last().frame.f_cnt, 1);
}

TEST_F(QueueTest, WhatMayHaveBeenSentIsNotSentAgain) {
  declare();
  ask("one");
  ask("two");
  send();
  result(rig.downlinks()[0], v1::TX_ERROR_NO_ANSWER, -7'000'000);
  EXPECT_EQ(rig.downlinks().size(), 1U) << "both windows have passed";
  send();
  EXPECT_EQ(last().payload, "two");
}

TEST_F(QueueTest, AResultThatNeverComesFreesTheQueue) {
  declare();
  ask("one");
  ask("two");
  send();
  pass(60 * kSecond);
  send();
  EXPECT_EQ(last().payload, "two");
  EXPECT_EQ(rig.counter("network.downlink.unanswered"), 1U);
}

TEST_F(QueueTest, AfterTooManyRefusalsItIsGivenUp) {
  declare();
  ask("one");
  ask("two");
  for (std::uint32_t i = 0; i < rig.settings.attempts_per_downlink; ++i) {
    send();
    EXPECT_EQ(last().payload, "one");
    while (rig.events(DeviceEvent::kTxAck).size() < rig.downlinks().size())
      result(rig.downlinks().back(), v1::TX_ERROR_TX_FREQ);
  }
  EXPECT_EQ(rig.log_codes().back(), "downlink_failed");
  EXPECT_EQ(rig.events(DeviceEvent::kLog).back().log().request_id(), 101U);
  send();
  EXPECT_EQ(last().payload, "two");
}

TEST_F(QueueTest, TooLongForTheDataRateWaitsForABetterOneAndTheAckLeaves) {
  declare();
  const std::string big(60, 'x');
  ask(big);
  Ear slow;
  slow.spreading_factor = 12;
  send({.confirmed = true, .ear = slow});
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_TRUE(last().frame.ack);
  EXPECT_EQ(last().payload, "");
  EXPECT_TRUE(last().frame.f_pending);
  EXPECT_EQ(rig.log_codes().back(), "downlink_waits");
  EXPECT_EQ(rig.counter("network.queue.too_long_now"), 1U);
  EXPECT_EQ(rig.counter("network.refused.downlink_waits"), 0U) << "no frame was refused";
  send({.ear = slow});
  EXPECT_EQ(rig.downlinks().size(), 1U) << "an unconfirmed uplink: nothing else to say";
  send();
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(last().payload, big);
  EXPECT_EQ(rig.downlinks()[1].data_rate().spreading_factor(), 7U);
  result(rig.downlinks()[1], v1::TX_ERROR_TOO_LATE);
  EXPECT_EQ(rig.downlinks().size(), 2U) << "it does not fit into RX2 at SF12";
}

TEST_F(QueueTest, TheLongestThatADataRateTakesLeaves) {
  declare();
  Ear slow;
  slow.spreading_factor = 12;
  ask(std::string(52, 'x'));  // RP002: 51 bytes of payload at DR0 to DR2
  send({.ear = slow});
  EXPECT_TRUE(rig.downlinks().empty());
  send();
  result(rig.downlinks().back());
  ask(std::string(51, 'y'));
  send({.ear = slow});
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(last().payload, std::string(51, 'y'));
  EXPECT_EQ(rig.downlinks()[1].data_rate().spreading_factor(), 12U);
}

TEST_F(QueueTest, TheResultOfAnAckBeforeItIsNotItsResult) {
  declare();
  send({.confirmed = true});
  ask("one");
  send();
  ASSERT_EQ(rig.downlinks().size(), 2U);
  result(rig.downlinks()[0], v1::TX_ERROR_NONE, -9'600'000);
  EXPECT_EQ(rig.events(DeviceEvent::kTxAck).back().tx_ack().request_id(), 0U);
  result(rig.downlinks()[1]);
  EXPECT_EQ(rig.events(DeviceEvent::kTxAck).back().tx_ack().request_id(), 101U);
}

TEST_F(QueueTest, WhatCannotBeIsRefusedWithAReason) {
  declare();
  ask("x", false, 0);
  EXPECT_EQ(rig.log_codes().back(), "f_port");
  ask("x", false, 225);
  EXPECT_EQ(rig.log_codes().back(), "f_port");
  ask("x", false, 224);
  EXPECT_EQ(rig.log_codes().back(), "downlink_queued");
  ask(std::string(243, 'x'));
  EXPECT_EQ(rig.log_codes().back(), "downlink_too_long");
  ask(std::string(242, 'x'));
  EXPECT_EQ(rig.log_codes().back(), "downlink_queued");
  ask("x", false, 5, "soest");
  EXPECT_EQ(rig.log_codes().back(), "unknown_device");
  EXPECT_EQ(rig.events(DeviceEvent::kLog).back().tenant(), "soest") << "and nothing of whose it is";
  EXPECT_TRUE(rig.events(DeviceEvent::kLog).back().device_name().empty());
  EXPECT_FALSE(rig.events(DeviceEvent::kLog).back().log().correlation_id().empty());
  ask("x", false, 5, "");
  EXPECT_EQ(rig.log_codes().back(), "downlink_queued") << "the operator's";
  sensor.eui.value = 7;
  ask("x");
  EXPECT_EQ(rig.log_codes().back(), "unknown_device");
}

TEST_F(QueueTest, TheQueueIsBounded) {
  declare();
  for (std::size_t i = 0; i < rig.settings.queue_per_device; ++i) ask("x");
  EXPECT_EQ(rig.log_codes().back(), "downlink_queued");
  ask("x");
  EXPECT_EQ(rig.log_codes().back(), "queue_full");
  EXPECT_EQ(rig.counter("network.queue.refused.queue_full"), 1U);
  EXPECT_EQ(rig.row(sensor.eui).queue_size(), static_cast<int>(rig.settings.queue_per_device));
}

TEST_F(QueueTest, ARemovedDevicesQueueIsToldAsDropped) {
  declare();
  ask("one");
  ask("two");
  send();
  rig.feed(remove_device(sensor.eui, now));
  std::vector<std::uint64_t> dropped;
  for (const auto& event : rig.events(DeviceEvent::kLog)) {
    if (event.log().code() == "downlink_dropped") dropped.push_back(event.log().request_id());
  }
  EXPECT_EQ(dropped, (std::vector<std::uint64_t>{102, 101}));
}

TEST_F(QueueTest, ItSurvivesACrashAndACounterIsNeverUsedTwice) {
  declare();
  ask("one", true);
  ask("two");
  rig.commit();
  send();
  rig.commit();
  rig.crash();
  ASSERT_EQ(rig.downlinks().size(), 1U);
  result(rig.downlinks()[0]);
  rig.crash();
  send({.ack = true});
  EXPECT_EQ(acks(), std::vector<bool>{true});
  EXPECT_EQ(last().payload, "two");
  EXPECT_EQ(last().frame.f_cnt, 1);
}

TEST_F(QueueTest, UnderNewKeysAConfirmedOneIsNotAcknowledgedAndTheRestGoesOn) {
  std::int64_t at = kStart;
  rig.feed(put(sensor.otaa(rig.vault), at));
  join(rig, sensor, 1, at);
  now = at + 10 * kSecond;
  f_cnt = 0;
  ask("one", true);
  ask("two");
  send();
  result(rig.downlinks().back());
  at = now;
  join(rig, sensor, 2, at);
  now = at + 10 * kSecond;
  f_cnt = 0;
  send({.ack = true});
  EXPECT_EQ(acks(), std::vector<bool>{false});
  EXPECT_EQ(last().payload, "two");
  EXPECT_EQ(last().frame.f_cnt, 0) << "a new session counts anew";
}

}  // namespace
}  // namespace lenne::network::test
