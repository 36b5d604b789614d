#pragma once
// Which sums of a whole's parts may be told beside each other and beside the whole.

#include <cstdint>
#include <span>
#include <vector>

#include "base/int128.hpp"
#include "processing/meters/gate.hpp"

namespace lenne::processing::meters {

/// One answer for each part, by its meters' amounts in steps. Each part that is told passes judge(); the others
/// together pass it too, or have no meters: what is left of the whole by subtraction is again a sum of many. Where that
/// needs it, parts that would pass are kept back, those with the fewest meters first. A pure function; any thread.
[[nodiscard]] std::vector<bool> told_together(std::span<const std::vector<base::Int128>> parts, std::int64_t end_us,
                                              std::int64_t now_us, const GateRules& rules = kGateRules);

}  // namespace lenne::processing::meters
