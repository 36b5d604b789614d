#pragma once
// The order of numbers of different resolutions, without rounding.

#include <compare>

#include "base/fixed_point.hpp"
#include "base/int128.hpp"

namespace lenne::base {

/// a * 10^exponent_a against b * 10^exponent_b, exactly. |a|, |b| < 2^120; exponents as is_exponent.
[[nodiscard]] constexpr std::strong_ordering compare(Int128 a, int exponent_a, Int128 b, int exponent_b) noexcept {
  constexpr Int128 kMost = Int128{1} << 123;
  // The one of the coarser resolution is refined. Once it is beyond all that the other one can be, it stays so.
  const auto refine = [](Int128& x, int digits) {
    for (; digits > 0 && x < kMost && x > -kMost; --digits) x *= 10;
  };
  refine(a, exponent_a - exponent_b);
  refine(b, exponent_b - exponent_a);
  return a <=> b;
}

}  // namespace lenne::base
