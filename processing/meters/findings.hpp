#pragma once
// What a meter's load profile says of the pipe behind it: leak, burst, dry, reverse, tamper (the alarms of German water
// utilities' smart meters). Pure functions; any thread.

#include <cstdint>
#include <span>

#include "base/int128.hpp"
#include "processing/meters/purpose.hpp"
#include "processing/meters/slice.hpp"

namespace lenne::processing::meters {

enum class Finding : std::uint8_t {
  no,
  yes,
  unknown,
  not_judged,  ///< the rules of the connection's purpose say nothing of it
};

/// A leak: in the 24 h before `until_us` there is no full hour (`rules`: standstill) in which nothing ran. `profile`:
/// windows of at most an hour, in time order. Only sharp windows count: what is spread over the time between two
/// readings runs always. Unknown: neither such an hour, nor 24 h of sharp windows.
[[nodiscard]] Finding find_leak(std::span<const Slice> profile, std::int64_t until_us, const FindingRules& rules = {});

/// A burst: in the 24 h before `until_us` more than `limit_per_hour` steps ran for at least 30 min (`rules`) on end. A
/// window is above the limit by its mean. Unknown: no limit (0), or not all of the time is measured, or of windows
/// without readings at their edges more is known to have run, all in all, than a burst takes: it may have run at once.
[[nodiscard]] Finding find_burst(std::span<const Slice> profile, base::Int128 limit_per_hour, std::int64_t until_us,
                                 const FindingRules& rules = {});

/// Dry: nothing ran for seven days (`rules`). Unknown: not all of them are measured.
[[nodiscard]] Finding find_dry(std::span<const Slice> profile, std::int64_t until_us, const FindingRules& rules = {});

/// Reverse: more than `tolerance` steps ran backwards in the 24 h before `until_us`. Unknown: not all are measured.
[[nodiscard]] Finding find_reverse(std::span<const Slice> profile, base::Int128 tolerance, std::int64_t until_us);

/// What a contact said in a stretch of time.
struct Contact {
  std::int64_t length_us = 0;
  std::int64_t known_us = 0;
  std::int64_t open_us = 0;
};

/// Tamper: the contact of a meter's cover was open at any time. `days`: of all that the month has. Unknown: it never
/// was, as far as is known, and not all of the time is known.
[[nodiscard]] Finding find_tamper(std::span<const Contact> days) noexcept;

}  // namespace lenne::processing::meters
