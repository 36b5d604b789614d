// The small parts: addresses, limits, the buffer, paths, the directory, the identity, slots.

#include <gtest/gtest.h>

#include "datagrams.hpp"
#include "fake_log.hpp"
#include "ingest/datagram_buffer.hpp"
#include "ingest/gateway_directory.hpp"
#include "ingest/gateway_paths.hpp"
#include "ingest/identity.hpp"
#include "ingest/rate_limiter.hpp"
#include "ingest/routing.hpp"

namespace lenne::ingest {
namespace {

using namespace std::chrono_literals;
using testing::FakeLog;
using testing::kGateway;
using testing::kNow;
using testing::kSource;
using testing::kStranger;

TEST(SocketAddress, TextComesBack) {
  for (const auto* text : {"127.0.0.1:1700", "0.0.0.0:0", "[::1]:65535", "[2001:db8::17]:1700"}) {
    const auto address = parse_socket_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_text(*address), text);
  }
  for (const auto* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:1700", "[127.0.0.1]:1", "host:1", "1.2.3.4:-1"}) {
    EXPECT_FALSE(parse_socket_address(text)) << text;
  }
  EXPECT_EQ(make_socket_address("localhost", 5), parse_socket_address("127.0.0.1:5"));
  EXPECT_FALSE(make_socket_address("example.org", 5));
}

TEST(RateLimiter, HoldsRateAndBurst) {
  RateLimiter limiter({10, 3}, 4);
  EXPECT_TRUE(limiter.allow(1, 1s));
  EXPECT_TRUE(limiter.allow(1, 1s));
  EXPECT_TRUE(limiter.allow(1, 1s));
  EXPECT_FALSE(limiter.allow(1, 1s));
  EXPECT_TRUE(limiter.allow(2, 1s));
  EXPECT_TRUE(limiter.allow(1, 1s + 100ms));
  EXPECT_FALSE(limiter.allow(1, 1s + 100ms));
  EXPECT_FALSE(limiter.allow(1, 500ms));  // time that goes backwards gives nothing
  EXPECT_TRUE(RateLimiter({0, 0}, 1).allow(1, 1s));
}

TEST(RateLimiter, InventedSourcesShareOneBucket) {
  RateLimiter limiter({1, 5}, 8);
  int allowed = 0;
  for (std::uint64_t key = 0; key < 1'000; ++key) allowed += limiter.allow(key, 1s) ? 1 : 0;
  EXPECT_EQ(limiter.size(), 8u);
  EXPECT_EQ(allowed, 8 + 5);
  EXPECT_EQ(limiter.shared(), 992u);
  // Buckets that are full again make room.
  EXPECT_TRUE(limiter.allow(5'000, 20s));
  EXPECT_EQ(limiter.size(), 1u);
}

Datagram datagram_of(const base::Bytes& bytes) { return {bytes, kSource, kNow}; }

TEST(DatagramBuffer, KeepsOrderAndGroups) {
  DatagramBuffer buffer(1 << 20);
  std::vector<base::Bytes> sent;
  for (std::uint8_t i = 0; i < 10; ++i) sent.push_back({i, static_cast<std::uint8_t>(i + 1)});
  for (const auto& bytes : sent) {
    const auto one = datagram_of(bytes);
    ASSERT_EQ(buffer.push({&one, 1}), 1u);
  }
  std::vector<base::Bytes> got;
  for (auto group = buffer.take(4, 0us, 0us); !group.empty(); group = buffer.take(4, 0us, 0us)) {
    EXPECT_LE(group.size(), 4u);
    for (const auto& d : group) {
      EXPECT_EQ(d.source, kSource);
      EXPECT_EQ(d.received, kNow);
      got.emplace_back(d.bytes.begin(), d.bytes.end());
    }
  }
  EXPECT_EQ(got, sent);
}

TEST(DatagramBuffer, ItsTimeIsNeverAheadOfWhatHasArrived) {
  DatagramBuffer buffer(1 << 20);
  base::ManualClock clock(kNow);
  const base::Bytes bytes{1};
  const auto push = [&](base::Timestamp received) {
    const Datagram one{bytes, kSource, received};
    ASSERT_EQ(buffer.push({&one, 1}), 1u);
  };
  EXPECT_EQ(buffer.heard_until(clock), kNow);
  buffer.expect(clock);
  clock.advance(5ms);
  EXPECT_EQ(buffer.heard_until(clock), kNow) << "the socket is being read";
  push(kNow + 1ms);
  push(kNow + 3ms);
  EXPECT_EQ(buffer.heard_until(clock), kNow + 1ms) << "waits";
  ASSERT_EQ(buffer.take(1, 0us, 0us).size(), 1u);
  EXPECT_EQ(buffer.heard_until(clock), kNow + 1ms) << "is being handled";
  ASSERT_EQ(buffer.take(1, 0us, 0us).size(), 1u);
  push(kNow + 4ms);
  EXPECT_LE(buffer.heard_until(clock), kNow + 3ms);
  ASSERT_EQ(buffer.take(1, 0us, 0us).size(), 1u);
  EXPECT_EQ(buffer.heard_until(clock), kNow + 4ms);
  EXPECT_TRUE(buffer.take(1, 0us, 0us).empty());
  EXPECT_EQ(buffer.heard_until(clock), kNow + 5ms);
  buffer.expect(clock);
  clock.advance(1ms);
  EXPECT_EQ(buffer.push({}), 0u);
  EXPECT_EQ(buffer.heard_until(clock), kNow + 6ms) << "nothing came";
}

TEST(DatagramBuffer, RefusesWhatDoesNotFit) {
  DatagramBuffer buffer(4'096);
  const base::Bytes bytes(300, 7);
  const std::vector<Datagram> many(20, datagram_of(bytes));
  const auto taken = buffer.push(many);
  EXPECT_GT(taken, 2u);
  EXPECT_LT(taken, 7u);  // half of the space, bookkeeping included
  EXPECT_EQ(buffer.push(many), 0u);
  EXPECT_EQ(buffer.take(100, 0us, 0us).size(), taken);
  EXPECT_EQ(buffer.push(many), taken);
}

TEST(DatagramBuffer, WakeAndCloseEndTheWait) {
  DatagramBuffer buffer(4'096);
  buffer.wake();
  EXPECT_TRUE(buffer.take(1, 1h, 0us).empty());
  buffer.close();
  EXPECT_TRUE(buffer.take(1, 1h, 1h).empty());
  EXPECT_TRUE(buffer.closed());
}

TEST(GatewayPaths, TheLastPullDataWinsAndExpires) {
  GatewayPaths paths(2);
  const SocketAddress other{{10, 0, 0, 1}, 5, false};
  EXPECT_EQ(paths.heard(kGateway, kSource, 2, kNow), GatewayPaths::Change::record);
  EXPECT_EQ(paths.heard(kGateway, kSource, 2, kNow + 10s), GatewayPaths::Change::none);
  EXPECT_EQ(paths.heard(kGateway, kSource, 2, kNow + 30s), GatewayPaths::Change::record);
  EXPECT_EQ(paths.heard(kGateway, other, 2, kNow + 31s), GatewayPaths::Change::moved);
  EXPECT_EQ(paths.heard(kGateway, other, 1, kNow + 32s), GatewayPaths::Change::record);
  EXPECT_EQ(paths.find(kGateway, kNow + 100s)->address, other);
  EXPECT_EQ(paths.find(kGateway, kNow + 100s)->version, 1);
  EXPECT_TRUE(paths.find(kGateway, kNow + 32s + kPathLifetime));
  EXPECT_FALSE(paths.find(kGateway, kNow + 33s + kPathLifetime));
  paths.not_recorded(kGateway);
  EXPECT_EQ(paths.heard(kGateway, other, 1, kNow + 33s), GatewayPaths::Change::record);
  paths.forget(kGateway);
  EXPECT_FALSE(paths.find(kGateway, kNow + 33s));
}

TEST(GatewayPaths, AreBounded) {
  GatewayPaths paths(2);
  EXPECT_EQ(paths.heard({1}, kSource, 2, kNow), GatewayPaths::Change::record);
  EXPECT_EQ(paths.heard({2}, kSource, 2, kNow + 60s), GatewayPaths::Change::record);
  EXPECT_EQ(paths.heard({3}, kSource, 2, kNow + 61s), GatewayPaths::Change::refused);
  EXPECT_EQ(paths.heard({3}, kSource, 2, kNow + 91s), GatewayPaths::Change::record);  // the first one has expired
  EXPECT_EQ(paths.size(), 2u);
}

TEST(GatewayDirectory, FollowsTheDeclaredGateways) {
  FakeLog log;
  base::Counters counters;
  log.add(storage::Topic::control, "gateway/" + base::to_hex(kGateway), "x");
  log.add(storage::Topic::control, "device/" + base::to_hex(kStranger), "x");
  log.add(storage::Topic::control, "gateway/nonsense", "x");
  GatewayDirectory directory(log, counters, 2);
  ASSERT_TRUE(directory.load());
  EXPECT_TRUE(directory.contains(kGateway));
  EXPECT_FALSE(directory.contains(kStranger));
  EXPECT_EQ(counters.value("ingest.gateways.bad_key"), 1u);
  log.add(storage::Topic::control, "gateway/" + base::to_hex(kStranger), "x");
  log.add(storage::Topic::control, "gateway/0000000000000001", "x");
  log.add(storage::Topic::control, "gateway/" + base::to_hex(kGateway), "", true);
  const auto removed = directory.refresh();
  ASSERT_TRUE(removed);
  EXPECT_EQ(*removed, std::vector{kGateway});
  EXPECT_TRUE(directory.contains(kStranger));
  EXPECT_EQ(directory.size(), 1u);
  EXPECT_EQ(counters.value("ingest.gateways.overflow"), 1u);
}

TEST(Identity, KeepsTheInstanceAndCountsStarts) {
  FakeLog log;
  EXPECT_EQ(*next_identity(log, 0xabcd), (Identity{0xabcd, 1}));
  EXPECT_EQ(*next_identity(log, 0x9999), (Identity{0xabcd, 2}));
  EXPECT_EQ(to_text(Identity{0xabcd, 2}), "0000abcd:00000002");
  log.fail_puts(true);
  EXPECT_EQ(next_identity(log, 1).error().code, "disk_full");
  log.fail_puts(false);
  EXPECT_EQ(next_identity(log, 1)->incarnation, 3u);
  storage::Batch damaged;
  damaged.put(storage::Store::ingest, 0, "identity", "\xff");
  ASSERT_TRUE(log.put_state(damaged));
  EXPECT_EQ(next_identity(log, 1).error().code, "bad_identity");
}

TEST(Routing, FindsTheSlotOfEachType) {
  EXPECT_EQ(slot_of_frame(testing::data_frame(0x26011d42).phy_payload()), 0x42);
  base::Bytes join(23, 0);
  base::write_le(join.data() + 9, std::uint64_t{0x70b3d5499a3d1c02});
  EXPECT_EQ(slot_of_frame(join), base::slot_of(base::DevEui{0x70b3d5499a3d1c02}));
  EXPECT_EQ(slot_of_frame(base::Bytes{0xe0, 1, 2, 3}), 0);
  EXPECT_EQ(slot_of_frame({}), 0);
  EXPECT_EQ(slot_of_device(0x26011d42, 7), 0x42);
  EXPECT_EQ(slot_of_device(0, 7), base::slot_of(base::DevEui{7}));
}

}  // namespace
}  // namespace lenne::ingest
