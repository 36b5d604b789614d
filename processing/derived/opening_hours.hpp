#pragma once
// When a room or a building is open, as its device's parameters say:
//
//   open_from      by the local clock, in hours: 7.5 is half past seven; absent: 8
//   open_to        the same; absent: 16
//   open_days      of a week, from Monday on: 5, 6 or 7; absent: 5
//   open_holidays  1: also on public holidays; absent: 0

#include <cstdint>
#include <optional>

#include "base/error.hpp"
#include "lenne/v1/control.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

struct OpeningHours {
  int from_minute = 8 * 60;  ///< after midnight
  int to_minute = 16 * 60;
  int days = 5;
  bool holidays = false;
};

/// Error bad_parameter, naming the parameter: it is none of the above's values, or the hours end before they begin.
[[nodiscard]] base::Result<OpeningHours> opening_hours_of(const v1::Device& device);

/// A stretch of time [from, to), µs.
struct OpenSpan {
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
};
/// Nothing on a day that is closed. Any thread.
[[nodiscard]] std::optional<OpenSpan> open_on(const OpeningHours& hours, const LocalDay& day);

}  // namespace lenne::processing::derived
