#include "api/place_rows.hpp"

#include "base/time.hpp"

namespace lenne::api {

void write_place_time(JsonWriter& json, const processing::derived::PlaceTime& time) {
  const auto known = time.occupied_us + time.free_us;
  write_share(json, "occupancy", time.occupied_us, known);
  write_share(json, "coverage", known, known + time.unknown_us);
}

void write_peak(JsonWriter& json, const processing::derived::PlacesTogether& together, std::size_t capacity) {
  json.key("peak");
  const auto peak = together.peak();
  if (!peak) {
    json.null();
    return;
  }
  json.begin_object().key("start").text(base::to_rfc3339(base::from_us(peak->start_us)));
  json.key("occupied").real(static_cast<double>(peak->occupied_us) / static_cast<double>(peak->length_us));
  write_share(json, "share", peak->occupied_us, peak->length_us * static_cast<std::int64_t>(capacity));
  json.end_object();
}

}  // namespace lenne::api
