#pragma once
// What counters of people, bicycles and vehicles say of a time: daily traffic, peak hour, who is inside, speeds.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

/// A mean of whole local days.
struct DailyTraffic {
  std::int64_t micro = 0;  ///< steps of 10^-6 of one
  int days = 0;            ///< covered to 87.5 %, or of unknown coverage
  int possible_days = 0;
  std::optional<bool> valid;  ///< all of them; nothing: the coverage of one is unknown
};
enum class TrafficDays : std::uint8_t { all, working };  ///< DTV; DTVw: Monday to Friday without holidays (NRW)

/// `results`: one series' local days (P1D), ascending. Of `days` those count that are of that kind; one without a
/// result or with too little is left out, and nothing is scaled up. Nothing without a day that counts. (Richtlinien für
/// die Straßenverkehrszählung name the two means; the shares are an own rule.) Any thread.
[[nodiscard]] std::optional<DailyTraffic> daily_traffic(std::span<const v1::Aggregate> results,
                                                        std::span<const LocalDay> days, TrafficDays which);

/// Four quarter hours in a row.
struct PeakHour {
  std::int64_t start_us = 0;
  std::int64_t micro = 0;
};
/// The first of those with the highest sum; all four must have a result. `quarters`: of one series, ascending.
[[nodiscard]] std::optional<PeakHour> peak_hour(std::span<const v1::Aggregate> quarters);

/// Who is inside, by what went in less what came out since 3 o'clock, when nobody is: counters err, and errors would
/// add up for ever.
struct Presence {
  std::int64_t highest_micro = 0;
  std::int64_t highest_us = 0;  ///< end of the first quarter hour with it
  std::int64_t left_micro = 0;  ///< what the counters say is still inside at the next 3 o'clock: their error
  int quarters = 0;             ///< that have results of both directions
  int possible_quarters = 0;
};
/// From 3 o'clock of `day` to that of `next`. `in`, `out`: quarter hours, ascending. Below 0 nobody is inside, but what
/// is missing is remembered. Nothing without a common quarter hour.
[[nodiscard]] std::optional<Presence> presence(std::span<const v1::Aggregate> in, std::span<const v1::Aggregate> out,
                                               const LocalDay& day, const LocalDay& next);

/// `part` of `whole`, in steps of 10^-6; nothing where there is no whole. Sums in any unit.
[[nodiscard]] std::optional<std::int64_t> share_micro(std::int64_t part, std::int64_t whole);
/// What the results add up to, in steps of 10^-6; those without samples count nothing.
[[nodiscard]] std::int64_t total_micro(std::span<const v1::Aggregate> results);

/// The value that 85 % of the samples do not exceed (v85), within 1/128, in steps of 10^-6 of the unit: their
/// distributions merge exactly. `results`: of one series, ascending; nothing when they have no distribution.
[[nodiscard]] std::optional<std::int64_t> v85_micro(std::span<const v1::Aggregate> results);

}  // namespace lenne::processing::derived
