#pragma once
// Whether a sum over devices may be published to everyone. What may not is withheld, never blurred: a blurred number
// is wrong for everybody, and can be made sharp by whoever has enough of them.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/int128.hpp"
#include "base/time.hpp"
#include "lenne/v1/control.pb.h"

namespace lenne::processing::privacy {

/// Rules for sums over households. No law or norm was found that gives binding numbers for open sums of meters: these
/// are Lenne's own. k anonymity with k = 10, and the dominance rule of official statistics, (1, 50): nobody may be more
/// than half of what is published.
struct GateRules {
  std::uint32_t version;             ///< of the numbers; told with what is published
  std::uint32_t least_members;       ///< with an amount of their own in the sum
  std::uint32_t most_share_percent;  ///< of one member in the sum
  std::int64_t least_length_us;      ///< of a window: shorter ones tell who is at home
  std::int64_t delay_us;             ///< from a window's end: what is published tells nothing of now
};
inline constexpr GateRules kGateRules{1, 10, 50, 3'600 * base::kSecondUs, 24 * 3'600 * base::kSecondUs};

/// Why something is withheld.
enum class Withheld : std::uint8_t {
  no,         ///< it may be published
  not_open,   ///< its use case publishes nothing: it is the tenant's own
  too_short,  ///< the window
  too_early,  ///< it may be published later
  too_few,    ///< members with an amount
  dominated,  ///< one member is too large a part of it
};
/// As it stands in counters and answers: "", "not_open", "too_short" …
[[nodiscard]] std::string_view name_of(Withheld why) noexcept;

/// [start_us, end_us) in Unix µs, and the moment at which it would be published.
struct Occasion {
  std::int64_t start_us;
  std::int64_t end_us;
  std::int64_t now_us;
};

/// Judges one sum. `amounts`: what each member adds to it, in steps; those without a result are left out by the caller.
/// Open results go out as they are. Of households: members with an amount of 0 do not count (ten meters of which nine
/// stand still tell what the tenth uses), and shares are those of absolute amounts, so that feeding in hides nobody.
/// The caller publishes sums over groups that do not overlap: from two sums of which one holds one meter more, anybody
/// can compute that meter. |amount| < 2^100, fewer than 2^20 members. A pure function; any thread.
[[nodiscard]] Withheld judge(v1::PrivacyClass privacy, const Occasion& occasion, std::span<const base::Int128> amounts,
                             const GateRules& rules = kGateRules) noexcept;

}  // namespace lenne::processing::privacy
