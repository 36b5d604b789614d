#pragma once
// Values as thresholds are written and as samples are measured: steps of a power of ten each. Compared exactly.

#include <algorithm>
#include <compare>
#include <cstdint>

#include "base/decimal_order.hpp"
#include "base/fixed_point.hpp"
#include "base/int128.hpp"

namespace lenne::processing::alerts {

/// steps * 10^exponent. Exponents are resolutions (base::is_exponent); |steps| <= 2^65.
struct Decimal {
  base::Int128 steps = 0;
  int exponent = 0;
};

/// `steps` in units that are 10^digits times as fine. Beyond 2^124 it stays there: no number of the other side's 64
/// bits reaches that far, so comparisons stay exact.
[[nodiscard]] constexpr base::Int128 refined(base::Int128 steps, int digits) noexcept {
  constexpr auto kFarthest = base::Int128{1} << 124;
  for (; digits > 0 && steps != 0; --digits) {
    if (steps > kFarthest / 10 || steps < -(kFarthest / 10)) return steps > 0 ? kFarthest : -kFarthest;
    steps *= 10;
  }
  return steps;
}

/// By their values, whatever their resolutions.
[[nodiscard]] constexpr std::strong_ordering compare(Decimal a, Decimal b) noexcept {
  return base::compare(a.steps, a.exponent, b.steps, b.exponent);
}

[[nodiscard]] constexpr Decimal sum(Decimal a, Decimal b) noexcept {
  return {refined(a.steps, a.exponent - b.exponent) + refined(b.steps, b.exponent - a.exponent),
          std::min(a.exponent, b.exponent)};
}

[[nodiscard]] constexpr Decimal difference(Decimal a, Decimal b) noexcept { return sum(a, {-b.steps, b.exponent}); }

}  // namespace lenne::processing::alerts
