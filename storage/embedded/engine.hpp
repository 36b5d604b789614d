#pragma once
// What an embedded log's parts share. Owned by the log, used by its readers and consumers.

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>

#include "storage/embedded/commit_queue.hpp"
#include "storage/embedded/families.hpp"
#include "storage/embedded/registry.hpp"
#include "storage/embedded/settings.hpp"

namespace lenne::storage::embedded {

struct Engine {
  std::shared_ptr<Families> families;
  std::uint32_t partitions;
  EmbeddedLimits limits;
  const base::Clock* clock;
  base::Counters* counters;
  std::unique_ptr<CommitQueue> queue;

  // Guarded by queue->mutex().
  Registry registry;
  std::array<Offset, kRetentions> begins{};  ///< by class: what is below is deleted

  [[nodiscard]] std::array<Offset, kRetentions> begins_now() const {
    const std::lock_guard lock(queue->mutex());
    return begins;
  }
};

}  // namespace lenne::storage::embedded
