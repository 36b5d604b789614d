#pragma once
// The days of a time zone. They begin at local midnight and are as long as they are: 23 and 25 hours on the days when
// summer time begins and ends.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace lenne::processing {

/// A stretch [start, end) of Unix time.
struct Day {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
};

/// A table of days, made from the time-zone database by whoever may read it. Immutable; any thread.
class DayTable {
 public:
  /// `starts_s`: when each day begins (Unix seconds), ascending, the end of the last one included; they must reach from
  /// 1970 to 2200, over all times that windows can have. Error: bad_time_zone (they do not, or a day is shorter than an
  /// hour or longer than two days).
  [[nodiscard]] static base::Result<DayTable> from_starts(std::string time_zone, std::vector<std::int64_t> starts_s);

  /// The day that contains `time_us`. Before the first day it is that one, after the last day the last one.
  [[nodiscard]] Day at(std::int64_t time_us) const noexcept;
  /// Its name in the database, e.g. "Europe/Berlin".
  [[nodiscard]] const std::string& time_zone() const noexcept { return time_zone_; }
  /// Whether each day is a whole number of panes of that length.
  [[nodiscard]] bool is_multiple_of(std::uint32_t pane_s) const noexcept;

 private:
  DayTable(std::string time_zone, std::vector<std::int64_t> starts_s)
      : time_zone_(std::move(time_zone)), starts_s_(std::move(starts_s)) {}

  std::string time_zone_;
  std::vector<std::int64_t> starts_s_;
};

}  // namespace lenne::processing
