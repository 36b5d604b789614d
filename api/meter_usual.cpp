#include "api/meter_usual.hpp"

#include "api/device_days.hpp"
#include "api/meter_rows.hpp"
#include "api/stored_results.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::api {
namespace {

namespace derived = processing::derived;
namespace meters = processing::meters;

using derived::LocalDay;

std::vector<meters::UsualHour> hours_of_day(std::span<const v1::Aggregate> rows, const LocalDay& day,
                                            const derived::WeekProfile& profile) {
  std::vector<meters::UsualHour> hours;
  const auto& of_day = profile[std::chrono::weekday{day.date}.iso_encoding() - 1];
  for (int hour = 0; hour < 24; ++hour) {
    const auto end_us = derived::clock_us(day, (hour + 1) * 60);
    // None where the clock skips it, two where it comes twice.
    for (auto at_us = derived::clock_us(day, hour * 60); at_us < end_us; at_us += meters::kHourUs) {
      auto& found = hours.emplace_back(at_us);
      const auto* row = derived::row_at(rows, at_us);
      found.amount = row == nullptr ? std::nullopt : derived::hour_value(*row);
      found.usual = of_day[static_cast<std::size_t>(hour)].p95_micro;
    }
  }
  return hours;
}

}  // namespace

base::Result<std::vector<meters::UsualHour>> usual_hours(Context& context, const Caller& caller,
                                                         const MeterMonth& month, const std::string& measure,
                                                         std::size_t weeks) {
  const std::chrono::sys_days first{month.month / 1};
  const std::chrono::sys_days after{(month.month + std::chrono::months{1}) / 1};
  const auto before = days_between(context, first - std::chrono::weeks{static_cast<int>(weeks)}, first);
  if (!before) return std::unexpected(before.error());
  const auto judged = days_between(context, first - std::chrono::days{1}, after);
  if (!judged) return std::unexpected(judged.error());
  const storage::views::AggregateFilter filter{.measure = measure,
                                               .window = std::string(kHourWindow),
                                               .from = base::from_us(before->front().start_us),
                                               .to = base::from_us(judged->back().end_us),
                                               .tenant = month.device.tenant(),
                                               .device = base::DevEui{month.device.dev_eui()}};
  const auto rows = rows_of_device(context, caller.scope, filter, true);
  if (!rows) return std::unexpected(rows.error());
  const auto profile = derived::week_profile(*rows, *before);
  std::vector<meters::UsualHour> hours;
  for (const auto& day : *judged) {
    for (auto& hour : hours_of_day(*rows, day, profile)) hours.push_back(std::move(hour));
  }
  return hours;
}

}  // namespace lenne::api
