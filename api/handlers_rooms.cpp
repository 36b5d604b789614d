// Rooms, desks and halls of a site: how much of their opening hours they were taken, and most of them at once.
#include <string>
#include <vector>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/place_rows.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/occupancy.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::chrono::days kRoomsAbsent{7};
constexpr std::chrono::days kRoomsLongest{31};

struct Room {
  SeriesItem item;
  derived::OpeningHours hours;
  std::vector<v1::Aggregate> quarters;
  derived::PlaceTime time;  // of all days
};

struct RoomsOfDay {
  std::size_t open = 0;
  derived::PlaceTime time;
  derived::PlacesTogether together;
};

RoomsOfDay rooms_of_day(std::vector<Room>& rooms, const derived::LocalDay& day) {
  RoomsOfDay all;
  for (auto& room : rooms) {
    const auto open = derived::open_on(room.hours, day);
    if (!open) continue;
    ++all.open;
    derived::PlaceTime time;
    for (const auto& quarter : derived::rows_in(room.quarters, open->from_us, open->to_us)) {
      if (quarter.end_us() <= open->to_us) time.add(derived::place_time(quarter));
    }
    // Quarter hours without a result are unknown, too.
    time.unknown_us = open->to_us - open->from_us - time.occupied_us - time.free_us;
    room.time.add(time);
    all.time.add(time);
    all.together.add_place(room.quarters, open->from_us, open->to_us);
  }
  return all;
}

}  // namespace

Answer get_rooms(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"site", "tenant", "from", "to"}); !known) return error_response(known.error());
  const auto site = request.query.text("site");
  if (site.empty()) return error_response({"bad_parameter", "site is required"});
  auto days = local_days(context, request, {}, kRoomsAbsent, kRoomsLongest);
  if (!days) return error_response(days.error());
  auto tenant = request.query.text("tenant");
  auto series = series_at(context, caller, tenant, site, "occupancy");
  if (!series) return error_response(series.error());
  std::vector<Room> rooms;
  for (auto& item : *series) {
    if (days->empty()) break;
    auto hours = opening_hours(context, caller, item.device);
    if (!hours) return error_response(hours.error());
    auto quarters = results_of(context, caller, item, std::string(kQuarterWindow), span_of_days(*days));
    if (!quarters) return error_response(quarters.error());
    rooms.push_back({std::move(item), *hours, std::move(*quarters), {}});
  }
  JsonWriter json;
  json.begin_object().key("tenant");
  tenant.empty() ? json.null() : json.text(tenant);
  json.key("site").text(site).key("days").begin_array();
  for (const auto& day : *days) {
    const auto all = rooms_of_day(rooms, day);
    json.begin_object();
    write_day(json, day);
    json.key("open_rooms").number(all.open);
    write_place_time(json, all.time);
    write_peak(json, all.together, all.open);
    json.end_object();
  }
  json.end_array().key("items").begin_array();
  for (const auto& room : rooms) {
    json.begin_object();
    write_who(json, room.item.device);
    write_place_time(json, room.time);
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
