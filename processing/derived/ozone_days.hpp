#pragma once
// Ozone of a day: its highest mean of eight hours, against the target for people's health.

#include <cstdint>
#include <optional>
#include <span>

#include "processing/derived/air_quality.hpp"

namespace lenne::processing::derived {

/// 39. BImSchV, § 9 and annex 7 (2008/50/EC): the highest mean of eight hours of a day, from this on exceeded; on at
/// most 25 days of a year, as a mean over three years. Days are those of Central European Time the whole year.
inline constexpr std::int64_t kOzoneTarget = 120;

struct OzoneDay {
  std::int64_t micro = 0;     ///< the highest mean of 8 h, ug/m3, steps of 10^-6
  std::int64_t end_us = 0;    ///< of its eight hours; of several the first
  int means = 0;              ///< of the day's 24 that have 6 of their 8 hours
  bool exceeded = false;      ///< above kOzoneTarget
  std::optional<bool> valid;  ///< there are 18, or it is exceeded; nothing: the coverage is unknown
};

/// The day that begins then. A mean of eight hours belongs to the day on which it ends: the first one ends an hour
/// after the day's beginning. `hours`: of ozone, ascending, from seven hours before it. Nothing without a mean. Any
/// thread.
[[nodiscard]] std::optional<OzoneDay> ozone_day(std::span<const HourMean> hours, std::int64_t start_us);

}  // namespace lenne::processing::derived
