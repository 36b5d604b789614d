#pragma once
// Numbers that operators say of a device.

#include <cstdint>
#include <optional>
#include <string_view>

#include "lenne/v1/control.pb.h"

namespace lenne::processing::derived {

/// The parameter of that name in steps of 10^-6; INT64_MIN when it does not fit; nothing when the device does not say.
[[nodiscard]] std::optional<std::int64_t> parameter_micro(const v1::Device& device, std::string_view name);

}  // namespace lenne::processing::derived
