// A car park: how full it was, how often its bays changed hands, how long cars stayed.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/place_rows.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/occupancy.hpp"
#include "processing/derived/parameters.hpp"
#include "processing/derived/rows_by_start.hpp"
#include "processing/derived/stays.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::chrono::hours kParkingAbsent{24};
constexpr std::chrono::days kParkingLongest{14};  // 1,344 quarter hours of each bay

struct Bay {
  const SeriesItem* item = nullptr;
  derived::PlaceTime time;
  derived::Stays stays;
};

struct CarPark {
  Span span;
  std::vector<Bay> bays;
  derived::PlaceTime time;
  derived::PlacesTogether together;
  std::vector<derived::Stay> stays;
  std::uint64_t unknown_stays = 0;
  std::uint64_t arrivals = 0;
  std::optional<std::uint64_t> overstays;  // of the bays that have a longest stay
};

// How long one may stay, by the bay's parameter max_stay (h).
base::Result<std::optional<std::int64_t>> longest_stay(const Context& context, const Caller& caller,
                                                       const SeriesItem& item) {
  auto device = declared(context, caller, item.device);
  if (!device) return std::unexpected(device.error());
  const auto hours = derived::parameter_micro(*device, "max_stay");
  if (!hours || *hours <= 0) return std::optional<std::int64_t>{};
  return std::optional{static_cast<std::int64_t>(base::Int128{*hours} * derived::kHourUs / derived::kMicro)};
}

base::Result<void> add_bay(const Context& context, const Caller& caller, const SeriesItem& item, CarPark& park) {
  auto quarters =
      results_of(context, caller, item, std::string(kQuarterWindow), {park.span.from - kStaysBefore, park.span.to});
  if (!quarters) return std::unexpected(quarters.error());
  const auto from_us = base::to_us(park.span.from);
  const auto to_us = base::to_us(park.span.to);
  Bay bay{&item, {}, derived::stays_of(*quarters, from_us, to_us)};
  for (const auto& quarter : derived::rows_in(*quarters, from_us, to_us)) bay.time.add(derived::place_time(quarter));
  // Quarter hours without a result are unknown, too.
  bay.time.unknown_us = to_us - from_us - bay.time.occupied_us - bay.time.free_us;
  park.time.add(bay.time);
  park.together.add_place(*quarters, from_us, to_us);
  park.stays.insert(park.stays.end(), bay.stays.ended.begin(), bay.stays.ended.end());
  park.unknown_stays += bay.stays.unknown;
  park.arrivals += bay.stays.arrivals;
  auto most = longest_stay(context, caller, item);
  if (!most) return std::unexpected(most.error());
  if (*most) park.overstays = park.overstays.value_or(0) + derived::longer_stays(bay.stays.ended, **most);
  park.bays.push_back(std::move(bay));
  return {};
}

// By each bay's newest sample: after two intervals without one it is unknown.
void write_now(JsonWriter& json, const CarPark& park, base::Timestamp now) {
  std::size_t taken = 0, empty = 0;
  for (const auto& bay : park.bays) {
    const auto& device = bay.item->device;
    const auto& series = bay.item->series;
    const std::int64_t interval_s = device.nominal_interval_s() == 0 ? 3600 : device.nominal_interval_s();
    if (series.last_us() == 0 || base::to_us(now) - series.last_us() >= 2 * interval_s * base::kSecondUs) continue;
    ++(series.value() != 0 ? taken : empty);
  }
  json.key("now").begin_object().key("occupied").number(taken).key("free").number(empty);
  json.key("unknown").number(park.bays.size() - taken - empty).end_object();
}

void write_stays(JsonWriter& json, const CarPark& park) {
  json.key("stays").begin_object();
  write_stay_lengths(json, park.stays, park.unknown_stays);
  json.key("overstays");
  park.overstays ? json.number(*park.overstays) : json.null();
  json.end_object();
}

double per_day(std::uint64_t arrivals, std::size_t spaces, const Span& span) {
  const auto days = std::chrono::duration<double, std::chrono::days::period>(span.to - span.from).count();
  return static_cast<double>(arrivals) / static_cast<double>(spaces) / days;
}

}  // namespace

Answer get_parking(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"site", "tenant", "from", "to"}); !known) return error_response(known.error());
  const auto site = request.query.text("site");
  if (site.empty()) return error_response({"bad_parameter", "site is required"});
  auto span = hours_of(context, request, kParkingAbsent, kParkingLongest);
  if (!span) return error_response(span.error());
  CarPark park;
  park.span = {span->from, std::chrono::floor<std::chrono::hours>(span->to)};
  if (park.span.from >= park.span.to)
    return error_response({"bad_parameter", "from and to are at least an hour apart"});
  auto tenant = request.query.text("tenant");
  auto bays = series_at(context, caller, tenant, site, "parking_occupied");
  if (!bays) return error_response(bays.error());
  for (const auto& item : *bays) {
    if (auto added = add_bay(context, caller, item, park); !added) return error_response(added.error());
  }
  JsonWriter json;
  json.begin_object().key("tenant");
  tenant.empty() ? json.null() : json.text(tenant);
  json.key("site").text(site).key("from").text(base::to_rfc3339(park.span.from));
  json.key("to").text(base::to_rfc3339(park.span.to)).key("capacity").number(park.bays.size());
  write_now(json, park, context.deps.clock.now());
  write_place_time(json, park.time);
  json.key("arrivals").number(park.arrivals).key("turnover");
  park.bays.empty() ? json.null() : json.real(per_day(park.arrivals, park.bays.size(), park.span));
  write_stays(json, park);
  write_peak(json, park.together, park.bays.size());
  json.key("items").begin_array();
  for (const auto& bay : park.bays) {
    json.begin_object();
    write_who(json, bay.item->device);
    write_place_time(json, bay.time);
    json.key("arrivals").number(bay.stays.arrivals).key("stays").number(bay.stays.ended.size());
    write_minutes(json, "mean_minutes", derived::mean_stay(bay.stays.ended));
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
