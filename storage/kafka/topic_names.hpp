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

/// How the topics of tenants begin.
[[nodiscard]] inline std::string tenants_prefix(const KafkaSettings& settings) { return settings.prefix + "t."; }

/// The topic that a tenant writes.
[[nodiscard]] inline std::string written_by(const KafkaSettings& settings, const TopicInfo& info,
                                            std::string_view tenant) {
  return tenants_prefix(settings).append(tenant) + "." + std::string(info.name);
}
/// Who writes it; empty: it is no such topic.
[[nodiscard]] inline std::string writer_of(const KafkaSettings& settings, const TopicInfo& info,
                                           std::string_view topic) {
  const auto start = tenants_prefix(settings);
  if (!topic.starts_with(start)) return {};
  const auto tenant = topic.substr(start.size(), topic.find('.', start.size()) - start.size());
  return topic == written_by(settings, info, tenant) ? std::string(tenant) : std::string();
}
/// A subscription to all of them, as a regular expression.
[[nodiscard]] inline std::string all_written_by_tenants(const KafkaSettings& settings, const TopicInfo& info) {
  std::string pattern = "^";
  const auto add = [&](std::string_view text) {
    for (const char c : text) pattern.append(c == '.' ? "\\." : std::string(1, c));
  };
  add(tenants_prefix(settings));
  pattern += "[a-zA-Z0-9_-]+\\.";
  add(info.name);
  return pattern + "$";
}

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
