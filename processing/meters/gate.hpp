#pragma once
// Which sums over meters may be told to somebody who may not see the meters.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/int128.hpp"

namespace lenne::processing::meters {

/// Rules for sums over households. No law or norm was found that gives binding numbers for open sums of meters: these
/// are Lenne's own. k anonymity with k = 10, and the dominance rule of official statistics, (1, 50): nobody may be more
/// than half of what is published.
struct GateRules {
  std::uint32_t version;             ///< of the numbers; told with what is published
  std::uint32_t least_members;       ///< meters with an amount of their own in the sum
  std::uint32_t most_share_percent;  ///< of one meter in the sum
  std::string_view window;           ///< the only one: from a day and its hours a hidden hour could be computed
  std::int64_t delay_us;             ///< from a window's end: what is published tells nothing of now
};
inline constexpr GateRules kGateRules{1, 10, 50, "P1D", 24 * 3'600 * std::int64_t{1'000'000}};

/// Why a sum over households is withheld.
enum class Withheld : std::uint8_t {
  no,         ///< it may be published
  too_early,  ///< it may be published later
  too_few,    ///< meters with an amount
  dominated,  ///< one meter is too large a part of it
};
/// As it stands in counters: "", "too_early", "too_few", "dominated".
[[nodiscard]] std::string_view name_of(Withheld why) noexcept;

/// Judges one sum. `amounts`: what each meter adds to it, in steps. Meters with an amount of 0 do not count (ten meters
/// of which nine stand still tell what the tenth uses), and shares are those of absolute amounts, so that feeding in
/// hides nobody. |amount| < 2^100, fewer than 2^20 of them. A pure function; any thread.
[[nodiscard]] Withheld judge(std::span<const base::Int128> amounts, std::int64_t end_us, std::int64_t now_us,
                             const GateRules& rules = kGateRules) noexcept;

}  // namespace lenne::processing::meters
