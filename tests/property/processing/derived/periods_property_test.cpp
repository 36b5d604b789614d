// Months and years of every kind of day: they tile time, and are what their days add up to.
#include "processing/derived/periods.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "base/time.hpp"
#include "processing/calendar.hpp"
#include "tests/unit/processing/derived/results.hpp"
#include "tests/unit/processing/support.hpp"

namespace lenne::processing::derived {
namespace {

using namespace std::chrono;

std::int64_t period_day_start(std::string_view window, sys_days date) {
  const auto* const info = std::ranges::find(kCalendars, window, &CalendarInfo::window);
  if (info == kCalendars.end()) return base::to_us(base::Timestamp{date});
  const auto within = sys_seconds{date} + std::chrono::hours{12 + info->start_hour};
  return test::day_start_s(info->calendar, within.time_since_epoch().count()) * base::kSecondUs;
}

DayStart day_starts_of(const PeriodKind& kind) {
  return [&kind](sys_days date) { return std::optional(period_day_start(kind.day, date)); };
}

const PeriodKind& any_period_kind() { return period_kinds()[*rc::gen::inRange<std::size_t>(0, period_kinds().size())]; }

std::vector<Period> whole_periods(const PeriodKind& kind, std::int64_t from_us, std::int64_t to_us) {
  return periods_in(kind, from_us, to_us, day_starts_of(kind), 1000).value();
}

std::pair<std::int64_t, std::int64_t> period_edges(const Period& period) { return {period.start_us, period.end_us}; }

RC_GTEST_PROP(PeriodLaws, EachDayLiesInOneOfThem, ()) {
  const auto& kind = any_period_kind();
  const sys_days first = sys_days{2020y / January / 1} + days{*rc::gen::inRange(0, 4000)};
  const auto from_us = base::to_us(base::Timestamp{first}) + *rc::gen::inRange<std::int64_t>(0, kTestDayUs);
  const auto to_us = from_us + *rc::gen::inRange<std::int64_t>(0, 1500) * kTestDayUs;
  const auto found = whole_periods(kind, from_us, to_us);
  for (std::size_t i = 0; i < found.size(); ++i) {
    RC_ASSERT(found[i].window == kind.window);
    RC_ASSERT(found[i].start_us >= from_us && found[i].start_us < to_us);
    if (i > 0) RC_ASSERT(found[i].start_us == found[i - 1].end_us);
    const year_month_day begin{floor<days>(base::from_us(found[i].start_us + kTestDayUs / 2))};
    RC_ASSERT(begin.day() == 1d);
    RC_ASSERT(kind.length == months{1} || begin.month() == January);
    // Each of its days begins in it and ends in it, and the last one ends where it does.
    auto at = found[i].start_us;
    for (sys_days date{begin}; date < sys_days{begin + kind.length}; date += days{1}) {
      RC_ASSERT(period_day_start(kind.day, date) == at);
      at = period_day_start(kind.day, date + days{1});
    }
    RC_ASSERT(at == found[i].end_us);
  }
  // Whoever asks in two halves gets each once.
  const auto middle = from_us + (to_us - from_us) / 3;
  auto halves = whole_periods(kind, from_us, middle);
  std::ranges::copy(whole_periods(kind, middle, to_us), std::back_inserter(halves));
  RC_ASSERT(std::ranges::equal(found, halves, {}, period_edges, period_edges));
}

v1::Aggregate random_day(const PeriodKind& kind, sys_days date, bool counted) {
  const auto start_us = period_day_start(kind.day, date);
  const auto length_us = period_day_start(kind.day, date + days{1}) - start_us;
  const auto amount = *rc::gen::inRange<std::int64_t>(-5, 1'000'000);
  auto day = rain_of(std::string(kind.day), start_us, length_us, amount, *rc::gen::inRange(0, 1001));
  if (!counted) return day;
  day.set_kind(v1::KIND_COUNTER);
  auto& counter = *day.mutable_counter();
  counter.set_count(*rc::gen::inRange<std::uint64_t>(0, 100));
  put(*counter.mutable_amount(), base::Int128{amount} << 40);
  counter.set_interpolated_us(*rc::gen::inRange<std::int64_t>(0, kTestDayUs));
  counter.mutable_first()->set_value(amount);
  return day;
}

RC_GTEST_PROP(PeriodLaws, AYearIsItsMonthsAndItsDays, ()) {
  const auto place = *rc::gen::inRange<std::size_t>(0, period_kinds().size() / 2);
  const auto& month_kind = period_kinds()[place];
  const auto& year_kind = period_kinds()[place + period_kinds().size() / 2];
  RC_ASSERT(month_kind.day == year_kind.day);
  const auto year_of = whole_periods(year_kind, period_day_start(year_kind.day, 2026y / January / 1),
                                     period_day_start(year_kind.day, 2027y / January / 1));
  RC_ASSERT(year_of.size() == 1U);
  const bool counted = *rc::gen::arbitrary<bool>();
  std::vector<v1::Aggregate> all;
  for (sys_days date = 2026y / January / 1; date < sys_days{2027y / January / 1}; date += days{1}) {
    if (*rc::gen::inRange(0, 4) == 0) all.push_back(random_day(month_kind, date, counted));
  }
  RC_PRE(!all.empty());
  std::vector<v1::Aggregate> by_month;
  std::int64_t covered_us = 0;
  base::Int128 amount = 0;
  for (const auto& month : whole_periods(month_kind, year_of[0].start_us, year_of[0].end_us)) {
    std::vector<v1::Aggregate> days_of_month;
    std::ranges::copy_if(all, std::back_inserter(days_of_month), [&](const v1::Aggregate& day) {
      return day.start_us() >= month.start_us && day.start_us() < month.end_us;
    });
    if (days_of_month.empty()) continue;
    const auto& sum = by_month.emplace_back(sum_up(days_of_month, month));
    RC_ASSERT(sum.covered_us() >= 0 && sum.covered_us() <= month.end_us - month.start_us);
    covered_us += sum.covered_us();
    const auto& part = counted ? sum.counter().amount() : sum.gauge().sum();
    amount += base::int128_of(part.high(), part.low());
  }
  const auto of_days = sum_up(all, year_of[0]);
  auto of_months = sum_up(by_month, year_of[0]);
  const auto& whole = counted ? of_days.counter().amount() : of_days.gauge().sum();
  RC_ASSERT(base::int128_of(whole.high(), whole.low()) == amount);
  RC_ASSERT(of_days.covered_us() == covered_us);
  RC_ASSERT(of_days.SerializeAsString() == of_months.SerializeAsString());
}

}  // namespace
}  // namespace lenne::processing::derived
