#include "storage/kafka/kafka_log.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "storage/batch_check.hpp"
#include "storage/kafka/appender.hpp"
#include "storage/kafka/changelogs.hpp"
#include "storage/kafka/kafka_consumer.hpp"
#include "storage/kafka/kafka_reader.hpp"
#include "storage/kafka/public_records.hpp"
#include "storage/kafka/topic_names.hpp"
#include "storage/kafka/topic_plans.hpp"
#include "storage/kafka/transactor.hpp"

namespace lenne::storage {
namespace {

using namespace kafka;
constexpr Duration kOwnWrite = std::chrono::seconds{5};
constexpr Duration kLoading = std::chrono::seconds{60};

class KafkaLogImpl final : public Log {
 public:
  KafkaLogImpl(KafkaSettings settings, std::shared_ptr<embedded::Families> local, const base::Clock& clock,
               base::Counters& counters)
      : settings_(std::move(settings)), clock_(clock), counters_(counters), state_(std::move(local)) {}

  Result<void> open() {
    auto client = connect(settings_);
    if (!client) return std::unexpected(client.error());
    client_ = std::move(*client);
    if (auto made = make_topics(client_.get(), internal_plans(settings_), settings_.replication); !made) return made;
    auto appender = Appender::open(settings_, names_of(internal_plans(settings_)), counters_);
    if (!appender) return std::unexpected(appender.error());
    appender_ = std::move(*appender);
    if (auto known = identify(); !known) return known;
    auto changelogs = Changelogs::open(settings_, state_, clock_, counters_);
    if (!changelogs) return std::unexpected(changelogs.error());
    changelogs_ = std::move(*changelogs);
    changelogs_->follow(std::string(kSharedChangelog), 1);
    for (const auto& name : settings_.followed) changelogs_->follow(name, settings_.network_partitions);
    if (!changelogs_->wait_for_end({std::string(kSharedChangelog), 0}, kLoading))
      return base::fail("log_open", "the changelog of what all processes share does not end");
    if (settings_.public_topics) {
      tenant_topics_.emplace(settings_, client_.get());
      if (auto loaded = tenant_topics_->load(); !loaded) return loaded;
    }
    world_.emplace(ConsumerWorld{settings_, instance_, state_, *changelogs_,
                                 tenant_topics_ ? &*tenant_topics_ : nullptr, clock_, counters_});
    return {};
  }

  Result<Committed> append(const Batch& batch) override {
    if (batch.changes() > 0) return refuse_batch(counters_, "an append has no state changes");
    if (auto good = check(batch); !good) return std::unexpected(good.error());
    auto records = records_of(settings_, batch, {});
    if (auto sent = appender_->append(records); !sent) return std::unexpected(sent.error());
    return offsets_of(records, batch.appends());
  }

  Result<void> put_state(const Batch& batch) override {
    if (batch.appends() > 0) return refuse_batch(counters_, "a state write appends no records");
    if (auto good = check(batch); !good) return good;
    const auto all_of = [&](Home home) {
      for (std::size_t i = 0; i < batch.changes(); ++i) {
        if (home_of(batch.change_at(i).store) != home) return false;
      }
      return true;
    };
    if (all_of(Home::process)) {
      auto write = state_.write();
      write.changes_of(batch);
      if (auto done = state_.commit(write); !done) return done;
      return state_.sync();
    }
    if (all_of(Home::everyone)) return put_shared(batch);
    return refuse_batch(counters_, "a state write is of one home, and not of a consumer's partitions");
  }

  Result<std::unique_ptr<Consumer>> consumer(const ConsumerSpec& spec) override {
    return spec.sharing == ConsumerSpec::Sharing::everything ? make_own_consumer(*world_, spec)
                                                             : make_group_consumer(*world_, spec);
  }

  Result<std::unique_ptr<Reader>> reader(std::vector<Topic> topics, std::string tenant) override {
    auto tailer = Tailer::make(settings_, clock_, "reader");
    if (!tailer) return std::unexpected(tailer.error());
    auto made = std::make_unique<KafkaReader>(std::move(*tailer), places_of(settings_, topics), std::move(tenant));
    if (auto sought = made->seek({}); !sought) return std::unexpected(sought.error());
    return made;
  }

  const StateReader& state() const override { return state_.rows(); }
  Result<std::uint64_t> retain(Timestamp) override { return 0; }  // the broker's, by the topics' own settings
  Result<void> forget(std::string_view) override { return {}; }
  std::uint32_t network_partitions() const override { return settings_.network_partitions; }
  std::optional<base::Error> failure() const override { return state_.failure(); }

  Result<TopicDescription> describe(Topic topic) const override {
    TopicDescription description{topic, {}, 0};
    for (const auto& place : places_of(settings_, {topic})) {
      const auto bounds = bounds_of(client_.get(), place);
      if (!bounds) return std::unexpected(bounds.error());
      description.partitions.push_back({static_cast<std::uint32_t>(place.partition), static_cast<Offset>(bounds->begin),
                                        static_cast<Offset>(bounds->end)});
    }
    return description;
  }

 private:
  /// Whose state the local rows are, and what this process is called.
  Result<void> identify() {
    const std::unique_ptr<char, void (*)(char*)> id(rd_kafka_clusterid(client_.get(), kRequestMs), [](char* text) {
      if (text != nullptr) rd_kafka_mem_free(nullptr, text);
    });
    if (!id) return base::fail("log_open", "the broker does not say which cluster it is of");
    const auto cluster = std::string(id.get()) + " " + settings_.prefix;
    const auto stored = state_.mark("cluster");
    if (!stored) return std::unexpected(stored.error());
    if (*stored && **stored != cluster)
      return base::fail("log_open", "the local state is of the cluster and prefix " + **stored + ", the brokers' are " +
                                        cluster + "; give this process another data directory");
    const auto instance = state_.mark("instance");
    if (!instance) return std::unexpected(instance.error());
    instance_ = instance->value_or(settings_.fresh_instance);
    auto write = state_.write();
    write.mark("cluster", cluster);
    write.mark("instance", instance_);
    if (auto done = state_.commit(write); !done) return done;
    return state_.sync();
  }

  Result<void> put_shared(const Batch& batch) {
    const std::lock_guard one(writing_shared_);
    if (!shared_writer_)
      shared_writer_.emplace(settings_, std::string(kSharedChangelog) + "-" + instance_,
                             std::vector{changelog_name(settings_, kSharedChangelog)});
    auto records = records_of(settings_, batch, kSharedChangelog);
    for (auto& record : records) record.partition = 0;
    if (auto done = shared_writer_->commit(records, nullptr, {}); !done)
      return base::fail("log_unavailable", done.error().message);
    if (records.empty()) return {};
    // It comes back like the writes of others, so that all see one order.
    if (changelogs_->wait_for({std::string(kSharedChangelog), 0}, records.back().offset + 1, kOwnWrite)) return {};
    return base::fail("log_unavailable", "it is written, and not read back yet");
  }

  Result<void> check(const Batch& batch) {
    if (auto good = storage::check(batch, settings_.network_partitions, settings_.batch_bytes, counters_); !good)
      return good;
    if (auto failed = state_.failure()) return std::unexpected(std::move(*failed));
    return {};
  }

  const KafkaSettings settings_;
  const base::Clock& clock_;
  base::Counters& counters_;
  LocalState state_;
  std::string instance_;
  Handle client_;  ///< asks, and makes topics
  std::unique_ptr<Appender> appender_;
  std::unique_ptr<Changelogs> changelogs_;
  std::optional<TenantTopics> tenant_topics_;
  std::optional<ConsumerWorld> world_;
  std::mutex writing_shared_;
  std::optional<Transactor> shared_writer_;
};

}  // namespace

Result<std::vector<KafkaTopics::Planned>> KafkaTopics::plan(const KafkaSettings& settings,
                                                            const std::vector<std::string>& tenants) {
  const auto client = connect(settings);
  if (!client) return std::unexpected(client.error());
  const auto existing = existing_topics(client->get());
  if (!existing) return std::unexpected(existing.error());
  std::vector<Planned> planned;
  const auto add = [&](std::vector<TopicPlan> plans, const std::string& tenant) {
    for (auto& plan : plans) {
      const auto found = existing->find(plan.name);
      planned.push_back({std::move(plan.name), plan.partitions, std::move(plan.options), tenant,
                         found == existing->end() ? 0 : found->second});
    }
  };
  add(internal_plans(settings), {});
  for (const auto& tenant : tenants) {
    if (!can_have_topics(tenant)) return base::fail("bad_tenant", "'" + tenant + "' cannot stand in a topic's name");
    add(tenant_plans(settings, tenant), tenant);
  }
  return planned;
}

Result<void> KafkaTopics::make(const KafkaSettings& settings, const std::vector<std::string>& tenants) {
  const auto client = connect(settings);
  if (!client) return std::unexpected(client.error());
  auto plans = internal_plans(settings);
  for (const auto& tenant : tenants) {
    auto own = tenant_plans(settings, tenant);
    std::ranges::move(own, std::back_inserter(plans));
  }
  if (auto made = make_topics(client->get(), plans, settings.replication); !made) return made;
  return register_schemas_of(settings, {tenants.begin(), tenants.end()});
}

Result<std::unique_ptr<Log>> KafkaLog::open(KafkaSettings settings, std::shared_ptr<embedded::Families> local,
                                            const base::Clock& clock, base::Counters& counters) {
  auto log = std::make_unique<KafkaLogImpl>(std::move(settings), std::move(local), clock, counters);
  if (auto opened = log->open(); !opened) return std::unexpected(opened.error());
  return log;
}

}  // namespace lenne::storage
