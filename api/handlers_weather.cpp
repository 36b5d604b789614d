// What stored hours of weather come to: sliding sums of rain and its events, how much warmer towns are at night.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "api/device_days.hpp"
#include "api/device_spans.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/json_writer.hpp"
#include "api/stored_results.hpp"
#include "base/fixed_point.hpp"
#include "base/time.hpp"
#include "processing/derived/air_quality.hpp"
#include "processing/derived/climate_days.hpp"
#include "processing/derived/heat_island.hpp"
#include "processing/derived/rain.hpp"
#include "processing/derived/rain_events.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::string_view kPrecipitation = "precipitation";
constexpr std::chrono::days kLongestRain{31};
constexpr std::chrono::days kLongestRainEvents{93};
constexpr std::size_t kReferences = 10;
constexpr std::chrono::days kLongestHeat{93};

// ---- rain

base::Result<void> write_rain(JsonWriter& json, const Context& context, const Caller& caller, const SeriesItem& item,
                              const Span& span) {
  const auto before = std::chrono::hours{derived::kRainHours.back()};
  auto hours = results_of(context, caller, item, std::string(kHourWindow), {span.from - before, span.to});
  if (!hours) return std::unexpected(hours.error());
  json.key("unit").text("mm").key("hours").begin_array();
  for (auto start = span.from; start < span.to; start += std::chrono::hours{1}) {
    const auto end_us = base::to_us(start + std::chrono::hours{1});
    json.begin_object().key("end").text(base::to_rfc3339(base::from_us(end_us))).key("sums").begin_array();
    for (const int length : derived::kRainHours) {
      const auto sum = derived::rain_sum(*hours, end_us, length);
      if (!sum) continue;
      json.begin_object().key("hours").number(length);
      write_micro(json, "sum", sum->micro);
      json.key("present_hours").number(sum->hours);
      json.key("level").text(derived::rain_levels(length)->levels[sum->place].name);
      write_validity(json, "valid", sum->valid);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
  return {};
}

base::Result<void> write_rain_events(JsonWriter& json, const Context& context, const Caller& caller,
                                     const SeriesItem& item, const Span& span) {
  const auto around = std::chrono::microseconds{derived::kDryUs};
  auto quarters =
      results_of(context, caller, item, std::string(kQuarterWindow), {span.from - around, span.to + around});
  if (!quarters) return std::unexpected(quarters.error());
  json.key("unit").text("mm").key("events").begin_array();
  for (const auto& event : derived::rain_events(*quarters, base::to_us(span.from), base::to_us(span.to))) {
    json.begin_object().key("start").text(base::to_rfc3339(base::from_us(event.start_us)));
    json.key("end").text(base::to_rfc3339(base::from_us(event.end_us)));
    write_micro(json, "sum", event.micro);
    json.key("duration_h").real(static_cast<double>(event.end_us - event.start_us) / derived::kHourUs);
    json.key("rain_h").real(event.quarters / 4.0);
    write_micro(json, "intensity", event.intensity_micro);
    json.key("intensity_start").text(base::to_rfc3339(base::from_us(event.intensity_start_us)));
    write_validity(json, "valid", event.valid);
    json.end_object();
  }
  json.end_array();
  return {};
}

// ---- heat islands

struct HeatPlace {
  std::vector<derived::HourMean> hours;
  std::map<std::int64_t, v1::Aggregate> days;  // local days by their start
  std::optional<std::int64_t> altitude;        // steps of 10^-6 m
};

base::Result<HeatPlace> heat_place(Context& context, const Caller& caller, std::string& tenant, const std::string& site,
                                   const Span& span) {
  auto devices = series_at(context, caller, tenant, site, "temperature");
  if (!devices) return std::unexpected(devices.error());
  HeatPlace place;
  std::vector<v1::Aggregate> rows;
  for (const auto& item : *devices) {
    auto hours = results_of(context, caller, item, std::string(kHourWindow),
                            {span.from - std::chrono::days{1}, span.to + std::chrono::days{1}});
    if (!hours) return std::unexpected(hours.error());
    std::move(hours->begin(), hours->end(), std::back_inserter(rows));
    auto days = results_of(context, caller, item, std::string(kLocalDayWindow), span);
    if (!days) return std::unexpected(days.error());
    for (auto& day : *days) place.days.try_emplace(day.start_us(), std::move(day));
  }
  place.hours = derived::hours_of(rows);
  auto location = context.queries.site_location(tenant, site);
  if (!location) return std::unexpected(location.error());
  if (*location && (**location).has_altitude_m()) place.altitude = base::to_steps((**location).altitude_m(), -6);
  return place;
}

// "a,b" -> sites; a site is no reference of itself.
base::Result<std::vector<std::string>> reference_sites(const Request& request) {
  std::vector<std::string> sites;
  std::string rest = request.query.text("reference");
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    sites.push_back(rest.substr(0, comma));
    rest.erase(0, comma + 1);
    if (sites.back().empty() || sites.back() == request.query.text("site"))
      return base::fail("bad_parameter", "reference names other sites, separated by commas");
  }
  if (sites.empty()) return base::fail("bad_parameter", "reference is required");
  if (sites.size() > kReferences) return base::fail("bad_parameter", "reference names at most 10 sites");
  return sites;
}

void write_nights(JsonWriter& json, const HeatPlace& place, std::span<const derived::ReferencePlace> references) {
  json.key("items").begin_array();
  for (const auto& [start_us, day] : place.days) {
    const auto night = derived::night_before(day);
    const auto island = derived::heat_island(place.hours, references, night.from_us, night.to_us);
    if (!island) continue;
    json.begin_object().key("date").text(date_text(derived::date_of(day)));
    json.key("start").text(base::to_rfc3339(base::from_us(night.from_us)));
    json.key("end").text(base::to_rfc3339(base::from_us(night.to_us)));
    write_micro(json, "difference", island->micro);
    json.key("unit").text("K").key("hours").number(island->hours);
    json.key("possible_hours").number(island->possible_hours).key("valid").boolean(island->valid).end_object();
  }
  json.end_array();
}

}  // namespace

Answer get_rain(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_span(context, request, caller, kPrecipitation, kLongestRain);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(
      *asked, [&](JsonWriter& json, const auto& item) { return write_rain(json, context, caller, item, asked->span); });
}

Answer get_rain_events(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_span(context, request, caller, kPrecipitation, kLongestRainEvents);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) {
    return write_rain_events(json, context, caller, item, asked->span);
  });
}

Answer get_heat_island(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"site", "reference", "tenant", "from", "to"}); !known)
    return error_response(known.error());
  const auto site = request.query.text("site");
  if (site.empty()) return error_response({"bad_parameter", "site is required"});
  auto sites = reference_sites(request);
  if (!sites) return error_response(sites.error());
  auto span = hours_of(context, request, std::chrono::days{7}, kLongestHeat);
  if (!span) return error_response(span.error());
  auto tenant = request.query.text("tenant");
  auto place = heat_place(context, caller, tenant, site, *span);
  if (!place) return error_response(place.error());
  JsonWriter json;
  json.begin_object().key("tenant");
  tenant.empty() ? json.null() : json.text(tenant);
  json.key("site").text(site).key("references").begin_array();
  std::vector<derived::ReferencePlace> references;
  for (const auto& name : *sites) {
    auto reference = heat_place(context, caller, tenant, name, *span);
    if (!reference) return error_response(reference.error());
    std::optional<std::int64_t> height;
    if (place->altitude && reference->altitude) height = *place->altitude - *reference->altitude;
    json.begin_object().key("site").text(name);
    write_micro(json, "height_difference", height);
    json.end_object();
    references.push_back({std::move(reference->hours), height.value_or(0)});
  }
  json.end_array();
  write_nights(json, *place, references);
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
