#pragma once
// Minimum night flow of a zone: the least that runs in when people sleep is mostly what leaks away.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/int128.hpp"
#include "processing/meters/slice.hpp"

namespace lenne::processing::meters {

/// From 02:00 to 04:00 local time.
struct Night {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  bool clock_change = false;  ///< it has one hour, or three: its minimum does not compare with other nights'
  friend bool operator==(const Night&, const Night&) = default;
};

/// Of the local day [day_start, day_end), for zones whose clocks change between 02:00 and 04:00 (all of Central and
/// Eastern European Time): a day of 23 h has 02:00 to 03:00 of winter time only, one of 25 h an hour twice.
[[nodiscard]] Night night_of(std::int64_t day_start_us, std::int64_t day_end_us);

/// The least of all stretches of one hour in the night, in steps: a moving sum, by as much as the windows are long.
/// `inflow`: windows that divide an hour, in time order. Nothing if no whole hour is measured.
[[nodiscard]] std::optional<base::Int128> minimum_flow(std::span<const Slice> inflow, const Night& night);

/// What is left of it when people's own use at night is taken off: `use_per_connection` steps in an hour for each of
/// the zone's connections. Negative: they used less than was said. Nothing without a minimum.
[[nodiscard]] std::optional<base::Int128> net_night_flow(const std::optional<base::Int128>& minimum,
                                                         std::size_t connections, base::Int128 use_per_connection);

}  // namespace lenne::processing::meters
