#include "api/meter_balance.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "api/meter_rows.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "processing/meters/night_flow.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using storage::views::AggregateFilter;

base::Result<meters::Structure> structure_of(std::string_view text) {
  if (text == "rural") return meters::Structure::rural;
  if (text == "urban") return meters::Structure::urban;
  if (text == "city") return meters::Structure::city;
  return base::fail("bad_parameter", "structure is rural, urban or city");
}

/// The inflow of all meters together in the quarters of a night: those that all of them have.
base::Result<std::vector<meters::Slice>> night_inflow(Context& context, const Caller& caller, const AggregateFilter& of,
                                                      const std::set<std::uint64_t>& meters_of,
                                                      const meters::Night& night) {
  std::map<std::int64_t, std::pair<std::size_t, meters::Slice>> quarters;
  for (const auto eui : meters_of) {
    auto filter = of;
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
    if (quarter.first == meters_of.size()) inflow.push_back(quarter.second);
  }
  return inflow;
}

}  // namespace

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

base::Result<ZoneNetwork> zone_network(const Request& request) {
  ZoneNetwork network;
  const auto metres = request.query.size("network_m", 0, 100'000'000);
  if (!metres) return std::unexpected(metres.error());
  network.length_m = static_cast<std::int64_t>(*metres);
  const auto structure = structure_of(request.query.find("structure").value_or("rural"));
  if (!structure) return std::unexpected(structure.error());
  network.structure = *structure;
  if (request.query.find("night_use")) {
    const auto use = thousandths(request, "night_use");
    if (!use) return std::unexpected(use.error());
    network.night_use = *use;
  }
  return network;
}

std::vector<meters::Counted> counted(const std::set<std::uint64_t>& side,
                                     const std::map<std::uint64_t, v1::Aggregate>& results, const v1::Aggregate& like) {
  std::vector<meters::Counted> all;
  for (const auto eui : side) {
    const auto row = results.find(eui);
    auto& meter = all.emplace_back(base::hex_of(eui, 16));
    if (row == results.end() || row->second.unit() != like.unit() || row->second.exponent() != like.exponent())
      continue;
    meter.amount = steps_of(row->second.counter().amount());
    meter.measured_us = row->second.covered_us();
  }
  return all;
}

void write_side(JsonWriter& json, std::string_view name, const meters::Side& side, std::int64_t length_us, int exponent,
                MeterNames names) {
  json.key(name).begin_object();
  json.key("amount").decimal(side.amount, exponent);
  json.key("meters").number(side.meters);
  const auto whole = static_cast<double>(length_us) * static_cast<double>(side.meters);
  json.key("coverage").real(whole > 0 ? static_cast<double>(side.measured_us) / whole : 0.0);
  if (names == MeterNames::yes) {
    json.key("not_reporting").begin_array();
    for (const auto& meter : side.not_reporting) json.text(meter);
    json.end_array();
  }
  json.end_object();
}

void write_loss(JsonWriter& json, const ZoneNetwork& network, const meters::Balance& balance, const v1::Aggregate& like,
                std::int64_t length_us) {
  constexpr std::array<std::string_view, 3> kNames{"low", "medium", "high"};
  json.key("loss");
  const auto lost = balance.difference ? millilitres(*balance.difference, like) : std::nullopt;
  if (!lost || network.length_m == 0) {
    json.null();
    return;
  }
  const auto loss = meters::class_of_loss(*lost, network.length_m, length_us, network.structure);
  json.text(kNames[static_cast<std::size_t>(loss)]);
}

base::Result<void> write_night(Context& context, const Caller& caller, const AggregateFilter& of,
                               const std::set<std::uint64_t>& inflow, const LocalDaySpan& day, const NightUse& use,
                               JsonWriter& json) {
  const auto night = meters::night_of(day.start_us, day.end_us);
  const auto quarters = night_inflow(context, caller, of, inflow, night);
  if (!quarters) return std::unexpected(quarters.error());
  const auto least = meters::minimum_flow(*quarters, night);
  write_steps(json, "night_flow", least, use.exponent);
  if (use.each) {
    const auto each = steps_of_thousandths(*use.each, use.exponent);
    write_steps(json, "net_night_flow", meters::net_night_flow(least, use.connections, each), use.exponent);
  }
  json.key("night_clock_change").boolean(night.clock_change);
  return {};
}

}  // namespace lenne::api
