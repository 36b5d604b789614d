#pragma once
// Pages of results of places, with and without what is said of their release: one way to write both.

#include <string_view>

#include "api/context.hpp"
#include "api/csv.hpp"
#include "api/geojson.hpp"
#include "api/json_writer.hpp"
#include "api/pages.hpp"
#include "api/request.hpp"
#include "api/rollup_rows.hpp"

namespace lenne::api {

/// `Row`: v1::Rollup or v1::OpenRollup. `format`: csv, geojson, or JSON for all others.
template <typename Row>
[[nodiscard]] Response rollup_page(const Context& context, const storage::views::Page<Row>& page,
                                   std::string_view format) {
  if (format == "csv") {
    CsvWriter csv;
    write_rollup_header(csv, Row::default_instance());
    for (const auto& row : page.items) write_rollup_row(csv, row);
    return page_of_type("text/csv; charset=utf-8", csv.take(), page.next);
  }
  if (format == "geojson") {
    Sites sites(context);
    FeatureCollection features;
    for (const auto& row : page.items) {
      const auto& rollup = storage::views::rollup_of(row);
      features.add(sites.location_of(rollup.tenant(), rollup.site()),
                   [&](JsonWriter& json) { write_rollup_fields(json, row); });
    }
    return features.response(page.next);
  }
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : page.items) {
    json.begin_object();
    write_rollup_fields(json, row);
    json.end_object();
  }
  return finish(json, page.next);
}

}  // namespace lenne::api
