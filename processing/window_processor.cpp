#include "processing/window_processor.hpp"

#include <algorithm>
#include <utility>

#include "processing/partition_windows.hpp"

namespace lenne::processing {

WindowProcessor::WindowProcessor(WindowSettings settings, base::Counters& counters, const WindowBounds& bounds,
                                 const WindowFormat& format)
    : settings_(std::move(settings)), counters_(counters), bounds_(bounds), format_(format) {}

WindowProcessor::~WindowProcessor() = default;

base::Result<void> WindowProcessor::assigned(std::uint32_t partition, const storage::StateReader& state) {
  auto windows =
      std::make_unique<PartitionWindows>(settings_, format_, counters_, bounds_.portion_bytes, partition, state);
  if (auto loaded = windows->load(share_of(partitions_.size() + 1)); !loaded) return loaded;
  partitions_.insert_or_assign(partition, std::move(windows));
  return {};
}

void WindowProcessor::revoked(std::uint32_t partition) { partitions_.erase(partition); }

Progress WindowProcessor::step(const storage::Record& record, storage::Batch& out) {
  if (fault_) return Progress::done;
  const auto found = partitions_.find(record.partition);
  if (found == partitions_.end()) {
    fault_ = base::Error{"not_assigned", "a record of a partition that was not assigned"};
    return Progress::done;
  }
  const auto progress = found->second->step(record, out);
  if (!progress) fault_ = progress.error();
  return progress.value_or(Progress::done);
}

std::size_t WindowProcessor::pending_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [partition, windows] : partitions_) bytes += windows->pending_bytes();
  return bytes;
}

void WindowProcessor::flush(storage::Batch& out) {
  for (auto& [partition, windows] : partitions_) windows->flush(out, share_of(partitions_.size()));
}

std::optional<base::Timestamp> WindowProcessor::next_due(std::uint32_t partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? std::nullopt : found->second->next_due();
}

std::optional<base::Error> WindowProcessor::fault() const { return fault_; }

}  // namespace lenne::processing
