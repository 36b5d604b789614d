// The server on a real loopback socket, with the machine's clock.

#include "ingest/semtech_udp_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <set>

#include "../../unit/ingest/datagrams.hpp"
#include "../../unit/ingest/fake_log.hpp"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "storage/memory/memory_log.hpp"

namespace lenne::ingest {
namespace {

using namespace std::chrono_literals;
using storage::Topic;
using testing::data_frame;
using testing::FakeLog;
using testing::kGateway;
using testing::kStranger;
using testing::push_of_frame;

/// Looks every millisecond, for 20 s at most.
template <typename Predicate>
bool until(Predicate holds) {
  for (int i = 0; i < 20'000; ++i) {
    if (holds()) return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

/// A gateway's socket.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server), 0);
    const int size = 4 << 20;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const base::Bytes& datagram) const {
    ASSERT_EQ(::send(socket_, datagram.data(), datagram.size(), 0), static_cast<ssize_t>(datagram.size()));
  }
  /// The next message of the server; nothing when none comes within the patience.
  [[nodiscard]] std::optional<ServerMessage> receive(int patience_ms = 10'000) const {
    pollfd waiting{socket_, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) <= 0) return std::nullopt;
    base::Bytes bytes(2'048);
    const auto size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    return decode_server_message(bytes);
  }
  /// Nothing is on its way: a request that is certainly answered is answered next.
  void expect_silence() const {
    send(encode_pull_data(2, 0x5151, kGateway));
    const auto message = receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->type, PacketType::pull_ack);
    EXPECT_EQ(message->token, 0x5151);
  }

 private:
  int socket_;
};

struct SemtechUdpServerTest : ::testing::Test {
  base::SystemClock clock;
  FakeLog log;
  base::Counters counters;
  SemtechUdpSettings settings;
  std::unique_ptr<SemtechUdpServer> server;
  Endpoint endpoint;

  void SetUp() override {
    settings.address = "127.0.0.1";
    settings.port = 0;
    log.add(Topic::control, "gateway/" + base::to_hex(kGateway), "x");
  }
  void start() {
    server = std::make_unique<SemtechUdpServer>(settings, log, clock, counters);
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error().message;
    endpoint = *started;
    ASSERT_NE(endpoint.port, 0);
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
  v1::GatewayDownlink downlink(std::uint64_t id) const { return downlink(id, server->identity()); }
  v1::GatewayDownlink downlink(std::uint64_t id, const Identity& identity) const {
    v1::GatewayDownlink d;
    d.set_downlink_id(id);
    d.set_gateway_id(kGateway.value);
    d.set_phy_payload("\x60\x01\x02\x03");
    d.set_frequency_hz(868'100'000);
    d.mutable_data_rate()->set_spreading_factor(7);
    d.mutable_data_rate()->set_bandwidth_hz(125'000);
    d.set_power_dbm(14);
    d.set_tmst(static_cast<std::uint32_t>(id * 10'000'000));
    d.set_not_after_us(base::to_us(clock.now() + 60s));
    d.set_dev_eui(7);
    d.set_instance(identity.instance);
    d.set_incarnation(identity.incarnation);
    return d;
  }
  void order(const v1::GatewayDownlink& d) {
    storage::Batch batch;
    batch.append(Topic::gateway_downlink, 0, {}, base::to_hex(kGateway), d.SerializeAsString());
    ASSERT_TRUE(log.append(batch));
  }
  /// The tx result of a downlink; waits for it by asking the server, which answers after each append.
  std::optional<v1::TxResult> result_of(const Client& client, std::uint64_t id) const {
    for (int i = 0; i < 10'000; ++i) {
      for (const auto& record : records(v1::NetworkIn::kTxResult)) {
        if (record.tx_result().downlink_id() == id) return record.tx_result();
      }
      client.send(encode_pull_data(2, 0x6161, kGateway));
      if (!client.receive()) return std::nullopt;
    }
    return std::nullopt;
  }
};

TEST_F(SemtechUdpServerTest, AcknowledgesOnlyAfterTheAppend) {
  start();
  const Client client(endpoint.port);
  std::atomic<int> appends{0};
  log.on_append([&] {
    EXPECT_FALSE(client.receive(50)) << "acknowledged before it was durable";
    ++appends;
  });
  client.send(push_of_frame(data_frame(1), 0x0101));
  ASSERT_TRUE(until([&] { return records(v1::NetworkIn::kFrame).size() == 1; }));
  const auto ack = client.receive();
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->type, PacketType::push_ack);
  EXPECT_EQ(ack->token, 0x0101);
  EXPECT_GE(appends, 1);
  log.on_append({});

  log.fail_appends(true);
  client.send(push_of_frame(data_frame(2), 0x0202));
  ASSERT_TRUE(until([&] { return counters.value("ingest.withheld") == 1; }));
  log.fail_appends(false);
  client.expect_silence();
}

TEST_F(SemtechUdpServerTest, RefusesAnUnknownGatewayAndNonsense) {
  start();
  const Client client(endpoint.port);
  client.send(push_of_frame(data_frame(1), 1, kStranger));
  client.send({1, 2, 3});
  client.send(testing::push_of("{"));
  client.send(base::Bytes(60'000, 0));
  client.expect_silence();
  EXPECT_EQ(counters.value("ingest.refused.unknown_gateway"), 1u);
  EXPECT_EQ(counters.value("ingest.refused.too_short"), 1u);
  EXPECT_EQ(counters.value("ingest.refused.bad_json"), 1u);
  EXPECT_EQ(counters.value("ingest.refused.bad_version"), 1u);
}

TEST_F(SemtechUdpServerTest, ABurstOf1200DatagramsLosesNothing) {
  start();
  const Client client(endpoint.port);
  for (std::uint16_t token = 0; token < 1'200; ++token) client.send(push_of_frame(data_frame(token, token), token));
  std::set<std::uint16_t> acknowledged;
  // What a small system limit made the socket drop is counted; with the buffer that we ask for it is nothing.
  while (acknowledged.size() + counters.value("ingest.socket.dropped") < 1'200) {
    const auto ack = client.receive();
    ASSERT_TRUE(ack);
    EXPECT_TRUE(acknowledged.insert(ack->token).second);
  }
  EXPECT_EQ(counters.value("ingest.buffer.dropped"), 0u);
  if (endpoint.socket_buffer_bytes >= (2u << 20)) {
    EXPECT_EQ(counters.value("ingest.socket.dropped"), 0u);
  }
  EXPECT_EQ(records(v1::NetworkIn::kFrame).size(), acknowledged.size());
  EXPECT_EQ(counters.value("ingest.acknowledgements.unsent"), 0u);
}

TEST_F(SemtechUdpServerTest, WhatDoesNotFitIsCounted) {
  settings.buffer_bytes = 8'192;
  start();
  const Client client(endpoint.port);
  std::atomic<bool> blocked{true};
  std::atomic<bool> reached{false};
  log.on_append([&] {
    reached = true;
    until([&] { return !blocked; });
  });
  client.send(push_of_frame(data_frame(1), 0));
  ASSERT_TRUE(until([&] { return reached.load(); }));
  for (std::uint16_t token = 1; token <= 100; ++token) client.send(push_of_frame(data_frame(1), token));
  ASSERT_TRUE(until([&] { return counters.value("ingest.buffer.dropped") > 80; }));
  blocked = false;
  ASSERT_TRUE(until([&] {
    return counters.value("ingest.frames") + counters.value("ingest.buffer.dropped") +
               counters.value("ingest.socket.dropped") ==
           101;
  }));
  log.on_append({});
}

TEST_F(SemtechUdpServerTest, OverTheLimitIsCountedAndNotAcknowledged) {
  settings.worker.per_gateway = {1, 5};
  start();
  const Client client(endpoint.port);
  for (std::uint16_t token = 0; token < 20; ++token) client.send(push_of_frame(data_frame(1), token));
  ASSERT_TRUE(until([&] { return counters.value("ingest.datagrams") == 20; }));
  ASSERT_TRUE(
      until([&] { return counters.value("ingest.refused.gateway_rate") + counters.value("ingest.frames") == 20; }));
  EXPECT_GE(counters.value("ingest.refused.gateway_rate"), 5u);
}

TEST_F(SemtechUdpServerTest, ADownlinkGoesOutAndItsAnswerComesBack) {
  start();
  const Client client(endpoint.port);
  client.send(encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(client.receive());
  order(downlink(1));
  const auto message = client.receive();
  ASSERT_TRUE(message);
  ASSERT_EQ(message->type, PacketType::pull_resp);
  EXPECT_EQ(message->tmst, 10'000'000u);
  EXPECT_EQ(base::to_hex(message->phy_payload), "60010203");
  client.send(encode_tx_ack(static_cast<std::uint16_t>(message->token ^ 0x8000), kGateway, "TX_FREQ"));
  client.send(encode_tx_ack(message->token, kGateway, "NONE"));
  const auto result = result_of(client, 1);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error(), v1::TX_ERROR_NONE);
  EXPECT_EQ(counters.value("ingest.tx_ack.unmatched"), 1u);
  // At most once.
  order(downlink(1));
  auto late = downlink(2);
  late.set_not_after_us(base::to_us(clock.now() - 1s));
  order(late);
  EXPECT_EQ(result_of(client, 2)->error(), v1::TX_ERROR_TOO_LATE);
  EXPECT_EQ(counters.value("ingest.downlink.repeated"), 1u);
  EXPECT_EQ(counters.value("ingest.downlink.sent"), 1u);
}

TEST_F(SemtechUdpServerTest, AVersion1GatewayCountsAsSentAndASilentOneAsNoAnswer) {
  settings.sender.answer_timeout = 10ms;
  start();
  const Client client(endpoint.port);
  client.send(encode_pull_data(1, 1, kGateway));
  ASSERT_TRUE(client.receive());
  order(downlink(1));
  const auto message = client.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->version, 1);
  EXPECT_EQ(result_of(client, 1)->error(), v1::TX_ERROR_NONE);
  client.send(encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(client.receive());
  order(downlink(2));
  ASSERT_TRUE(until([&] { return records(v1::NetworkIn::kTxResult).size() == 2; }));
  EXPECT_EQ(result_of(client, 2)->error(), v1::TX_ERROR_NO_ANSWER);
}

TEST_F(SemtechUdpServerTest, TheSecondPullDataSourceTakesOver) {
  start();
  const Client first(endpoint.port);
  const Client second(endpoint.port);
  first.send(encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(first.receive());
  second.send(encode_pull_data(2, 2, kGateway));
  ASSERT_TRUE(second.receive());
  order(downlink(1));
  const auto message = second.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, PacketType::pull_resp);
  EXPECT_EQ(counters.value("ingest.paths.moved"), 1u);
  first.expect_silence();
}

TEST_F(SemtechUdpServerTest, ARestartIsANewIncarnationThatKnowsThePaths) {
  start();
  const Client client(endpoint.port);
  client.send(encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(client.receive());
  const auto before = server->identity();
  const auto old = downlink(1);
  server->stop();
  server->stop();
  settings.port = endpoint.port;
  start();
  EXPECT_EQ(server->identity(), (Identity{before.instance, before.incarnation + 1}));
  order(old);
  order(downlink(2));
  const auto message = client.receive();  // without a new PULL_DATA
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, PacketType::pull_resp);
  EXPECT_EQ(message->tmst, 20'000'000u);
  EXPECT_EQ(result_of(client, 1)->error(), v1::TX_ERROR_NO_PATH);
}

TEST_F(SemtechUdpServerTest, WorksOnARealLog) {
  storage::MemoryLog memory(4, clock);
  storage::Batch declared;
  declared.append(Topic::control, 0, {}, "gateway/" + base::to_hex(kGateway), "x");
  ASSERT_TRUE(memory.append(declared));
  SemtechUdpServer real(settings, memory, clock, counters);
  const auto started = real.start();
  ASSERT_TRUE(started) << started.error().message;
  const Client client(started->port);
  client.send(encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(client.receive());
  client.send(push_of_frame(data_frame(0x26000003), 2));
  EXPECT_EQ(client.receive()->type, PacketType::push_ack);

  const auto reader = *memory.reader({Topic::network_in});
  ASSERT_TRUE(reader->seek({storage::SeekTo::Where::beginning}));
  std::size_t frames = 0;
  std::size_t ticks = 0;
  for (auto polled = reader->poll({}, 100); polled && !polled->records.empty(); polled = reader->poll({}, 100)) {
    for (const auto& kept : polled->records) {
      v1::NetworkIn record;
      ASSERT_TRUE(record.ParseFromArray(kept.value.data(), static_cast<int>(kept.value.size())));
      frames += record.has_frame() ? 1u : 0u;
      ticks += record.has_tick() ? 1u : 0u;
      if (record.has_frame()) {
        EXPECT_EQ(kept.partition, 3u);
      }
    }
  }
  EXPECT_EQ(frames, 1u);
  EXPECT_EQ(ticks, 4u);

  auto order = downlink(1, real.identity());
  storage::Batch batch;
  batch.append(Topic::gateway_downlink, 0, {}, base::to_hex(kGateway), order.SerializeAsString());
  ASSERT_TRUE(memory.append(batch));
  const auto message = client.receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, PacketType::pull_resp);
  real.stop();
  // The ledger is in the store, and the next start is another incarnation.
  SemtechUdpServer again(settings, memory, clock, counters);
  ASSERT_TRUE(again.start());
  EXPECT_EQ(again.identity(), (Identity{real.identity().instance, real.identity().incarnation + 1}));
}

/// Counts what it is told of.
class CountingTap final : public DatagramTap {
 public:
  void started(const Identity& identity, base::Timestamp) override { incarnation = identity.incarnation; }
  void received(std::span<const Datagram> datagrams) override {
    for (const auto& one : datagrams) bytes_in += one.bytes.size();
  }
  void acknowledged(std::span<const Reply> replies, base::Timestamp) override { replied += replies.size(); }
  void sent(const SocketAddress&, base::ByteView datagram, base::Timestamp) override { bytes_out += datagram.size(); }

  std::atomic<std::uint32_t> incarnation{0};
  std::atomic<std::size_t> bytes_in{0};
  std::atomic<std::size_t> replied{0};
  std::atomic<std::size_t> bytes_out{0};
};

TEST_F(SemtechUdpServerTest, ATapIsToldOfAllThatComesAndGoes) {
  CountingTap tap;
  settings.tap = &tap;
  start();
  EXPECT_EQ(tap.incarnation, server->identity().incarnation);
  const Client client(endpoint.port);
  client.send({1, 2, 3});
  client.send(encode_pull_data(2, 1, kGateway));
  ASSERT_TRUE(client.receive());
  order(downlink(1));
  const auto message = client.receive();
  ASSERT_TRUE(message);
  ASSERT_EQ(message->type, PacketType::pull_resp);
  const auto answer = encode_tx_ack(message->token, kGateway, "NONE");
  client.send(answer);
  ASSERT_TRUE(until([&] { return records(v1::NetworkIn::kTxResult).size() == 1; }));
  server->stop();
  EXPECT_EQ(tap.bytes_in, 3 + encode_pull_data(2, 1, kGateway).size() + answer.size());
  EXPECT_EQ(tap.replied, 1u);
  EXPECT_GT(tap.bytes_out, 100u);
}

TEST_F(SemtechUdpServerTest, SaysWhyItCannotStart) {
  start();
  SemtechUdpSettings same = settings;
  same.port = endpoint.port;
  EXPECT_EQ(SemtechUdpServer(same, log, clock, counters).start().error().code, "bind_failed");
  same.address = "example.org";
  EXPECT_EQ(SemtechUdpServer(same, log, clock, counters).start().error().code, "bad_address");
  log.fail_puts(true);
  EXPECT_EQ(SemtechUdpServer(settings, log, clock, counters).start().error().code, "disk_full");
}

}  // namespace
}  // namespace lenne::ingest
