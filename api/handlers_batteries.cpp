// Batteries and how long they will last, those that are empty first at the top.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/json_writer.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/battery.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::size_t kMostBatteries = 200;
constexpr std::chrono::days kBatterySpan{100};

struct BatteryItem {
  SeriesItem item;
  derived::Battery battery;
};

// The emptiest first of those of which nobody knows when.
DueOrder battery_order(const BatteryItem& item) {
  return due_order(item.battery.empty_us, item.battery.level_micro, item.item.device);
}

}  // namespace

Answer get_batteries(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant"}); !known) return error_response(known.error());
  auto found = whole_list(context, request, caller, "battery_level", kMostBatteries, "batteries");
  if (!found) return error_response(found.error());
  const auto now = context.deps.clock.now();
  std::vector<BatteryItem> batteries;
  for (auto& item : *found) {
    auto days = results_of(context, caller, item, std::string(kLocalDayWindow), {now - kBatterySpan, now});
    if (!days) return error_response(days.error());
    if (const auto battery = derived::battery_of(*days)) batteries.push_back({std::move(item), *battery});
  }
  std::ranges::sort(batteries, {}, battery_order);
  JsonWriter json;
  json.begin_object().key("unit").text("%").key("items").begin_array();
  for (const auto& [item, battery] : batteries) {
    json.begin_object();
    write_who(json, item.device);
    write_micro(json, "level", battery.level_micro);
    json.key("time").text(base::to_rfc3339(base::from_us(battery.time_us)));
    write_micro(json, "slope_per_day", battery.slope_micro ? std::optional(*battery.slope_micro * 24) : std::nullopt);
    json.key("empty");
    battery.empty_us ? json.text(base::to_rfc3339(base::from_us(*battery.empty_us))) : json.null();
    json.end_object();
  }
  json.end_array().end_object();
  return Response{.body = json.take()};
}

}  // namespace lenne::api
