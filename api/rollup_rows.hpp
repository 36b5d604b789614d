#pragma once
// Results of places as rows: those of a device with a few fields more.

#include <optional>
#include <string_view>

#include "api/csv.hpp"
#include "api/json_writer.hpp"
#include "lenne/v1/rollup.pb.h"

namespace lenne::api {

/// "site", "area", "tenant", "district", "region"; nothing for other texts.
[[nodiscard]] std::optional<v1::RollupLevel> level_named(std::string_view name) noexcept;

/// The fields of a row, inside an object that the caller opened. `coverage` is the share of members that were used.
void write_rollup_fields(JsonWriter& json, const v1::Rollup& rollup);
/// The same as CSV: the names of a row's fields, the row.
void write_rollup_header(CsvWriter& csv, const v1::Rollup& like);
void write_rollup_row(CsvWriter& csv, const v1::Rollup& rollup);
/// The same of what is released: first by which class of privacy.
void write_rollup_fields(JsonWriter& json, const v1::OpenRollup& open);
void write_rollup_header(CsvWriter& csv, const v1::OpenRollup& like);
void write_rollup_row(CsvWriter& csv, const v1::OpenRollup& open);

}  // namespace lenne::api
