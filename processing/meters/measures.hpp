#pragma once
// Which measures are registers of meters, for who must know it without windows.

#include <algorithm>
#include <array>
#include <string_view>

namespace lenne::processing::meters {

/// By name, without the number that tells several alike apart. Series of these have the windows of meters.
inline constexpr std::array<std::string_view, 5> kRegisters{"energy", "gas_volume", "heat_energy", "pulses",
                                                            "water_volume"};

/// Also with something behind a dot: "energy.2", "energy.export".
[[nodiscard]] constexpr bool is_register(std::string_view measure) noexcept {
  return std::ranges::find(kRegisters, measure.substr(0, measure.find('.'))) != kRegisters.end();
}

}  // namespace lenne::processing::meters
