// Street light by nights: how long it burnt of the time from sunset to sunrise.
#include <algorithm>
#include <optional>
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "base/time.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/parameters.hpp"
#include "processing/derived/rows_by_start.hpp"
#include "processing/derived/street_light.hpp"
#include "processing/derived/sun.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr DayLimits kLightLimits{.longest = std::chrono::days{31}};
constexpr std::int64_t kMostLamps = 10'000;

// How many lamps the device feeds, by its parameter `lamps`; 1 when it does not say.
base::Result<std::int64_t> lamps_of(const Context& context, const Caller& caller, const SeriesItem& item) {
  auto device = declared(context, caller, item.device);
  if (!device) return std::unexpected(device.error());
  const auto lamps = derived::parameter_micro(*device, "lamps").value_or(derived::kMicro);
  if (lamps < derived::kMicro || lamps > kMostLamps * derived::kMicro || lamps % derived::kMicro != 0)
    return base::fail("bad_parameter", "device " + device->name() + ": lamps is a whole number from 1 to 10000");
  return lamps / derived::kMicro;
}

base::Result<std::optional<derived::Place>> place_of(const Context& context, const SeriesItem& item) {
  auto location = context.queries.site_location(item.device.tenant(), item.device.site());
  if (!location) return std::unexpected(location.error());
  if (!*location) return std::optional<derived::Place>{};
  return std::optional{derived::Place{(**location).latitude(), (**location).longitude()}};
}

// The night after the day's noon.
void write_night(JsonWriter& json, const derived::LocalDay& day, const derived::Place& place,
                 std::span<const v1::Aggregate> quarters, std::int64_t lamps) {
  const auto sunset = derived::sun_times(day.date, place);
  const auto sunrise = derived::sun_times(day.date + std::chrono::days{1}, place);
  if (!sunset || !sunrise) return;
  const auto noon_us = derived::clock_us(day, 12 * 60);
  const auto next_noon_us = day.end_us + 12 * derived::kHourUs;
  const auto light = derived::street_light(derived::rows_in(quarters, noon_us, next_noon_us),
                                           {sunset->set_us, sunrise->rise_us}, noon_us, next_noon_us, lamps);
  json.begin_object().key("date").text(date_text(day.date));
  json.key("sunset").text(base::to_rfc3339(base::from_us(sunset->set_us)));
  json.key("sunrise").text(base::to_rfc3339(base::from_us(sunrise->rise_us)));
  json.key("night_hours").real(light.possible_quarters / 4.0).key("known_hours").real(light.quarters / 4.0);
  json.key("burn_hours").real(light.burning_quarters / 4.0).key("day_burn_hours").real(light.day_quarters / 4.0);
  write_micro(json, "energy", light.energy_micro);
  write_micro(json, "energy_per_lamp", light.per_lamp_micro);
  json.key("failed").boolean(light.failed).key("valid").boolean(light.valid).end_object();
}

}  // namespace

Answer get_street_light(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_days(context, request, caller, "energy", kLightLimits);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const SeriesItem& item) -> base::Result<void> {
    auto lamps = lamps_of(context, caller, item);
    if (!lamps) return std::unexpected(lamps.error());
    auto place = place_of(context, item);
    if (!place) return std::unexpected(place.error());
    auto quarters = results_of(context, caller, item, std::string(kQuarterWindow),
                               span_of_days(asked->days, {}, std::chrono::hours{13}));
    if (!quarters) return std::unexpected(quarters.error());
    json.key("unit").text("kWh").key("lamps").number(*lamps).key("located").boolean(place->has_value());
    json.key("nights").begin_array();
    for (const auto& day : asked->days) {
      if (*place) write_night(json, day, **place, *quarters, *lamps);
    }
    json.end_array();
    return {};
  });
}

}  // namespace lenne::api
