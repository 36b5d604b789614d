#include "network/adr.hpp"

#include <array>

#include "tests/unit/network/two_way.hpp"

namespace lenne::network::test {
namespace {

using v1::DeviceEvent;

const lorawan::Region& eu868() { return *lorawan::find_region("EU868"); }

struct AdrTest : testing::Test {
  RadioPlan plan(RadioPlan now, std::int32_t snr_tenths,
                 std::vector<std::uint32_t> steps = std::vector<std::uint32_t>(20, 1)) {
    const std::vector<std::int32_t> snr(20, snr_tenths);
    return adapt(eu868(), now, {0, 7}, {snr, steps}, 10);
  }
};

TEST_F(AdrTest, EachSpreadingFactorNeedsTwoAndAHalfDecibelsLess) {
  constexpr std::array<std::int32_t, 6> kNeeded{-75, -100, -125, -150, -175, -200};
  for (std::uint32_t sf = 7; sf <= 12; ++sf) EXPECT_EQ(required_snr_tenths(sf), kNeeded[sf - 7]) << sf;
  EXPECT_EQ(50 - required_snr_tenths(12), 250) << "5 dB at SF12 are a margin of 25 dB";
}

TEST_F(AdrTest, ASpareLinkGetsFasterFirstAndQuieterThen) {
  // SF12 needs -20 dB; 10 dB are kept: from -10 dB on each 3 dB are a step.
  EXPECT_EQ(plan({0, 0, 1}, -100), (RadioPlan{0, 0, 1}));
  EXPECT_EQ(plan({0, 0, 1}, -71), (RadioPlan{0, 0, 1}));
  EXPECT_EQ(plan({0, 0, 1}, -70), (RadioPlan{1, 0, 1}));
  EXPECT_EQ(plan({0, 0, 1}, 50), (RadioPlan{5, 0, 1}));
  EXPECT_EQ(plan({0, 0, 1}, 80), (RadioPlan{5, 1, 1}));
  EXPECT_EQ(plan({5, 0, 1}, 400), (RadioPlan{5, 7, 1})) << "no weaker than the region allows";
}

TEST_F(AdrTest, ATightLinkGetsMorePowerAndNeverASlowerRate) {
  // SF7 needs -7.5 dB and 10 dB are kept.
  EXPECT_EQ(plan({5, 3, 1}, 25), (RadioPlan{5, 3, 1}));
  EXPECT_EQ(plan({5, 3, 1}, 24), (RadioPlan{5, 2, 1})) << "half a step too little is a step too little";
  EXPECT_EQ(plan({5, 3, 1}, -200), (RadioPlan{5, 0, 1}));
}

TEST_F(AdrTest, RepetitionsFollowTheLoss) {
  std::vector<std::uint32_t> steps(20, 1);
  EXPECT_EQ(plan({5, 0, 3}, 25, steps).nb_trans, 2U);
  steps[5] = 3;  // 2 of 21
  EXPECT_EQ(plan({5, 0, 1}, 25, steps).nb_trans, 1U);
  EXPECT_EQ(plan({5, 0, 3}, 25, steps).nb_trans, 3U);
  steps[6] = 4;  // 5 of 24
  EXPECT_EQ(plan({5, 0, 1}, 25, steps).nb_trans, 2U);
  steps[7] = 10;  // 14 of 33
  EXPECT_EQ(plan({5, 0, 1}, 25, steps).nb_trans, 3U);
  std::vector<std::uint32_t> first(20, 1);
  first[0] = 1'000;
  EXPECT_EQ(plan({5, 0, 1}, 25, first).nb_trans, 1U) << "what was lost before the history is not its loss";
}

TEST_F(AdrTest, AShortHistoryOrAnotherModulationChangesNothing) {
  const std::vector<std::int32_t> snr(19, 200);
  const std::vector<std::uint32_t> steps(19, 1);
  EXPECT_EQ(adapt(eu868(), {0, 0, 1}, {0, 7}, {snr, steps}, 10), (RadioPlan{0, 0, 1}));
  EXPECT_EQ(plan({7, 0, 1}, 400), (RadioPlan{7, 0, 1})) << "FSK";
  EXPECT_EQ(plan({77, 0, 1}, 400), (RadioPlan{77, 0, 1}));
}

struct LinkAdrTest : TwoWay {
  void many(int count, bool adr = true) {
    for (int i = 0; i < count; ++i) send({.adr = adr, .ear = ear});
  }
  Ear ear{.snr_tenths = 50, .spreading_factor = 10};
};

TEST_F(LinkAdrTest, AfterTwentyUplinksADeviceIsToldAndItsAnswerEndsIt) {
  declare();
  many(19);
  EXPECT_TRUE(rig.downlinks().empty());
  many(1);
  ASSERT_EQ(rig.downlinks().size(), 1U);
  const auto request = find<lorawan::LinkAdrReq>(last());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->data_rate, 5);  // SF10 needs -15 dB, 10 dB are kept: 10 dB to spare are three steps
  EXPECT_EQ(request->tx_power, 0);
  EXPECT_EQ(request->nb_trans, 1);
  EXPECT_EQ(request->ch_mask_cntl, 6) << "all channels that the device has";
  EXPECT_EQ(last().frame.f_port, std::nullopt);
  result(rig.downlinks()[0]);

  ear.spreading_factor = 7;
  send({.adr = true, .f_opts = commands(lorawan::LinkAdrAns{true, true, true}), .ear = ear});
  EXPECT_EQ(rig.row(sensor.eui).mac().data_rate(), 5U);
  EXPECT_FALSE(rig.row(sensor.eui).mac().has_asked_adr());
  EXPECT_EQ(rig.row(sensor.eui).mac().snr_tenths_db_size(), 0) << "a new data rate, a new history";
  many(1);
  EXPECT_EQ(rig.row(sensor.eui).mac().snr_tenths_db_size(), 1) << "each uplink notes the one before";
  many(9);
  EXPECT_EQ(rig.downlinks().size(), 1U);
}

TEST_F(LinkAdrTest, ADeviceThatDoesNotAllowItIsLeftAlone) {
  declare();
  many(30, false);
  EXPECT_TRUE(rig.downlinks().empty());
}

TEST_F(LinkAdrTest, AnUnansweredRequestTravelsWithOthersAfterThreeTries) {
  declare();
  many(30);
  EXPECT_EQ(rig.downlinks().size(), 3U);
  send({.confirmed = true, .adr = true, .ear = ear});
  EXPECT_EQ(rig.downlinks().size(), 4U);
  EXPECT_TRUE(find<lorawan::LinkAdrReq>(last()));
}

TEST_F(LinkAdrTest, ThreeRefusalsAreEnough) {
  declare();
  many(20);
  for (int i = 0; i < 5; ++i) {
    send({.adr = true, .f_opts = commands(lorawan::LinkAdrAns{true, false, true}), .ear = ear});
  }
  EXPECT_EQ(rig.row(sensor.eui).mac().refused_adr(), 3U);
  EXPECT_EQ(rig.downlinks().size(), 3U);
  EXPECT_EQ(rig.counter("network.mac.link_adr_refused"), 3U);
  EXPECT_EQ(rig.counter("network.mac.unasked"), 2U);
  EXPECT_EQ(rig.row(sensor.eui).mac().tx_power(), 0U);
}

TEST_F(LinkAdrTest, ASlowerRateOfItsOwnMeansFullPower) {
  declare();
  ear = {.snr_tenths = 120, .spreading_factor = 7};
  many(20);
  EXPECT_EQ(find<lorawan::LinkAdrReq>(last())->tx_power, 3);
  send({.adr = true, .f_opts = commands(lorawan::LinkAdrAns{true, true, true}), .ear = ear});
  EXPECT_EQ(rig.row(sensor.eui).mac().tx_power(), 3U);
  ear.spreading_factor = 9;
  many(2);
  EXPECT_EQ(rig.row(sensor.eui).mac().tx_power(), 0U);
}

TEST_F(LinkAdrTest, BeforeVersion102PowerBeginsAtIndexOne) {
  sensor.version = "1.0.1";
  ear = {.snr_tenths = 400, .spreading_factor = 7};
  declare();
  many(20);
  EXPECT_EQ(find<lorawan::LinkAdrReq>(last())->tx_power, 5);
}

struct RxParamTest : TwoWay {
  static NetworkSettings faster_rx2() {
    auto settings = Rig::one_partition();
    settings.rx2_data_rate = 3;
    return settings;
  }
  RxParamTest() : TwoWay(faster_rx2()) {}
};

TEST_F(RxParamTest, NewWindowParametersCountFromTheAnswerOn) {
  declare();
  send();
  ASSERT_EQ(rig.downlinks().size(), 1U);
  const auto request = find<lorawan::RxParamSetupReq>(last());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->rx2_data_rate, 3);
  EXPECT_EQ(request->rx1_dr_offset, 0);
  EXPECT_EQ(request->frequency_hz, 869'525'000U);
  result(rig.downlinks()[0], v1::TX_ERROR_TOO_LATE);
  EXPECT_EQ(rig.downlinks()[1].data_rate().spreading_factor(), 12U) << "RX2 as the device still has it";
  result(rig.downlinks()[1]);

  send({.confirmed = true, .f_opts = commands(lorawan::RxParamSetupAns{true, true, true})});
  ASSERT_EQ(rig.downlinks().size(), 3U);
  EXPECT_FALSE(find<lorawan::RxParamSetupReq>(last()));
  result(rig.downlinks()[2], v1::TX_ERROR_TOO_LATE);
  EXPECT_EQ(rig.downlinks()[3].data_rate().spreading_factor(), 9U);

  // The device repeats its answer until it hears us: nothing changes.
  send({.f_opts = commands(lorawan::RxParamSetupAns{true, true, true})});
  EXPECT_EQ(rig.counter("network.mac.rx_param_accepted"), 1U);
  EXPECT_EQ(rig.row(sensor.eui).active().rx2_data_rate(), 3U);
}

TEST_F(RxParamTest, ARefusalKeepsTheOldOnes) {
  declare();
  for (int i = 0; i < 5; ++i)
    send({.f_opts = i == 0 ? base::Bytes{} : commands(lorawan::RxParamSetupAns{true, false, true})});
  EXPECT_EQ(rig.row(sensor.eui).active().rx2_data_rate(), 0U);
  EXPECT_EQ(rig.counter("network.mac.rx_param_refused"), 3U);
  EXPECT_EQ(rig.downlinks().size(), 3U);
}

struct StatusTest : TwoWay {
  static NetworkSettings daily() {
    auto settings = Rig::one_partition();
    settings.status_interval = std::chrono::hours{24};
    return settings;
  }
  StatusTest() : TwoWay(daily()) {}
};

TEST_F(StatusTest, OnceADayADeviceIsAskedForItsBattery) {
  declare();
  send();
  EXPECT_TRUE(rig.downlinks().empty());
  now += 86'400 * kSecond;
  send();
  ASSERT_EQ(rig.downlinks().size(), 1U);
  EXPECT_TRUE(find<lorawan::DevStatusReq>(last()));
  send({.f_opts = commands(lorawan::DevStatusAns{254, 7})});
  ASSERT_EQ(rig.events(DeviceEvent::kStatus).size(), 1U);
  EXPECT_EQ(rig.events(DeviceEvent::kStatus)[0].status().battery_percent(), 100U);
  send();
  EXPECT_EQ(rig.downlinks().size(), 1U);
  now += 86'400 * kSecond;
  send();
  EXPECT_EQ(rig.downlinks().size(), 2U);
}

TEST_F(StatusTest, MacRequestsLeaveRoomForAnswersInFifteenBytes) {
  rig.settings.status_interval = std::chrono::hours{24};
  declare();
  send();
  now += 86'400 * kSecond;
  send({.f_opts = commands(lorawan::LinkCheckReq{}, lorawan::DeviceTimeReq{})});
  const auto opened = last();
  EXPECT_TRUE(find<lorawan::LinkCheckAns>(opened));
  EXPECT_TRUE(find<lorawan::DeviceTimeAns>(opened));
  EXPECT_TRUE(find<lorawan::DevStatusReq>(opened));
  EXPECT_LE(opened.frame.f_opts.size(), 15U);
}

struct AllRequestsTest : TwoWay {
  static NetworkSettings everything() {
    auto settings = Rig::one_partition();
    settings.status_interval = std::chrono::hours{24};
    settings.rx2_data_rate = 3;
    return settings;
  }
  AllRequestsTest() : TwoWay(everything()) {}
};

TEST_F(AllRequestsTest, WhatDoesNotFitBesideTheAnswersWaits) {
  declare();
  for (int i = 0; i < 25; ++i) send({.adr = true, .ear = {.snr_tenths = 50, .spreading_factor = 10}});
  now += 86'400 * kSecond;
  const auto before = rig.downlinks().size();
  send({.adr = true,
        .f_opts = commands(lorawan::LinkCheckReq{}, lorawan::DeviceTimeReq{}),
        .ear = {.snr_tenths = 50, .spreading_factor = 10}});
  ASSERT_EQ(rig.downlinks().size(), before + 1);
  const auto opened = last();
  EXPECT_TRUE(find<lorawan::LinkCheckAns>(opened));
  EXPECT_TRUE(find<lorawan::DeviceTimeAns>(opened));
  const auto asked = static_cast<int>(find<lorawan::LinkAdrReq>(opened).has_value()) +
                     static_cast<int>(find<lorawan::RxParamSetupReq>(opened).has_value());
  EXPECT_EQ(asked, 1) << "nine bytes of answers leave room for one of the two";
  EXPECT_LE(opened.frame.f_opts.size(), 15U);
}

}  // namespace
}  // namespace lenne::network::test
