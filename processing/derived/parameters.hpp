#pragma once
// Numbers that operators say of a device.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "lenne/v1/control.pb.h"

namespace lenne::processing::derived {

/// The parameter of that name in steps of 10^-6; INT64_MIN when it does not fit; nothing when the device does not say.
[[nodiscard]] std::optional<std::int64_t> parameter_micro(const v1::Device& device, std::string_view name);
/// The whole number of that name, `absent` when the device does not say. Error bad_parameter, naming the parameter: not
/// whole, or not from `least` to `most`.
[[nodiscard]] base::Result<int> whole_parameter(const v1::Device& device, std::string_view name, int absent, int least,
                                                int most);

}  // namespace lenne::processing::derived
