#pragma once
// Any bytes as what a server sends to a gateway; what is read can be sent again.

#include "ingest/semtech_udp_gateway.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void server_message(base::ByteView bytes) {
  using namespace ingest;
  const auto message = decode_server_message(bytes);
  if (!message) return;
  require(message->version == 1 || message->version == 2, "a version of the protocol");
  if (message->type != PacketType::pull_resp) {
    require(message->phy_payload.empty(), "only PULL_RESP has a payload");
    return;
  }
  require(!message->phy_payload.empty() && message->phy_payload.size() <= kMaxPhyPayload, "1 to 255 bytes");
  require(message->power_dbm > -100 && message->power_dbm < 100, "a power that is one");
  if (message->rate.bit_rate == 0 && message->rate.spreading_factor == 0) return;
  TxRequest request;
  request.tmst = message->tmst;
  request.frequency_hz = message->frequency_hz;
  request.power_dbm = message->power_dbm;
  request.rate = message->rate;
  request.phy_payload = message->phy_payload;
  const auto again = decode_server_message(encode_pull_resp(message->version, message->token, request));
  require(again && again->tmst == message->tmst && again->rate == message->rate, "time and rate come back");
  require(again->phy_payload == message->phy_payload && again->token == message->token, "payload and token come back");
}

}  // namespace lenne::fuzz
