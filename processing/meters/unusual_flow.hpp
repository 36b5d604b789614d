#pragma once
// A burst where nobody has said what is too much: hours in which more runs than is usual at that hour of the week. Pure
// functions; any thread.

#include <cstdint>
#include <optional>
#include <span>

#include "base/int128.hpp"
#include "processing/meters/findings.hpp"
#include "processing/meters/purpose.hpp"

namespace lenne::processing::meters {

/// One hour of a load profile, and what it is compared with; both in steps of the same size.
struct UsualHour {
  std::int64_t start_us = 0;
  std::optional<base::Int128> amount;  ///< nothing: it is not known well enough
  std::optional<base::Int128> usual;   ///< the 95th percentile of its hour of the week; nothing: of too few weeks
};

/// Unusual flow: in three hours (`rules`) on end, the last of which lies in the day [start_us, end_us), each time more
/// than usual. `hours`: ascending, of the day and the two hours before it. Unknown: no such three hours, but hours of
/// which not all is known could make them. Own rule, after what water utilities watch online.
[[nodiscard]] Finding find_unusual_flow(std::span<const UsualHour> hours, std::int64_t start_us, std::int64_t end_us,
                                        const FindingRules& rules = {});

}  // namespace lenne::processing::meters
