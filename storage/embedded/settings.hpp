#pragma once
// Bounds of an embedded log. What exceeds them is refused with an error and counted under `storage.refused.…`.

#include <cstddef>

namespace lenne::storage {

struct EmbeddedLimits {
  /// One batch, its keys and values together, bytes. Error: too_large; counter `storage.refused.too_large`.
  std::size_t batch_bytes = std::size_t{64} << 20;
  /// Concurrent batches are written together until they hold this many bytes.
  std::size_t group_bytes = std::size_t{4} << 20;
  /// The newest groups are kept in memory for readers at the end of the log, up to this many bytes.
  std::size_t handover_bytes = std::size_t{8} << 20;
  /// One poll returns at most about this many bytes, whatever number of records it was asked for.
  std::size_t poll_bytes = std::size_t{8} << 20;
};

}  // namespace lenne::storage
