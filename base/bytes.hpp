#pragma once
// Views over bytes, little/big-endian access and hex text. No allocation except in the functions that return strings.

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lenne::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// The bytes of a text or protobuf field, without a copy.
[[nodiscard]] inline ByteView as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The same bytes as text, without a copy.
[[nodiscard]] inline std::string_view as_text(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads sizeof(T) bytes, least significant first. The caller guarantees bytes.size() >= sizeof(T).
template <typename T>
[[nodiscard]] constexpr T read_le(ByteView bytes) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | (static_cast<T>(bytes[i]) << (8 * i)));
  return value;
}

/// Reads sizeof(T) bytes, most significant first. The caller guarantees bytes.size() >= sizeof(T).
template <typename T>
[[nodiscard]] constexpr T read_be(ByteView bytes) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>((value << 8) | static_cast<T>(bytes[i]));
  return value;
}

/// Writes sizeof(T) bytes, least significant first, to out (which has room for them).
template <typename T>
constexpr void write_le(std::uint8_t* out, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// Writes sizeof(T) bytes, most significant first, to out (which has room for them).
template <typename T>
constexpr void write_be(std::uint8_t* out, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
}

/// Lower-case hex, two digits a byte.
[[nodiscard]] std::string to_hex(ByteView bytes);

/// Bytes of a hex text (either case, no separators). Error: a text naming the first bad character or an odd length.
[[nodiscard]] std::expected<Bytes, std::string> from_hex(std::string_view text);

/// Reads exactly out.size() bytes of hex into out. Error as from_hex, or a wrong length.
[[nodiscard]] std::expected<void, std::string> from_hex_exactly(std::string_view text, std::span<std::uint8_t> out);

}  // namespace lenne::base
