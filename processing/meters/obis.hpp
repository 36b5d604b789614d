#pragma once
// OBIS codes (IEC 62056-61, EN 13757-1): the names of registers that all meters share, e.g. 1-0:1.8.0.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace lenne::processing::meters {

struct Obis {
  std::uint8_t medium = 0;    ///< A: 1 electricity, 6 heat, 7 gas, 8 cold water, 9 warm water
  std::uint8_t channel = 0;   ///< B
  std::uint8_t quantity = 0;  ///< C
  std::uint8_t kind = 0;      ///< D
  std::uint8_t tariff = 0;    ///< E
  friend bool operator==(const Obis&, const Obis&) = default;
};

/// "1-0:1.8.0", also with "*255" behind it (the present value). Error: bad_obis, naming the text.
[[nodiscard]] base::Result<Obis> parse_obis(std::string_view text);
/// "1-0:1.8.0".
[[nodiscard]] std::string to_string(const Obis& code);

/// The measure that such a register is; nothing for one that is no measure here.
[[nodiscard]] std::optional<std::string_view> measure_of(const Obis& code);
/// The register that a measure is; nothing for a measure that is none.
[[nodiscard]] std::optional<Obis> obis_of(std::string_view measure);

}  // namespace lenne::processing::meters
