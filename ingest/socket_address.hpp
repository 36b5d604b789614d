#pragma once
// Where a datagram comes from or goes to, as a value: no system header, comparable, hashable.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/hash.hpp"

namespace lenne::ingest {

/// An IP address (IPv4: the first four bytes) and a port.
struct SocketAddress {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;
  bool v6 = false;

  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

/// "127.0.0.1:1700" or "[::1]:1700".
[[nodiscard]] std::string to_text(const SocketAddress& address);

/// Reads what to_text writes; names are not resolved.
[[nodiscard]] std::optional<SocketAddress> parse_socket_address(std::string_view text);

/// An address of numeric text ("0.0.0.0", "::", "localhost" = 127.0.0.1) and a port.
[[nodiscard]] std::optional<SocketAddress> make_socket_address(std::string_view host, std::uint16_t port);

/// The number under which an address is limited: its IP without the port, IPv6 by its /64 (one customer's size).
[[nodiscard]] constexpr std::uint64_t limit_key_of(const SocketAddress& address) noexcept {
  return base::hash64(base::ByteView(address.ip).first(address.v6 ? 8 : 4), address.v6 ? 6 : 4);
}

}  // namespace lenne::ingest
