#pragma once
// Which topics there are, with which settings: Lenne's own, and each tenant's.

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/counters.hpp"
#include "storage/kafka/kafka_client.hpp"

namespace lenne::storage::kafka {

/// Internal topics and changelogs; of an outbox the topic of its position.
[[nodiscard]] std::vector<TopicPlan> internal_plans(const KafkaSettings& settings);
/// What a tenant publishes and what it writes; nothing when its name cannot stand in a topic's.
[[nodiscard]] std::vector<TopicPlan> tenant_plans(const KafkaSettings& settings, std::string_view tenant);

/// Tells settings.register_schemas of the tenants' topics. Error: of it.
[[nodiscard]] Result<void> register_schemas_of(const KafkaSettings& settings, const std::set<std::string>& tenants);

[[nodiscard]] std::vector<std::string> names_of(const std::vector<TopicPlan>& plans);

/// Makes a tenant's topics when it is declared, or when its first record is to be published. Any thread.
class TenantTopics {
 public:
  /// The client makes them; it and the settings outlive this.
  TenantTopics(const KafkaSettings& settings, rd_kafka_t* client) : settings_(settings), client_(client) {}

  /// Learns of those that are there, so that no commit has to ask. Error: log_open, of register_schemas.
  [[nodiscard]] Result<void> load();
  [[nodiscard]] std::set<std::string> known() const;
  /// Error: of make_topics (try again).
  [[nodiscard]] Result<void> ensure(const std::string& tenant);

 private:
  const KafkaSettings& settings_;
  rd_kafka_t* client_;
  mutable std::mutex mutex_;
  std::set<std::string> known_;
};

}  // namespace lenne::storage::kafka
