#include "processing/derived/week_profile.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "processing/derived/indicators.hpp"
#include "processing/derived/result.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {
namespace {

/// The smallest value that at least `percent` of all do not exceed. `sorted`: not empty.
std::int64_t nearest_rank(std::span<const std::int64_t> sorted, std::size_t percent) {
  return sorted[(sorted.size() * percent + 99) / 100 - 1];
}

WeekHour hour_of_week(std::vector<std::int64_t> values) {
  std::ranges::sort(values);
  WeekHour hour;
  hour.weeks = static_cast<int>(values.size());
  if (values.empty()) return hour;
  hour.highest_micro = values.back();
  if (hour.weeks >= kLeastWeeksOfMedian) hour.median_micro = nearest_rank(values, 50);
  if (hour.weeks >= kLeastWeeksOfP95) hour.p95_micro = nearest_rank(values, 95);
  return hour;
}

}  // namespace

std::optional<std::int64_t> hour_value(const v1::Aggregate& hour) {
  if (covered(hour, kHourCoverage) == false) return std::nullopt;
  if (hour.has_duration()) {
    const auto& state = hour.duration();
    if (state.known_us() <= 0) return std::nullopt;
    return static_cast<std::int64_t>(
        base::divide_rounded(base::Int128{state.occupied_us()} * kMicro, state.known_us()));
  }
  return has_mean(hour.kind()) ? mean_micro(hour) : sum_micro(hour);
}

WeekProfile week_profile(std::span<const v1::Aggregate> hours, std::span<const LocalDay> days) {
  std::array<std::array<std::vector<std::int64_t>, 24>, 7> values;
  for (const auto& day : days) {
    auto& of_day = values[std::chrono::weekday{day.date}.iso_encoding() - 1];
    for (int hour = 0; hour < 24; ++hour) {
      const auto start_us = clock_us(day, hour * 60);
      if (start_us == clock_us(day, (hour + 1) * 60)) continue;  // the clock skips it
      const auto* row = row_at(hours, start_us);
      if (const auto value = row == nullptr ? std::nullopt : hour_value(*row))
        of_day[static_cast<std::size_t>(hour)].push_back(*value);
    }
  }
  WeekProfile profile;
  for (std::size_t day = 0; day < values.size(); ++day) {
    for (std::size_t hour = 0; hour < values[day].size(); ++hour)
      profile[day][hour] = hour_of_week(std::move(values[day][hour]));
  }
  return profile;
}

}  // namespace lenne::processing::derived
