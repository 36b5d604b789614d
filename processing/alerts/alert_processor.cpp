#include "processing/alerts/alert_processor.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "processing/alerts/partition_alerts.hpp"

namespace lenne::processing::alerts {

AlertProcessor::AlertProcessor(std::unique_ptr<Processor> windows, base::Counters& counters,
                               std::size_t device_row_bytes)
    : windows_(std::move(windows)), counters_(counters), device_row_bytes_(device_row_bytes) {}

AlertProcessor::~AlertProcessor() = default;

base::Result<void> AlertProcessor::assigned(std::uint32_t partition, const storage::StateReader& state) {
  if (auto assigned = windows_->assigned(partition, state); !assigned) return assigned;
  auto alerts = std::make_unique<PartitionAlerts>(counters_, partition, state);
  if (auto loaded = alerts->load(); !loaded) return loaded;
  partitions_.insert_or_assign(partition, std::move(alerts));
  return {};
}

void AlertProcessor::revoked(std::uint32_t partition) {
  windows_->revoked(partition);
  partitions_.erase(partition);
}

Progress AlertProcessor::step(const storage::Record& record, storage::Batch& out) {
  if (fault_) return Progress::done;
  const auto first = out.appends();
  const auto progress = windows_->step(record, out);
  if (windows_->fault()) return Progress::done;
  const auto found = partitions_.find(record.partition);
  if (found == partitions_.end() || record.topic != storage::Topic::measurement) return progress;
  auto done = judge_results(*found->second, first, out);
  if (done && progress == Progress::done) done = found->second->step(record, out);
  if (!done) fault_ = done.error();
  return progress;
}

base::Result<void> AlertProcessor::judge_results(PartitionAlerts& alerts, std::size_t first, storage::Batch& out) {
  const auto end = out.appends();
  std::string value;
  for (auto i = first; i < end; ++i) {
    const auto append = out.append_at(i);
    if (append.topic != storage::Topic::aggregate || append.tombstone || !alerts.wants_result(append.key)) continue;
    value.assign(append.value);  // what is appended next moves the bytes
    if (auto taken = alerts.take_result(value, out); !taken) return taken;
  }
  return {};
}

std::size_t AlertProcessor::pending_bytes() const {
  auto bytes = windows_->pending_bytes();
  for (const auto& [partition, alerts] : partitions_) bytes += alerts->pending_bytes();
  return bytes;
}

void AlertProcessor::flush(storage::Batch& out) {
  windows_->flush(out);
  for (auto& [partition, alerts] : partitions_) alerts->flush(out, device_row_bytes_ / partitions_.size());
}

std::optional<base::Timestamp> AlertProcessor::next_due(std::uint32_t partition) const {
  auto due = windows_->next_due(partition);
  const auto found = partitions_.find(partition);
  const auto alerts = found == partitions_.end() ? std::nullopt : found->second->next_due();
  if (!due || (alerts && *alerts < *due)) due = alerts;
  return due;
}

std::optional<base::Error> AlertProcessor::fault() const { return fault_ ? fault_ : windows_->fault(); }

}  // namespace lenne::processing::alerts
