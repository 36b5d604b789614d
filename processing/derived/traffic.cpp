#include "processing/derived/traffic.hpp"

#include <algorithm>

#include "base/distribution.hpp"
#include "processing/derived/holidays.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/periods.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kTrafficQuarterUs = kHourUs / 4;
constexpr int kNobodyInside = 3 * 60;  // minutes after midnight
constexpr unsigned kV85 = 85;

}  // namespace

std::optional<DailyTraffic> daily_traffic(std::span<const v1::Aggregate> results, std::span<const LocalDay> days,
                                          TrafficDays which) {
  DailyTraffic traffic;
  base::Int128 sum = 0;
  bool known = true;
  for (const auto& day : days) {
    if (which == TrafficDays::working && !is_working_day(day.date)) continue;
    ++traffic.possible_days;
    const auto* row = row_at(results, day.start_us);
    const auto amount = row == nullptr ? std::nullopt : sum_micro(*row);
    if (!amount) continue;
    const auto valid = covered(*row, kDayCoverage);
    if (valid == false) continue;
    sum += *amount;
    known = known && valid.has_value();
    ++traffic.days;
  }
  if (traffic.days == 0) return std::nullopt;
  traffic.micro = static_cast<std::int64_t>(base::divide_rounded(sum, traffic.days));
  if (traffic.days < traffic.possible_days) {
    traffic.valid = false;
  } else if (known) {
    traffic.valid = true;
  }
  return traffic;
}

std::optional<PeakHour> peak_hour(std::span<const v1::Aggregate> quarters) {
  std::optional<PeakHour> peak;
  for (std::size_t i = 0; i + 3 < quarters.size(); ++i) {
    if (quarters[i + 3].start_us() - quarters[i].start_us() != 3 * kTrafficQuarterUs) continue;
    const auto sum = total_micro(quarters.subspan(i, 4));
    if (!peak || sum > peak->micro) peak = PeakHour{quarters[i].start_us(), sum};
  }
  return peak;
}

std::optional<Presence> presence(std::span<const v1::Aggregate> in, std::span<const v1::Aggregate> out,
                                 const LocalDay& day, const LocalDay& next) {
  Presence found;
  const auto from_us = clock_us(day, kNobodyInside);
  const auto to_us = clock_us(next, kNobodyInside);
  found.possible_quarters = static_cast<int>((to_us - from_us) / kTrafficQuarterUs);
  found.highest_us = from_us;
  for (auto at = from_us; at + kTrafficQuarterUs <= to_us; at += kTrafficQuarterUs) {
    const auto* came = row_at(in, at);
    const auto* went = row_at(out, at);
    if (came == nullptr || went == nullptr) continue;
    ++found.quarters;
    found.left_micro += sum_micro(*came).value_or(0) - sum_micro(*went).value_or(0);
    if (found.left_micro <= found.highest_micro) continue;
    found.highest_micro = found.left_micro;
    found.highest_us = at + kTrafficQuarterUs;
  }
  if (found.quarters == 0) return std::nullopt;
  return found;
}

std::optional<std::int64_t> share_micro(std::int64_t part, std::int64_t whole) {
  if (whole <= 0) return std::nullopt;
  return static_cast<std::int64_t>(base::divide_rounded(base::Int128{part} * kMicro, whole));
}

std::int64_t total_micro(std::span<const v1::Aggregate> results) {
  base::Int128 sum = 0;
  for (const auto& row : results) sum += sum_micro(row).value_or(0);
  constexpr base::Int128 kMost = INT64_MAX;
  return static_cast<std::int64_t>(std::clamp(sum, -kMost, kMost));
}

std::optional<std::int64_t> v85_micro(std::span<const v1::Aggregate> results) {
  if (results.empty()) return std::nullopt;
  const auto all = sum_up(results, {results.front().start_us(), results.back().end_us(), {}});
  const auto& gauge = all.gauge();
  const auto value = base::quantile({gauge.bucket().data(), static_cast<std::size_t>(gauge.bucket_size())},
                                    {gauge.bucket_count().data(), static_cast<std::size_t>(gauge.bucket_count_size())},
                                    kV85, gauge.min().value(), gauge.max().value());
  return value ? to_micro(*value, all.exponent()) : std::nullopt;
}

}  // namespace lenne::processing::derived
