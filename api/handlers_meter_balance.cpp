// The balance of a zone of meters.
#include <map>
#include <set>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/meter_balance.hpp"
#include "api/meter_rows.hpp"
#include "api/rows.hpp"
#include "base/ids.hpp"
#include "processing/meters/balance.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using storage::views::AggregateFilter;

/// A balance's question.
struct Zone {
  AggregateFilter filter;
  std::set<std::uint64_t> inflow;
  std::set<std::uint64_t> consumption;
  ZoneNetwork network;
};

/// The zone's meters: those that a site has, or a list.
base::Result<void> find_meters(const Context& context, const Request& request, const Caller& caller, Zone& zone) {
  auto inflow = devices_of(request, "inflow");
  if (!inflow) return std::unexpected(inflow.error());
  auto listed = devices_of(request, "devices");
  if (!listed) return std::unexpected(listed.error());
  zone.inflow = std::move(*inflow);
  zone.consumption = std::move(*listed);
  const auto site = request.query.text("zone");
  if (zone.inflow.empty()) return base::fail("bad_parameter", "inflow is required: the meters of what runs in");
  if (site.empty() == zone.consumption.empty())
    return base::fail("bad_parameter", "either zone (a site) or devices (a list of DevEUIs) is required");
  if (!site.empty()) {
    const auto& limits = context.settings.limits;
    const auto found = context.queries.series(caller.scope, {zone.filter.tenant, zone.filter.measure, site, {}},
                                              {.limit = kMostMeters, .scan_limit = limits.scanned_rows});
    if (!found) return std::unexpected(found.error());
    if (!found->next.empty()) return base::fail("too_many", "the zone has more than 1000 meters");
    for (const auto& item : found->items) zone.consumption.insert(item.device.dev_eui());
  }
  for (const auto eui : zone.inflow) zone.consumption.erase(eui);
  return {};
}

base::Result<Zone> zone_of(const Context& context, const Request& request, const Caller& caller) {
  Zone zone;
  auto& filter = zone.filter;
  auto measure = measure_named(request.query.find("measure").value_or("water_volume"));
  if (!measure) return std::unexpected(measure.error());
  filter.measure = *measure;
  auto window = window_of_resolution(request.query.find("res").value_or("1d"));
  if (!window) return std::unexpected(window.error());
  filter.window = *window;
  const auto span = span_of(context, request, std::chrono::hours{7 * 24});
  if (!span) return std::unexpected(span.error());
  filter.from = span->from;
  filter.to = span->to;
  filter.tenant = request.query.text("tenant");
  auto network = zone_network(request);
  if (!network) return std::unexpected(network.error());
  zone.network = *network;
  if (auto found = find_meters(context, request, caller, zone); !found) return std::unexpected(found.error());
  return zone;
}

/// The results of a zone's meters in one window.
struct ZoneWindow {
  std::int64_t end_us = 0;
  bool final = true;
  std::map<std::uint64_t, v1::Aggregate> rows = {};
};
using ZoneWindows = std::map<std::int64_t, ZoneWindow>;  ///< by start

base::Result<ZoneWindows> read_zone(Context& context, const Caller& caller, const Zone& zone) {
  ZoneWindows windows;
  std::size_t rows_read = 0;
  for (const auto* side : {&zone.inflow, &zone.consumption}) {
    for (const auto eui : *side) {
      auto filter = zone.filter;
      filter.device = base::DevEui{eui};
      auto rows = rows_of_device(context, caller.scope, filter, true);
      if (!rows) return std::unexpected(rows.error());
      rows_read += rows->size();
      if (rows_read > context.settings.limits.scanned_rows)
        return base::fail("too_many", "too many windows at once: ask for a shorter time");
      for (auto& row : *rows) {
        auto& window = windows[row.start_us()];
        window.end_us = row.end_us();
        window.final = window.final && row.final();
        window.rows[eui] = std::move(row);
      }
    }
  }
  return windows;
}

}  // namespace

Answer get_meter_balance(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"zone", "devices", "inflow", "measure", "res", "from", "to", "tenant",
                                       "network_m", "structure", "night_use"});
      !known)
    return error_response(known.error());
  const auto zone = zone_of(context, request, caller);
  if (!zone) return error_response(zone.error());
  const auto windows = read_zone(context, caller, *zone);
  if (!windows) return error_response(windows.error());
  JsonWriter json;
  json.begin_object().key("measure").text(zone->filter.measure).key("window").text(zone->filter.window);
  json.key("items").begin_array();
  for (const auto& [start_us, window] : *windows) {
    const auto& like = window.rows.begin()->second;
    const auto length_us = window.end_us - start_us;
    const auto balance = meters::balance_of(counted(zone->inflow, window.rows, like),
                                            counted(zone->consumption, window.rows, like), length_us);
    json.begin_object();
    json.key("start").text(base::to_rfc3339(base::from_us(start_us)));
    json.key("end").text(base::to_rfc3339(base::from_us(window.end_us)));
    json.key("unit").text(like.unit());
    write_side(json, "inflow", balance.inflow, length_us, like.exponent(), MeterNames::yes);
    write_side(json, "consumption", balance.consumption, length_us, like.exponent(), MeterNames::yes);
    write_steps(json, "difference", balance.difference, like.exponent());
    write_loss(json, zone->network, balance, like, length_us);
    if (zone->filter.window == kLocalDayWindow) {
      auto written = write_night(context, caller, zone->filter, zone->inflow, {start_us, window.end_us},
                                 {like.exponent(), zone->consumption.size(), zone->network.night_use}, json);
      if (!written) return error_response(written.error());
    }
    json.key("final").boolean(window.final);
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
