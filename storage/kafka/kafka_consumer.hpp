#pragma once
// The two kinds of consumers: one that shares a topic's partitions with other processes, and one that reads all.

#include <memory>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/kafka/changelogs.hpp"
#include "storage/kafka/local_state.hpp"
#include "storage/kafka/topic_plans.hpp"
#include "storage/log.hpp"

namespace lenne::storage::kafka {

/// What consumers need of their log. Outlives them.
struct ConsumerWorld {
  const KafkaSettings& settings;
  const std::string& instance;  ///< names this process in groups and transactions
  LocalState& state;
  Changelogs& changelogs;
  TenantTopics* tenant_topics;  ///< null: tenants have none
  const base::Clock& clock;
  base::Counters& counters;
};

/// Members of the group `name` share the partitions (cooperative-sticky, static membership). A commit is one
/// transaction {records, changelog, positions}, then one write of the rows to the local state. A partition is assigned
/// when its changelog is in the local state whole. After an interrupted commit all partitions are revoked and assigned
/// anew. Of a topic that tenants write they share one topic of each, new ones within seconds, and keep no state. Error:
/// log_open, bad_consumer (not exactly one topic).
[[nodiscard]] Result<std::unique_ptr<Consumer>> make_group_consumer(ConsumerWorld& world, const ConsumerSpec& spec);

/// Reads all topics; its position is a mark of the local state, written with its rows. Error: log_open, log_read.
[[nodiscard]] Result<std::unique_ptr<Consumer>> make_own_consumer(ConsumerWorld& world, const ConsumerSpec& spec);

/// The records of a transaction: the batch's appends, then its changes as records of a changelog.
[[nodiscard]] std::deque<Outgoing> records_of(const KafkaSettings& settings, const Batch& batch,
                                              std::string_view changelog);
/// The offsets of the appends.
[[nodiscard]] Committed offsets_of(const std::deque<Outgoing>& records, std::size_t appends);

}  // namespace lenne::storage::kafka
