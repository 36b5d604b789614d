#pragma once
// What a record of topic measurement is to the alerts, without reading its samples: most records are nothing to them.

#include <cstdint>
#include <optional>
#include <string_view>

namespace lenne::processing::alerts {

struct Peek {
  std::int64_t received_us = 0;
  std::uint64_t dev_eui = 0;
  bool names_use_case = false;
  bool is_instruction = false;  ///< a definition, its removal, an acknowledgement, a device's removal
};

/// Nothing when it is no message.
[[nodiscard]] std::optional<Peek> peek(std::string_view measurement);

}  // namespace lenne::processing::alerts
