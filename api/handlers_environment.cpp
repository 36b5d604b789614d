// What stored results of the environment come to: climate days of a year, the air of a place.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/json_writer.hpp"
#include "api/pages.hpp"
#include "api/rows.hpp"
#include "api/site_air.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/air_limits.hpp"
#include "processing/derived/air_quality.hpp"
#include "processing/derived/climate_days.hpp"
#include "processing/derived/ozone_days.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using std::chrono::sys_days;
using storage::views::SeriesItem;

constexpr std::size_t kClimateDevices = 20;   // of one page: each costs a year of days and its warm nights
constexpr std::size_t kAirDevices = 50;       // of one pollutant at a site
constexpr std::chrono::days kLongestAir{93};  // May to July

// ---- climate days

struct ClimateQuery {
  std::chrono::year year;
  std::string window;
  std::string measure;
  [[nodiscard]] bool of_temperature() const { return measure == derived::kTemperature; }
};

base::Result<ClimateQuery> climate_query(const Request& request) {
  const auto year = year_of(request);
  if (!year) return std::unexpected(year.error());
  auto window = window_of_resolution(request.query.find("res").value_or("1d"));
  if (!window) return std::unexpected(window.error());
  auto measure = request.query.text("measure");
  if (measure.empty()) measure = derived::kTemperature;
  if (std::ranges::find(derived::kDayMeasures, measure) == derived::kDayMeasures.end())
    return base::fail("bad_parameter", "measure is temperature, soil_water_share or global_irradiance");
  return ClimateQuery{*year, std::move(*window), std::move(measure)};
}

struct DatedNight {
  sys_days date;
  std::optional<derived::Night> night;
};

struct ClimateYear {
  std::vector<v1::Aggregate> days;  // ascending, each date once
  std::vector<DatedNight> nights;   // of the days
};

base::Result<ClimateYear> climate_year(const Context& context, const Caller& caller, const SeriesItem& item,
                                       const ClimateQuery& query) {
  const auto begin = sys_days{query.year / std::chrono::January / 1};
  const auto end = sys_days{(query.year + std::chrono::years{1}) / std::chrono::January / 1};
  // A zone's day begins up to a day before UTC's.
  auto rows =
      results_of(context, caller, item, query.window, {begin - std::chrono::days{1}, end + std::chrono::days{1}});
  if (!rows) return std::unexpected(rows.error());
  ClimateYear year;
  for (auto& row : *rows) {
    const auto date = derived::date_of(row);
    if (date < begin || date >= end || row.gauge().count() == 0) continue;
    if (!year.days.empty() && derived::date_of(year.days.back()) == date) continue;
    year.days.push_back(std::move(row));
  }
  for (const auto& day : year.days) {
    if (!query.of_temperature()) break;
    const auto date = derived::date_of(day);
    auto night = derived::night_by_day(day);
    if (!night) {
      auto hours = results_of(context, caller, item, std::string(kHourWindow),
                              {date - derived::kNightBefore, date + derived::kNightAfter});
      if (!hours) return std::unexpected(hours.error());
      night = derived::tropical_night(date, *hours);
    }
    year.nights.push_back({date, night});
  }
  return year;
}

// Nights are counted like the days' indicators.
derived::DaySum tropical_nights(std::span<const DatedNight> nights, int expected) {
  derived::DaySum sum{"tropical_night", "d", 0, static_cast<int>(nights.size()) >= expected};
  for (const auto& [date, night] : nights) {
    const auto valid = night ? night->valid : std::optional(false);
    if (night && night->tropical) sum.micro += derived::kMicro;
    if (sum.valid != false && valid != true) sum.valid = valid;
  }
  return sum;
}

void write_sums(JsonWriter& json, const ClimateQuery& query, std::span<const v1::Aggregate> days,
                std::span<const DatedNight> nights, int expected) {
  auto sums = derived::sum_days(query.measure, days, expected);
  if (query.of_temperature()) sums.sums.push_back(tropical_nights(nights, expected));
  json.key("expected_days").number(sums.expected_days).key("days").number(sums.days);
  json.key("valid_days").number(sums.valid_days).key("indicators").begin_array();
  for (const auto& sum : sums.sums) {
    json.begin_object().key("name").text(sum.name);
    write_micro(json, "value", sum.micro);
    json.key("unit").text(sum.unit);
    write_validity(json, "valid", sum.valid);
    json.end_object();
  }
  json.end_array();
}

// How many days of [from, to) are over.
int days_over(sys_days from, sys_days to, sys_days today) {
  return static_cast<int>((std::clamp(today, from, to) - from).count());
}

void write_climate_year(JsonWriter& json, const SeriesItem& item, const ClimateQuery& query, const ClimateYear& year,
                        sys_days today) {
  write_who(json, item.device);
  json.key("measure").text(query.measure).key("year").number(static_cast<int>(query.year));
  json.key("window").text(query.window);
  const auto begin = sys_days{query.year / std::chrono::January / 1};
  const auto end = sys_days{(query.year + std::chrono::years{1}) / std::chrono::January / 1};
  write_sums(json, query, year.days, year.nights, days_over(begin, end, today));
  const auto growth = query.of_temperature() ? derived::growth_start(year.days) : std::nullopt;
  json.key("growth_start");
  growth ? json.text(date_text(growth->date)) : json.null();
  json.key("growth_start_valid");
  growth ? json.boolean(growth->valid) : json.null();
  json.key("tropical_nights").begin_array();
  for (const auto& [date, night] : year.nights) {
    if (!night || !night->tropical) continue;
    json.begin_object().key("date").text(date_text(date));
    write_validity(json, "valid", night->valid);
    json.end_object();
  }
  json.end_array();
  json.key("months").begin_array();
  std::size_t at = 0;
  for (unsigned month = 1; month <= 12; ++month) {
    const auto from = sys_days{query.year / std::chrono::month{month} / 1};
    const auto to = sys_days{(query.year / std::chrono::month{month} / 1) + std::chrono::months{1}};
    const auto first = at;
    while (at < year.days.size() && derived::date_of(year.days[at]) < to) ++at;
    if (from > today) break;
    json.begin_object().key("month").text(date_text(from).substr(0, 7));
    const auto nights = std::span(year.nights);
    write_sums(json, query, std::span(year.days).subspan(first, at - first),
               nights.empty() ? nights : nights.subspan(first, at - first), days_over(from, to, today));
    json.end_object();
  }
  json.end_array();
}

// ---- air

using Pollution = std::array<SiteAir, derived::kPollutants.size()>;

base::Result<Pollution> pollution_of(Context& context, const Caller& caller, std::string& tenant,
                                     const std::string& site, const Span& span) {
  Pollution pollution;
  for (std::size_t i = 0; i < derived::kPollutants.size(); ++i) {
    // Running means look a day back.
    auto found = site_air(context, caller, tenant, site, derived::kPollutants[i],
                          {span.from - std::chrono::hours{24}, span.to}, kAirDevices);
    if (!found) return std::unexpected(found.error());
    pollution[i] = std::move(*found);
  }
  return pollution;
}

void write_running(JsonWriter& json, std::string_view key, std::span<const derived::HourMean> hours,
                   std::int64_t end_us, int length_h) {
  const auto mean = derived::running_mean(hours, end_us, length_h);
  write_micro(json, key, mean ? std::optional(mean->micro) : std::nullopt);
}

void write_air_hour(JsonWriter& json, const Pollution& pollution, std::int64_t start_us) {
  const auto end_us = start_us + 3600 * base::kSecondUs;
  std::array<std::optional<derived::HourMean>, derived::kPollutants.size()> hours;
  json.begin_object().key("start").text(base::to_rfc3339(base::from_us(start_us)));
  json.key("end").text(base::to_rfc3339(base::from_us(end_us))).key("pollutants").begin_array();
  for (std::size_t i = 0; i < hours.size(); ++i) {
    const auto& air = pollution[i];
    const auto found = std::ranges::lower_bound(air.hours, start_us, {}, &derived::HourMean::start_us);
    if (found == air.hours.end() || found->start_us != start_us) continue;
    hours[i] = *found;
    json.begin_object().key("measure").text(derived::kPollutants[i]).key("unit").text("ug/m3");
    write_micro(json, "mean", found->micro);
    write_validity(json, "valid", found->valid);
    json.key("level").text(derived::sub_index(derived::kPollutants[i], found->micro)->level);
    write_running(json, "mean_8h", air.hours, end_us, 8);
    write_running(json, "mean_24h", air.hours, end_us, 24);
    const auto humid = std::ranges::lower_bound(air.humidity, start_us, {}, &derived::HumidHour::start_us);
    const bool known = humid != air.humidity.end() && humid->start_us == start_us;
    write_validity(json, "humid", known ? std::optional(humid->humid) : std::nullopt);
    json.end_object();
  }
  json.end_array().key("index");
  const auto index = derived::air_quality_index(hours);
  if (!index) {
    json.null();
  } else {
    json.begin_object().key("level").text(index->worst.level).key("place").number(index->worst.place);
    json.key("pollutant").text(index->pollutant).key("incomplete").boolean(index->incomplete).end_object();
  }
  json.end_object();
}

// Days of CET that lie in the span as a whole.
void write_ozone_days(JsonWriter& json, std::span<const derived::HourMean> ozone, const Span& span) {
  json.key("ozone_days").begin_array();
  auto date = std::chrono::ceil<std::chrono::days>(span.from + derived::kCet);
  for (; date + std::chrono::days{1} <= span.to + derived::kCet; date += std::chrono::days{1}) {
    const auto day = derived::ozone_day(ozone, base::to_us(base::Timestamp{date} - derived::kCet));
    if (!day) continue;
    json.begin_object().key("date").text(date_text(date));
    write_micro(json, "highest_8h", day->micro);
    json.key("end").text(base::to_rfc3339(base::from_us(day->end_us))).key("means").number(day->means);
    json.key("exceeded").boolean(day->exceeded);
    write_validity(json, "valid", day->valid);
    json.end_object();
  }
  json.end_array();
}

void write_aot40(JsonWriter& json, std::span<const derived::HourMean> ozone, const Span& span) {
  json.key("aot40");
  const auto load = ozone.empty() ? std::nullopt : derived::aot40(ozone, base::to_us(span.from), base::to_us(span.to));
  if (!load) {
    json.null();
    return;
  }
  json.begin_object();
  write_micro(json, "value", load->micro);
  json.key("unit").text("ug/m3 h").key("hours").number(load->hours);
  json.key("possible_hours").number(load->possible_hours).key("valid").boolean(load->valid).end_object();
}

}  // namespace

Answer get_climate_days(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "measure", "year", "res", "limit", "cursor"});
      !known)
    return error_response(known.error());
  auto query = climate_query(request);
  if (!query) return error_response(query.error());
  auto device = request.query.dev_eui("device");
  if (!device) return error_response(device.error());
  if (!*device && request.query.text("site").empty())
    return error_response({"bad_parameter", "device or site is required"});
  auto limit = request.query.size("limit", 10, kClimateDevices);
  if (!limit) return error_response(limit.error());
  auto devices = context.queries.series(
      caller.scope, {request.query.text("tenant"), query->measure, request.query.text("site"), *device},
      {*limit, request.query.text("cursor"), context.settings.limits.scanned_rows});
  if (!devices) return error_response(devices.error());
  const auto today = std::chrono::floor<std::chrono::days>(context.deps.clock.now());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& item : devices->items) {
    auto year = climate_year(context, caller, item, *query);
    if (!year) return error_response(year.error());
    json.begin_object();
    write_climate_year(json, item, *query, *year, today);
    json.end_object();
  }
  return finish(json, devices->next);
}

Answer get_air_quality(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"site", "tenant", "from", "to"}); !known) return error_response(known.error());
  const auto site = request.query.text("site");
  if (site.empty()) return error_response({"bad_parameter", "site is required"});
  auto span = hours_of(context, request, std::chrono::hours{24}, kLongestAir);
  if (!span) return error_response(span.error());
  auto tenant = request.query.text("tenant");
  auto pollution = pollution_of(context, caller, tenant, site, *span);
  if (!pollution) return error_response(pollution.error());
  JsonWriter json;
  json.begin_object().key("tenant");
  tenant.empty() ? json.null() : json.text(tenant);
  json.key("site").text(site);
  json.key("from").text(base::to_rfc3339(span->from)).key("to").text(base::to_rfc3339(span->to));
  json.key("indicative").boolean(true);
  json.key("version").number(derived::air_quality_levels(derived::kPollutants.front())->version);
  json.key("items").begin_array();
  for (auto start = span->from; start < span->to; start += std::chrono::hours{1}) {
    const auto start_us = base::to_us(start);
    const bool any = std::ranges::any_of(*pollution, [&](const auto& air) {
      return std::ranges::binary_search(air.hours, start_us, {}, &derived::HourMean::start_us);
    });
    if (any) write_air_hour(json, *pollution, start_us);
  }
  json.end_array();
  write_aot40(json, (*pollution)[2].hours, *span);
  write_ozone_days(json, (*pollution)[2].hours, *span);
  json.end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
