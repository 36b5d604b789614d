#pragma once
// Identifiers as types of their own, so that a DevAddr cannot stand where a DevEUI is meant.
// Text form: lower-case hex, most significant byte first. On air they are little-endian (LoRaWAN 1.0.4 section 4).

#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

namespace lenne::base {

/// An unsigned number with a tag; comparable, hashable, trivially copyable.
template <typename Tag, typename Number>
struct Id {
  using number_type = Number;
  Number value = 0;

  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using DevEui = Id<struct DevEuiTag, std::uint64_t>;
using JoinEui = Id<struct JoinEuiTag, std::uint64_t>;
using GatewayId = Id<struct GatewayIdTag, std::uint64_t>;
using DevAddr = Id<struct DevAddrTag, std::uint32_t>;
using NetId = Id<struct NetIdTag, std::uint32_t>;  ///< 24 bits

/// `digits` hex digits of a number, most significant first.
[[nodiscard]] std::string hex_of(std::uint64_t value, int digits);
/// The same behind what `text` has already.
void append_hex(std::string& text, std::uint64_t value, int digits);

/// A number from exactly `digits` hex digits. Error: what is wrong with the text.
[[nodiscard]] std::expected<std::uint64_t, std::string> number_of_hex(std::string_view text, int digits);

template <typename Tag, typename Number>
inline constexpr int hex_digits_of(Id<Tag, Number>) {
  return static_cast<int>(sizeof(Number) * 2);
}
inline constexpr int hex_digits_of(NetId) { return 6; }

template <typename Tag, typename Number>
[[nodiscard]] std::string to_hex(Id<Tag, Number> id) {
  return hex_of(id.value, hex_digits_of(id));
}

/// Parses an identifier, e.g. `parse_id<DevEui>("70b3d5499a3d1c02")`.
template <typename T>
[[nodiscard]] std::expected<T, std::string> parse_id(std::string_view text) {
  const auto number = number_of_hex(text, hex_digits_of(T{}));
  if (!number) return std::unexpected(number.error());
  return T{static_cast<typename T::number_type>(*number)};
}

}  // namespace lenne::base

template <typename Tag, typename Number>
struct std::hash<lenne::base::Id<Tag, Number>> {
  std::size_t operator()(lenne::base::Id<Tag, Number> id) const noexcept {
    std::uint64_t x = id.value + 0x9e3779b97f4a7c15ULL;  // splitmix64's finaliser
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }
};
