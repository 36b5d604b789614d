#pragma once
// Result rows as JSON and CSV. What they say follows from the stored state alone.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/csv.hpp"
#include "api/json_writer.hpp"
#include "base/error.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/measurement.pb.h"

namespace lenne::api {

/// A result below this coverage keeps its number and says valid = false (2008/50/EC annex XI: 75 % of an hour).
inline constexpr double kValidCoverage = 0.75;

/// The fields of a /v1/agg row, inside an object that the caller opened.
void write_aggregate_fields(JsonWriter& json, const v1::Aggregate& aggregate);
/// The same as CSV: one header row, one row each; what is null is empty.
void write_aggregate_header(CsvWriter& csv);
void write_aggregate_row(CsvWriter& csv, const v1::Aggregate& aggregate);
/// The same without indicators, for those who add fields of their own; CSV without the end of the row.
void write_result_fields(JsonWriter& json, const v1::Aggregate& aggregate);
void write_result_names(CsvWriter& csv);
void write_result_values(CsvWriter& csv, const v1::Aggregate& aggregate);

/// "gauge", "counter", "state", "event", "info".
[[nodiscard]] std::string_view kind_name(v1::Kind kind) noexcept;

/// "15m" -> "PT15M", "1h" -> "PT1H", "60m" -> "PT1H", "10s" -> "PT10S"; an ISO 8601 text stays. Error bad_parameter.
[[nodiscard]] base::Result<std::string> window_of_resolution(std::string_view resolution);

/// Share of the window that the samples cover, 0 to 1; nothing when the nominal interval is unknown.
[[nodiscard]] std::optional<double> coverage_of(const v1::Aggregate& aggregate) noexcept;

}  // namespace lenne::api
