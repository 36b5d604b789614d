#include "processing/derived/heat_island.hpp"

#include <algorithm>

#include "base/int128.hpp"
#include "base/time.hpp"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {
namespace {

const HourMean* usable(std::span<const HourMean> hours, std::int64_t start_us) {
  const auto found = std::ranges::lower_bound(hours, start_us, {}, &HourMean::start_us);
  if (found == hours.end() || found->start_us != start_us || found->valid == false) return nullptr;
  return &*found;
}

}  // namespace

std::optional<HeatIsland> heat_island(std::span<const HourMean> place, std::span<const ReferencePlace> references,
                                      std::int64_t from_us, std::int64_t to_us) {
  HeatIsland result;
  base::Int128 sum = 0;
  for (auto at = from_us; at < to_us; at += kHourUs) {
    ++result.possible_hours;
    const auto* here = usable(place, at);
    if (here == nullptr) continue;
    base::Int128 around = 0;
    std::int64_t count = 0;
    for (const auto& reference : references) {
      const auto* there = usable(reference.hours, at);
      if (there == nullptr) continue;
      // Higher up it is colder: 0.65 K in 100 m.
      around += there->micro - base::divide_rounded(base::Int128{reference.height_difference} * 65, 10'000);
      ++count;
    }
    if (count == 0) continue;
    sum += here->micro - base::divide_rounded(around, count);
    ++result.hours;
  }
  if (result.hours == 0) return std::nullopt;
  result.micro = static_cast<std::int64_t>(base::divide_rounded(sum, result.hours));
  result.valid = result.hours * 4 >= result.possible_hours * 3;
  return result;
}

NightSpan night_before(const v1::Aggregate& local_day) {
  const LocalDay day{{}, local_day.start_us(), local_day.end_us()};
  return {day.start_us - 2 * kHourUs, clock_us(day, 6 * 60)};
}

}  // namespace lenne::processing::derived
