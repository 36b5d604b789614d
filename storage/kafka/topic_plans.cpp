#include "storage/kafka/topic_plans.hpp"

#include <algorithm>
#include <chrono>

#include "storage/kafka/public_records.hpp"
#include "storage/kafka/topic_names.hpp"

namespace lenne::storage::kafka {
namespace {

/// What a tenant may write in one batch. Bytes.
constexpr std::size_t kMostFromTenants = std::size_t{64} << 10;
// What is compacted need not be read: an open segment never is.
const std::string kChangelogSegment = std::to_string(64 << 20);
const std::string kPositionSegment = std::to_string(1 << 20);

std::string milliseconds(std::chrono::hours age) { return std::to_string(std::chrono::milliseconds(age).count()); }

/// A broker deletes by the record's time: that has to be its arrival.
Options options_of(const KafkaSettings& settings, bool compacted, Retention retention) {
  return {{"max.message.bytes", std::to_string(settings.batch_bytes + (std::size_t{1} << 20))},
          {"message.timestamp.type", "LogAppendTime"},
          {"cleanup.policy", compacted ? "compact" : "delete"},
          {"retention.ms", compacted ? "-1" : milliseconds(age_of(retention))}};
}

TopicPlan changelog_plan(const KafkaSettings& settings, std::string_view name, std::uint32_t partitions) {
  return {changelog_name(settings, name),
          partitions,
          {{"max.message.bytes", std::to_string(settings.batch_bytes + (std::size_t{1} << 20))},
           {"cleanup.policy", "compact"},
           {"delete.retention.ms", milliseconds(kTombstonesKept)},
           {"segment.bytes", kChangelogSegment},
           {"min.cleanable.dirty.ratio", "0.2"}}};
}

}  // namespace

std::vector<TopicPlan> internal_plans(const KafkaSettings& settings) {
  if (settings.outbox)
    return {{position_topic_name(settings), 1, {{"cleanup.policy", "compact"}, {"segment.bytes", kPositionSegment}}}};
  std::vector<TopicPlan> plans;
  for (const auto& info : kTopics) {
    if (info.from_tenants) continue;
    plans.push_back({topic_name(settings, info), partitions_of(info.topic, settings.network_partitions),
                     options_of(settings, info.compacted, info.retention)});
  }
  for (const auto& name : settings.consumers)
    plans.push_back(changelog_plan(settings, name, settings.network_partitions));
  plans.push_back(changelog_plan(settings, kSharedChangelog, 1));
  return plans;
}

std::vector<TopicPlan> tenant_plans(const KafkaSettings& settings, std::string_view tenant) {
  std::vector<TopicPlan> plans;
  if (!can_have_topics(tenant)) return plans;
  for (const auto& topic : kPublicTopics) {
    if (!is_published(settings, topic)) continue;
    plans.push_back({public_name(settings, topic, tenant), 1, options_of(settings, topic.compacted, topic.retention)});
  }
  for (const auto& info : kTopics) {
    if (!info.from_tenants || settings.outbox) continue;  // who reads an embedded log asks the API for downlinks
    auto options = options_of(settings, info.compacted, info.retention);
    options.front().second = std::to_string(kMostFromTenants);
    plans.push_back({written_by(settings, info, tenant), 1, std::move(options)});
  }
  return plans;
}

Result<void> register_schemas_of(const KafkaSettings& settings, const std::set<std::string>& tenants) {
  std::vector<SchemaTopic> topics;
  for (const auto& tenant : tenants) {
    for (const auto& topic : kPublicTopics) {
      if (topic.format == PublicFormat::protobuf)
        topics.push_back({public_name(settings, topic, tenant), topic.source});
    }
    for (const auto& info : kTopics) {
      if (info.from_tenants) topics.push_back({written_by(settings, info, tenant), info.topic});
    }
  }
  if (topics.empty() || !settings.register_schemas) return {};
  return settings.register_schemas(topics);
}

std::vector<std::string> names_of(const std::vector<TopicPlan>& plans) {
  std::vector<std::string> names;
  for (const auto& plan : plans) names.push_back(plan.name);
  return names;
}

std::set<std::string> TenantTopics::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

Result<void> TenantTopics::load() {
  const auto existing = existing_topics(client_);
  if (!existing) return std::unexpected(existing.error());
  const auto start = tenants_prefix(settings_);
  const std::lock_guard lock(mutex_);
  known_.clear();
  for (const auto& [name, partitions] : *existing) {
    if (!name.starts_with(start)) continue;
    const auto tenant = name.substr(start.size(), name.find('.', start.size()) - start.size());
    const auto plans = tenant_plans(settings_, tenant);
    const bool all = std::ranges::all_of(plans, [&](const TopicPlan& plan) { return existing->contains(plan.name); });
    if (all && !plans.empty()) known_.insert(tenant);
  }
  return register_schemas_of(settings_, known_);
}

Result<void> TenantTopics::ensure(const std::string& tenant) {
  const std::lock_guard lock(mutex_);
  if (known_.contains(tenant)) return {};
  if (auto made = make_topics(client_, tenant_plans(settings_, tenant), settings_.replication); !made) return made;
  known_.insert(tenant);
  static_cast<void>(register_schemas_of(settings_, {tenant}));  // records are right without it: it has been told
  return {};
}

}  // namespace lenne::storage::kafka
