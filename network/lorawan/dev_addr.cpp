#include "network/lorawan/dev_addr.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.hpp"

namespace lenne::network::lorawan {
namespace {

// Bits of NwkID by NetID type; the prefix of type t is t ones and a zero, the rest is the device's address.
constexpr std::uint8_t kNwkIdBits[] = {6, 6, 9, 11, 12, 13, 15, 17};

}  // namespace

base::Result<DevAddrRange> dev_addr_range(base::NetId net_id) {
  if (net_id.value > 0xffffff)
    return base::fail("net_id_range", fmt::format("NetID {:x} has more than 24 bits", net_id.value));
  const unsigned type = net_id.value >> 21;
  const unsigned id_bits = kNwkIdBits[type];
  const unsigned address_bits = 32 - (type + 1) - id_bits;
  if (address_bits < kMinAddressBits) {
    return base::fail("net_id_too_small", fmt::format("NetID {} is of type {} with {} address bits; {} are needed",
                                                      base::to_hex(net_id), type, address_bits, kMinAddressBits));
  }
  const std::uint32_t type_prefix = ((1U << type) - 1U) << 1;  // t ones, then a zero
  const std::uint32_t nwk_id = net_id.value & ((1U << id_bits) - 1U);
  return DevAddrRange{((type_prefix << id_bits) | nwk_id) << address_bits,
                      static_cast<std::uint8_t>(32 - address_bits)};
}

base::Result<DevAddrRange> parse_dev_addr_range(std::string_view text, DevAddrRange network) {
  const auto malformed = [&] {
    return base::fail("dev_addr_range_format",
                      fmt::format("\"{}\" is no address range; it looks like 26011000/20", text));
  };
  if (text.size() < 10 || text.size() > 11 || text[8] != '/') return malformed();
  const auto base_addr = base::number_of_hex(text.substr(0, 8), 8);
  unsigned bits = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 9, end, bits);
  if (!base_addr || error != std::errc{} || rest != end || bits > 32) return malformed();
  const DevAddrRange range{static_cast<std::uint32_t>(*base_addr), static_cast<std::uint8_t>(bits)};
  if ((range.base & range.host_mask()) != 0) return malformed();
  if (!network.contains(range)) {
    return base::fail("dev_addr_range_outside",
                      fmt::format("{} is not inside the network's {}", text, to_text(network)));
  }
  if (32 - bits < kMinAddressBits) {
    return base::fail("dev_addr_range_small", fmt::format("{} has fewer than {} free bits", text, kMinAddressBits));
  }
  return range;
}

std::string to_text(DevAddrRange range) { return fmt::format("{:08x}/{}", range.base, range.prefix_bits); }

base::DevAddr make_dev_addr(DevAddrRange range, std::uint8_t slot, base::DevEui dev_eui,
                            std::uint32_t join_nonce) noexcept {
  const auto hash = static_cast<std::uint32_t>(base::mix64(dev_eui.value ^ base::mix64(join_nonce)) >> 32);
  return base::DevAddr{range.base | (hash & range.host_mask() & ~0xffU) | slot};
}

}  // namespace lenne::network::lorawan
