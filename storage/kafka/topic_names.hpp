#pragma once
// How topics, changelogs and rows of state are named on a cluster.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/kafka/kafka_log.hpp"
#include "storage/stores.hpp"
#include "storage/topics.hpp"

namespace lenne::storage::kafka {

/// How long a changelog keeps the tombstone of a row after it was compacted, at least.
inline constexpr std::chrono::hours kTombstonesKept{7 * 24};

/// The changelog that all processes read.
inline constexpr std::string_view kSharedChangelog = "shared";

[[nodiscard]] inline std::string topic_name(const KafkaSettings& settings, const TopicInfo& info) {
  // Of what tenants publish all that is there is in one internal topic; a tenant's own topics are copies.
  return settings.prefix + (info.per_tenant ? "int." : "") + std::string(info.name);
}

/// How far an outbox has come; one key.
[[nodiscard]] inline std::string position_topic_name(const KafkaSettings& settings) {
  return settings.prefix + "int.outbox-position";
}

/// `name`: of the consumer whose commits write it.
[[nodiscard]] inline std::string changelog_name(const KafkaSettings& settings, std::string_view name) {
  return settings.prefix + "int." + std::string(name) + "-changelog";
}

/// The key of a row in a changelog: the store, then the row's own key. Its partition is the record's.
[[nodiscard]] inline std::string changelog_key(Store store, std::string_view key) {
  return std::string(1, static_cast<char>(store)).append(key);
}

}  // namespace lenne::storage::kafka
