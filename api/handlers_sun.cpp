// The sun by local days: the UV index.
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "base/time.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/rows_by_start.hpp"
#include "processing/derived/uv.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;

void write_uv(JsonWriter& json, const derived::LocalDay& day, const derived::UvDay& uv) {
  json.begin_object();
  write_day(json, day);
  write_micro(json, "highest", uv.highest_micro);
  json.key("highest_time").text(base::to_rfc3339(base::from_us(uv.highest_us)));
  const auto& table = derived::uv_levels();
  json.key("level").text(table.levels[table.level_of(uv.highest_micro)].name);
  json.key("protection_hours").real(uv.protection_quarters / 4.0);
  json.key("quarters").number(uv.quarters).key("possible_quarters").number(uv.possible_quarters);
  write_validity(json, "valid", uv.valid);
  json.end_object();
}

}  // namespace

Answer get_uv(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto asked = device_days(context, request, caller, "uv_index", {});
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) -> base::Result<void> {
    auto quarters = results_of(context, caller, item, std::string(kQuarterWindow), span_of_days(asked->days));
    if (!quarters) return std::unexpected(quarters.error());
    json.key("version").number(derived::uv_levels().version).key("days").begin_array();
    for (const auto& day : asked->days) {
      const auto of_day = derived::uv_day(derived::rows_in(*quarters, day.start_us, day.end_us), day);
      if (of_day) write_uv(json, day, *of_day);
    }
    json.end_array();
    return {};
  });
}

}  // namespace lenne::api
