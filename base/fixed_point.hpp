#pragma once
// Measured values as whole numbers of steps: one step is 10^exponent of the unit. So sums are exact in any order.

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/int128.hpp"

namespace lenne::base {

/// Largest magnitude of a sample, in steps: doubles still hold it exactly.
inline constexpr std::int64_t kMaxSteps = std::int64_t{1} << 52;

/// The default resolution: 10^-6 of the unit.
inline constexpr int kDefaultExponent = -6;

/// Resolutions go from 10^-18 to 10^18: what a power of ten in 64 bits can scale.
inline constexpr int kMaxExponent = 18;
[[nodiscard]] constexpr bool is_exponent(int exponent) noexcept {
  return exponent >= -kMaxExponent && exponent <= kMaxExponent;
}

/// 10^n for 0 <= n <= 18.
[[nodiscard]] constexpr std::int64_t power_of_ten(int n) noexcept {
  std::int64_t power = 1;
  for (; n > 0; --n) power *= 10;
  return power;
}

/// `value` in steps of 10^exponent, rounded half away from zero; nothing when it is not finite or beyond kMaxSteps.
[[nodiscard]] inline std::optional<std::int64_t> to_steps(double value, int exponent) noexcept {
  const double scaled = exponent < 0 ? value * static_cast<double>(power_of_ten(-exponent))
                                     : value / static_cast<double>(power_of_ten(exponent));
  if (!(std::fabs(scaled) <= static_cast<double>(kMaxSteps))) return std::nullopt;
  return std::llround(scaled);
}

[[nodiscard]] inline double to_double(Int128 steps, int exponent) noexcept {
  const auto value = static_cast<double>(steps);
  return exponent < 0 ? value / static_cast<double>(power_of_ten(-exponent))
                      : value * static_cast<double>(power_of_ten(exponent));
}

/// Exact decimal text without trailing zeros: steps 21500000, exponent -6 -> "21.5".
[[nodiscard]] std::string to_decimal(Int128 steps, int exponent);

/// A number as somebody wrote it: steps * 10^exponent.
struct DecimalNumber {
  std::int64_t steps = 0;
  int exponent = 0;
  friend bool operator==(const DecimalNumber&, const DecimalNumber&) = default;
};
/// "-1.10" -> -11 * 10^-1, exactly; equal numbers give equal ones: no zeros at the end of a fraction. Nothing when it
/// is no decimal number (an optional sign, digits, a point and digits), has more than 18 digits after the point or is
/// beyond kMaxSteps.
[[nodiscard]] std::optional<DecimalNumber> parse_decimal(std::string_view text);

}  // namespace lenne::base
