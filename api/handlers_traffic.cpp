// What counters of people, bicycles and vehicles come to.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "base/time.hpp"
#include "processing/derived/traffic.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::array<std::string_view, 4> kCounted{"people", "bicycles", "vehicles", "heavy_vehicles"};
// All, or those of one direction.
constexpr std::array<std::string_view, 3> kDirections{"", ".in", ".out"};
constexpr std::string_view kSpeed = "speed";
constexpr std::size_t kMostCounters = 50;
constexpr std::chrono::days kTrafficAbsent{7};
constexpr std::chrono::days kTrafficLongest{93};  // 8,928 quarter hours of each series

using Counters = std::map<std::pair<std::string, std::uint64_t>, std::map<std::string, SeriesItem>>;

// The series of each device, by tenant and DevEUI.
base::Result<Counters> counters_of(Context& context, const Request& request, const Caller& caller) {
  auto device = request.query.dev_eui("device");
  if (!device) return std::unexpected(device.error());
  if (!*device && request.query.text("site").empty()) return base::fail("bad_parameter", "device or site is required");
  Counters counters;
  const auto add = [&](const std::string& measure) -> base::Result<void> {
    auto found = context.queries.series(caller.scope,
                                        {request.query.text("tenant"), measure, request.query.text("site"), *device},
                                        {kMostCounters, {}, context.settings.limits.scanned_rows});
    if (!found) return std::unexpected(found.error());
    for (auto& item : found->items)
      counters[{item.device.tenant(), item.device.dev_eui()}].emplace(measure, std::move(item));
    if (found->next.empty() && counters.size() <= kMostCounters) return {};
    context.refuse("site_devices");
    return base::fail("too_large", "more than 50 devices count at " + request.query.text("site"));
  };
  for (const auto counted : kCounted) {
    for (const auto direction : kDirections) {
      if (auto added = add(std::string(counted) + std::string(direction)); !added)
        return std::unexpected(added.error());
    }
  }
  if (auto added = add(std::string(kSpeed)); !added) return std::unexpected(added.error());
  return counters;
}

struct CountedSeries {
  std::vector<v1::Aggregate> days;
  std::vector<v1::Aggregate> quarters;
};
using CountedByMeasure = std::map<std::string, CountedSeries>;

void write_daily(JsonWriter& json, std::string_view key, const std::optional<derived::DailyTraffic>& traffic) {
  json.key(key);
  if (!traffic) {
    json.null();
    return;
  }
  json.begin_object();
  write_micro(json, "value", traffic->micro);
  json.key("days").number(traffic->days).key("possible_days").number(traffic->possible_days);
  write_validity(json, "valid", traffic->valid);
  json.end_object();
}

void write_counts(JsonWriter& json, const CountedByMeasure& counted, std::span<const derived::LocalDay> days) {
  json.key("counts").begin_array();
  for (const auto& [measure, rows] : counted) {
    if (measure == kSpeed) continue;
    json.begin_object().key("measure").text(measure);
    write_micro(json, "total", derived::total_micro(rows.days));
    write_daily(json, "dtv", derived::daily_traffic(rows.days, days, derived::TrafficDays::all));
    write_daily(json, "dtvw", derived::daily_traffic(rows.days, days, derived::TrafficDays::working));
    json.key("peak_hour");
    if (const auto peak = derived::peak_hour(rows.quarters)) {
      json.begin_object().key("start").text(base::to_rfc3339(base::from_us(peak->start_us)));
      write_micro(json, "count", peak->micro);
      json.end_object();
    } else {
      json.null();
    }
    json.end_object();
  }
  json.end_array();
}

// `day_after` is the one after the last of `days`.
void write_presence(JsonWriter& json, const CountedByMeasure& counted, std::span<const derived::LocalDay> days,
                    const derived::LocalDay& day_after) {
  json.key("presence").begin_array();
  for (const auto kind : kCounted) {
    const auto in = counted.find(std::string(kind) + ".in");
    const auto out = counted.find(std::string(kind) + ".out");
    if (in == counted.end() || out == counted.end()) continue;
    for (std::size_t i = 0; i < days.size(); ++i) {
      const auto& next = i + 1 < days.size() ? days[i + 1] : day_after;
      const auto found = derived::presence(in->second.quarters, out->second.quarters, days[i], next);
      if (!found) continue;
      json.begin_object().key("measure").text(kind).key("date").text(date_text(days[i].date));
      write_micro(json, "highest", found->highest_micro);
      json.key("highest_time").text(base::to_rfc3339(base::from_us(found->highest_us)));
      write_micro(json, "left", found->left_micro);
      json.key("quarters").number(found->quarters).key("possible_quarters").number(found->possible_quarters);
      json.end_object();
    }
  }
  json.end_array();
}

// Of both directions; a series of both, where there is one, is all of them already.
std::int64_t traffic_total(const CountedByMeasure& counted, std::string_view kind) {
  std::int64_t total = 0;
  for (const auto direction : kDirections) {
    const auto found = counted.find(std::string(kind) + std::string(direction));
    if (found == counted.end()) continue;
    total += derived::total_micro(found->second.days);
    if (direction.empty()) break;
  }
  return total;
}

void write_vehicles(JsonWriter& json, const CountedByMeasure& counted) {
  const bool classed =
      std::ranges::any_of(counted, [](const auto& each) { return each.first.starts_with(kCounted[3]); });
  write_micro(json, "heavy_share",
              classed ? derived::share_micro(traffic_total(counted, kCounted[3]), traffic_total(counted, kCounted[2]))
                      : std::nullopt);
  const auto speed = counted.find(std::string(kSpeed));
  const auto v85 = speed == counted.end() ? std::nullopt : derived::v85_micro(speed->second.days);
  write_micro(json, "v85", v85);
  json.key("v85_unit");
  v85 ? json.text(speed->second.days.back().unit()) : json.null();
}

}  // namespace

Answer get_traffic(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to"}); !known)
    return error_response(known.error());
  auto days = local_days(context, request, {}, kTrafficAbsent, kTrafficLongest);
  if (!days) return error_response(days.error());
  auto counters = counters_of(context, request, caller);
  if (!counters) return error_response(counters.error());
  if (days->empty()) counters->clear();
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const auto& [who, series] : *counters) {
    CountedByMeasure counted;
    for (const auto& [measure, item] : series) {
      auto by_day = results_of(context, caller, item, std::string(kLocalDayWindow), span_of_days(*days));
      if (!by_day) return error_response(by_day.error());
      auto by_quarter = results_of(context, caller, item, std::string(kQuarterWindow),
                                   span_of_days(*days, {}, std::chrono::hours{measure == kSpeed ? 0 : 4}));
      if (!by_quarter) return error_response(by_quarter.error());
      counted.emplace(measure, CountedSeries{std::move(*by_day), std::move(*by_quarter)});
    }
    auto after = local_day(context, days->back().date + std::chrono::days{1});
    if (!after) return error_response(after.error());
    json.begin_object();
    write_who(json, series.begin()->second.device);
    write_counts(json, counted, *days);
    write_presence(json, counted, *days, *after);
    write_vehicles(json, counted);
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
