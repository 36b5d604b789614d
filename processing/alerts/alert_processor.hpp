#pragma once
// Topics measurement and aggregate -> topic alert: the alerts of use cases. docs/internals/alerts.md has the rules.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/counters.hpp"
#include "processing/processor.hpp"

namespace lenne::processing::alerts {

class PartitionAlerts;

/// Of all partitions of a processor together: about so much memory of the rows of devices stays after a commit.
inline constexpr std::size_t kDeviceRowBytes = std::size_t{32} << 20;

/// Steps after the windows, on the same record and in the same commit: what they made of it is judged first, then what
/// was measured. So alerts are a function of one log, in its order; with a consumer of its own on both topics they
/// would depend on which of the two is read first. One thread. Counters: alerts.told, .late, .flagged, .incomplete,
/// .no_statistic, .unknown_use_case, .refused.rule, .refused.use_case, .refused.acknowledgement.
class AlertProcessor final : public Processor {
 public:
  /// `windows` appends results to topic aggregate. The counters must outlive it.
  AlertProcessor(std::unique_ptr<Processor> windows, base::Counters& counters,
                 std::size_t device_row_bytes = kDeviceRowBytes);
  ~AlertProcessor() override;

  [[nodiscard]] base::Result<void> assigned(std::uint32_t partition, const storage::StateReader& state) override;
  void revoked(std::uint32_t partition) override;
  [[nodiscard]] Progress step(const storage::Record& record, storage::Batch& out) override;
  [[nodiscard]] std::size_t pending_bytes() const override;
  void flush(storage::Batch& out) override;
  [[nodiscard]] std::optional<base::Timestamp> next_due(std::uint32_t partition) const override;
  [[nodiscard]] base::Duration timer_lateness() const override { return windows_->timer_lateness(); }
  [[nodiscard]] std::optional<base::Error> fault() const override;

 private:
  [[nodiscard]] base::Result<void> judge_results(PartitionAlerts& alerts, std::size_t first, storage::Batch& out);

  std::unique_ptr<Processor> windows_;
  base::Counters& counters_;
  std::size_t device_row_bytes_;
  std::map<std::uint32_t, std::unique_ptr<PartitionAlerts>> partitions_;
  std::optional<base::Error> fault_;
};

}  // namespace lenne::processing::alerts
