// What everybody may see: /v1/open/agg. It reads the store of what is released and nothing else.
#include "api/csv.hpp"
#include "api/geojson.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/rollup_rows.hpp"
#include "api/rows.hpp"
#include "api/stored_results.hpp"

namespace lenne::api {
namespace {

using storage::views::Page;
using storage::views::RollupFilter;

// What is of households comes days later.
constexpr auto kSpan = std::chrono::hours{7 * 24};

base::Result<RollupFilter> open_filter(const Context& context, const Request& request) {
  RollupFilter filter;
  const auto level = level_named(request.query.find("group").value_or("tenant"));
  if (!level) return base::fail("bad_parameter", "group is site, area, tenant, district or region");
  filter.level = *level;
  auto measure = measure_named(request.query.text("measure"));
  if (!measure) return std::unexpected(measure.error());
  if (measure->empty()) return base::fail("bad_parameter", "measure is required");
  filter.measure = *measure;
  auto window = window_of_resolution(request.query.find("res").value_or("1d"));
  if (!window) return std::unexpected(window.error());
  filter.window = *window;
  const auto span = span_of(context, request, kSpan);
  if (!span) return std::unexpected(span.error());
  filter.from = span->from;
  filter.to = span->to;
  filter.tenant = request.query.text("tenant");
  filter.site = request.query.text("site");
  return filter;
}

std::string_view privacy_text(const v1::OpenRollup& row) {
  return row.privacy() == v1::PRIVACY_CLASS_HOUSEHOLD ? "household" : "open";
}

void write_fields(JsonWriter& json, const v1::OpenRollup& row) {
  json.key("privacy").text(privacy_text(row));
  write_rollup_fields(json, row.result());
}

Response open_csv(const Page<v1::OpenRollup>& page) {
  CsvWriter csv;
  csv.field("privacy");
  write_rollup_header(csv);
  for (const auto& row : page.items) {
    csv.field(privacy_text(row));
    write_rollup_row(csv, row.result());
  }
  return page_of_type("text/csv; charset=utf-8", csv.take(), page.next);
}

Response open_geojson(const Context& context, const Page<v1::OpenRollup>& page) {
  Sites sites(context);
  FeatureCollection features;
  for (const auto& row : page.items) {
    features.add(sites.location_of(row.result().tenant(), row.result().site()),
                 [&](JsonWriter& json) { write_fields(json, row); });
  }
  return features.response(page.next);
}

}  // namespace

Answer get_open_aggregates(Context& context, const Request& request, const Caller&) {
  if (auto known =
          request.query.only({"measure", "res", "from", "to", "group", "tenant", "site", "limit", "cursor", "format"});
      !known)
    return error_response(known.error());
  const auto filter = open_filter(context, request);
  if (!filter) return error_response(filter.error());
  const auto& limits = context.settings.limits;
  const auto limit = request.query.size("limit", 1000, limits.rows);
  if (!limit) return error_response(limit.error());
  const auto format = request.query.find("format").value_or("json");
  if (format != "json" && format != "csv" && format != "geojson")
    return error_response({"bad_parameter", "format is json, csv or geojson"});
  const auto found = context.queries.open_rollups(*filter, {*limit, request.query.text("cursor"), limits.scanned_rows});
  if (!found) return error_response(found.error());
  if (format == "csv") return open_csv(*found);
  if (format == "geojson") return open_geojson(context, *found);
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : found->items) {
    json.begin_object();
    write_fields(json, row);
    json.end_object();
  }
  json.end_array().key("next");
  found->next.empty() ? json.null() : json.text(found->next);
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
