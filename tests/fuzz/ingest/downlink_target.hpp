#pragma once
// Any bytes as a record of gateway-downlink: sent once at most, never after its time, and everything that is not sent
// has an outcome.

#include <array>

#include "ingest/downlink_sender.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "lenne/v1/gateway.pb.h"
#include "storage/memory/memory_log.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void downlink(base::ByteView bytes) {
  using namespace ingest;
  constexpr auto kNow = base::from_us(1'790'000'000'000'000);
  constexpr Identity kIdentity{0x11223344, 7};
  const base::ManualClock clock(kNow);
  storage::MemoryLog log(1, clock);
  base::Counters counters;
  GatewayPaths paths(4);
  (void)paths.heard(base::GatewayId{1}, SocketAddress{}, 2, kNow);
  int sent = 0;
  DownlinkSender sender({}, kIdentity, log, paths, counters, [&](const SocketAddress&, base::ByteView datagram) {
    const auto message = decode_server_message(datagram);
    require(message && !message->phy_payload.empty() && message->phy_payload.size() <= kMaxPhyPayload,
            "a gateway can read it");
    require(message->frequency_hz >= 100'000'000 && message->power_dbm >= 0 && message->power_dbm <= kMaxPower,
            "it can be sent");
    ++sent;
    return true;
  });
  const std::array twice{base::as_text(bytes), base::as_text(bytes)};
  const auto outcomes = sender.handle(twice, clock);
  require(sent <= 1 && static_cast<int>(sender.waiting()) == sent, "sent at most once, and waited for");
  v1::GatewayDownlink record;
  const bool good = record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  require(good || (sent == 0 && outcomes.empty()), "what is no record has no outcome");
  if (sent == 1) {
    require(record.incarnation() == kIdentity.incarnation && base::from_us(record.not_after_us()) >= kNow,
            "ours, in time");
    sender.observe(base::GatewayId{1}, record.tmst(), kNow);
    require(sender.expire(kNow + std::chrono::seconds{60}).size() == 1, "no answer is an outcome");
  }
}

}  // namespace lenne::fuzz
