#pragma once
// What is usual at an hour of the week: of counts, occupancy or levels, over many weeks.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

/// So many weeks an hour's median needs, and its 95th percentile. By nearest rank the latter is the highest value of
/// fewer than 20: then it would say nothing of its own. Own rules.
inline constexpr int kLeastWeeksOfMedian = 4;
inline constexpr int kLeastWeeksOfP95 = 20;

/// One of the 168 hours of a week by the local clock.
struct WeekHour {
  int weeks = 0;                             ///< in which the hour has a result that counts
  std::optional<std::int64_t> median_micro;  ///< nearest rank, steps of 10^-6; nothing of fewer weeks
  std::optional<std::int64_t> p95_micro;
  std::optional<std::int64_t> highest_micro;
};
/// By weekday from Monday on, and hour from 0 to 23.
using WeekProfile = std::array<std::array<WeekHour, 24>, 7>;

/// What an hour counts with: of events and counters the sum, of gauges the mean, of states the share of the known time
/// that is occupied; steps of 10^-6. Nothing where it is covered to less than 75 %.
[[nodiscard]] std::optional<std::int64_t> hour_value(const v1::Aggregate& hour);

/// `hours`: one series' results of 1 h, ascending. An hour that the clock skips counts nowhere; of one that comes twice
/// the first counts. Holidays are days like others. Any thread.
[[nodiscard]] WeekProfile week_profile(std::span<const v1::Aggregate> hours, std::span<const LocalDay> days);

}  // namespace lenne::processing::derived
