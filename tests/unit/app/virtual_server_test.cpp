// All roles in one thread on the memory log, with a clock that the test moves.

#include "app/virtual_server.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/slot.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "network/lorawan/build.hpp"
#include "storage/memory/memory_log.hpp"

namespace lenne::app {
namespace {

using namespace std::chrono_literals;
namespace lorawan = network::lorawan;

constexpr base::GatewayId kGateway{0x70b3d5000000a000};
constexpr base::DevEui kDevice{0x70b3d5499a3d1c02};
constexpr base::JoinEui kJoinEui{0x0102030405060708};
constexpr base::crypto::Key128 kAppKey{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
const ingest::SocketAddress kForwarder{{127, 0, 0, 1}, 40'000};

struct VirtualServerTest : ::testing::Test {
  VirtualServerTest() {
    settings.log.type = Settings::LogType::memory;
    settings.network.partitions = 4;
    open();
    declare();
  }

  /// The process dies and another one starts on what is left.
  void open() {
    server.reset();
    log = storage::MemoryLog::open(disk, settings.network.partitions, clock, counters).value();
    auto started = VirtualServer::start(settings, {*log, clock, vault, catalog, counters}, 7);
    ASSERT_TRUE(started) << started.error().message;
    server = std::move(*started);
  }

  void declare() {
    v1::Object gateway;
    gateway.mutable_gateway()->set_gateway_id(kGateway.value);
    gateway.mutable_gateway()->set_tenant("menden");
    write(gateway, 0);
    v1::Object object;
    auto& device = *object.mutable_device();
    device.set_dev_eui(kDevice.value);
    device.set_join_eui(kJoinEui.value);
    device.set_tenant("menden");
    device.set_region("EU868");
    device.set_mac_version("1.0.4");
    device.set_activation(v1::ACTIVATION_OTAA);
    const auto blob = vault.wrap(std::array{kAppKey, kAppKey});
    device.set_wrapped_root_keys(blob.data(), blob.size());
    write(object, base::slot_of(kDevice));
    ASSERT_TRUE(server->settle());
    clock.advance(10ms);  // ingest looks for new gateways every few milliseconds, not at each datagram
  }

  void write(const v1::Object& object, std::uint8_t slot) {
    v1::NetworkIn record;
    record.set_received_us(base::to_us(clock.now()));
    *record.mutable_control()->mutable_put() = object;
    storage::Batch batch;
    batch.append(storage::Topic::network_in, base::partition_of(slot, settings.network.partitions), {},
                 {reinterpret_cast<const char*>(&slot), 1}, record.SerializeAsString());
    ASSERT_TRUE(log->append(batch));
  }

  void hear_join(std::uint16_t nonce, std::uint32_t tmst) {
    const auto phy = lorawan::build_join_request(aes, kAppKey, kJoinEui, kDevice, nonce);
    ingest::RxFrame frame;
    frame.size = static_cast<std::uint8_t>(phy.size());
    std::ranges::copy(phy, frame.payload.begin());
    frame.tmst = tmst;
    frame.frequency_hz = 868'100'000;
    frame.rate = {7, 125'000, 0};
    server->receive(kForwarder, ingest::encode_push_data(2, 0x1234, kGateway, std::span(&frame, 1)));
  }

  std::vector<ingest::ServerMessage> sent() {
    std::vector<ingest::ServerMessage> messages;
    for (const auto& datagram : server->take_sent()) {
      EXPECT_EQ(datagram.to, kForwarder);
      messages.push_back(ingest::decode_server_message(datagram.bytes).value());
    }
    return messages;
  }

  std::vector<v1::DeviceEvent> events(v1::DeviceEvent::EventCase kind) {
    std::vector<v1::DeviceEvent> found;
    auto reader = log->reader({storage::Topic::event}).value();
    EXPECT_TRUE(reader->seek({storage::SeekTo::Where::beginning}));
    for (auto poll = reader->poll({}, 100); poll && !poll->records.empty(); poll = reader->poll({}, 100)) {
      for (const auto& record : poll->records) {
        v1::DeviceEvent event;
        EXPECT_TRUE(event.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())));
        if (event.event_case() == kind) found.push_back(event);
      }
    }
    return found;
  }

  Settings settings;
  base::ManualClock clock{base::from_us(1'795'500'000'000'000)};
  base::Counters counters;
  base::crypto::KeyVault vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7});
  std::shared_ptr<const decode::SchemaCatalog> catalog = decode::SchemaCatalog::from_files({}).value();
  base::crypto::Aes128 aes;
  std::shared_ptr<storage::MemoryDisk> disk = std::make_shared<storage::MemoryDisk>();
  std::unique_ptr<storage::Log> log;
  std::unique_ptr<VirtualServer> server;
};

TEST_F(VirtualServerTest, AnswersAJoinInItsOwnTime) {
  server->receive(kForwarder, ingest::encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(server->settle());
  ASSERT_EQ(sent().size(), 1u);
  const auto heard = clock.now();
  hear_join(1, 5'000'000);
  EXPECT_EQ(server->next_due(), heard) << "what has arrived is due";
  ASSERT_TRUE(server->settle());
  const auto acknowledgement = sent();
  ASSERT_EQ(acknowledgement.size(), 1u);
  EXPECT_EQ(acknowledgement[0].type, ingest::PacketType::push_ack);
  EXPECT_EQ(server->next_due(), heard + settings.network.deduplication) << "the window of its copies";

  clock.advance_to(server->next_due());
  ASSERT_TRUE(server->settle());
  const auto answer = sent();
  ASSERT_EQ(answer.size(), 1u);
  EXPECT_EQ(answer[0].type, ingest::PacketType::pull_resp);
  EXPECT_EQ(answer[0].tmst, 10'000'000u);
  EXPECT_EQ(server->next_due(), heard + settings.network.deduplication + 2s) << "the TX_ACK is missed then";
  EXPECT_EQ(events(v1::DeviceEvent::kJoin).size(), 1u);

  clock.advance_to(server->next_due());
  ASSERT_TRUE(server->settle());
  const auto again = sent();
  ASSERT_EQ(again.size(), 1u) << "RX2, by the same gateway";
  EXPECT_EQ(again[0].phy_payload, answer[0].phy_payload);
  EXPECT_EQ(again[0].tmst, 11'000'000u);
}

TEST_F(VirtualServerTest, NothingMovesTwice) {
  ASSERT_TRUE(server->settle());
  const auto writes = disk->writes();
  ASSERT_TRUE(server->settle());
  EXPECT_EQ(disk->writes(), writes);
  EXPECT_GT(server->next_due(), clock.now());
}

TEST_F(VirtualServerTest, WindowsAndViewsMayFollowOnASecondThread) {
  server->receive(kForwarder, ingest::encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(server->settle());
  ASSERT_EQ(sent().size(), 1u);
  const auto viewed = counters.value("worker.views.records");
  server->let_follow(1min);
  ASSERT_TRUE(server->settle());
  hear_join(1, 5'000'000);
  ASSERT_TRUE(server->settle());
  clock.advance_to(server->next_due());
  ASSERT_TRUE(server->settle());
  EXPECT_EQ(sent().size(), 2u) << "acknowledgement and answer do not wait for them";
  for (int turn = 0; turn < 40; ++turn) {
    clock.advance(1min);
    ASSERT_TRUE(server->settle());
  }
  server->let_follow({});
  ASSERT_TRUE(server->settle());
  EXPECT_GT(counters.value("worker.views.records"), viewed);
  const auto writes = disk->writes();
  ASSERT_TRUE(server->settle());
  EXPECT_EQ(disk->writes(), writes) << "they have caught up";
}

TEST_F(VirtualServerTest, AFailureOfTheSecondThreadStopsIt) {
  server->let_follow(1min);
  hear_join(1, 5'000'000);
  ASSERT_TRUE(server->settle());
  server->let_follow({});
  ASSERT_TRUE(server->settle());
  disk->fail_write(1);
  clock.advance(1h);
  server->let_follow(1min);
  auto settled = server->settle();
  for (int turn = 0; turn < 2 && settled; ++turn) {
    clock.advance(1h);
    settled = server->settle();
  }
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().code, "log_write");
}

TEST_F(VirtualServerTest, WhatIsCommittedOutlivesACrash) {
  server->receive(kForwarder, ingest::encode_pull_data(2, 1, kGateway));
  hear_join(1, 5'000'000);
  ASSERT_TRUE(server->settle());
  clock.advance(100ms);
  const auto before = server->identity();
  open();
  EXPECT_EQ(server->identity().instance, before.instance);
  EXPECT_EQ(server->identity().incarnation, before.incarnation + 1);
  clock.advance(200ms);
  ASSERT_TRUE(server->settle());
  EXPECT_EQ(events(v1::DeviceEvent::kJoin).size(), 1u) << "its window was committed, and closes";
  EXPECT_TRUE(sent().empty()) << "a downlink for an earlier incarnation does not leave";
  EXPECT_EQ(counters.value("ingest.downlink.refused.TX_ERROR_NO_PATH"), 1u);
}

TEST_F(VirtualServerTest, ALogThatTakesNoWritesStopsItAndWithholdsTheAcknowledgement) {
  for (const auto fault : {storage::MemoryDisk::Fault::before, storage::MemoryDisk::Fault::after}) {
    hear_join(1, 5'000'000);
    disk->fail_write(1, fault);
    EXPECT_EQ(server->settle().error().code, "log_write");
    EXPECT_TRUE(sent().empty());
    open();
    ASSERT_TRUE(server->settle());
  }
  clock.advance(1s);
  ASSERT_TRUE(server->settle());
  EXPECT_EQ(events(v1::DeviceEvent::kJoin).size(), 1u) << "durable, although nobody was told";
}

TEST_F(VirtualServerTest, ATickThatIsNotDurableStopsIt) {
  server->receive(kForwarder, ingest::encode_pull_data(2, 1, kGateway));
  hear_join(1, 5'000'000);
  ASSERT_TRUE(server->settle());
  clock.advance_to(server->next_due());
  disk->fail_write(1);
  EXPECT_EQ(server->settle().error().code, "log_write");
}

TEST_F(VirtualServerTest, RefusesSettingsThatAreNone) {
  settings.network.deduplication = 5s;
  const auto started = VirtualServer::start(settings, {*log, clock, vault, catalog, counters}, 7);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "deduplication");
}

}  // namespace
}  // namespace lenne::app
