// What is usual at each hour of the week.
#include <string>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "processing/derived/week_profile.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;

constexpr DayLimits kWeeks{std::chrono::weeks{26}, std::chrono::weeks{53}, 1, 10};

void write_profile(JsonWriter& json, const derived::WeekProfile& profile) {
  json.key("hours").begin_array();
  for (std::size_t day = 0; day < profile.size(); ++day) {
    for (std::size_t hour = 0; hour < profile[day].size(); ++hour) {
      const auto& usual = profile[day][hour];
      if (usual.weeks == 0) continue;
      json.begin_object().key("weekday").number(day + 1).key("hour").number(hour).key("weeks").number(usual.weeks);
      write_micro(json, "median", usual.median_micro);
      write_micro(json, "p95", usual.p95_micro);
      write_micro(json, "highest", usual.highest_micro);
      json.end_object();
    }
  }
  json.end_array();
}

}  // namespace

Answer get_week_profile(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "measure", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  const auto measure = request.query.text("measure");
  if (measure.empty()) return error_response({"bad_parameter", "measure is required"});
  auto asked = device_days(context, request, caller, measure, kWeeks);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) -> base::Result<void> {
    auto hours = results_of(context, caller, item, std::string(kHourWindow), span_of_days(asked->days));
    if (!hours) return std::unexpected(hours.error());
    const bool of_state = item.series.kind() == v1::KIND_STATE;
    json.key("measure").text(measure).key("unit").text(of_state ? "1" : item.series.unit());
    json.key("least_weeks").begin_object().key("median").number(derived::kLeastWeeksOfMedian);
    json.key("p95").number(derived::kLeastWeeksOfP95).end_object();
    write_profile(json, derived::week_profile(*hours, asked->days));
    return {};
  });
}

}  // namespace lenne::api
