#include "tests/unit/network/two_way.hpp"

namespace lenne::network::test {
namespace {

using v1::DeviceEvent;

struct ClassCTest : TwoWay {
  ClassCTest() { sensor.device_class = "C"; }
  void begin() {
    declare();
    send();
  }
};

TEST_F(ClassCTest, ADownlinkLeavesAtOnceOnRx2) {
  begin();
  ask("now");
  ASSERT_EQ(rig.downlinks().size(), 1U);
  const auto downlink = rig.downlinks()[0];
  EXPECT_TRUE(downlink.immediately());
  EXPECT_EQ(downlink.when_case(), v1::GatewayDownlink::kImmediately);
  EXPECT_EQ(downlink.rx_window(), 0U);
  EXPECT_EQ(downlink.frequency_hz(), 869'525'000U);
  EXPECT_EQ(downlink.data_rate().spreading_factor(), 12U);
  EXPECT_EQ(downlink.power_dbm(), 27);
  EXPECT_EQ(downlink.not_after_us(), now + 5 * kSecond);
  EXPECT_EQ(open(downlink).payload, "now");
}

TEST_F(ClassCTest, ItWaitsForAPath) {
  declare();
  ask("now");
  EXPECT_TRUE(rig.downlinks().empty()) << "never heard: nobody knows where it is";
  send();
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_EQ(rig.downlinks()[0].rx_window(), 1U) << "its first uplink opens RX1 as for class A";
}

TEST_F(ClassCTest, NotDuringTheReceiveWindowsOfAnUplink) {
  begin();
  now -= 10 * kSecond;  // back to the uplink
  now += 300 * kMs;
  ask("soon");
  EXPECT_TRUE(rig.downlinks().empty());
  pass(1'500 * kMs);
  EXPECT_TRUE(rig.downlinks().empty()) << "RX2 has not passed";
  pass(500 * kMs);
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_EQ(rig.downlinks()[0].rx_window(), 0U);
}

TEST_F(ClassCTest, DuringTheCollectionWindowTheUplinksOwnAnswerCarriesIt) {
  begin();
  const auto up = sensor.uplink(f_cnt++, "\x01", 2, true);
  rig.feed(hear(up, now));
  now += 50 * kMs;
  ask("ride");
  EXPECT_TRUE(rig.downlinks().empty());
  pass(200 * kMs);
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_EQ(rig.downlinks()[0].rx_window(), 1U);
  EXPECT_TRUE(last().frame.ack);
  EXPECT_EQ(last().payload, "ride");
}

TEST_F(ClassCTest, TheNextOneWaitsForTheResultAndTheAirtime) {
  begin();
  ask("one");
  ask("two");
  ASSERT_EQ(rig.downlinks().size(), 1U);
  result(rig.downlinks()[0], v1::TX_ERROR_NONE, 20 * kMs);
  EXPECT_EQ(rig.downlinks().size(), 1U) << "SF12 takes more than a second";
  pass(kSecond);
  EXPECT_EQ(rig.downlinks().size(), 1U);
  pass(kSecond);
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(last().payload, "two");
}

TEST_F(ClassCTest, ARefusalGoesToTheNextGatewayWithTheSameFrameThenWaits) {
  declare();
  const auto up = sensor.uplink(f_cnt++);
  rig.feed(hear(up, now));
  rig.feed(hear(up, now, {.gateway = kGateway + 1, .rssi = -100}));
  rig.feed(tick(now += 10 * kSecond));
  ask("one");
  result(rig.downlinks()[0], v1::TX_ERROR_COLLISION_PACKET, 10 * kMs);
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(rig.downlinks()[1].gateway_id(), kGateway + 1);
  EXPECT_EQ(rig.downlinks()[1].phy_payload(), rig.downlinks()[0].phy_payload());
  result(rig.downlinks()[1], v1::TX_ERROR_DUTY_CYCLE, 20 * kMs);
  EXPECT_EQ(rig.downlinks().size(), 2U);
  pass(4 * kSecond);
  EXPECT_EQ(rig.downlinks().size(), 2U);
  pass(2 * kSecond);
  ASSERT_EQ(rig.downlinks().size(), 3U);
  EXPECT_EQ(last().payload, "one");
  EXPECT_EQ(last().frame.f_cnt, 1) << "another try, another counter";
}

TEST_F(ClassCTest, AConfirmedOneIsAcknowledgedByAnUplinkOrItsTimeRunsOut) {
  begin();
  ask("one", true);
  ask("two", true);
  result(rig.downlinks()[0], v1::TX_ERROR_NONE, 20 * kMs);
  send();
  EXPECT_TRUE(rig.events(DeviceEvent::kAck).empty()) << "it may have begun to send before it heard us";
  now -= 9 * kSecond;
  send({.ack = true});
  ASSERT_EQ(rig.events(DeviceEvent::kAck).size(), 1U);
  EXPECT_TRUE(rig.events(DeviceEvent::kAck)[0].ack().acknowledged());
  ASSERT_EQ(rig.downlinks().size(), 2U);
  EXPECT_EQ(last().payload, "two");
  result(rig.downlinks()[1]);
  ask("three");
  pass(kSecond);
  EXPECT_EQ(rig.downlinks().size(), 2U) << "two is still waited for";
  pass(20 * kSecond);
  ASSERT_EQ(rig.events(DeviceEvent::kAck).size(), 2U);
  EXPECT_FALSE(rig.events(DeviceEvent::kAck)[1].ack().acknowledged());
  EXPECT_EQ(last().payload, "three");
}

TEST_F(ClassCTest, AServerThatWasStartedAnewIsAddressedAsItIsNow) {
  begin();
  auto in = tick(now += kSecond);
  in.mutable_origin()->set_instance(0x0a);
  in.mutable_origin()->set_incarnation(9);
  in.mutable_origin()->set_sequence(1);
  rig.feed(in);
  ask("now");
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_EQ(rig.downlinks()[0].instance(), 0x0aU);
  EXPECT_EQ(rig.downlinks()[0].incarnation(), 9U);
}

TEST_F(ClassCTest, WhatIsPlannedSurvivesACrash) {
  begin();
  now -= 9'700 * kMs;
  ask("soon");
  EXPECT_TRUE(rig.downlinks().empty());
  rig.commit();
  rig.crash();
  pass(3 * kSecond);
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_EQ(last().payload, "soon");
}

TEST_F(ClassCTest, ClassAWaits) {
  sensor.device_class = "A";
  begin();
  ask("later");
  pass(60 * kSecond);
  EXPECT_TRUE(rig.downlinks().empty());
}

}  // namespace
}  // namespace lenne::network::test
