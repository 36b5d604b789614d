#pragma once
// 128-bit integers for sums that must be exact in any order.

#include <cstdint>
#include <string>

namespace lenne::base {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

[[nodiscard]] constexpr std::int64_t high_of(Int128 x) noexcept { return static_cast<std::int64_t>(x >> 64); }
[[nodiscard]] constexpr std::uint64_t low_of(Int128 x) noexcept { return static_cast<std::uint64_t>(x); }
[[nodiscard]] constexpr Int128 int128_of(std::int64_t high, std::uint64_t low) noexcept {
  return static_cast<Int128>((static_cast<UInt128>(static_cast<std::uint64_t>(high)) << 64) | low);
}

/// Quotient rounded to the nearest, halves away from zero. `divisor` > 0.
[[nodiscard]] constexpr Int128 divide_rounded(Int128 dividend, Int128 divisor) noexcept {
  const Int128 half = divisor / 2;
  return dividend >= 0 ? (dividend + half) / divisor : -((-dividend + half) / divisor);
}

/// Decimal digits.
[[nodiscard]] std::string to_string(Int128 x);

}  // namespace lenne::base
