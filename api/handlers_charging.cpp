// Charge points by local days: energy, sessions, and how long they were taken without charging.
#include <optional>
#include <string>
#include <string_view>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/json_writer.hpp"
#include "api/place_rows.hpp"
#include "base/time.hpp"
#include "processing/derived/charging.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr DayLimits kChargingLimits{.longest = std::chrono::days{31}};

void write_charging(JsonWriter& json, const derived::Charging& charging) {
  write_micro(json, "energy", charging.energy_micro);
  json.key("sessions").number(charging.sessions);
  write_share(json, "occupancy", charging.occupied_us, charging.known_us);
  write_share(json, "idle_share", charging.idle_us, charging.judged_us);
  write_share(json, "availability", charging.known_us, charging.length_us);
}

void write_sessions(JsonWriter& json, const derived::Stays& stays, std::span<const v1::Aggregate> places,
                    std::span<const v1::Aggregate> energy) {
  json.key("stays").begin_object();
  write_stay_lengths(json, stays.ended, stays.unknown);
  json.end_object().key("ended_sessions").begin_array();
  for (const auto& session : derived::charge_sessions(stays.ended, places, energy)) {
    json.begin_object().key("start").text(base::to_rfc3339(base::from_us(session.start_us)));
    json.key("end").text(base::to_rfc3339(base::from_us(session.end_us)));
    write_micro(json, "energy", session.energy_micro);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Answer get_charge_points(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_days(context, request, caller, "occupancy", kChargingLimits);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const SeriesItem& item) -> base::Result<void> {
    const auto span = span_of_days(asked->days);
    auto places = results_of(context, caller, item, std::string(kQuarterWindow), {span.from - kStaysBefore, span.to});
    if (!places) return std::unexpected(places.error());
    SeriesItem meter = item;
    meter.series.set_measure("energy");
    auto energy = results_of(context, caller, meter, std::string(kQuarterWindow), {span.from - kStaysBefore, span.to});
    if (!energy) return std::unexpected(energy.error());
    json.key("unit").text("kWh");
    write_charging(json, derived::charging_of(*places, *energy, base::to_us(span.from), base::to_us(span.to)));
    write_sessions(json, derived::stays_of(*places, base::to_us(span.from), base::to_us(span.to)), *places, *energy);
    json.key("days").begin_array();
    for (const auto& day : asked->days) {
      json.begin_object();
      write_day(json, day);
      write_charging(json, derived::charging_of(*places, *energy, day.start_us, day.end_us));
      json.end_object();
    }
    json.end_array();
    return {};
  });
}

}  // namespace lenne::api
