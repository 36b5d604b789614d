#pragma once
// What a meter's load profile says of the pipe behind it: leak, burst, dry, reverse (the alarms of German water
// utilities' smart meters). Pure functions; any thread.

#include <cstdint>
#include <span>

#include "base/int128.hpp"
#include "processing/meters/slice.hpp"

namespace lenne::processing::meters {

enum class Finding : std::uint8_t { no, yes, unknown };

/// A leak: in the 24 h before `until_us` there is no full hour in which nothing ran. `profile`: windows of at most an
/// hour, in time order. Only sharp windows count: what is spread over the time between two readings runs always.
/// Unknown: neither such an hour, nor 24 h of sharp windows.
[[nodiscard]] Finding find_leak(std::span<const Slice> profile, std::int64_t until_us);

/// A burst: in the 24 h before `until_us` more than `limit_per_hour` steps ran for at least 30 min on end. A window is
/// above the limit by its mean. Unknown: no limit (0), or not all of the time is measured, or of windows without readings
/// at their edges more is known to have run, all in all, than a burst takes: it may have run at once.
[[nodiscard]] Finding find_burst(std::span<const Slice> profile, base::Int128 limit_per_hour, std::int64_t until_us);

/// Dry: nothing ran for seven days. Unknown: not all of them are measured.
[[nodiscard]] Finding find_dry(std::span<const Slice> profile, std::int64_t until_us);

/// Reverse: more than `tolerance` steps ran backwards in the 24 h before `until_us`. Unknown: not all are measured.
[[nodiscard]] Finding find_reverse(std::span<const Slice> profile, base::Int128 tolerance, std::int64_t until_us);

}  // namespace lenne::processing::meters
