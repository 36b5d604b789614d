#include "storage/batch_check.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "storage/stores.hpp"

namespace lenne::storage {

std::unexpected<base::Error> refuse_batch(base::Counters& counters, std::string why) {
  counters.count("storage.refused.bad_batch");
  return base::fail("bad_batch", std::move(why));
}

base::Result<void> check(const Batch& batch, std::uint32_t network_partitions, std::size_t most_bytes,
                         base::Counters& counters) {
  if (batch.bytes() > most_bytes) {
    counters.count("storage.refused.too_large");
    return base::fail("too_large", "a batch of " + std::to_string(batch.bytes()) + " bytes; the limit is " +
                                       std::to_string(most_bytes));
  }
  const auto bad = [&](std::string why) { return refuse_batch(counters, std::move(why)); };
  for (std::size_t i = 0; i < batch.appends(); ++i) {
    const auto append = batch.append_at(i);
    if (!known(append.topic)) return bad("topic " + std::to_string(static_cast<int>(append.topic)) + " is unknown");
    const auto partitions = partitions_of(append.topic, network_partitions);
    if (append.partition >= partitions) {
      return bad("partition " + std::to_string(append.partition) + " of topic " +
                 std::string(info_of(append.topic).name) + ", which has " + std::to_string(partitions));
    }
    if (append.tenant.size() > kMaxTenantBytes) return bad("the tenant's name is too long");
  }
  for (std::size_t i = 0; i < batch.changes(); ++i) {
    const auto change = batch.change_at(i);
    const bool stored = std::ranges::any_of(kStores, [&](const StoreInfo& info) { return info.store == change.store; });
    if (!stored) return bad("store " + std::to_string(static_cast<int>(change.store)) + " is unknown");
    if (change.partition >= network_partitions)
      return bad("partition " + std::to_string(change.partition) + " of a store");
  }
  return {};
}

}  // namespace lenne::storage
