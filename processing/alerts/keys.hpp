#pragma once
// Keys of the alerts' rows (store alert) and records (topic alert). They are part of the stored format.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/ids.hpp"

namespace lenne::processing::alerts {

/// The partition's time (AlertTime).
inline constexpr std::string_view kTimeRow = "t";
/// 'a', DevEUI (8, big-endian): AlertDevice.
inline constexpr char kDeviceRows = 'a';
/// 'd', name: UseCase.
inline constexpr char kDefinitionRows = 'd';

[[nodiscard]] inline std::string device_row_key(std::uint64_t dev_eui) {
  std::string key(9, kDeviceRows);
  base::write_be(reinterpret_cast<std::uint8_t*>(key.data()) + 1, dev_eui);
  return key;
}
[[nodiscard]] inline std::string definition_row_key(std::string_view use_case) {
  return std::string(1, kDefinitionRows).append(use_case);
}

/// Topic alert: "<DevEUI, 16 hex digits>/<rule>".
[[nodiscard]] inline std::string alert_key(std::uint64_t dev_eui, std::string_view rule) {
  return base::to_hex(base::DevEui{dev_eui}).append("/").append(rule);
}

}  // namespace lenne::processing::alerts
