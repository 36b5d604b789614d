#pragma once
// Alerts as JSON. What they say follows from the record alone.

#include <string>
#include <string_view>

#include "api/json_writer.hpp"
#include "lenne/v1/alert.pb.h"

namespace lenne::api {

/// Whether its numbers have an end: their exponents are resolutions.
[[nodiscard]] bool can_be_written(const v1::Alert& alert) noexcept;

/// The fields of a /v1/alerts row, inside an object that the caller opened. The alert can_be_written.
void write_alert_fields(JsonWriter& json, const v1::Alert& alert);

/// {"type":"alert",…the row of /v1/alerts…}; `position` empty: it is left out.
[[nodiscard]] std::string alert_line(const v1::Alert& alert, std::string_view position);

/// "ok", "pending", "firing", "acknowledged", "resolved".
[[nodiscard]] std::string_view state_name(v1::AlertState state) noexcept;

}  // namespace lenne::api
