#pragma once
// Any text as an address with a port, and as a LoRa data rate: what is read has one text, which reads back.

#include "ingest/semtech_udp_codec.hpp"
#include "ingest/socket_address.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void socket_address(base::ByteView bytes) {
  using namespace ingest;
  const auto text = base::as_text(bytes);
  if (const auto address = parse_socket_address(text)) {
    require(parse_socket_address(to_text(*address)) == address, "an address comes back");
    (void)limit_key_of(*address);
  }
  if (const auto address = make_socket_address(text, 1700)) {
    require(address->port == 1700, "the given port");
    require(parse_socket_address(to_text(*address)) == address, "a host comes back");
  }
  if (const auto rate = parse_lora_rate(text)) {
    require(rate->bit_rate == 0 && rate->spreading_factor >= 5 && rate->spreading_factor <= 12, "LoRa only");
    require(rate->bandwidth_hz >= 7'000 && rate->bandwidth_hz <= 2'000'000, "a bandwidth that is one");
  }
}

}  // namespace lenne::fuzz
