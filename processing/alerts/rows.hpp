#pragma once
// Reading the alerts' stored rows. A row that this version could not have written is none.

#include <cstdint>
#include <optional>
#include <string_view>

#include "lenne/v1/alert.pb.h"
#include "lenne/v1/control.pb.h"

namespace lenne::processing::alerts {

[[nodiscard]] std::optional<v1::AlertTime> parse_time(std::string_view value);
/// `key`: under which it lies.
[[nodiscard]] std::optional<v1::AlertDevice> parse_device(std::string_view key, std::string_view value);
[[nodiscard]] std::optional<v1::UseCase> parse_definition(std::string_view key, std::string_view value);

/// Whether a row of store alert is sound.
[[nodiscard]] bool is_sound_row(std::string_view key, std::string_view value);

}  // namespace lenne::processing::alerts
