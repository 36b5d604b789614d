#pragma once
// Measures as callers name them: by their own name, or by an OBIS code.

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace lenne::api {

/// "water_volume" stays; "8-0:1.0.0" -> "water_volume". Error bad_parameter: an OBIS code of no measure here.
[[nodiscard]] base::Result<std::string> measure_named(std::string_view text);

}  // namespace lenne::api
