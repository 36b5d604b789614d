#include "api/place_rows.hpp"

#include "base/time.hpp"

namespace lenne::api {
namespace {

constexpr unsigned kLongStays = 85;

}  // namespace

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

void write_stay_lengths(JsonWriter& json, std::span<const processing::derived::Stay> ended, std::uint64_t unknown) {
  json.key("ended").number(ended.size()).key("unknown").number(unknown);
  write_minutes(json, "mean_minutes", processing::derived::mean_stay(ended));
  write_minutes(json, "median_minutes", processing::derived::stay_percentile(ended, 50));
  write_minutes(json, "p85_minutes", processing::derived::stay_percentile(ended, kLongStays));
}

void write_minutes(JsonWriter& json, std::string_view key, std::optional<std::int64_t> us) {
  json.key(key);
  us ? json.real(static_cast<double>(*us) / static_cast<double>(60 * base::kSecondUs)) : json.null();
}

}  // namespace lenne::api
