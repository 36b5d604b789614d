#pragma once
// How MSCONS, the message by which the German energy market sends meters' values, names how good an amount is.

#include <array>
#include <cstddef>
#include <string_view>

#include "processing/meters/quality.hpp"

namespace lenne::processing::meters {

/// The qualifier of a quantity (QTY): 220 true, 67 substitute, Z18 provisional; nothing for what is missing. What is
/// interpolated is a substitute there. Version 1; 220 was not verified. Source: the market's own lists of codes
/// (EDIFACT MSCONS of EDI@Energy).
[[nodiscard]] constexpr std::string_view mscons_status_of(Quality quality) noexcept {
  constexpr std::array<std::string_view, 5> kCodes{"220", "67", "67", "", "Z18"};  // W I E M P
  return kCodes[static_cast<std::size_t>(quality)];
}

}  // namespace lenne::processing::meters
