#include "ingest/uplink_worker.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "datagrams.hpp"
#include "fake_log.hpp"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_in.pb.h"

namespace lenne::ingest {
namespace {

using namespace std::chrono_literals;
using storage::Topic;
using testing::data_frame;
using testing::FakeLog;
using testing::kGateway;
using testing::kIdentity;
using testing::kNow;
using testing::kSource;
using testing::kStranger;
using testing::push_of_frame;

struct UplinkWorkerTest : ::testing::Test {
  FakeLog log{4};
  base::Counters counters;
  GatewayPaths paths{4};
  DownlinkSender downlinks{{}, kIdentity, log, paths, counters, [this](const SocketAddress&, base::ByteView datagram) {
                             sent.push_back(*decode_server_message(datagram));
                             return true;
                           }};
  WorkerSettings settings;
  std::unique_ptr<UplinkWorker> worker;
  std::vector<ServerMessage> sent;
  base::Timestamp now = kNow;

  void SetUp() override {
    log.add(Topic::control, "gateway/" + base::to_hex(kGateway), "x");
    make();
  }
  void make() {
    worker = std::make_unique<UplinkWorker>(settings, kIdentity, log, paths, downlinks, counters);
    ASSERT_TRUE(worker->load(now));
    handle({});  // the first ticks
  }
  std::vector<Reply> handle(const std::vector<base::Bytes>& datagrams, const SocketAddress& source = kSource) {
    std::vector<Datagram> views;
    for (const auto& bytes : datagrams) views.push_back({bytes, source, now});
    const auto replies = worker->handle(views, now, now.time_since_epoch());
    return {replies.begin(), replies.end()};
  }
  std::vector<v1::NetworkIn> records(v1::NetworkIn::BodyCase which) const {
    std::vector<v1::NetworkIn> found;
    for (const auto& kept : log.all(Topic::network_in)) {
      v1::NetworkIn record;
      EXPECT_TRUE(record.ParseFromString(kept.value));
      if (record.body_case() == which) found.push_back(record);
    }
    return found;
  }
  std::vector<v1::NetworkIn> frames() const { return records(v1::NetworkIn::kFrame); }
};

TEST_F(UplinkWorkerTest, AFrameBecomesARecordAndAnAcknowledgement) {
  auto frame = data_frame(0x26011d42);
  frame.gps_time_us = 5'000;
  const auto replies = handle({push_of_frame(frame, 0xbeef)});
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].to, kSource);
  EXPECT_EQ(replies[0].bytes, (Acknowledgement{2, 0xbe, 0xef, 1}));
  ASSERT_EQ(frames().size(), 1u);
  const auto record = frames()[0];
  EXPECT_EQ(record.received_us(), base::to_us(kNow));
  EXPECT_EQ(record.origin().instance(), kIdentity.instance);
  EXPECT_EQ(record.origin().incarnation(), kIdentity.incarnation);
  EXPECT_EQ(record.frame().gateway_id(), kGateway.value);
  EXPECT_EQ(record.frame().phy_payload(), base::as_text(frame.phy_payload()));
  EXPECT_EQ(record.frame().coding_rate(), "4/5");
  EXPECT_EQ(record.frame().snr_tenths_db(), 72);
  EXPECT_EQ(record.frame().gps_time_us(), 5'000);
  EXPECT_FALSE(record.frame().has_gateway_time_us());
  EXPECT_EQ(record.frame().path(), "11223344:00000007");
  const auto kept = log.all(Topic::network_in).back();
  EXPECT_EQ(kept.key, "\x42");
  EXPECT_EQ(kept.partition, 0x42u % 4);
}

TEST_F(UplinkWorkerTest, SequencesRiseInEachPartition) {
  for (std::uint16_t i = 0; i < 20; ++i) handle({push_of_frame(data_frame(i)), push_of_frame(data_frame(i + 7u))});
  std::map<std::uint32_t, std::uint64_t> last;
  std::set<std::uint64_t> all;
  for (const auto& kept : log.all(Topic::network_in)) {
    v1::NetworkIn record;
    ASSERT_TRUE(record.ParseFromString(kept.value));
    EXPECT_GT(record.origin().sequence(), last[kept.partition]);
    last[kept.partition] = record.origin().sequence();
    EXPECT_TRUE(all.insert(record.origin().sequence()).second);
  }
}

TEST_F(UplinkWorkerTest, GoodFramesOfADatagramAreUsedAndBadOnesCounted) {
  const auto datagram = testing::push_of(
      R"({"rxpk":[{"stat":-1},{"tmst":1,"freq":868.1,"stat":1,"modu":"LORA","datr":"SF7BW125","data":"4AEC"},17]})");
  EXPECT_EQ(handle({datagram}).size(), 1u);
  EXPECT_EQ(frames().size(), 1u);  // proprietary: slot 0
  EXPECT_EQ(log.all(Topic::network_in).back().key, std::string(1, '\0'));
  EXPECT_EQ(counters.value("ingest.refused.crc_bad"), 1u);
  EXPECT_EQ(counters.value("ingest.refused.rxpk_not_object"), 1u);
}

TEST_F(UplinkWorkerTest, WhatIsNoDatagramIsCountedAndNotAcknowledged) {
  EXPECT_TRUE(handle({{}, {2, 0}, base::Bytes(12, 9), testing::push_of("nonsense")}).empty());
  EXPECT_EQ(counters.value("ingest.refused.too_short"), 2u);
  EXPECT_EQ(counters.value("ingest.refused.bad_version"), 1u);
  EXPECT_EQ(counters.value("ingest.refused.bad_json"), 1u);
}

TEST_F(UplinkWorkerTest, AnUnknownGatewayGetsNoAnswer) {
  EXPECT_TRUE(handle({push_of_frame(data_frame(1), 1, kStranger), encode_pull_data(2, 1, kStranger)}).empty());
  EXPECT_EQ(counters.value("ingest.refused.unknown_gateway"), 2u);
  EXPECT_TRUE(frames().empty());
  EXPECT_EQ(paths.size(), 0u);
  // Declared a moment later, it is known at once.
  log.add(Topic::control, "gateway/" + base::to_hex(kStranger), "x");
  now += 10ms;
  EXPECT_EQ(handle({push_of_frame(data_frame(1), 1, kStranger)}).size(), 1u);
  // Removed, it is refused again, and its path is forgotten.
  EXPECT_EQ(handle({encode_pull_data(2, 1, kStranger)}).size(), 1u);
  log.add(Topic::control, "gateway/" + base::to_hex(kStranger), "", true);
  now += 200ms;
  EXPECT_TRUE(handle({push_of_frame(data_frame(1), 1, kStranger)}).empty());
  EXPECT_EQ(paths.size(), 0u);
}

TEST_F(UplinkWorkerTest, UnknownGatewaysCanBeAllowed) {
  settings.accept_unknown = true;
  make();
  EXPECT_EQ(handle({push_of_frame(data_frame(1), 1, kStranger)}).size(), 1u);
}

TEST_F(UplinkWorkerTest, NothingIsAcknowledgedThatIsNotDurable) {
  log.fail_appends(true);
  EXPECT_TRUE(handle({push_of_frame(data_frame(1)), encode_pull_data(2, 1, kGateway)}).empty());
  EXPECT_EQ(counters.value("ingest.withheld"), 2u);
  EXPECT_EQ(counters.value("ingest.append.failed.disk_full"), 1u);
  EXPECT_EQ(worker->append_failure()->code, "disk_full");
  log.fail_appends(false);
  EXPECT_EQ(handle({push_of_frame(data_frame(1)), encode_pull_data(2, 1, kGateway)}).size(), 2u);
  EXPECT_EQ(frames().size(), 1u);
  EXPECT_FALSE(worker->append_failure());
  EXPECT_EQ(log.count(Topic::gateway_path), 1u);  // asked for again, because the first record was lost
}

TEST_F(UplinkWorkerTest, WhenTheLogIsAwayTheSameRecordsAreTriedUntilTheyAreTaken) {
  log.fail_appends(true, "log_unavailable");
  EXPECT_TRUE(handle({push_of_frame(data_frame(1)), push_of_frame(data_frame(2))}).empty());
  EXPECT_TRUE(worker->waiting());
  EXPECT_TRUE(worker->retry().empty());
  EXPECT_TRUE(worker->waiting());
  EXPECT_EQ(counters.value("ingest.append.waiting"), 2u);
  EXPECT_EQ(counters.value("ingest.acknowledged"), 0u);
  log.fail_appends(false);
  EXPECT_EQ(worker->retry().size(), 2u);
  EXPECT_FALSE(worker->waiting());
  EXPECT_EQ(counters.value("ingest.acknowledged"), 2u);
  EXPECT_EQ(counters.value("ingest.withheld"), 0u);
  const auto appended = frames();
  ASSERT_EQ(appended.size(), 2u);
  EXPECT_EQ(handle({push_of_frame(data_frame(3))}).size(), 1u);
  EXPECT_EQ(frames().size(), 3u);
  EXPECT_EQ(frames().back().origin().sequence(), appended.back().origin().sequence() + 1)
      << "tried again they keep the numbers by which repeats are known";
}

TEST_F(UplinkWorkerTest, OverTheLimitIsCountedAndNotAcknowledged) {
  settings.per_gateway = {10, 3};
  make();
  const std::vector<base::Bytes> five(5, push_of_frame(data_frame(1)));
  EXPECT_EQ(handle(five).size(), 3u);
  EXPECT_EQ(counters.value("ingest.refused.gateway_rate"), 2u);
  settings.per_gateway = {};
  settings.per_address = {10, 2};
  make();
  EXPECT_EQ(handle(five).size(), 2u);
  EXPECT_EQ(counters.value("ingest.refused.address_rate"), 3u);
  EXPECT_EQ(handle(five, {{10, 0, 0, 1}, 5, false}).size(), 2u);
}

TEST_F(UplinkWorkerTest, AStatusGoesToItsOwnTopic) {
  GatewayStat stat;
  stat.rx_received = 17;
  stat.latitude = 51.03;
  stat.longitude = 7.85;
  EXPECT_EQ(handle({encode_push_data(1, 9, kGateway, {}, &stat, now)}).size(), 1u);
  const auto kept = log.all(Topic::gateway_status);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].key, base::to_hex(kGateway));
  v1::GatewayStatus status;
  ASSERT_TRUE(status.ParseFromString(kept[0].value));
  EXPECT_EQ(status.rx_received(), 17u);
  EXPECT_DOUBLE_EQ(status.latitude(), 51.03);
  EXPECT_FALSE(status.has_altitude_m());
  EXPECT_TRUE(frames().empty());
}

TEST_F(UplinkWorkerTest, PullDataMakesAPathThatSurvivesARestart) {
  EXPECT_EQ(handle({encode_pull_data(1, 0x0102, kGateway)}).at(0).bytes, (Acknowledgement{1, 1, 2, 4}));
  EXPECT_EQ(handle({encode_pull_data(1, 0x0103, kGateway)}).size(), 1u);
  const auto kept = log.all(Topic::gateway_path);
  ASSERT_EQ(kept.size(), 1u);
  v1::GatewayPath path;
  ASSERT_TRUE(path.ParseFromString(kept[0].value));
  EXPECT_EQ(path.address(), "127.0.0.1:40000");
  EXPECT_EQ(path.instance(), kIdentity.instance);
  EXPECT_EQ(path.protocol_version(), 1u);
  paths.forget(kGateway);
  now += 10s;
  make();
  ASSERT_TRUE(paths.find(kGateway, now));
  EXPECT_EQ(paths.find(kGateway, now)->address, kSource);
  EXPECT_EQ(paths.find(kGateway, now)->version, 1);
  paths.forget(kGateway);
  now += 100s;
  make();
  EXPECT_FALSE(paths.find(kGateway, now));
}

TEST_F(UplinkWorkerTest, PathsAreBounded) {
  settings.accept_unknown = true;
  make();
  std::vector<base::Bytes> many;
  for (std::uint64_t id = 1; id <= 6; ++id) many.push_back(encode_pull_data(2, 1, {id}));
  EXPECT_EQ(handle(many).size(), 4u);
  EXPECT_EQ(counters.value("ingest.paths.overflow"), 2u);
}

TEST_F(UplinkWorkerTest, TicksComeToEveryPartition) {
  const auto ticks = [&] { return records(v1::NetworkIn::kTick).size(); };
  EXPECT_EQ(ticks(), 4u);
  EXPECT_EQ(worker->next_tick(), kNow + 10s);
  now += 9s;
  handle({});
  EXPECT_EQ(ticks(), 4u);
  now += 1s;
  log.fail_appends(true);
  handle({});
  log.fail_appends(false);
  EXPECT_EQ(ticks(), 4u);
  handle({});  // a failed tick is tried again
  EXPECT_EQ(ticks(), 8u);
  std::set<std::uint32_t> partitions;
  for (const auto& kept : log.all(Topic::network_in)) {
    partitions.insert(kept.partition);
    EXPECT_EQ(kept.partition, static_cast<std::uint8_t>(kept.key[0]) % 4u);
  }
  EXPECT_EQ(partitions.size(), 4u);
  now -= 1h;  // the machine's clock was set back
  handle({});
  EXPECT_EQ(ticks(), 12u);
}

TEST_F(UplinkWorkerTest, ATxAckBecomesATxResultAtItsDevicesSlot) {
  handle({encode_pull_data(2, 1, kGateway)});
  v1::GatewayDownlink downlink;
  downlink.set_downlink_id(77);
  downlink.set_gateway_id(kGateway.value);
  downlink.set_phy_payload("\x60\x01\x02");
  downlink.set_frequency_hz(869'525'000);
  downlink.mutable_data_rate()->set_spreading_factor(9);
  downlink.mutable_data_rate()->set_bandwidth_hz(125'000);
  downlink.set_immediately(true);
  downlink.set_not_after_us(base::to_us(now + 1s));
  downlink.set_instance(kIdentity.instance);
  downlink.set_incarnation(kIdentity.incarnation);
  downlink.set_dev_addr(0x26011d43);
  const auto bytes = downlink.SerializeAsString();
  const std::string_view view = bytes;
  const base::ManualClock clock(now);
  EXPECT_TRUE(downlinks.handle({&view, 1}, clock).empty());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(handle({encode_tx_ack(static_cast<std::uint16_t>(sent[0].token + 1), kGateway, "")}).empty());
  EXPECT_TRUE(records(v1::NetworkIn::kTxResult).empty());
  log.fail_appends(true);  // an outcome is not lost with a failed append
  handle({encode_tx_ack(sent[0].token, kGateway, "TOO_LATE")});
  const auto answered = now;
  log.fail_appends(false);
  EXPECT_TRUE(records(v1::NetworkIn::kTxResult).empty());
  now += 300ms;
  handle({});
  const auto results = records(v1::NetworkIn::kTxResult);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].received_us(), base::to_us(answered));
  EXPECT_EQ(results[0].tx_result().downlink_id(), 77u);
  EXPECT_EQ(results[0].tx_result().error(), v1::TX_ERROR_TOO_LATE);
  EXPECT_EQ(results[0].tx_result().detail(), "TOO_LATE");
  EXPECT_EQ(log.all(Topic::network_in).back().key, "\x43");
}

TEST_F(UplinkWorkerTest, WaitingOutcomesAreBounded) {
  settings.max_outcomes = 3;
  make();
  worker->report(std::vector<TxOutcome>(5));
  EXPECT_EQ(counters.value("ingest.outcomes.dropped"), 2u);
  handle({});
  EXPECT_EQ(records(v1::NetworkIn::kTxResult).size(), 3u);
}

}  // namespace
}  // namespace lenne::ingest
