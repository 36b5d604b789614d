// Results of places: /v1/agg with `group`.
#include "api/csv.hpp"
#include "api/geojson.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/rollup_rows.hpp"
#include "api/rows.hpp"

namespace lenne::api {
namespace {

using storage::views::Page;
using storage::views::RollupFilter;

Response rollups_csv(const Page<v1::Rollup>& page) {
  CsvWriter csv;
  write_rollup_header(csv);
  for (const auto& row : page.items) write_rollup_row(csv, row);
  return page_of_type("text/csv; charset=utf-8", csv.take(), page.next);
}

Response rollups_geojson(const Context& context, const Page<v1::Rollup>& page) {
  Sites sites(context);
  FeatureCollection features;
  for (const auto& row : page.items) {
    features.add(sites.location_of(row.tenant(), row.site()),
                 [&](JsonWriter& json) { write_rollup_fields(json, row); });
  }
  return features.response(page.next);
}

}  // namespace

Answer get_rollups(Context& context, const RollupFilter& filter, const storage::views::PageRequest& page,
                   std::string_view format, const Caller& caller) {
  const auto found = context.queries.rollups(caller.scope, filter, page);
  if (!found) return error_response(found.error());
  if (format == "csv") return rollups_csv(*found);
  if (format == "geojson") return rollups_geojson(context, *found);
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : found->items) {
    json.begin_object();
    write_rollup_fields(json, row);
    json.end_object();
  }
  json.end_array().key("next");
  found->next.empty() ? json.null() : json.text(found->next);
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
