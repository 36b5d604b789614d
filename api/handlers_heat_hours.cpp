// How many hours of each local day were hot.
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "processing/derived/heat_hours.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;

constexpr DayLimits kSummer{.absent = std::chrono::days{7}, .longest = std::chrono::days{184}};

}  // namespace

Answer get_heat_hours(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_days(context, request, caller, "temperature", kSummer);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) -> base::Result<void> {
    const auto span = span_of_days(asked->days);
    auto temperature = results_of(context, caller, item, std::string(kHourWindow), span);
    if (!temperature) return std::unexpected(temperature.error());
    auto felt = item;
    felt.series.set_measure("heat_index");
    auto heat_index = results_of(context, caller, felt, std::string(kHourWindow), span);
    if (!heat_index) return std::unexpected(heat_index.error());
    json.key("days").begin_array();
    for (const auto& day : asked->days) {
      const auto of_day = derived::heat_hours(*temperature, *heat_index, day);
      if (!of_day) continue;
      json.begin_object();
      write_day(json, day);
      json.key("hot_hours").number(of_day->hot).key("hours").number(of_day->hours);
      json.key("strong_heat_hours").number(of_day->strong).key("extreme_heat_hours").number(of_day->extreme);
      json.key("heat_index_hours").number(of_day->heat_index_hours);
      json.key("possible_hours").number(of_day->possible_hours);
      write_validity(json, "valid", of_day->valid);
      json.end_object();
    }
    json.end_array();
    return {};
  });
}

}  // namespace lenne::api
