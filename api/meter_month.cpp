#include "api/meter_month.hpp"

#include <algorithm>

#include "api/meter_rows.hpp"
#include "api/stored_results.hpp"
#include "base/ids.hpp"
#include "processing/derived/holidays.hpp"
#include "processing/meters/slow_leak.hpp"

namespace lenne::api {
namespace {

namespace meters = processing::meters;

using base::Int128;
using std::chrono::year_month;
using std::chrono::year_month_day;
using storage::views::AggregateFilter;

// What rules of findings look back; also as long as readings may be apart to say anything of the time between them.
constexpr auto kWeek = std::chrono::hours{7 * 24};
constexpr auto kSlowLeak = std::chrono::hours{28 * 24};
constexpr auto kComparable = std::chrono::microseconds{meters::kComparableUs};
// What fewer sites use is no standard. An own rule.
constexpr std::uint32_t kLeastSites = 5;

meters::DayClass class_of(const std::chrono::sys_days date) {
  const std::chrono::weekday weekday{date};
  if (weekday == std::chrono::Sunday || !processing::derived::holiday(date).empty()) return meters::DayClass::sunday;
  return weekday == std::chrono::Saturday ? meters::DayClass::saturday : meters::DayClass::working_day;
}

meters::Hour hour_of(const v1::Aggregate& row) {
  const auto& counter = row.counter();
  return {.slice = slice_of(row),
          .estimated = steps_of(counter.estimated()),
          .reading_at_start = counter.has_first() && counter.first().time_us() == row.start_us(),
          .reading_inside = counter.has_last() && counter.last().time_us() > row.start_us()};
}

void put(v1::Int128& out, Int128 value) {
  out.set_high(base::high_of(value));
  out.set_low(base::low_of(value));
}

/// Moves what is estimated of a result by `more` steps.
void move_estimated(v1::Aggregate& row, Int128 more) {
  if (more == 0) return;
  auto& counter = *row.mutable_counter();
  put(*counter.mutable_amount(), steps_of(counter.amount()) + more);
  put(*counter.mutable_estimated(), steps_of(counter.estimated()) + more);
}

meters::Day day_of(std::int64_t start_us, std::int64_t end_us) {
  return {start_us, end_us, class_of(date_of_day(start_us))};
}

/// Gives hours their substitutes, and days what these come to.
void put_in_place(std::vector<MeterWindow>& days, std::vector<MeterWindow>& hours,
                  std::span<const meters::Hour> profile, std::span<const meters::Substitute> found) {
  auto day = days.begin();
  for (std::size_t i = 0; i < hours.size(); ++i) {
    const auto more = found[i].estimated - profile[i].estimated;
    hours[i].method = found[i].method;
    move_estimated(hours[i].row, more);
    const auto start_us = hours[i].row.start_us();
    while (day != days.end() && day->row.end_us() <= start_us) ++day;
    if (day == days.end() || start_us < day->row.start_us()) continue;
    day->method = std::max(day->method, found[i].method);
    move_estimated(day->row, more);
  }
  for (auto& each : days) {
    if (each.row.counter().estimated_us() > 0 && each.method == meters::Method::none)
      each.method = meters::Method::even;
  }
}

class Reader {
 public:
  Reader(Context& context, const Caller& caller, const MeterMonth& month)
      : context_(&context), caller_(&caller), month_(&month) {}

  /// Of the month, so much before and after it.
  [[nodiscard]] base::Result<std::vector<MeterWindow>> windows(const std::string& measure, std::string_view window,
                                                               base::Duration before, base::Duration after) const {
    const AggregateFilter filter{.measure = measure,
                                 .window = std::string(window),
                                 .from = month_->from - before,
                                 .to = month_->to + after,
                                 .tenant = month_->device.tenant(),
                                 .device = base::DevEui{month_->device.dev_eui()}};
    auto rows = rows_of_device(*context_, caller_->scope, filter, true);
    if (!rows) return std::unexpected(rows.error());
    std::vector<MeterWindow> all;
    for (auto& row : *rows) all.push_back({std::move(row)});
    return all;
  }

  /// The results of the device's tenant, so much before and after the month.
  [[nodiscard]] base::Result<std::vector<v1::Rollup>> of_tenant(const std::string& measure, std::string_view window,
                                                                base::Duration before, base::Duration after) const {
    const storage::views::RollupFilter filter{.level = v1::ROLLUP_LEVEL_TENANT,
                                              .measure = measure,
                                              .window = std::string(window),
                                              .from = month_->from - before,
                                              .to = month_->to + after,
                                              .tenant = month_->device.tenant()};
    const auto& limits = context_->settings.limits;
    auto page =
        context_->queries.rollups(caller_->scope, filter, {.limit = limits.rows, .scan_limit = limits.scanned_rows});
    if (!page) return std::unexpected(page.error());
    if (!page->next.empty()) return base::fail("too_many", "too many windows at once: ask for a shorter time");
    return std::move(page->items);
  }

 private:
  Context* context_;
  const Caller* caller_;
  const MeterMonth* month_;
};

/// What all meters of the tenant use in each hour, in thousandths of a step for each of its sites.
base::Result<meters::StandardProfile> standard_profile(const Reader& reader, const std::string& measure,
                                                       base::Duration before, base::Duration after) {
  const auto days = reader.of_tenant(measure, kLocalDayWindow, before, after);
  if (!days) return std::unexpected(days.error());
  const auto hours = reader.of_tenant(measure, kHourWindow, before, after);
  if (!hours) return std::unexpected(hours.error());
  meters::StandardProfile standard;
  for (const auto& day : *days) standard.days.push_back(day_of(day.start_us(), day.end_us()));
  for (const auto& hour : *hours) {
    if (hour.kind() != v1::KIND_COUNTER || hour.members_used() < kLeastSites) continue;
    const auto mean = base::divide_rounded(steps_of(hour.members().sum()) * 1000, hour.members_used());
    standard.hours.push_back({.start_us = hour.start_us(),
                              .end_us = hour.end_us(),
                              .amount = mean,
                              .measured_us = hour.end_us() - hour.start_us()});
  }
  return standard;
}

/// Comparable days, else the standard profile; that is read only where it is needed.
base::Result<void> substitute(const Reader& reader, const std::string& measure, std::vector<MeterWindow>& days,
                              std::vector<MeterWindow>& hours) {
  std::vector<meters::Day> local;
  for (const auto& day : days) local.push_back(day_of(day.row.start_us(), day.row.end_us()));
  std::vector<meters::Hour> profile;
  for (const auto& hour : hours) profile.push_back(hour_of(hour.row));
  auto found = meters::substitute(profile, local);
  if (std::ranges::any_of(found, [](const auto& each) { return each.method == meters::Method::even; })) {
    const auto standard = standard_profile(reader, measure, kWeek + kComparable, kWeek);
    if (!standard) return std::unexpected(standard.error());
    found = meters::substitute(profile, local, *standard);
  }
  put_in_place(days, hours, profile, found);
  return {};
}

base::Result<MeterRegister> read_register(const Reader& reader, const MeterMonth& month, const std::string& measure,
                                          SlowLeaks slow_leaks) {
  base::Duration before = slow_leaks == SlowLeaks::yes ? kSlowLeak : kWeek;
  base::Duration after{0};
  auto days = reader.windows(measure, kLocalDayWindow, before, after);
  if (!days) return std::unexpected(days.error());
  const auto is_of_month = [&](const MeterWindow& day) { return month_of(day.row) == month.month; };
  const auto is_estimated = [](const MeterWindow& each) { return each.row.counter().estimated_us() > 0; };
  const bool substitutes =
      std::ranges::any_of(*days, [&](const auto& day) { return is_of_month(day) && is_estimated(day); });
  if (substitutes) {
    before = kWeek + kComparable;
    after = kWeek;
    days = reader.windows(measure, kLocalDayWindow, before, after);
    if (!days) return std::unexpected(days.error());
  }
  auto hours = reader.windows(measure, kHourWindow, before, after);
  if (!hours) return std::unexpected(hours.error());
  if (substitutes) {
    if (auto placed = substitute(reader, measure, *days, *hours); !placed) return std::unexpected(placed.error());
  }
  MeterRegister read;
  for (const auto& hour : *hours) read.profile.push_back(slice_of(hour.row));
  for (const auto& day : *days) {
    // The same days whether substitutes ask for more or not.
    if (month_of(day.row) > month.month || base::from_us(day.row.start_us()) < month.from - kSlowLeak) continue;
    read.least_hours.push_back(meters::least_hour(read.profile, day.row.start_us(), day.row.end_us()));
  }
  std::erase_if(*days, [&](const auto& day) { return !is_of_month(day); });
  if (!days->empty()) {
    std::erase_if(*hours, [&](const auto& hour) {
      return hour.row.start_us() < days->front().row.start_us() || hour.row.start_us() >= days->back().row.end_us();
    });
  } else {
    hours->clear();
  }
  read.days = std::move(*days);
  read.hours = std::move(*hours);
  return read;
}

}  // namespace

year_month_day date_of_day(std::int64_t day_start_us) {
  const auto noon = base::from_us(day_start_us) + std::chrono::hours{12};
  return year_month_day{std::chrono::floor<std::chrono::days>(noon)};
}

year_month month_of(const v1::Aggregate& day) {
  const auto date = date_of_day(day.start_us());
  return {date.year(), date.month()};
}

base::Result<year_month> month_asked(const Request& request) {
  const auto year = request.query.size("year", 0, 9999);
  if (!year) return std::unexpected(year.error());
  const auto month = request.query.size("month", 0, 9999);
  if (!month) return std::unexpected(month.error());
  if (*year < 2000 || *year > 2199 || *month < 1 || *month > 12)
    return base::fail("bad_parameter", "year (2000 to 2199) and month (1 to 12) are required");
  return year_month{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{static_cast<unsigned>(*month)}};
}

base::Result<MeterMonth> meter_month(const Context& context, const Request& request, const Caller& caller) {
  const auto eui = request.query.dev_eui("device");
  if (!eui) return std::unexpected(eui.error());
  if (!*eui) return base::fail("bad_parameter", "device is required");
  const auto asked = month_asked(request);
  if (!asked) return std::unexpected(asked.error());
  const auto of = *asked;
  auto device = context.queries.device(caller.scope, **eui);
  if (!device) return std::unexpected(device.error());
  if (!*device) return base::fail("unknown_device", "there is no device " + base::to_hex(**eui));
  constexpr auto kZones = std::chrono::hours{14};
  return MeterMonth{of, base::Timestamp{std::chrono::sys_days{of / 1}} - kZones,
                    base::Timestamp{std::chrono::sys_days{(of + std::chrono::months{1}) / 1}} + kZones,
                    std::move(**device)};
}

base::Result<std::map<std::string, MeterRegister>> read_registers(Context& context, const Caller& caller,
                                                                  const MeterMonth& month, SlowLeaks slow_leaks) {
  const Reader reader(context, caller, month);
  std::map<std::string, MeterRegister> registers;
  for (const auto& series : month.device.series()) {
    if (series.kind() != v1::KIND_COUNTER) continue;
    auto read = read_register(reader, month, series.measure(), slow_leaks);
    if (!read) return std::unexpected(read.error());
    registers.emplace(series.measure(), std::move(*read));
  }
  return registers;
}

}  // namespace lenne::api
