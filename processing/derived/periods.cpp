#include "processing/derived/periods.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <tuple>

#include "base/int128.hpp"
#include "base/time.hpp"
#include "processing/derived/result.hpp"

namespace lenne::processing::derived {
namespace {

using std::chrono::months;

// Named as their days are (processing/calendar.hpp).
constexpr std::array kPeriodKinds = std::to_array<PeriodKind>({
    {"month", "P1M", "P1D", months{1}},
    {"month_utc", "P1M-UTC", "PT24H", months{1}},
    {"month_cet", "P1M-CET", "P1D-CET", months{1}},
    {"rain_month", "P1M-RAIN", "P1D-RAIN", months{1}},
    {"gas_month", "P1M-GAS", "P1D-GAS", months{1}},
    {"year", "P1Y", "P1D", months{12}},
    {"year_utc", "P1Y-UTC", "PT24H", months{12}},
    {"year_cet", "P1Y-CET", "P1D-CET", months{12}},
    {"rain_year", "P1Y-RAIN", "P1D-RAIN", months{12}},
    {"gas_year", "P1Y-GAS", "P1D-GAS", months{12}},
});

// Unsigned: what damaged rows add up to wraps, and is no undefined sum.
void add(v1::Int128& into, const v1::Int128& more) {
  const auto wide = [](const v1::Int128& x) { return static_cast<base::UInt128>(base::int128_of(x.high(), x.low())); };
  const auto sum = static_cast<base::Int128>(wide(into) + wide(more));
  into.set_high(base::high_of(sum));
  into.set_low(base::low_of(sum));
}

/// Buckets of both, ascending.
void add_buckets(v1::GaugeState& into, const v1::GaugeState& more) {
  v1::GaugeState both;
  int a = 0;
  int b = 0;
  const auto put = [&](std::int32_t bucket, std::uint64_t count) {
    both.add_bucket(bucket);
    both.add_bucket_count(count);
  };
  const auto size = [](const v1::GaugeState& of) { return std::min(of.bucket_size(), of.bucket_count_size()); };
  while (a < size(into) || b < size(more)) {
    const bool from_a = a < size(into) && (b >= size(more) || into.bucket(a) <= more.bucket(b));
    const bool from_b = b < size(more) && (a >= size(into) || more.bucket(b) <= into.bucket(a));
    put(from_a ? into.bucket(a) : more.bucket(b),
        (from_a ? into.bucket_count(a) : 0) + (from_b ? more.bucket_count(b) : 0));
    a += from_a ? 1 : 0;
    b += from_b ? 1 : 0;
  }
  *into.mutable_bucket() = both.bucket();
  *into.mutable_bucket_count() = both.bucket_count();
}

// The days come in order, so that of equal extremes the earlier one stays.
void add(v1::GaugeState& into, const v1::GaugeState& more) {
  const auto samples = into.samples() + more.samples();
  if (more.count() == 0 || into.count() == 0) {
    if (into.count() == 0) into = more;
    into.set_samples(samples);
    return;
  }
  into.set_samples(samples);
  into.set_count(into.count() + more.count());
  add(*into.mutable_sum(), more.sum());
  if (into.has_sum_squares()) add(*into.mutable_sum_squares(), more.sum_squares());
  if (more.min().value() < into.min().value()) *into.mutable_min() = more.min();
  if (more.max().value() > into.max().value()) *into.mutable_max() = more.max();
  add_buckets(into, more);
}

template <typename State>
void add_ends(State& into, const State& more) {
  if (!into.has_first() && more.has_first()) *into.mutable_first() = more.first();
  if (more.has_last()) *into.mutable_last() = more.last();
}

void add(v1::DurationState& into, const v1::DurationState& more) {
  into.set_count(into.count() + more.count());
  into.set_occupied_us(into.occupied_us() + more.occupied_us());
  into.set_known_us(into.known_us() + more.known_us());
  into.set_transitions_on(into.transitions_on() + more.transitions_on());
  into.set_transitions_off(into.transitions_off() + more.transitions_off());
  add_ends(into, more);
}

void add(v1::CounterState& into, const v1::CounterState& more) {
  into.set_count(into.count() + more.count());
  add(*into.mutable_amount(), more.amount());
  add(*into.mutable_estimated(), more.estimated());
  add(*into.mutable_interpolated(), more.interpolated());
  add(*into.mutable_reverse(), more.reverse());
  into.set_estimated_us(into.estimated_us() + more.estimated_us());
  into.set_interpolated_us(into.interpolated_us() + more.interpolated_us());
  into.set_rollovers(into.rollovers() + more.rollovers());
  into.set_resets(into.resets() + more.resets());
  into.set_exchanges(into.exchanges() + more.exchanges());
  into.set_quarantined(into.quarantined() + more.quarantined());
  add_ends(into, more);
}

bool alike(const v1::Aggregate& a, const v1::Aggregate& b) {
  return a.kind() == b.kind() && a.unit() == b.unit() && a.exponent() == b.exponent();
}

/// All rules by which any of the days was made, sorted; at most as many as a result has.
void add_rules(v1::Aggregate& into, const v1::Aggregate& more) {
  constexpr int kMost = 8;
  const auto order = [](const v1::AppliedRules& rules) {
    return std::tuple(std::string_view(rules.use_case()), rules.version(), rules.fingerprint());
  };
  for (const auto& rules : more.rules()) {
    auto& all = *into.mutable_rules();
    const auto place = std::ranges::lower_bound(all, order(rules), {}, order);
    if (place != all.end() && order(*place) == order(rules)) continue;
    const auto at = static_cast<int>(place - all.begin());
    *all.Add() = rules;
    for (int i = all.size() - 1; i > at; --i) all.SwapElements(i, i - 1);
    if (all.size() > kMost) all.RemoveLast();
  }
}

}  // namespace

std::span<const PeriodKind> period_kinds() noexcept { return kPeriodKinds; }

const PeriodKind* find_period_kind(std::string_view window) noexcept {
  const auto* const found = std::ranges::find(kPeriodKinds, window, &PeriodKind::window);
  return found == kPeriodKinds.end() ? nullptr : found;
}

base::Result<std::vector<Period>> periods_in(const PeriodKind& kind, std::int64_t from_us, std::int64_t to_us,
                                             const DayStart& day_start, std::size_t most) {
  using namespace std::chrono;
  // A day's beginning may lie on either side of its date in UTC.
  const year_month_day first{floor<days>(base::from_us(from_us)) - days{1}};
  const auto last = floor<days>(base::from_us(to_us)) + days{1};
  auto at = first.year() / (kind.length == months{1} ? first.month() : January) / 1d;
  std::vector<Period> periods;
  for (; sys_days{at} <= last; at += kind.length) {
    const auto start = day_start(sys_days{at});
    const auto end = day_start(sys_days{at + kind.length});
    if (!start || !end)
      return base::fail("bad_parameter", "this server has no days " + std::string(kind.day) + " to make " +
                                             std::string(kind.name) + " of");
    if (*start < from_us || *start >= to_us) continue;
    if (periods.size() == most)
      return base::fail("bad_parameter", "more than " + std::to_string(most) + " months or years at once");
    periods.push_back({*start, *end, kind.window});
  }
  return periods;
}

v1::Aggregate sum_up(std::span<const v1::Aggregate> days, const Period& period) {
  const auto& newest = days.back();
  auto all = newest;
  all.clear_state();
  all.clear_rules();
  all.set_start_us(period.start_us);
  all.set_end_us(period.end_us);
  all.set_window(std::string(period.window));
  all.set_final(true);
  all.set_revision(0);
  all.set_covered_us(0);
  all.set_left_out(0);
  all.set_emitted_us(0);
  for (const auto& day : days) {
    all.set_final(all.final() && day.final());
    all.set_revision(all.revision() + day.revision());
    all.set_left_out(all.left_out() + day.left_out());
    add_rules(all, day);
    all.set_emitted_us(std::max(all.emitted_us(), day.emitted_us()));
    if (!alike(day, newest)) {
      all.set_left_out(all.left_out() + samples_of(day));
      continue;
    }
    all.set_covered_us(all.covered_us() + day.covered_us());
    if (day.has_gauge()) add(*all.mutable_gauge(), day.gauge());
    if (day.has_duration()) add(*all.mutable_duration(), day.duration());
    if (day.has_counter()) add(*all.mutable_counter(), day.counter());
  }
  return all;
}

}  // namespace lenne::processing::derived
