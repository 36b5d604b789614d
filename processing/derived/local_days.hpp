#pragma once
// Local days and what their clocks show. Where days begin is told by whoever knows the time zone.

#include <chrono>
#include <cstdint>

namespace lenne::processing::derived {

/// [start, end) in µs of Unix time: 23 and 25 hours long when summer time begins and ends.
struct LocalDay {
  std::chrono::sys_days date;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
};

/// When the day's clock shows so many minutes after midnight (0 to 1440). By the rule of the European Union
/// (2000/84/EC) the clock is changed between 2 and 3 o'clock: an hour that is skipped begins where the next one does,
/// of an hour that comes twice it is the first. Any thread.
[[nodiscard]] std::int64_t clock_us(const LocalDay& day, int minutes) noexcept;

}  // namespace lenne::processing::derived
