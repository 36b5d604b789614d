// Noise of local days: LAeq of day, evening and night, and Lden.
#include <algorithm>
#include <optional>
#include <string_view>

#include "api/device_days.hpp"
#include "api/handlers.hpp"
#include "api/indicators.hpp"
#include "processing/derived/noise.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;

base::Result<const derived::NoiseHours*> noise_hours_of(const Request& request) {
  const auto tables = derived::noise_hours();
  const auto name = request.query.find("hours").value_or(tables.front().name);
  const auto found = std::ranges::find(tables, name, &derived::NoiseHours::name);
  if (found == tables.end()) return base::fail("bad_parameter", "hours is de or eu");
  return &*found;
}

void write_noise_level(JsonWriter& json, std::string_view key, const std::optional<derived::NoiseLevel>& level) {
  json.key(key);
  if (!level) {
    json.null();
    return;
  }
  json.begin_object();
  write_micro(json, "level", level->micro);
  json.key("hours").number(level->hours).key("possible_hours").number(level->possible_hours);
  write_validity(json, "valid", level->valid);
  json.end_object();
}

void write_noise_day(JsonWriter& json, const derived::LocalDay& day, const derived::NoiseDay& noise) {
  json.begin_object();
  write_day(json, day);
  write_noise_level(json, "day", noise.day);
  write_noise_level(json, "evening", noise.evening);
  write_noise_level(json, "night", noise.night);
  write_micro(json, "lden", noise.lden);
  write_validity(json, "valid", noise.valid);
  json.end_object();
}

}  // namespace

Answer get_noise(Context& context, const Request& request, const Caller& caller) {
  if (auto known = request.query.only({"device", "site", "tenant", "from", "to", "limit", "cursor", "hours"}); !known)
    return error_response(known.error());
  auto table = noise_hours_of(request);
  if (!table) return error_response(table.error());
  auto asked = device_days(context, request, caller, "sound_energy", {});
  if (!asked) return error_response(asked.error());
  std::optional<derived::LocalDay> after;  // the last night ends on it
  if (!asked->days.empty()) {
    auto day = local_day(context, asked->days.back().date + std::chrono::days{1});
    if (!day) return error_response(day.error());
    after = *day;
  }
  return answer_of_devices(*asked, [&](JsonWriter& json, const auto& item) -> base::Result<void> {
    auto hours = results_of(context, caller, item, std::string(kHourWindow),
                            span_of_days(asked->days, {}, std::chrono::hours{24}));
    if (!hours) return std::unexpected(hours.error());
    json.key("unit").text("dB").key("hours").text((*table)->name).key("version").number((*table)->version);
    json.key("indicative").boolean(true).key("days").begin_array();
    for (std::size_t i = 0; i < asked->days.size(); ++i) {
      const auto& next = i + 1 < asked->days.size() ? asked->days[i + 1] : *after;
      write_noise_day(json, asked->days[i], derived::noise_of(*hours, asked->days[i], next, **table));
    }
    json.end_array();
    return {};
  });
}

}  // namespace lenne::api
