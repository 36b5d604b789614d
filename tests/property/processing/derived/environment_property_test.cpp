// Laws of environmental measures over several results.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "base/time.hpp"
#include "processing/derived/air_limits.hpp"
#include "processing/derived/climate_days.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/level_rise.hpp"
#include "processing/derived/rain.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using std::chrono::year;

std::int64_t begin_of_air_year(int number) {
  return base::to_us(base::Timestamp{std::chrono::sys_days{year{number} / std::chrono::January / 1}} - kCet);
}

// Some hours of a month of air, with gaps and hours that are not valid.
std::vector<HourMean> air_hours(int number) {
  std::vector<HourMean> hours;
  for (int h = 0; h < 30 * 24; ++h) {
    if (*rc::gen::inRange(0, 10) == 0) continue;
    hours.push_back({begin_of_air_year(number) + h * kHourUs, *rc::gen::inRange<std::int64_t>(0, 700) * kMicro,
                     *rc::gen::inRange(0, 20) != 0});
  }
  return hours;
}

RC_GTEST_PROP(AirLimitLaws, WorseAirNeverExceedsLess, ()) {
  const auto& limit = air_limits()[*rc::gen::inRange<std::size_t>(0, air_limits().size())];
  const int number = limit.from_year == 0 ? 2025 : limit.from_year;
  auto hours = air_hours(number);
  const auto now_us = begin_of_air_year(number + 1);
  const auto before = check_year(limit, hours, year{number}, now_us);
  for (auto& hour : hours) hour.micro += *rc::gen::inRange<std::int64_t>(0, 50) * kMicro;
  const auto after = check_year(limit, hours, year{number}, now_us);
  RC_ASSERT(before.counted >= 0 && before.counted <= before.possible);
  RC_ASSERT(after.possible == before.possible);
  // A day of ozone of which little is known counts once it is exceeded.
  RC_ASSERT(after.counted >= before.counted);
  RC_ASSERT(!after.kept || before.kept);
  RC_ASSERT(after.mean_micro.value_or(0) >= before.mean_micro.value_or(0));
  // Stretches grow together; of all else each one that was exceeded still is.
  if (limit.mean != AirMean::three_hours) RC_ASSERT(std::ranges::includes(after.exceeded, before.exceeded));
  RC_ASSERT(after.exceeded.empty() <= before.exceeded.empty());
}

RC_GTEST_PROP(AirLimitLaws, ThreeYearsAreTheSameInAnyOrder, ()) {
  const auto& limit = *air_limit("o3", AirMean::highest_8h, year{2025});
  std::vector<AirCheck> years;
  for (int i = 0; i < kOzoneYears; ++i) {
    AirCheck check{.limit = &limit};
    check.exceeded.resize(*rc::gen::inRange<std::size_t>(0, 60));
    const auto known = *rc::gen::inRange(0, 3);
    if (known < 2) check.valid = known == 1;
    years.push_back(check);
  }
  const auto all = ozone_over_years(years);
  std::ranges::rotate(years, years.begin() + *rc::gen::inRange(0, kOzoneYears));
  const auto other = ozone_over_years(years);
  RC_ASSERT(all.has_value() == other.has_value());
  if (!all) return;
  RC_ASSERT(all->days == other->days && all->years == other->years && all->mean_micro == other->mean_micro);
  RC_ASSERT(all->kept == (all->mean_micro <= limit.allowed * kMicro));
}

RC_GTEST_PROP(ClimateDayLaws, ASpanIsTheSumOfItsParts, ()) {
  std::vector<v1::Aggregate> days;
  const auto count = *rc::gen::inRange(1, 60);
  for (int d = 0; d < count; ++d) {
    const auto min = *rc::gen::inRange<std::int64_t>(-2000, 3000);
    const auto max = min + *rc::gen::inRange<std::int64_t>(0, 2000);
    days.push_back(result_of("temperature", "P1D", d * kTestDayUs, kTestDayUs, min, (min + max) / 2, max,
                             *rc::gen::inRange(0, 1001)));
  }
  const auto cut = *rc::gen::inRange(0, count + 1);
  const auto whole = sum_days("temperature", days, count);
  const auto first = sum_days("temperature", std::span(days).first(static_cast<std::size_t>(cut)), cut);
  const auto rest = sum_days("temperature", std::span(days).subspan(static_cast<std::size_t>(cut)), count - cut);
  RC_ASSERT(whole.days == first.days + rest.days);
  RC_ASSERT(whole.valid_days == first.valid_days + rest.valid_days);
  RC_ASSERT(whole.sums.size() == first.sums.size() && whole.sums.size() == rest.sums.size());
  for (std::size_t i = 0; i < whole.sums.size(); ++i) {
    RC_ASSERT(whole.sums[i].micro == first.sums[i].micro + rest.sums[i].micro);
    const bool both = cut == 0       ? rest.sums[i].valid == true
                      : cut == count ? first.sums[i].valid == true
                                     : first.sums[i].valid == true && rest.sums[i].valid == true;
    RC_ASSERT((whole.sums[i].valid == true) == both);
  }
}

RC_GTEST_PROP(RainLaws, ALongerStretchHasNoLessRain, ()) {
  std::vector<v1::Aggregate> hours;
  for (int h = 0; h < 80; ++h) {
    if (*rc::gen::inRange(0, 10) == 0) continue;
    hours.push_back(rain_of("PT1H", h * kTestHourUs, kTestHourUs, *rc::gen::inRange<std::int64_t>(0, 5000)));
  }
  const auto end_us = *rc::gen::inRange<std::int64_t>(1, 81) * kTestHourUs;
  std::int64_t before = 0;
  for (const auto length : kRainHours) {
    const auto sum = rain_sum(hours, end_us, length);
    if (!sum) continue;
    RC_ASSERT(sum->micro >= before);
    RC_ASSERT(sum->hours >= 1 && sum->hours <= length);
    if (sum->hours < length && sum->place + 1 < rain_levels(length)->levels.size()) RC_ASSERT(sum->valid == false);
    before = sum->micro;
  }
}

// Where the zero of a gauge lies and which way is up is a matter of names.
RC_GTEST_PROP(LevelRiseLaws, ShiftsChangeNoRise, ()) {
  std::vector<v1::Aggregate> rows, moved, turned;
  const auto shift = *rc::gen::inRange<std::int64_t>(-10'000, 10'000);
  for (std::int64_t q = 0; q < 8; ++q) {
    if (*rc::gen::inRange(0, 5) == 0) continue;
    const auto level = *rc::gen::inRange<std::int64_t>(-500, 500);
    const auto row = [&](std::int64_t value) {
      return result_of("water_level", "PT15M", q * kTestHourUs / 4, kTestHourUs / 4, value, value, value);
    };
    rows.push_back(row(level));
    moved.push_back(row(level + shift));
    turned.push_back(row(-level));
  }
  for (const auto stretch_us : {kRiseShortUs, kRiseLongUs}) {
    const auto rise = rise_per_hour(rows, stretch_us);
    RC_ASSERT(rise_per_hour(moved, stretch_us) == rise);
    RC_ASSERT(rise_per_hour(turned, stretch_us) == (rise ? std::optional(-*rise) : std::nullopt));
  }
}

RC_GTEST_PROP(LevelRiseLaws, AHigherThresholdIsReachedNoSooner, ()) {
  const auto level = *rc::gen::inRange<std::int64_t>(-5, 5) * kMicro;
  const auto slope = *rc::gen::element<std::int64_t>(1, 10, 1'000, 100'000, 1'000'000);
  const auto lower = level + *rc::gen::inRange<std::int64_t>(-1, 5) * kMicro;
  const auto higher = lower + *rc::gen::inRange<std::int64_t>(0, 5) * kMicro;
  const auto first = reaches_us(level, 0, slope, lower);
  const auto then = reaches_us(level, 0, slope, higher);
  if (first) RC_ASSERT(*first >= 0);
  if (!then) return;
  RC_ASSERT(first.has_value());
  RC_ASSERT(*first <= *then);
}

}  // namespace
}  // namespace lenne::processing::derived
