// Levels of streams and of the ground's water: how high, how fast they rise, and when the place's thresholds are
// reached.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/level_rise.hpp"
#include "processing/derived/parameters.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;

constexpr std::size_t kLevelDevices = 20;
constexpr std::size_t kMostLevelDevices = 100;
// Long enough for the hour before the newest result, however late it came.
constexpr std::chrono::hours kLevelSpan{6};
// Information values of the use case flood-level, by the device's parameters.
constexpr std::array<std::string_view, 3> kThresholds{"w1", "w2", "w3"};

void write_level(JsonWriter& json, std::span<const v1::Aggregate> quarters, const v1::Device& device) {
  const auto slope = derived::rise_per_hour(quarters, derived::kRiseLongUs);
  const auto level = quarters.empty() ? std::nullopt : derived::mean_micro(quarters.back());
  write_micro(json, "level", level);
  json.key("time");
  level ? json.text(base::to_rfc3339(base::from_us(quarters.back().end_us()))) : json.null();
  write_micro(json, "rise_per_hour", slope);
  write_micro(json, "rise_per_hour_15min", derived::rise_per_hour(quarters, derived::kRiseShortUs));
  json.key("thresholds").begin_array();
  for (const auto name : kThresholds) {
    const auto threshold = derived::parameter_micro(device, name);
    if (!threshold || !level) continue;
    json.begin_object().key("parameter").text(name);
    write_micro(json, "value", *threshold);
    json.key("reached").boolean(*level >= *threshold).key("at");
    const auto at = derived::reaches_us(*level, quarters.back().end_us(), slope, *threshold);
    at ? json.text(base::to_rfc3339(base::from_us(*at))) : json.null();
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Answer get_water_levels(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"measure", "device", "site", "tenant", "limit", "cursor"}); !known)
    return error_response(known.error());
  const auto measure = request.query.find("measure").value_or(derived::kLevelMeasures.front());
  if (std::ranges::find(derived::kLevelMeasures, measure) == derived::kLevelMeasures.end())
    return error_response({"bad_parameter", "measure is water_level or groundwater_level"});
  auto device = request.query.dev_eui("device");
  if (!device) return error_response(device.error());
  auto limit = request.query.size("limit", kLevelDevices, kMostLevelDevices);
  if (!limit) return error_response(limit.error());
  auto found = context.queries.series(
      caller.scope, {request.query.text("tenant"), std::string(measure), request.query.text("site"), *device},
      {*limit, request.query.text("cursor"), context.settings.limits.scanned_rows});
  if (!found) return error_response(found.error());
  const auto now = context.deps.clock.now();
  return answer_of_devices(DeviceDays{std::move(found->items), std::move(found->next), {}},
                           [&](JsonWriter& json, const auto& item) -> base::Result<void> {
                             auto quarters = results_of(context, caller, item, std::string(kQuarterWindow),
                                                        {now - kLevelSpan, now});
                             if (!quarters) return std::unexpected(quarters.error());
                             auto object = declared(context, caller, item.device);
                             if (!object) return std::unexpected(object.error());
                             json.key("measure").text(measure).key("unit").text("m");
                             write_level(json, *quarters, *object);
                             return {};
                           });
}

}  // namespace lenne::api
