#pragma once
// Adds the public copies of records to a transaction, and sees to it that their topics are there before it begins.

#include <deque>
#include <set>
#include <string>

#include "storage/kafka/public_records.hpp"
#include "storage/kafka/topic_plans.hpp"
#include "storage/kafka/transactor.hpp"

namespace lenne::storage::kafka {

/// One thread. What is given outlives it.
class Publisher {
 public:
  Publisher(const KafkaSettings& settings, TenantTopics& topics, Transactor& transactor)
      : settings_(settings), topics_(topics), transactor_(transactor) {}

  /// Forgets what it knows, and lets the transactor ask for the tenants' topics that are there, so that no commit has
  /// to.
  void expect_known();
  /// The copies of an append, if it has any, for the same transaction. Returns how many.
  std::size_t add(const Batch::Append& append, std::deque<Outgoing>& records);
  /// Makes what is missing of the topics of the tenants that were added or declared since the last call that went well.
  /// Error: of make_topics (try again).
  [[nodiscard]] Result<void> ensure_topics();

 private:
  const KafkaSettings& settings_;
  TenantTopics& topics_;
  Transactor& transactor_;
  std::set<std::string> ready_;   ///< tenants whose topics are there, and known to the producer
  std::set<std::string> wanted_;  ///< tenants that have no such topics yet
};

}  // namespace lenne::storage::kafka
