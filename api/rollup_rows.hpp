#pragma once
// Results of places as rows: those of a device with a few fields more.

#include <optional>
#include <string_view>

#include "api/csv.hpp"
#include "api/json_writer.hpp"
#include "lenne/v1/rollup.pb.h"

namespace lenne::api {

/// "site", "tenant", "region"; nothing for other texts.
[[nodiscard]] std::optional<v1::RollupLevel> level_named(std::string_view name) noexcept;

/// The fields of a row, inside an object that the caller opened. `coverage` is the share of members that were used.
void write_rollup_fields(JsonWriter& json, const v1::Rollup& rollup);
void write_rollup_header(CsvWriter& csv);
void write_rollup_row(CsvWriter& csv, const v1::Rollup& rollup);

}  // namespace lenne::api
