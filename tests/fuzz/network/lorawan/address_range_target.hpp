#pragma once
// Any text as a range of addresses: refused, or a range inside the network whose text reads back.

#include <array>

#include "network/lorawan/dev_addr.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void address_range(base::ByteView bytes) {
  using namespace network::lorawan;
  static const std::array networks{*dev_addr_range(base::NetId{0x000013}), *dev_addr_range(base::NetId{0x600001}),
                                   DevAddrRange{}};
  for (const auto& network : networks) {
    const auto range = parse_dev_addr_range(base::as_text(bytes), network);
    if (!range) continue;
    require(network.contains(*range), "inside the network");
    require(32 - range->prefix_bits >= static_cast<int>(kMinAddressBits), "room for the slot");
    require(parse_dev_addr_range(to_text(*range), network) == range, "a range comes back");
    const auto address = make_dev_addr(*range, 0x5a, base::DevEui{1}, 2);
    require(range->contains(address) && (address.value & 0xff) == 0x5a, "addresses are in the range and the slot");
  }
}

}  // namespace lenne::fuzz
