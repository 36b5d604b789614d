#pragma once
// The door to the time-zone database of the machine (package tzdata).

#include <chrono>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "processing/day_table.hpp"

namespace lenne::app {

/// The days of a zone such as "Europe/Berlin", from 1970 to 2200 by the rules that the database has today. Each begins
/// at midnight, or so many hours later by the clock of the zone.
/// Error: bad_time_zone (it has no such zone, or there is no database).
[[nodiscard]] base::Result<std::shared_ptr<const processing::DayTable>> days_of(const std::string& time_zone,
                                                                                std::chrono::hours after_midnight = {});

}  // namespace lenne::app
