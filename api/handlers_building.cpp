// A building's energy: CO2, use for each degree day, and what was saved when the weather is taken out.
#include <optional>
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/stored_results.hpp"
#include "base/ids.hpp"
#include "processing/derived/climate_protection.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::chrono::days kHeatAbsent{30};
constexpr std::chrono::days kHeatLongest{366};

base::Result<SeriesItem> series_of(const Context& context, const Request& request, const Caller& caller,
                                   std::string_view parameter, const std::string& measure) {
  auto device = request.query.dev_eui(parameter);
  if (!device) return std::unexpected(device.error());
  if (!*device) return base::fail("bad_parameter", std::string(parameter) + " is required");
  auto found = context.queries.series(caller.scope, {request.query.text("tenant"), measure, {}, *device},
                                      {1, {}, context.settings.limits.scanned_rows});
  if (!found) return std::unexpected(found.error());
  if (found->items.empty()) return base::fail("not_found", "device " + base::to_hex(**device) + " has no " + measure);
  return std::move(found->items.front());
}

struct Building {
  SeriesItem meter;
  SeriesItem weather;
  std::string carrier;
};

base::Result<derived::HeatUse> use_of(const Context& context, const Caller& caller, const Building& building,
                                      std::span<const derived::LocalDay> days) {
  if (days.empty()) return derived::HeatUse{.valid = false};
  const auto span = span_of_days(days);
  auto energy = results_of(context, caller, building.meter, std::string(kLocalDayWindow), span);
  if (!energy) return std::unexpected(energy.error());
  auto temperature = results_of(context, caller, building.weather, std::string(kLocalDayWindow), span);
  if (!temperature) return std::unexpected(temperature.error());
  return derived::heat_use(*energy, *temperature, days, building.carrier);
}

void write_use(JsonWriter& json, std::string_view key, const derived::HeatUse& use) {
  json.key(key).begin_object();
  write_micro(json, "energy", use.energy_micro);
  write_micro(json, "degree_days", use.degree_days_micro);
  write_micro(json, "co2", use.co2_micro);
  write_micro(json, "energy_per_degree_day", derived::signature_micro(use));
  json.key("days").number(use.days).key("possible_days").number(use.possible_days);
  write_validity(json, "valid", use.valid);
  json.end_object();
}

}  // namespace

Answer get_building(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only(
          {"device", "weather", "measure", "carrier", "tenant", "from", "to", "before_from", "before_to"});
      !known)
    return error_response(known.error());
  const std::string measure(request.query.find("measure").value_or("heat_energy"));
  if (measure != "heat_energy" && measure != "energy")
    return error_response({"bad_parameter", "measure is heat_energy or energy"});
  const std::string carrier(request.query.find("carrier").value_or(measure == "energy" ? "electricity" : "gas"));
  if (!derived::is_carrier(carrier))
    return error_response({"bad_parameter", "carrier is district_heat, electricity, gas or heating_oil"});
  auto days = local_days(context, request, {"from", "to"}, kHeatAbsent, kHeatLongest);
  if (!days) return error_response(days.error());
  const bool compared = request.query.find("before_from") || request.query.find("before_to");
  std::vector<derived::LocalDay> before;
  if (compared) {
    auto found = local_days(context, request, {"before_from", "before_to"}, kHeatAbsent, kHeatLongest);
    if (!found) return error_response(found.error());
    before = std::move(*found);
  }
  auto meter = series_of(context, request, caller, "device", measure);
  if (!meter) return error_response(meter.error());
  auto weather = series_of(context, request, caller, "weather", "temperature");
  if (!weather) return error_response(weather.error());
  const Building building{std::move(*meter), std::move(*weather), carrier};
  auto now = use_of(context, caller, building, *days);
  if (!now) return error_response(now.error());
  auto then = use_of(context, caller, building, before);
  if (!then) return error_response(then.error());
  JsonWriter json;
  json.begin_object();
  write_who(json, building.meter.device);
  json.key("measure").text(measure).key("carrier").text(carrier);
  write_use(json, "now", *now);
  if (compared) {
    write_use(json, "before", *then);
  } else {
    json.key("before").null();
  }
  write_micro(json, "saving", derived::saving_micro(*then, *now));
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
