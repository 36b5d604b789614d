#pragma once
// What everybody may see of roll-ups. Only what release() lets through can be written: there is no other way to make a
// Released, and nothing else names the topic (tests/architecture/check.py). docs/open-data.md has the rules.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lenne/v1/control.pb.h"
#include "lenne/v1/rollup.pb.h"
#include "processing/meters/gate.hpp"
#include "processing/rollup/rollup.hpp"
#include "processing/rollup/rollup_rows.hpp"
#include "storage/batch.hpp"

namespace lenne::processing::rollup {

// The rules and their judge are pure functions of the amounts.
using meters::GateRules;
using meters::judge;
using meters::kGateRules;
using meters::name_of;
using meters::Withheld;

/// A device's share in a window, and how its tenant and use case let it be published.
struct Contribution {
  v1::PrivacyClass privacy;
  const v1::RollupMember* member;  ///< never null
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
