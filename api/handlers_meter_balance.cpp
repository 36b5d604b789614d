// The balance of a zone of meters.
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/meter_rows.hpp"
#include "api/rows.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/balance.hpp"
#include "processing/meters/night_flow.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using storage::views::AggregateFilter;

constexpr std::size_t kMostMeters = 1000;

base::Result<std::set<std::uint64_t>> devices_of(const Request& request, std::string_view name) {
  std::set<std::uint64_t> devices;
  const auto text = request.query.text(name);
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto bytes = base::parse_id<base::DevEui>(rest.substr(0, end));
    if (!bytes) return base::fail("bad_parameter", std::string(name) + " is a list of DevEUIs, not " + text);
    devices.insert(bytes->value);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (devices.size() > kMostMeters) return base::fail("too_many", std::string(name) + " names more than 1000 meters");
  return devices;
}

/// A balance's question.
struct Zone {
  AggregateFilter filter;
  std::set<std::uint64_t> inflow;
  std::set<std::uint64_t> consumption;
  std::int64_t network_m = 0;  ///< 0: its losses are not classed
  meters::Structure structure = meters::Structure::rural;
  std::optional<std::int64_t> night_use;  ///< thousandths of the unit, of one connection in an hour
};

base::Result<meters::Structure> structure_of(std::string_view text) {
  if (text == "rural") return meters::Structure::rural;
  if (text == "urban") return meters::Structure::urban;
  if (text == "city") return meters::Structure::city;
  return base::fail("bad_parameter", "structure is rural, urban or city");
}

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
  auto metres = request.query.size("network_m", 0, 100'000'000);
  if (!metres) return std::unexpected(metres.error());
  zone.network_m = static_cast<std::int64_t>(*metres);
  auto structure = structure_of(request.query.find("structure").value_or("rural"));
  if (!structure) return std::unexpected(structure.error());
  zone.structure = *structure;
  if (request.query.find("night_use")) {
    auto use = thousandths(request, "night_use");
    if (!use) return std::unexpected(use.error());
    zone.night_use = *use;
  }
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

/// What a side's meters counted, in steps of `like`; one without a result, or in another unit, has measured nothing.
std::vector<meters::Counted> counted(const std::set<std::uint64_t>& side, const ZoneWindow& window,
                                     const v1::Aggregate& like) {
  std::vector<meters::Counted> all;
  for (const auto eui : side) {
    const auto row = window.rows.find(eui);
    auto& meter = all.emplace_back(base::hex_of(eui, 16));
    if (row == window.rows.end() || row->second.unit() != like.unit() || row->second.exponent() != like.exponent())
      continue;
    meter.amount = steps_of(row->second.counter().amount());
    meter.measured_us = row->second.covered_us();
  }
  return all;
}

/// The inflow of all meters together in the quarters of a night: those that all of them have.
base::Result<std::vector<meters::Slice>> night_inflow(Context& context, const Caller& caller, const Zone& zone,
                                                      const meters::Night& night) {
  std::map<std::int64_t, std::pair<std::size_t, meters::Slice>> quarters;
  for (const auto eui : zone.inflow) {
    auto filter = zone.filter;
    filter.device = base::DevEui{eui};
    filter.window = "PT15M";
    filter.from = base::from_us(night.start_us);
    filter.to = base::from_us(night.end_us);
    const auto rows = rows_of_device(context, caller.scope, filter, true);
    if (!rows) return std::unexpected(rows.error());
    for (const auto& row : *rows) {
      const auto slice = slice_of(row);
      auto& [meters_in, sum] =
          quarters
              .try_emplace(slice.start_us, 0,
                           meters::Slice{slice.start_us, slice.end_us, 0, 0, slice.length_us(), 0, 0})
              .first->second;
      ++meters_in;
      sum.amount += slice.amount;
      sum.measured_us = std::min(sum.measured_us, slice.measured_us);
    }
  }
  std::vector<meters::Slice> inflow;
  for (const auto& [start, quarter] : quarters) {
    if (quarter.first == zone.inflow.size()) inflow.push_back(quarter.second);
  }
  return inflow;
}

void write_side(JsonWriter& json, std::string_view name, const meters::Side& side, std::int64_t length_us,
                int exponent) {
  json.key(name).begin_object();
  json.key("amount").decimal(side.amount, exponent);
  json.key("meters").number(side.meters);
  const auto whole = static_cast<double>(length_us) * static_cast<double>(side.meters);
  json.key("coverage").real(whole > 0 ? static_cast<double>(side.measured_us) / whole : 0.0);
  json.key("not_reporting").begin_array();
  for (const auto& meter : side.not_reporting) json.text(meter);
  json.end_array().end_object();
}

void write_loss(JsonWriter& json, const Zone& zone, const meters::Balance& balance, const v1::Aggregate& like,
                std::int64_t length_us) {
  constexpr std::array<std::string_view, 3> kNames{"low", "medium", "high"};
  json.key("loss");
  const auto lost = balance.difference ? millilitres(*balance.difference, like) : std::nullopt;
  if (!lost || zone.network_m == 0) {
    json.null();
    return;
  }
  json.text(kNames[static_cast<std::size_t>(meters::class_of_loss(*lost, zone.network_m, length_us, zone.structure))]);
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
    const auto balance =
        meters::balance_of(counted(zone->inflow, window, like), counted(zone->consumption, window, like), length_us);
    json.begin_object();
    json.key("start").text(base::to_rfc3339(base::from_us(start_us)));
    json.key("end").text(base::to_rfc3339(base::from_us(window.end_us)));
    json.key("unit").text(like.unit());
    write_side(json, "inflow", balance.inflow, length_us, like.exponent());
    write_side(json, "consumption", balance.consumption, length_us, like.exponent());
    write_steps(json, "difference", balance.difference, like.exponent());
    write_loss(json, *zone, balance, like, length_us);
    if (zone->filter.window == kLocalDayWindow) {
      const auto night = meters::night_of(start_us, window.end_us);
      const auto inflow = night_inflow(context, caller, *zone, night);
      if (!inflow) return error_response(inflow.error());
      const auto least = meters::minimum_flow(*inflow, night);
      write_steps(json, "night_flow", least, like.exponent());
      if (zone->night_use) {
        const auto use = steps_of_thousandths(*zone->night_use, like.exponent());
        write_steps(json, "net_night_flow", meters::net_night_flow(least, zone->consumption.size(), use),
                    like.exponent());
      }
      json.key("night_clock_change").boolean(night.clock_change);
    }
    json.key("final").boolean(window.final);
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
