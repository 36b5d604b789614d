#pragma once
// Indicators of result rows as JSON and CSV.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/json_writer.hpp"
#include "lenne/v1/aggregate.pb.h"

namespace lenne::api {

/// The key `indicators` with a list of objects, inside an object that the caller opened; nothing when there are none.
void write_indicators(JsonWriter& json, const v1::Aggregate& aggregate);
/// "summer_day=1; hot_day=0": classes by their level's name; empty when there are none.
[[nodiscard]] std::string indicators_text(const v1::Aggregate& aggregate);

/// A number in steps of 10^-6, or null.
void write_micro(JsonWriter& json, std::string_view key, std::optional<std::int64_t> micro);
/// true, false, or null where it is not known.
void write_validity(JsonWriter& json, std::string_view key, std::optional<bool> valid);

}  // namespace lenne::api
