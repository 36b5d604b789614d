#pragma once
// The LoRaWAN versions that devices may have.

#include <cstdint>
#include <optional>
#include <string_view>

namespace lenne::network {

enum class MacVersion : std::uint8_t { v1_0_0, v1_0_1, v1_0_2, v1_0_3, v1_0_4 };

/// "1.0", "1.0.0" … "1.0.4"; nothing for all else.
[[nodiscard]] constexpr std::optional<MacVersion> mac_version_of(std::string_view text) noexcept {
  if (text == "1.0" || text == "1.0.0") return MacVersion::v1_0_0;
  if (text == "1.0.1") return MacVersion::v1_0_1;
  if (text == "1.0.2") return MacVersion::v1_0_2;
  if (text == "1.0.3") return MacVersion::v1_0_3;
  if (text == "1.0.4") return MacVersion::v1_0_4;
  return std::nullopt;
}

}  // namespace lenne::network
