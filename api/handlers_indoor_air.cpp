// The air of rooms by local days: CO2 in opening hours, and mould.
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "base/time.hpp"
#include "processing/derived/holidays.hpp"
#include "processing/derived/indoor_air.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/mould.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;

constexpr int kMinutesOfQuarter = 15;
// A quarter hour's rows: 31 days are 2,976 of them.
constexpr DayLimits kAirLimits{.longest = std::chrono::days{31}};
constexpr DayLimits kMouldLimits{.longest = std::chrono::days{93}};

void write_moment(JsonWriter& json, std::string_view key, std::optional<std::int64_t> us) {
  json.key(key);
  us ? json.text(base::to_rfc3339(base::from_us(*us))) : json.null();
}

void write_air(JsonWriter& json, const derived::OpenSpan& open, const derived::IndoorAir& air) {
  write_moment(json, "open_from", open.from_us);
  write_moment(json, "open_to", open.to_us);
  json.key("open_minutes").number(air.possible_quarters * kMinutesOfQuarter);
  json.key("known_minutes").number(air.quarters * kMinutesOfQuarter);
  json.key("classes").begin_array();
  for (std::size_t i = 0; i < air.by_class.size(); ++i) {
    json.begin_object().key("level").text(derived::co2_levels().levels[i].name);
    json.key("minutes").number(air.by_class[i] * kMinutesOfQuarter).key("share");
    air.quarters == 0 ? json.null() : json.real(static_cast<double>(air.by_class[i]) / air.quarters);
    json.end_object();
  }
  json.end_array().key("minutes_to_1000");
  const auto first = air.first_above_us;
  first ? json.number((*first - open.from_us) / (60 * base::kSecondUs)) : json.null();
  json.key("minutes_to_1000_valid").boolean(air.first_valid);
  write_micro(json, "highest_45min", air.highest_45_micro);
  write_moment(json, "highest_45min_start", air.highest_45_micro ? std::optional(air.highest_45_us) : std::nullopt);
  write_validity(json, "valid", air.valid);
}

void write_air_day(JsonWriter& json, const derived::LocalDay& day, const derived::OpeningHours& hours,
                   std::span<const v1::Aggregate> quarters) {
  json.begin_object();
  write_day(json, day);
  const auto name = derived::holiday(day.date);
  json.key("holiday");
  name.empty() ? json.null() : json.text(name);
  const auto open = derived::open_on(hours, day);
  json.key("open").boolean(open.has_value());
  if (open) write_air(json, *open, derived::indoor_air(derived::rows_in(quarters, day.start_us, day.end_us), *open));
  json.end_object();
}

}  // namespace

Answer get_indoor_air(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_days(context, request, caller, "co2", kAirLimits);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) -> base::Result<void> {
    auto hours = opening_hours(context, caller, item.device);
    if (!hours) return std::unexpected(hours.error());
    auto quarters = results_of(context, caller, item, std::string(kQuarterWindow), span_of_days(asked->days));
    if (!quarters) return std::unexpected(quarters.error());
    json.key("unit").text("ppm").key("version").number(derived::co2_levels().version).key("days").begin_array();
    for (const auto& day : asked->days) write_air_day(json, day, *hours, *quarters);
    json.end_array();
    return {};
  });
}

Answer get_mould(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_days(context, request, caller, "mould_humidity", kMouldLimits);
  if (!asked) return error_response(asked.error());
  const auto& rule = derived::mould_rule();
  // The days before the first one that is asked for may make it a risk.
  std::vector<derived::LocalDay> days;
  for (int before = rule.days - 1; before > 0 && !asked->days.empty(); --before) {
    auto day = local_day(context, asked->days.front().date - std::chrono::days{before});
    if (!day) return error_response(day.error());
    days.push_back(*day);
  }
  const auto earlier = days.size();
  days.insert(days.end(), asked->days.begin(), asked->days.end());
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) -> base::Result<void> {
    auto hours = results_of(context, caller, item, std::string(kHourWindow), span_of_days(days));
    if (!hours) return std::unexpected(hours.error());
    const auto found = derived::mould_days(*hours, days);
    json.key("version").number(rule.version).key("days").begin_array();
    for (auto i = earlier; i < days.size(); ++i) {
      json.begin_object();
      write_day(json, days[i]);
      json.key("possible_hours").number(found[i].possible_hours).key("hours").number(found[i].hours);
      json.key("critical_hours").number(found[i].critical_hours).key("risk").boolean(found[i].risk);
      json.key("valid").boolean(found[i].valid).end_object();
    }
    json.end_array();
    return {};
  });
}

}  // namespace lenne::api
