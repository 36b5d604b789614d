#include "base/fixed_point.hpp"

namespace lenne::base {

std::string to_decimal(Int128 steps, int exponent) {
  if (steps == 0) return "0";
  const bool negative = steps < 0;
  std::string digits = to_string(negative ? -steps : steps);
  if (exponent >= 0) {
    digits.append(static_cast<std::size_t>(exponent), '0');
  } else {
    const auto decimals = static_cast<std::size_t>(-exponent);
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    digits.insert(digits.size() - decimals, ".");
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  return negative ? "-" + digits : digits;
}

}  // namespace lenne::base
