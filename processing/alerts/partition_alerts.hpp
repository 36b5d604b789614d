#pragma once
// The alerts of one partition: its time, what is silent when, definitions, and which rows a record touches.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counters.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "processing/alerts/definition.hpp"
#include "processing/alerts/device_alerts.hpp"
#include "processing/alerts/device_rows.hpp"
#include "processing/overlay.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing::alerts {

/// When no record has come for so long, it was Lenne that did not listen (ticks come each 10 s): silence is counted
/// anew from then on, so that a restart is not followed by an alert of each device.
inline constexpr std::int64_t kAwayUs = 5 * 60 * base::kSecondUs;
/// Definitions of a partition. More are not applied: alerts.refused.use_case.
inline constexpr std::size_t kMaxDefinitions = 1000;
/// What one record may do beside its own device: the next one goes on.
inline constexpr int kSilentAtOnce = 1000;
inline constexpr int kFollowedAtOnce = 256;

/// One thread. Errors: log_read; state_damaged.
class PartitionAlerts {
 public:
  PartitionAlerts(base::Counters& counters, std::uint32_t partition, const storage::StateReader& state)
      : counters_(counters),
        told_counter_(counters.cell("alerts.told")),
        partition_(partition),
        rows_(state, partition),
        devices_(state, partition) {}

  [[nodiscard]] base::Result<void> load();
  /// Whether a rule may look at a result of this key.
  [[nodiscard]] bool wants_result(std::string_view key) const;
  /// A result that is wanted: final or its revision, which the windows made of the record in hand; before step() of
  /// that record.
  [[nodiscard]] base::Result<void> take_result(std::string_view value, storage::Batch& out);
  [[nodiscard]] base::Result<void> step(const storage::Record& record, storage::Batch& out);
  /// Writes each changed row once. About `most_bytes` of memory of devices' rows stay.
  void flush(storage::Batch& out, std::size_t most_bytes);
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return rows_.bytes() + devices_.pending_bytes(); }
  [[nodiscard]] std::optional<base::Timestamp> next_due() const;

 private:
  /// What is kept in memory of a device: its use case, and when it is silent (0: never, or that is told).
  struct Watched {
    std::string use_case;
    std::int64_t silent_at_us = 0;
  };

  [[nodiscard]] bool started() const noexcept { return moment_.now_us > 0; }
  void move_time(std::int64_t received_us);
  [[nodiscard]] base::Result<void> tell_silent(storage::Batch& out);
  [[nodiscard]] base::Result<void> follow_changes(storage::Batch& out);
  [[nodiscard]] base::Result<void> take_samples(const v1::Measurement& measurement, storage::Batch& out);
  [[nodiscard]] base::Result<void> instruct(const v1::Measurement& measurement, storage::Batch& out);
  void define(const v1::UseCase& use_case);
  void undefine(const std::string& use_case);
  void mark_devices_of(std::string_view use_case);

  [[nodiscard]] const Definition* definition_of(std::string_view use_case) const;
  void keep(v1::AlertDevice& row, const Definition* definition);
  /// Ends the row.
  void drop(v1::AlertDevice& row, v1::AlertReason reason);
  void watch(std::uint64_t dev_eui, std::string_view use_case, std::optional<std::int64_t> silent_at_us);
  void append_told(storage::Batch& out);

  base::Counters& counters_;
  base::Counters::Cell& told_counter_;
  std::uint32_t partition_;
  Overlay rows_;  ///< all but those of devices
  DeviceRows devices_;
  Moment moment_;
  bool time_moved_ = false;  ///< since the last commit
  std::map<std::string, Definition, std::less<>> definitions_;
  std::map<std::uint64_t, Watched> watched_;
  std::set<std::pair<std::int64_t, std::uint64_t>> silences_;  ///< (when, device)
  std::set<std::uint64_t> outdated_;                           ///< devices that do not follow their definition yet
  v1::Measurement measurement_;                                ///< of the record in hand; keeps its memory
  std::vector<v1::Alert> told_;                                ///< by it
};

}  // namespace lenne::processing::alerts
