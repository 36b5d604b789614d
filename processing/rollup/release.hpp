#pragma once
// What everybody may see of roll-ups. Only what release() lets through can be written: there is no other way to make a
// Released, and nothing else names the topic (tests/architecture/check.py). docs/open-data.md has the rules.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/int128.hpp"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/rollup.pb.h"
#include "processing/rollup/rollup.hpp"
#include "processing/rollup/rollup_rows.hpp"
#include "storage/batch.hpp"

namespace lenne::processing::rollup {

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

/// A device's share in a window, and how its tenant and use case let it be published.
struct Contribution {
  v1::PrivacyClass privacy = v1::PRIVACY_CLASS_UNSPECIFIED;
  v1::RollupMember member;
};

struct Releases;

/// A result that everybody may see.
class Released {
 public:
  [[nodiscard]] const v1::OpenRollup& record() const noexcept { return record_; }
  /// What takes the place of a result that was told before and is made of nothing now.
  [[nodiscard]] static Released nothing_of(v1::OpenRollup before);
  /// Appends it as that revision.
  void write(std::uint32_t revision, std::int64_t emitted_us, storage::Batch& out);

 private:
  explicit Released(v1::OpenRollup record) : record_(std::move(record)) {}
  friend Releases release(const Group&, std::span<const Contribution>, const Totals&, const Places&, std::int64_t);
  v1::OpenRollup record_;
};

struct Releases {
  std::vector<Released> released;
  std::vector<Withheld> withheld;  ///< sums over households
};

/// What may be published of a group at `now_us`. Of contributions of class open: results of all levels, made of those
/// alone. Of households: of a counter's days the sum of each tenant, as far as judge() lets it; no other window and no
/// other level, so that nothing can be subtracted from it. Contributions of other classes are left out. `totals`: of
/// open devices alone.
[[nodiscard]] Releases release(const Group& group, std::span<const Contribution> contributions, const Totals& totals,
                               const Places& places, std::int64_t now_us);

}  // namespace lenne::processing::rollup
