// How often limits of the air's quality were exceeded at a site in a year.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/json_writer.hpp"
#include "api/site_air.hpp"
#include "base/time.hpp"
#include "processing/derived/air_limits.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;

// Of one pollutant at a site: each costs a year of hours.
constexpr std::size_t kYearDevices = 5;

Span span_of_year(std::chrono::year year) {
  const auto begin = std::chrono::sys_days{year / std::chrono::January / 1};
  const auto end = std::chrono::sys_days{(year + std::chrono::years{1}) / std::chrono::January / 1};
  return {base::Timestamp{begin} - derived::kCet, base::Timestamp{end} - derived::kCet};
}

Span hours_for(const derived::AirLimit& limit, std::chrono::year year) {
  auto span = span_of_year(year);
  // The first mean of eight hours of a year begins before it.
  if (limit.mean == derived::AirMean::highest_8h) span.from -= std::chrono::hours{7};
  return span;
}

void write_exceeded(JsonWriter& json, const derived::AirCheck& check) {
  json.key("exceeded").number(check.exceeded.size()).key("exceeded_at").begin_array();
  for (const auto start_us : check.exceeded) json.text(base::to_rfc3339(base::from_us(start_us)));
  json.end_array();
}

/// Ozone's target over the year and the two before it, as far as they are over.
base::Result<std::optional<derived::OzoneOverYears>> over_years(Context& context, const Caller& caller,
                                                                std::string& tenant, const std::string& site,
                                                                const derived::AirCheck& check,
                                                                std::chrono::year year) {
  const auto now_us = base::to_us(context.deps.clock.now());
  std::vector<derived::AirCheck> checks;
  if (now_us >= base::to_us(span_of_year(year).to)) checks.push_back(check);
  for (int back = 1; back < derived::kOzoneYears; ++back) {
    const auto before = year - std::chrono::years{back};
    auto air =
        site_air(context, caller, tenant, site, check.limit->pollutant, hours_for(*check.limit, before), kYearDevices);
    if (!air) return std::unexpected(air.error());
    checks.push_back(derived::check_year(*check.limit, air->hours, before, now_us));
  }
  return derived::ozone_over_years(checks);
}

void write_over_years(JsonWriter& json, const std::optional<derived::OzoneOverYears>& over) {
  json.key("over_years");
  if (!over) {
    json.null();
    return;
  }
  json.begin_object().key("years").number(over->years).key("days").number(over->days);
  write_micro(json, "mean", over->mean_micro);
  json.key("kept").boolean(over->kept);
  write_validity(json, "valid", over->valid);
  json.end_object();
}

/// What is in an object that the caller opened.
void write_check(JsonWriter& json, const derived::AirCheck& check, const SiteAir& air) {
  const auto& limit = *check.limit;
  const bool of_year = limit.mean == derived::AirMean::year;
  json.key("measure").text(limit.pollutant).key("unit").text("ug/m3");
  json.key("mean_of").text(derived::name_of(limit.mean)).key("limit").number(limit.limit);
  json.key("allowed");
  of_year ? json.null() : json.number(limit.allowed);
  write_micro(json, "mean", check.mean_micro);
  write_exceeded(json, check);
  json.key("kept").boolean(check.kept);
  json.key("counted").number(check.counted).key("possible").number(check.possible);
  write_share(json, "capture", check.counted, check.possible);
  write_validity(json, "valid", check.valid);
  const auto humidity = derived::humid_share(air.hours, air.humidity);
  write_share(json, "humid_share", humidity.humid, humidity.known);
  json.key("version").number(limit.version).key("source").text(limit.source);
}

}  // namespace

Answer get_air_limits(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"site", "tenant", "year"}); !known) return error_response(known.error());
  const auto site = request.query.text("site");
  if (site.empty()) return error_response({"bad_parameter", "site is required"});
  const auto now = context.deps.clock.now();
  const auto year = year_of(request);
  if (!year) return error_response(year.error());
  auto tenant = request.query.text("tenant");
  JsonWriter items;
  items.begin_array();
  std::string_view pollutant;
  SiteAir air;
  for (const auto& limit : derived::air_limits()) {
    if (derived::air_limit(limit.pollutant, limit.mean, *year) != &limit) continue;
    if (limit.pollutant != pollutant) {
      pollutant = limit.pollutant;
      auto found = site_air(context, caller, tenant, site, pollutant, hours_for(limit, *year), kYearDevices);
      if (!found) return error_response(found.error());
      air = std::move(*found);
    }
    if (air.hours.empty()) continue;
    const auto check = derived::check_year(limit, air.hours, *year, base::to_us(now));
    items.begin_object();
    write_check(items, check, air);
    if (limit.mean == derived::AirMean::highest_8h) {
      auto over = over_years(context, caller, tenant, site, check, *year);
      if (!over) return error_response(over.error());
      write_over_years(items, *over);
    }
    items.end_object();
  }
  items.end_array();
  JsonWriter json;
  json.begin_object().key("tenant");
  tenant.empty() ? json.null() : json.text(tenant);
  json.key("site").text(site).key("year").number(static_cast<int>(*year)).key("indicative").boolean(true);
  json.key("items").raw(items.take()).end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
