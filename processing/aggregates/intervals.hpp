#pragma once
// What lies between the readings of a meter: how much was counted from one to the next, and what cannot be known.
// A reading is judged by its neighbours alone, so that every window that an interval touches judges it alike.

#include <cstdint>
#include <span>
#include <vector>

#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

enum class Verdict : std::uint8_t {
  counted,      ///< the difference of the values; negative: it ran backwards, by a little or as the meter itself says
  rollover,     ///< the register began anew at its largest value
  reset,        ///< it fell for another reason: the amount is unknown
  exchange,     ///< another meter: the amount is unknown, or nothing between its marks
  unconfirmed,  ///< more than the meter can measure, and no later reading says so, too: counts nothing
};

/// From one reading to the next that is believed.
struct Interval {
  const Entry* from;
  const Entry* to;
  base::Int128 amount;  ///< steps; 0 where the verdict says that it is unknown
  Verdict verdict;

  [[nodiscard]] std::int64_t length_us() const noexcept { return to->time_us - from->time_us; }
  [[nodiscard]] bool is_known() const noexcept { return verdict == Verdict::counted || verdict == Verdict::rollover; }
};

/// What a stretch of readings says.
struct Judged {
  std::vector<Interval> intervals;   ///< in time order, between neighbours that are at most kMaxHoldUs apart
  std::vector<const Entry*> spikes;  ///< readings that the next one refutes; intervals pass them by
};

/// `readings` in order; the entries must outlive what is returned. `rollover_at`: the register's size, 0 = unknown.
[[nodiscard]] Judged judge(std::span<const Reading> readings, std::uint64_t rollover_at);

}  // namespace lenne::processing::aggregates
