// What is there now: status, tenants, gateways, devices, latest values, series.
#include <algorithm>
#include <array>

#include "api/csv.hpp"
#include "api/geojson.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/pages.hpp"
#include "api/rows.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "storage/topics.hpp"
#include "storage/views/views.hpp"

namespace lenne::api {
namespace {

using storage::views::count_recent;
using storage::views::PageRequest;

void write_source(JsonWriter& json, const v1::SeriesView& series) {
  json.key("source");
  if (!series.has_offset()) {
    json.null();
    return;
  }
  json.begin_object().key("topic").text(storage::info_of(storage::Topic::measurement).name);
  json.key("partition").number(series.partition()).key("offset").number(series.offset()).end_object();
}

// A newer sample that is not shown as the value, and why.
void write_flagged(JsonWriter& json, const v1::SeriesView& series) {
  if (series.flagged_us() == 0) return;
  constexpr std::array<std::pair<std::uint32_t, std::string_view>, 5> kFlags{
      {{v1::SAMPLE_FLAG_OUT_OF_RANGE, "out_of_range"},
       {v1::SAMPLE_FLAG_CLOCK_SUSPECT, "clock_suspect"},
       {v1::SAMPLE_FLAG_IMPLAUSIBLE, "implausible"},
       {v1::SAMPLE_FLAG_STEP, "step"},
       {v1::SAMPLE_FLAG_FLAT, "flat"}}};
  json.key("flagged").begin_object().key("value").decimal(series.flagged_value(), series.exponent());
  write_time(json, "time", series.flagged_us());
  json.key("flags").begin_array();
  for (const auto& [flag, name] : kFlags) {
    if ((series.flags() & flag) != 0) json.text(name);
  }
  json.end_array().end_object();
}

void write_location(JsonWriter& json, const std::optional<v1::Location>& location) {
  json.key("location");
  if (!location) {
    json.null();
    return;
  }
  json.begin_object().key("latitude").real(location->latitude()).key("longitude").real(location->longitude());
  json.key("approximate").boolean(location->approximate()).end_object();
}

struct Totals {
  std::uint64_t uplinks = 0, per_minute = 0, devices = 0, seen = 0, gateways = 0, online = 0, tenants = 0;
};

base::Result<Totals> totals_of(const Context& context, const Caller& caller) {
  auto tenants = context.queries.tenants(caller.scope);
  if (!tenants) return std::unexpected(tenants.error());
  const auto now = now_us(context);
  Totals totals;
  totals.tenants = tenants->size();
  for (const auto& [tenant, row] : *tenants) {
    totals.uplinks += row.uplinks();
    totals.devices += row.devices();
    // Whole buckets: the present one is still filling.
    totals.per_minute += count_recent(row.uplinks_10s(), now / storage::views::kUplinkBucketUs - 1, 6);
    totals.seen += count_recent(row.devices_5min(), now / storage::views::kSeenBucketUs, 12);
  }
  PageRequest page{.limit = context.settings.limits.rows};
  auto gateways = context.queries.gateways(caller.scope, {}, page);
  if (!gateways) return std::unexpected(gateways.error());
  for (const auto& gateway : gateways->items) {
    totals.gateways += 1;
    totals.online += online(context, gateway.status) ? 1U : 0U;
  }
  return totals;
}

}  // namespace

Answer get_status(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({}); !known) return error_response(known.error());
  auto totals = totals_of(context, caller);
  if (!totals) return error_response(totals.error());
  const auto end = context.log_end();
  JsonWriter json;
  json.begin_object();
  json.key("version").text(context.settings.version);
  write_time(json, "started", base::to_us(context.started));
  write_time(json, "now", now_us(context));
  json.key("simulated").boolean(context.settings.simulated);
  json.key("uplinks_total").number(totals->uplinks);
  json.key("uplinks_per_minute").number(totals->per_minute);
  json.key("devices").number(totals->devices);
  json.key("devices_seen_1h").number(totals->seen);
  json.key("gateways").number(totals->gateways);
  json.key("gateways_online").number(totals->online);
  json.key("tenants").number(totals->tenants);
  json.key("log").begin_object().key("type").text(context.settings.log_type);
  write_optional(json, "end", end.value_or(""));
  json.end_object().end_object();
  return Response{.body = json.take()};
}

Answer get_tenants(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({}); !known) return error_response(known.error());
  auto tenants = context.queries.tenants(caller.scope);
  if (!tenants) return error_response(tenants.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& [tenant, row] : *tenants) {
    json.begin_object();
    json.key("name").text(tenant.name());
    json.key("title").text(tenant.title().empty() ? tenant.name() : tenant.title());
    write_optional(json, "ags", tenant.ags());
    json.key("open").begin_array();
    for (const auto& use_case : tenant.open()) json.text(use_case);
    json.end_array();
    json.key("devices").number(row.devices());
    json.key("gateways").number(row.gateways());
    json.key("uplinks").number(row.uplinks());
    write_time(json, "last_seen", row.last_seen_us());
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

Answer get_gateways(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "limit", "cursor"}); !known) return error_response(known.error());
  auto page = page_of(context, request, context.settings.limits.rows);
  if (!page) return error_response(page.error());
  auto found = context.queries.gateways(caller.scope, request.query.text("tenant"), *page);
  if (!found) return error_response(found.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& item : found->items) {
    std::optional<v1::Location> location;
    if (item.object.has_location()) location = item.object.location();
    if (!location && item.status.has_latitude()) {
      location.emplace();
      location->set_latitude(item.status.latitude());
      location->set_longitude(item.status.longitude());
    }
    json.begin_object();
    json.key("gateway_id").text(base::to_hex(base::GatewayId{item.object.gateway_id()}));
    json.key("name").text(item.object.name());
    write_optional(json, "tenant", item.tenant);
    write_location(json, location);
    write_time(json, "last_seen", item.status.last_seen_us());
    json.key("online").boolean(online(context, item.status));
    json.key("rx_received").number(item.status.rx_received());
    json.key("rx_ok").number(item.status.rx_ok());
    json.key("tx_emitted").number(item.status.tx_emitted());
    json.key("frames").number(item.status.frames());
    json.end_object();
  }
  return finish(json, found->next);
}

Answer get_devices(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "site", "q", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto page = page_of(context, request, 100);
  if (!page) return error_response(page.error());
  const storage::views::DeviceFilter filter{request.query.text("tenant"), request.query.text("site"),
                                            request.query.text("q")};
  auto found = context.queries.devices(caller.scope, filter, *page);
  if (!found) return error_response(found.error());
  Sites sites(context);
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& row : found->items) {
    const bool heard = row.uplinks() > 0;
    json.begin_object();
    json.key("dev_eui").text(base::to_hex(base::DevEui{row.dev_eui()}));
    json.key("name").text(row.name());
    json.key("tenant").text(row.tenant());
    write_optional(json, "site", row.site());
    write_optional(json, "profile", row.profile());
    write_location(json, sites.location_of(row.tenant(), row.site()));
    write_time(json, "last_seen", row.last_seen_us());
    json.key("f_cnt");
    heard ? json.number(row.f_cnt()) : json.null();
    json.key("rssi");
    heard ? json.number(row.rssi_dbm()) : json.null();
    json.key("snr");
    heard ? json.decimal(row.snr_tenths_db(), -1) : json.null();
    json.key("latest").begin_array();
    for (const auto& series : row.series()) {
      if (series.last_us() == 0) continue;
      json.begin_object().key("measure").text(series.measure());
      json.key("value").decimal(series.value(), series.exponent()).key("unit").text(series.unit());
      write_time(json, "time", series.last_us());
      write_source(json, series);
      write_flagged(json, series);
      json.end_object();
    }
    json.end_array().end_object();
  }
  return finish(json, found->next);
}

namespace {

void latest_json(JsonWriter& json, const storage::views::SeriesItem& item, bool with_location, Sites& sites) {
  json.key("tenant").text(item.device.tenant());
  write_optional(json, "site", item.device.site());
  json.key("dev_eui").text(base::to_hex(base::DevEui{item.device.dev_eui()}));
  json.key("device").text(item.device.name());
  json.key("measure").text(item.series.measure());
  json.key("unit").text(item.series.unit());
  json.key("kind").text(kind_name(item.series.kind()));
  json.key("value").decimal(item.series.value(), item.series.exponent());
  write_time(json, "time", item.series.last_us());
  write_source(json, item.series);
  write_flagged(json, item.series);
  if (with_location) write_location(json, sites.location_of(item.device.tenant(), item.device.site()));
}

Response latest_csv(const std::vector<storage::views::SeriesItem>& items, const std::string& next, Sites& sites) {
  CsvWriter csv;
  for (const auto name :
       {"tenant", "site", "dev_eui", "device", "measure", "unit", "kind", "value", "time", "latitude", "longitude"}) {
    csv.field(name);
  }
  csv.end_row();
  for (const auto& item : items) {
    const auto location = sites.location_of(item.device.tenant(), item.device.site());
    const auto degrees = [](double value) { return JsonWriter().real(value).take(); };
    csv.field(item.device.tenant()).field(item.device.site()).field(base::to_hex(base::DevEui{item.device.dev_eui()}));
    csv.field(item.device.name())
        .field(item.series.measure())
        .field(item.series.unit())
        .field(kind_name(item.series.kind()));
    csv.field(base::to_decimal(item.series.value(), item.series.exponent()));
    csv.field(base::to_rfc3339(base::from_us(item.series.last_us())));
    csv.field(location ? degrees(location->latitude()) : "")
        .field(location ? degrees(location->longitude()) : "")
        .end_row();
  }
  return page_of_type("text/csv; charset=utf-8", csv.take(), next);
}

Response latest_geojson(const std::vector<storage::views::SeriesItem>& items, const std::string& next, Sites& sites) {
  FeatureCollection features;
  for (const auto& item : items) {
    features.add(sites.location_of(item.device.tenant(), item.device.site()),
                 [&](JsonWriter& json) { latest_json(json, item, false, sites); });
  }
  return features.response(next);
}

base::Result<storage::views::SeriesFilter> series_filter(const Request& request) {
  auto device = request.query.dev_eui("device");
  if (!device) return std::unexpected(device.error());
  auto measure = measure_named(request.query.text("measure"));
  if (!measure) return std::unexpected(measure.error());
  return storage::views::SeriesFilter{request.query.text("tenant"), *measure, request.query.text("site"), *device};
}

}  // namespace

Answer get_latest(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "measure", "site", "device", "format", "limit", "cursor"}); !known) {
    return error_response(known.error());
  }
  auto page = page_of(context, request, context.settings.limits.rows);
  if (!page) return error_response(page.error());
  auto filter = series_filter(request);
  if (!filter) return error_response(filter.error());
  const auto format = request.query.find("format").value_or("json");
  if (format != "json" && format != "csv" && format != "geojson") {
    return error_response({"bad_parameter", "format is json, csv or geojson"});
  }
  auto found = context.queries.series(caller.scope, *filter, *page);
  if (!found) return error_response(found.error());
  std::erase_if(found->items, [](const auto& item) { return item.series.last_us() == 0; });
  Sites sites(context);
  if (format == "csv") return latest_csv(found->items, found->next, sites);
  if (format == "geojson") return latest_geojson(found->items, found->next, sites);
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& item : found->items) {
    json.begin_object();
    latest_json(json, item, true, sites);
    json.end_object();
  }
  return finish(json, found->next);
}

Answer get_series(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"tenant", "measure", "site", "device", "limit", "cursor"}); !known) {
    return error_response(known.error());
  }
  auto page = page_of(context, request, 1000);
  if (!page) return error_response(page.error());
  auto filter = series_filter(request);
  if (!filter) return error_response(filter.error());
  auto found = context.queries.series(caller.scope, *filter, *page);
  if (!found) return error_response(found.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& item : found->items) {
    json.begin_object();
    json.key("tenant").text(item.device.tenant());
    write_optional(json, "site", item.device.site());
    json.key("dev_eui").text(base::to_hex(base::DevEui{item.device.dev_eui()}));
    json.key("device").text(item.device.name());
    json.key("measure").text(item.series.measure());
    json.key("unit").text(item.series.unit());
    json.key("kind").text(kind_name(item.series.kind()));
    json.key("windows").begin_array();
    for (const auto& window : item.series.windows()) json.text(window);
    json.end_array();
    write_time(json, "first", item.series.first_us());
    write_time(json, "last", item.series.last_us());
    json.end_object();
  }
  return finish(json, found->next);
}

}  // namespace lenne::api
