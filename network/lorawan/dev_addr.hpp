#pragma once
// DevAddr and NetID (LoRaWAN Backend Interfaces TS002 section 4 / TS001-1.0.4 6.1.1): the address of a device carries
// its network's prefix, and in Lenne also its slot.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "network/lorawan/types.hpp"

namespace lenne::network::lorawan {

/// Addresses with the same upper bits, written like 26011000/20.
struct DevAddrRange {
  std::uint32_t base = 0;        ///< bits below the prefix are 0
  std::uint8_t prefix_bits = 0;  ///< 0..32

  [[nodiscard]] constexpr std::uint32_t host_mask() const noexcept {
    return prefix_bits >= 32 ? 0U : 0xffffffffU >> prefix_bits;
  }
  [[nodiscard]] constexpr bool contains(base::DevAddr addr) const noexcept {
    return (addr.value & ~host_mask()) == base;
  }
  [[nodiscard]] constexpr bool contains(DevAddrRange inner) const noexcept {
    return inner.prefix_bits >= prefix_bits && contains(base::DevAddr{inner.base});
  }

  friend bool operator==(const DevAddrRange&, const DevAddrRange&) = default;
};

/// A slot needs the low byte, so a range has at least this many free bits.
inline constexpr unsigned kMinAddressBits = 8;

/// All addresses of a network. Types 0..6; error net_id_too_small for type 7 (7 address bits, no room for slots),
/// net_id_range beyond 24 bits.
[[nodiscard]] base::Result<DevAddrRange> dev_addr_range(base::NetId net_id);

/// Reads "26011000/20", which must lie in `network` and keep 8 free bits.
/// Errors: dev_addr_range_format, dev_addr_range_outside, dev_addr_range_small.
[[nodiscard]] base::Result<DevAddrRange> parse_dev_addr_range(std::string_view text, DevAddrRange network);
[[nodiscard]] std::string to_text(DevAddrRange range);

/// The address of a session: low byte = slot, the other free bits a hash of DevEUI and JoinNonce. Addresses need not be
/// unique. The caller guarantees range.prefix_bits <= 24. The hash is part of the network's behaviour and never
/// changes.
[[nodiscard]] base::DevAddr make_dev_addr(DevAddrRange range, std::uint8_t slot, base::DevEui dev_eui,
                                          std::uint32_t join_nonce) noexcept;

}  // namespace lenne::network::lorawan
