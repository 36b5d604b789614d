#pragma once
// Raw bits of a payload at any bit position. Internal to decoder and encoder.

#include <bit>
#include <cstdint>
#include <cstring>

namespace lenne::decode {

/// `bits` (1..64) from bit `at` on, most significant first. 9 bytes from at / 8 on must be readable.
[[nodiscard]] inline std::uint64_t read_bits(const std::uint8_t* bytes, std::size_t at, unsigned bits) noexcept {
  const std::uint8_t* first = bytes + (at >> 3U);
  const auto shift = static_cast<unsigned>(at & 7U);
  std::uint64_t word = 0;
  std::memcpy(&word, first, sizeof word);
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  word <<= shift;
  if (shift + bits > 64) word |= static_cast<std::uint64_t>(first[8]) >> (8 - shift);
  return word >> (64 - bits);
}

/// The first `bits` / 8 bytes of a most-significant-first number in the other order.
[[nodiscard]] inline std::uint64_t swap_bytes(std::uint64_t raw, unsigned bits) noexcept {
  return __builtin_bswap64(raw) >> (64 - bits);
}

[[nodiscard]] inline std::int64_t extend_sign(std::uint64_t raw, unsigned bits) noexcept {
  return static_cast<std::int64_t>(raw << (64 - bits)) >> (64 - bits);
}

/// Writes a number, least significant byte first, in one store.
template <typename T>
[[gnu::always_inline]] inline std::uint8_t* store_le(std::uint8_t* out, T value) noexcept {
  if constexpr (std::endian::native == std::endian::big) {
    value = sizeof(T) == 8 ? static_cast<T>(__builtin_bswap64(value)) : static_cast<T>(__builtin_bswap32(value));
  }
  std::memcpy(out, &value, sizeof value);
  return out + sizeof value;
}

}  // namespace lenne::decode
