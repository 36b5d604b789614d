// Rooms, desks and halls of a site: how much of their opening hours they were taken, and most of them at once.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/json_writer.hpp"
#include "api/place_rows.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/co2_presence.hpp"
#include "processing/derived/occupancy.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::chrono::days kRoomsAbsent{7};
constexpr std::chrono::days kRoomsLongest{31};
constexpr std::size_t kMostRooms = 50;
constexpr std::size_t kMostCo2Devices = 1000;  // that are asked whether they stand for presence

struct Room {
  SeriesItem item;
  bool proxy;  // its CO2 stands for presence
  derived::OpeningHours hours;
  std::vector<v1::Aggregate> quarters;
  derived::PlaceTime time;  // of all days
};

struct RoomsOfDay {
  std::size_t open = 0;
  std::size_t proxies = 0;
  derived::PlaceTime time;
  derived::PlacesTogether together;
};

RoomsOfDay rooms_of_day(std::vector<Room>& rooms, const derived::LocalDay& day) {
  RoomsOfDay all;
  for (auto& room : rooms) {
    const auto open = derived::open_on(room.hours, day);
    if (!open) continue;
    ++all.open;
    all.proxies += room.proxy ? 1 : 0;
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

base::Result<void> add_room(Context& context, const Caller& caller, SeriesItem item, std::optional<std::int64_t> limit,
                            const Span& span, std::vector<Room>& rooms) {
  auto hours = opening_hours(context, caller, item.device);
  if (!hours) return std::unexpected(hours.error());
  auto quarters = results_of(context, caller, item, std::string(kQuarterWindow), span);
  if (!quarters) return std::unexpected(quarters.error());
  if (limit) *quarters = derived::presence_by_co2(*quarters, *limit);
  rooms.push_back({std::move(item), limit.has_value(), *hours, std::move(*quarters), {}});
  return {};
}

bool has_room(const std::vector<Room>& rooms, const SeriesItem& item) {
  return std::ranges::any_of(rooms,
                             [&](const Room& room) { return room.item.device.dev_eui() == item.device.dev_eui(); });
}

base::Error too_many(Context& context, std::string_view what, const std::string& site) {
  context.refuse("site_devices");
  return {"too_large", "too many " + std::string(what) + " at " + site};
}

// Those whose devices say that CO2 stands for presence, and that have no sensor of it. A school has far more sensors of
// CO2 than it has of those.
base::Result<void> add_proxies(Context& context, const Request& request, const Caller& caller, std::string& tenant,
                               const Span& span, std::vector<Room>& rooms) {
  const auto site = request.query.text("site");
  auto found = context.queries.series(caller.scope, {request.query.text("tenant"), "co2", site, {}},
                                      {.limit = kMostCo2Devices, .scan_limit = context.settings.limits.scanned_rows});
  if (!found) return std::unexpected(found.error());
  if (!found->next.empty()) return std::unexpected(too_many(context, "devices that measure co2", site));
  for (auto& item : found->items) {
    if (has_room(rooms, item)) continue;
    auto object = declared(context, caller, item.device);
    if (!object) return std::unexpected(object.error());
    auto limit = derived::presence_limit_of(*object);
    if (!limit) return std::unexpected(naming(item.device, limit.error()));
    if (!*limit) continue;
    if (rooms.size() == kMostRooms) return std::unexpected(too_many(context, "rooms", site));
    if (auto same = of_one_tenant(item, site, tenant); !same) return same;
    if (auto added = add_room(context, caller, std::move(item), *limit, span, rooms); !added) return added;
  }
  return {};
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
  if (!days->empty()) {
    const auto span = span_of_days(*days);
    for (auto& item : *series) {
      if (auto added = add_room(context, caller, std::move(item), {}, span, rooms); !added)
        return error_response(added.error());
    }
    if (auto added = add_proxies(context, request, caller, tenant, span, rooms); !added)
      return error_response(added.error());
  }
  JsonWriter json;
  json.begin_object().key("tenant");
  tenant.empty() ? json.null() : json.text(tenant);
  json.key("site").text(site).key("proxy_version").number(derived::kPresenceVersion).key("days").begin_array();
  for (const auto& day : *days) {
    const auto all = rooms_of_day(rooms, day);
    json.begin_object();
    write_day(json, day);
    json.key("open_rooms").number(all.open).key("proxy_rooms").number(all.proxies);
    write_place_time(json, all.time);
    write_peak(json, all.together, all.open);
    json.end_object();
  }
  json.end_array().key("items").begin_array();
  for (const auto& room : rooms) {
    json.begin_object();
    write_who(json, room.item.device);
    json.key("proxy").boolean(room.proxy);
    write_place_time(json, room.time);
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
