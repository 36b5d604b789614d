#pragma once
// Datagrams and frames for tests.

#include <string>
#include <string_view>

#include "ingest/identity.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "ingest/socket_address.hpp"

namespace lenne::ingest::testing {

inline constexpr base::GatewayId kGateway{0xaa555a0000000101};
inline constexpr base::GatewayId kStranger{0xaa555a00000001ff};
inline constexpr base::Timestamp kNow = base::from_us(1'790'000'000'000'000);
inline constexpr Identity kIdentity{0x11223344, 7};
inline const SocketAddress kSource{{127, 0, 0, 1}, 40'000, false};

/// A PUSH_DATA with any text as its body.
inline base::Bytes push_of(std::string_view json, std::uint8_t version = 2, base::GatewayId gateway = kGateway) {
  auto datagram = encode_pull_data(version, 0x1234, gateway);
  datagram[3] = 0;
  datagram.insert(datagram.end(), json.begin(), json.end());
  return datagram;
}

/// An unconfirmed data frame of an address, 14 bytes; its MIC is not right.
inline RxFrame data_frame(std::uint32_t dev_addr, std::uint16_t f_cnt = 1) {
  RxFrame frame;
  frame.size = 14;
  frame.payload[0] = 0x40;
  base::write_le(frame.payload.data() + 1, dev_addr);
  base::write_le(frame.payload.data() + 6, f_cnt);
  frame.payload[8] = 1;
  frame.tmst = 1'000'000;
  frame.frequency_hz = 868'100'000;
  frame.rate = {7, 125'000, 0};
  frame.coding_rate = 5;
  frame.rssi_dbm = -90;
  frame.snr_tenths_db = 72;
  return frame;
}

inline base::Bytes push_of_frame(const RxFrame& frame, std::uint16_t token = 1, base::GatewayId gateway = kGateway) {
  return encode_push_data(2, token, gateway, {&frame, 1});
}

}  // namespace lenne::ingest::testing
