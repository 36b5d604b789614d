// The wind of windows: speed, direction by the mean vector, gusts.
#include <array>
#include <string>
#include <vector>

#include "api/device_days.hpp"
#include "api/device_spans.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "api/json_writer.hpp"
#include "api/rows.hpp"
#include "api/stored_results.hpp"
#include "base/time.hpp"
#include "processing/derived/rows_by_start.hpp"
#include "processing/derived/wind.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
using storage::views::SeriesItem;

constexpr std::chrono::days kLongestWind{93};

void write_vector(JsonWriter& json, const std::optional<derived::WindVector>& vector) {
  write_micro(json, "direction", vector ? vector->direction_micro : std::nullopt);
  write_micro(json, "vector_speed", vector ? std::optional(vector->speed_micro) : std::nullopt);
  json.key("steadiness");
  vector ? json.decimal(vector->steadiness_thousandths, -3) : json.null();
}

void write_extreme(JsonWriter& json, std::string_view name, const std::optional<derived::WindExtreme>& extreme) {
  std::optional<std::int64_t> micro;
  if (extreme) micro = extreme->micro;
  write_micro(json, name, micro);
  json.key(std::string(name) + "_time");
  extreme ? json.text(base::to_rfc3339(base::from_us(extreme->time_us))) : json.null();
}

base::Result<void> write_wind(JsonWriter& json, const Context& context, const Caller& caller, const SeriesItem& item,
                              const std::string& window, const Span& span) {
  constexpr std::array kMeasures{derived::kWindSpeed, derived::kEastwardWind, derived::kNorthwardWind,
                                 derived::kWindGust};
  std::array<std::vector<v1::Aggregate>, kMeasures.size()> rows;
  for (std::size_t i = 0; i < kMeasures.size(); ++i) {
    auto series = item;
    series.series.set_measure(std::string(kMeasures[i]));
    auto found = results_of(context, caller, series, window, span);
    if (!found) return std::unexpected(found.error());
    rows[i] = std::move(*found);
  }
  json.key("unit").text("m/s").key("window").text(window).key("windows").begin_array();
  for (const auto& speed : rows[0]) {
    const auto wind =
        derived::wind_of(speed, derived::row_at(rows[1], speed.start_us()), derived::row_at(rows[2], speed.start_us()),
                         derived::row_at(rows[3], speed.start_us()));
    if (!wind) continue;
    json.begin_object().key("start").text(base::to_rfc3339(base::from_us(speed.start_us())));
    json.key("end").text(base::to_rfc3339(base::from_us(speed.end_us())));
    write_micro(json, "mean", wind->mean_micro);
    write_vector(json, wind->vector);
    write_extreme(json, "highest", wind->highest);
    write_extreme(json, "gust", wind->gust);
    write_validity(json, "valid", wind->valid);
    json.end_object();
  }
  json.end_array();
  return {};
}

}  // namespace

Answer get_wind(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "res", "from", "to", "limit", "cursor"}); !known)
    return error_response(known.error());
  auto window = window_of_resolution(request.query.find("res").value_or("1h"));
  if (!window) return error_response(window.error());
  auto asked = device_span(context, request, caller, derived::kWindSpeed, kLongestWind);
  if (!asked) return error_response(asked.error());
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) {
    return write_wind(json, context, caller, item, *window, asked->span);
  });
}

}  // namespace lenne::api
