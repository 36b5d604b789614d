#pragma once
// Rain events: rain that six dry hours separate from other rain, from quarter hours' results. A session window over
// what is stored: it depends on the set of results alone.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/levels.hpp"

namespace lenne::processing::derived {

/// So long nothing falls between two events. Own rule; urban hydrology usually takes 4 to 6 hours.
inline constexpr std::int64_t kDryUs = 6 * kHourUs;

struct RainEvent {
  std::int64_t start_us = 0;            ///< of the first quarter hour with rain
  std::int64_t end_us = 0;              ///< of the last one
  std::int64_t micro = 0;               ///< mm, steps of 10^-6; a lower bound when quarter hours are missing
  int quarters = 0;                     ///< with rain
  std::int64_t intensity_micro = 0;     ///< of the quarter hour with most rain, mm/h, steps of 10^-6
  std::int64_t intensity_start_us = 0;  ///< of the first such one
  std::optional<bool> valid;            ///< no result is missing from six hours before it until six hours after it, and
                                        ///< all are covered; nothing: the coverage is unknown
};

/// The events that have rain in [from_us, to_us), each one as whole as `quarters` show it: one series' results of
/// 15 min, ascending, at least from kDryUs before `from_us` until kDryUs after `to_us`. One that goes on beyond them is
/// not valid. Any thread.
[[nodiscard]] std::vector<RainEvent> rain_events(std::span<const v1::Aggregate> quarters, std::int64_t from_us,
                                                 std::int64_t to_us);

}  // namespace lenne::processing::derived
