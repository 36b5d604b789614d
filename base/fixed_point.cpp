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

std::optional<DecimalNumber> parse_decimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return std::nullopt;
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (fraction.size() > static_cast<std::size_t>(kMaxExponent)) return std::nullopt;
  std::int64_t steps = 0;
  for (const auto digits : {whole, fraction}) {
    for (const char digit : digits) {
      if (digit < '0' || digit > '9') return std::nullopt;
      steps = steps * 10 + (digit - '0');
      if (steps > kMaxSteps) return std::nullopt;
    }
  }
  return DecimalNumber{negative ? -steps : steps, steps == 0 ? 0 : -static_cast<int>(fraction.size())};
}

}  // namespace lenne::base
