#include "processing/alerts/rows.hpp"

#include <algorithm>

#include "base/fixed_point.hpp"
#include "processing/alerts/definition.hpp"
#include "processing/alerts/keys.hpp"
#include "processing/alerts/trend.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::alerts {
namespace {

template <typename Message>
std::optional<Message> parsed(std::string_view value) {
  Message message;
  if (!message.ParseFromArray(value.data(), static_cast<int>(value.size()))) return std::nullopt;
  return message;
}

bool is_time(std::int64_t us) { return us >= 0 && us <= kLatestTimeUs + kFutureUs; }

/// Sorted by name, none twice.
bool is_rising(const auto& rows, const auto& name_of) {
  return std::ranges::adjacent_find(rows, [&](const auto& a, const auto& b) { return name_of(a) >= name_of(b); }) ==
         rows.end();
}

bool is_sound(const v1::AlertSeries& series) {
  return is_time(series.newest_us()) && base::is_exponent(series.exponent()) &&
         series.recent_size() <= static_cast<int>(kTrendSamples) &&
         std::ranges::all_of(series.recent(), [](const auto& sample) {
           return is_time(sample.time_us()) && sample.value() <= base::kMaxSteps && sample.value() >= -base::kMaxSteps;
         });
}

bool is_sound(const v1::AlertTrack& track) {
  return is_time(track.judged_us()) && is_time(track.good_since_us()) && base::is_exponent(track.alert().exponent()) &&
         base::is_exponent(track.alert().threshold().exponent());
}

}  // namespace

std::optional<v1::AlertTime> parse_time(std::string_view value) {
  auto row = parsed<v1::AlertTime>(value);
  if (!row || !is_time(row->now_us()) || !is_time(row->listening_since_us())) return std::nullopt;
  return row;
}

std::optional<v1::AlertDevice> parse_device(std::string_view key, std::string_view value) {
  auto row = parsed<v1::AlertDevice>(value);
  if (!row || device_row_key(row->dev_eui()) != key) return std::nullopt;
  const auto measure = [](const auto& series) -> std::string_view { return series.measure(); };
  const auto rule = [](const auto& track) -> std::string_view { return track.rule(); };
  if (row->series_size() > static_cast<int>(kMaxRules) || row->tracks_size() > static_cast<int>(kMaxRules) + 1 ||
      !is_rising(row->series(), measure) || !is_rising(row->tracks(), rule))
    return std::nullopt;
  if (!std::ranges::all_of(row->series(), [](const auto& series) { return is_sound(series); }) ||
      !std::ranges::all_of(row->tracks(), [](const auto& track) { return is_sound(track); }))
    return std::nullopt;
  return row;
}

std::optional<v1::UseCase> parse_definition(std::string_view key, std::string_view value) {
  auto row = parsed<v1::UseCase>(value);
  if (!row || definition_row_key(row->name()) != key) return std::nullopt;
  return row;
}

bool is_sound_row(std::string_view key, std::string_view value) {
  if (key == kTimeRow) return parse_time(value).has_value();
  if (key.starts_with(kDeviceRows)) return parse_device(key, value).has_value();
  return parse_definition(key, value).has_value();
}

}  // namespace lenne::processing::alerts
