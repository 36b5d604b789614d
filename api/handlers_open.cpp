// What everybody may see: /v1/open/agg. It reads the store of what is released and nothing else.
#include "api/handlers.hpp"
#include "api/measure_names.hpp"
#include "api/rollup_page.hpp"
#include "api/rollup_rows.hpp"
#include "api/rows.hpp"
#include "api/stored_results.hpp"

namespace lenne::api {
namespace {

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
  return rollup_page(context, *found, format);
}

}  // namespace lenne::api
