#pragma once
// What every back end refuses, in the same words.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/counters.hpp"
#include "base/error.hpp"
#include "storage/batch.hpp"

namespace lenne::storage {

/// A tenant's name is at most this long, bytes.
inline constexpr std::size_t kMaxTenantBytes = 255;

[[nodiscard]] constexpr bool known(Topic topic) noexcept {
  for (const auto& info : kTopics) {
    if (info.topic == topic) return true;
  }
  return false;
}

/// A bad_batch, counted under `storage.refused.bad_batch`.
[[nodiscard]] std::unexpected<base::Error> refuse_batch(base::Counters& counters, std::string why);

/// Error: too_large (counter `storage.refused.too_large`), bad_batch (a topic, partition, store or tenant that is none;
/// counter `storage.refused.bad_batch`).
[[nodiscard]] base::Result<void> check(const Batch& batch, std::uint32_t network_partitions, std::size_t most_bytes,
                                       base::Counters& counters);

}  // namespace lenne::storage
