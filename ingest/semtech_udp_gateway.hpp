#pragma once
// The gateway's side of the Semtech UDP protocol, for virtual gateways and tests: what a packet forwarder writes and
// reads.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ingest/semtech_udp_codec.hpp"

namespace lenne::ingest {

/// A PUSH_DATA with these frames and, if given, a status at `time`.
[[nodiscard]] base::Bytes encode_push_data(std::uint8_t version, std::uint16_t token, base::GatewayId gateway,
                                           std::span<const RxFrame> frames, const GatewayStat* stat = nullptr,
                                           base::Timestamp time = {});

[[nodiscard]] base::Bytes encode_pull_data(std::uint8_t version, std::uint16_t token, base::GatewayId gateway);

/// `error`: "NONE", "TOO_LATE" …; empty = a TX_ACK without a body.
[[nodiscard]] base::Bytes encode_tx_ack(std::uint16_t token, base::GatewayId gateway, std::string_view error);

/// What a server sends to a gateway.
struct ServerMessage {
  std::uint8_t version = 0;
  std::uint16_t token = 0;
  PacketType type = PacketType::push_ack;  ///< push_ack, pull_ack or pull_resp
  // PULL_RESP only
  std::optional<std::uint32_t> tmst;  ///< nothing = immediately
  std::uint32_t frequency_hz = 0;
  int power_dbm = 0;
  RadioRate rate;
  bool inverted = false;
  bool without_crc = false;
  base::Bytes phy_payload;
};

/// Nothing for what no server sends.
[[nodiscard]] std::optional<ServerMessage> decode_server_message(base::ByteView datagram);

}  // namespace lenne::ingest
