// The balance of a zone by the sum of its customers' meters: for those who may not see a single one.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/measure_names.hpp"
#include "api/meter_balance.hpp"
#include "api/meter_rows.hpp"
#include "api/meter_sums.hpp"
#include "base/ids.hpp"
#include "processing/meters/measures.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using storage::views::AggregateFilter;

/// Those of the request, all of which are declared as such. Errors: bad_parameter; too_many; log_read.
base::Result<std::set<std::uint64_t>> inflow_of(const Context& context, const Request& request, const Caller& caller) {
  auto inflow = devices_of(request, "inflow");
  if (!inflow) return inflow;
  if (inflow->empty()) return base::fail("bad_parameter", "inflow is required: the meters of what runs in");
  for (const auto eui : *inflow) {
    const auto declared = is_zone_inflow(context, caller, eui);
    if (!declared) return std::unexpected(declared.error());
    if (!*declared)
      return base::fail("bad_parameter", "inflow: " + base::hex_of(eui, 16) + " has not the meter_purpose zone_inflow");
  }
  return inflow;
}

using InflowDays = std::map<std::int64_t, std::map<std::uint64_t, v1::Aggregate>>;  ///< by start and device

base::Result<InflowDays> read_inflow(Context& context, const Caller& caller, const AggregateFilter& of,
                                     const std::set<std::uint64_t>& inflow) {
  InflowDays days;
  for (const auto eui : inflow) {
    auto filter = of;
    filter.device = base::DevEui{eui};
    auto rows = rows_of_device(context, caller.scope, filter, false);
    if (!rows) return std::unexpected(rows.error());
    for (auto& row : *rows) days[row.start_us()][eui] = std::move(row);
  }
  return days;
}

}  // namespace

Answer get_meter_zone(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only(
          {"zone", "inflow", "measure", "from", "to", "tenant", "network_m", "structure", "night_use"});
      !known)
    return error_response(known.error());
  const auto zone = request.query.text("zone");
  if (zone.empty()) return error_response({"bad_parameter", "zone is required: a site"});
  const auto measure = measure_named(request.query.find("measure").value_or("water_volume"));
  if (!measure) return error_response(measure.error());
  if (!meters::is_register(*measure)) return error_response({"bad_parameter", *measure + " is no register of a meter"});
  const auto network = zone_network(request);
  if (!network) return error_response(network.error());
  const auto tenant = tenant_asked(request, caller);
  if (!tenant) return error_response(tenant.error());
  const auto span = span_of(context, request, std::chrono::hours{7 * 24});
  if (!span) return error_response(span.error());
  const auto inflow = inflow_of(context, request, caller);
  if (!inflow) return error_response(inflow.error());
  const AggregateFilter filter{.measure = *measure,
                               .window = std::string(kLocalDayWindow),
                               .from = span->from,
                               .to = span->to,
                               .tenant = *tenant};
  const auto days = meter_days(context, caller, *tenant, *measure, *span);
  if (!days) return error_response(days.error());
  auto ran_in = read_inflow(context, caller, filter, *inflow);
  if (!ran_in) return error_response(ran_in.error());
  JsonWriter json;
  json.begin_object().key("measure").text(*measure).key("window").text(kLocalDayWindow).key("items").begin_array();
  for (const auto& day : *days) {
    const auto site = std::ranges::find(day.sites, zone, &SiteMeters::site);
    if (site == day.sites.end() || !site->told) continue;
    const auto length_us = day.end_us - day.start_us;
    v1::Aggregate like;
    like.set_unit(day.unit);
    like.set_exponent(day.exponent);
    const auto balance = meters::balance_of(counted(*inflow, (*ran_in)[day.start_us], like), site->meters, length_us);
    json.begin_object();
    json.key("start").text(base::to_rfc3339(base::from_us(day.start_us)));
    json.key("end").text(base::to_rfc3339(base::from_us(day.end_us)));
    json.key("unit").text(day.unit);
    write_side(json, "inflow", balance.inflow, length_us, day.exponent, MeterNames::no);
    write_side(json, "consumption", balance.consumption, length_us, day.exponent, MeterNames::no);
    write_steps(json, "difference", balance.difference, day.exponent);
    write_loss(json, *network, balance, like, length_us);
    const NightUse use{day.exponent, site->meters.size(), network->night_use};
    auto written = write_night(context, caller, filter, *inflow, {day.start_us, day.end_us}, use, json);
    if (!written) return error_response(written.error());
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
