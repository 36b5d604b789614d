#include "processing/derived/climate_days.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kTropical = 20 * kMicro;

// Not valid is stronger than unknown.
void all_of(std::optional<bool>& valid, std::optional<bool> next) {
  if (valid == false || next == true) return;
  valid = next;
}

}  // namespace

std::chrono::sys_days date_of(const v1::Aggregate& day) {
  return std::chrono::floor<std::chrono::days>(base::from_us(day.start_us() / 2 + day.end_us() / 2));
}

DaySums sum_days(std::string_view measure, std::span<const v1::Aggregate> days, int expected_days) {
  DaySums result{expected_days, static_cast<int>(days.size()), 0, {}};
  const bool complete = result.days >= expected_days;
  for (const auto& spec : indicator_specs()) {
    // Classes of windows up to a day are no amounts of days.
    if (spec.measure != measure || spec.windows.begin != WindowsFor::Begin::midnight) continue;
    result.sums.push_back({spec.name, spec.unit.empty() ? "d" : spec.unit, 0, complete});
  }
  for (const auto& day : days) {
    if (covered(day, kDayCoverage) == true) ++result.valid_days;
    for (const auto& indicator : indicators_of(day)) {
      const auto sum = std::ranges::find(result.sums, indicator.spec->name, &DaySum::name);
      if (sum == result.sums.end()) continue;
      sum->micro += indicator.micro;
      all_of(sum->valid, indicator.valid);
    }
  }
  return result;
}

std::optional<Night> tropical_night(std::chrono::sys_days date, std::span<const v1::Aggregate> hours) {
  const auto midnight = base::Timestamp{date};
  const auto from_us = base::to_us(midnight - kNightBefore);
  const auto to_us = base::to_us(midnight + kNightAfter);
  bool any = false;
  bool known = true;
  bool below = false;
  base::Int128 covered_us = 0;
  for (const auto& hour : hours) {
    if (hour.start_us() < from_us || hour.end_us() > to_us || hour.gauge().count() == 0) continue;
    const auto min = to_micro(hour.gauge().min().value(), hour.exponent());
    if (!min) continue;
    any = true;
    below = below || *min < kTropical;
    known = known && hour.nominal_interval_s() != 0;
    covered_us += hour.covered_us();
  }
  if (!any) return std::nullopt;
  if (below) return Night{false, true};
  if (!known) return Night{true, std::nullopt};
  return Night{true, covered_us * 1000 >= (to_us - from_us) * kDayCoverage};
}

std::optional<Night> night_by_day(const v1::Aggregate& day) {
  // At most an eighth of the day is missing, so some of its night is there.
  if (covered(day, kDayCoverage) != true) return std::nullopt;
  const auto max = to_micro(day.gauge().max().value(), day.exponent());
  if (!max || *max >= kTropical) return std::nullopt;
  return Night{false, true};
}

std::optional<GrowthStart> growth_start(std::span<const v1::Aggregate> days) {
  constexpr std::int64_t kEnough = 200 * kMicro;
  std::int64_t sum = 0;
  bool valid = true;
  auto expected = std::optional<std::chrono::sys_days>{};
  for (const auto& day : days) {
    const auto date = date_of(day);
    if (!expected) {
      const auto year = std::chrono::year_month_day{date}.year();
      expected = std::chrono::sys_days{year / std::chrono::January / 1};
    }
    valid = valid && date == *expected;
    expected = date + std::chrono::days{1};
    for (const auto& indicator : indicators_of(day)) {
      if (indicator.spec->name != "grassland_temperature") continue;
      sum += indicator.micro;
      valid = valid && indicator.valid == true;
    }
    if (sum >= kEnough) return GrowthStart{date, valid};
  }
  return std::nullopt;
}

}  // namespace lenne::processing::derived
