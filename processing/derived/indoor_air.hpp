#pragma once
// The air of a room in its opening hours, from quarter hours of co2.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/opening_hours.hpp"

namespace lenne::processing::derived {

inline constexpr std::size_t kCo2Classes = 3;  ///< co2_levels(): harmless, conspicuous, unacceptable
inline constexpr std::int64_t kCo2LimitPpm = 1000;

struct IndoorAir {
  int possible_quarters = 0;                     ///< of the opening hours
  int quarters = 0;                              ///< that have a mean covered to 75 %, or of unknown coverage
  std::array<int, kCo2Classes> by_class{};       ///< of those, by the class of their mean
  std::optional<bool> valid;                     ///< at least 75 % of the quarters; nothing: coverage is unknown
  std::optional<std::int64_t> first_above_us;    ///< begin of the first quarter whose mean is above 1000 ppm
  bool first_valid = true;                       ///< no quarter is missing before it (or at all, when there is none)
  std::optional<std::int64_t> highest_45_micro;  ///< highest mean of three quarters in a row, steps of 10^-6 ppm
  std::int64_t highest_45_us = 0;                ///< begin of the first such three
};

/// `quarters`: one series' results of 15 min of co2, ascending. Those that lie inside of `open` count. Any thread.
/// Classes and the limit: Umweltbundesamt, Ausschuss für Innenraumrichtwerte; 45 min are a lesson.
[[nodiscard]] IndoorAir indoor_air(std::span<const v1::Aggregate> quarters, const OpenSpan& open);

}  // namespace lenne::processing::derived
