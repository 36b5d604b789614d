#pragma once
// How a container fills: since when, how fast, and when it is due.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

inline constexpr std::int64_t kDueFill = 80;       ///< %: when a container is due
inline constexpr std::int64_t kFullFill = 90;      ///< %: when it counts as full
inline constexpr std::int64_t kEmptyingDrop = 30;  ///< points of %: such a fall is an emptying
/// So many hours since the last emptying are looked at; of more, the newest. 128 have 8,128 pairs.
inline constexpr std::size_t kFillPoints = 128;
/// Fewer, or of less than so long, say nothing of how fast it fills.
inline constexpr std::size_t kFillPointsLeast = 3;
inline constexpr std::int64_t kFillLeastUs = 12 * std::int64_t{3'600'000'000};

struct Emptying {
  std::int64_t time_us = 0;     ///< end of the first hour after the fall
  std::int64_t fill_micro = 0;  ///< before it, steps of 10^-6 %
  friend bool operator==(const Emptying&, const Emptying&) = default;
};

struct Filling {
  std::int64_t fill_micro = 0;  ///< of the newest hour
  std::int64_t time_us = 0;     ///< its end
  std::vector<Emptying> emptyings;
  std::optional<std::int64_t> slope_micro;  ///< 10^-6 % per hour since the last emptying (Theil 1950, Sen 1968)
  std::optional<std::int64_t> due_us;       ///< when it reaches 80 %; time_us where it has; nothing: it does not fill
  std::int64_t full_us = 0;                 ///< how long it had at least 90 %
};

/// `hours`: one series' results of 1 h of fill_level, ascending. An hour's mean holds until the next result, at most
/// two nominal intervals (or the hour itself, where the interval is unknown). Nothing without a result. Any thread.
[[nodiscard]] std::optional<Filling> filling_of(std::span<const v1::Aggregate> hours);

}  // namespace lenne::processing::derived
