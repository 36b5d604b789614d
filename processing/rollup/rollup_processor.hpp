#pragma once
// Topic int.rollup-in -> topic rollup: results of sites, areas, tenants, districts and the region, and topic
// open-rollup: those that everybody may see. docs/internals/rollups.md has the rules.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "lenne/v1/rollup.pb.h"
#include "processing/overlay.hpp"
#include "processing/processor.hpp"
#include "processing/rollup/directory.hpp"
#include "processing/rollup/open_groups.hpp"
#include "processing/rollup/release.hpp"
#include "processing/rollup/rollup.hpp"
#include "processing/rollup/rollup_rows.hpp"
#include "processing/rollup/seen_devices.hpp"
#include "processing/window_settings.hpp"

namespace lenne::processing::rollup {

/// int.rollup has one partition, into which the windows of all partitions hand over: so its order is part of the log.
/// A group (one measure, one window) is computed when the least of all partitions' watermarks has passed its due time:
/// then all members' finals are there. A member that is corrected replaces what it was; the group is computed again, at
/// most once in ten minutes of that watermark, and results that changed are told with revision + 1.
/// One thread. Counters: rollups.members, .declared, .results, .revisions, .released, .withheld.<reason>, .malformed,
/// .purged.
class RollupProcessor final : public Processor {
 public:
  /// `partitions`: those of the network. `portion_bytes`: a commit holds about so much. `most_members`: so many of
  /// groups that wait are in memory, some 150 bytes each; others are read again. Counters must outlive it.
  RollupProcessor(WindowSettings settings, std::uint32_t partitions, base::Counters& counters,
                  std::size_t portion_bytes = kPortionBytes, std::size_t most_members = 200'000);

  [[nodiscard]] base::Result<void> assigned(std::uint32_t partition, const storage::StateReader& state) override;
  void revoked(std::uint32_t partition) override;
  [[nodiscard]] Progress step(const storage::Record& record, storage::Batch& out) override;
  [[nodiscard]] std::size_t pending_bytes() const override;
  void flush(storage::Batch& out) override;
  /// The windows' own ticks move it.
  [[nodiscard]] std::optional<base::Timestamp> next_due(std::uint32_t) const override { return std::nullopt; }
  [[nodiscard]] std::optional<base::Error> fault() const override { return fault_; }

 private:
  [[nodiscard]] base::Result<void> load();
  [[nodiscard]] base::Result<void> take_member(const v1::Aggregate& result);
  [[nodiscard]] base::Result<Progress> take_time(const v1::PartitionWatermark& time, storage::Batch& out);
  void schedule(const Group& group, std::int64_t due_us);
  [[nodiscard]] base::Result<void> compute(const Group& group, storage::Batch& out);
  /// `totals`: of open devices alone.
  [[nodiscard]] base::Result<void> publish(const Group& group, const std::vector<Contribution>& contributions,
                                           const Totals& totals, storage::Batch& out);
  /// Nothing until each partition has told one.
  [[nodiscard]] std::optional<std::int64_t> least_watermark() const;
  void tell(const std::string& row_key, v1::Rollup result, const std::optional<v1::Rollup>& before,
            storage::Batch& out);
  [[nodiscard]] base::Result<void> purge();

  WindowSettings settings_;
  std::uint32_t partitions_;
  std::size_t portion_bytes_;
  base::Counters& counters_;
  std::unique_ptr<Overlay> rows_;
  Directory directory_;
  SeenDevices seen_;
  OpenGroups open_;
  std::map<std::uint32_t, std::int64_t> watermarks_;
  std::int64_t least_us_ = 0;  ///< of all partitions; 0 until each has told one
  std::map<Group, std::int64_t> due_of_;
  std::set<std::pair<std::int64_t, Group>> dues_;
  v1::RollupInput input_;
  std::optional<base::Error> fault_;
};

}  // namespace lenne::processing::rollup
