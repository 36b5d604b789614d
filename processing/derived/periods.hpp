#pragma once
// Months and years, made of their days when somebody reads: so a day's correction corrects them too.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// Months or years of one kind of day: those of rain are made of rain days, so that they too begin at 06:00 UTC.
struct PeriodKind {
  std::string_view name;  ///< as people ask for it: "rain_month"
  std::string_view window;
  std::string_view day;  ///< the window of its days
  std::chrono::months length;
};
/// A month and a year of each kind of day.
[[nodiscard]] std::span<const PeriodKind> period_kinds() noexcept;
/// By its window; null for others. Any thread.
[[nodiscard]] const PeriodKind* find_period_kind(std::string_view window) noexcept;

/// [start, end) from the first day's beginning to the last one's end, µs.
struct Period {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::string_view window;  ///< "P1M", "P1Y", "P1M-RAIN"
};

/// When the day of a date begins, µs; nothing when there are no such days.
using DayStart = std::function<std::optional<std::int64_t>(std::chrono::sys_days date)>;

/// Those that begin in [from_us, to_us), ascending; each begins where the one before ends. A day begins less than a day
/// from midnight UTC of its date. Errors bad_parameter: there are no such days, or more than `most` of them.
[[nodiscard]] base::Result<std::vector<Period>> periods_in(const PeriodKind& kind, std::int64_t from_us,
                                                           std::int64_t to_us, const DayStart& day_start,
                                                           std::size_t most);

/// What the days of one series in a period come to: counts, sums, times and extremes of all of them, exactly. `days`:
/// at least one, ascending, each once, inside of the period. Those with another kind, unit or exponent than the newest
/// one are left out and their samples counted in left_out. Days that are missing are missing in covered_us.
/// revision = how often its days were corrected; final = all of `days` are. Any thread.
[[nodiscard]] v1::Aggregate sum_up(std::span<const v1::Aggregate> days, const Period& period);

}  // namespace lenne::processing::derived
