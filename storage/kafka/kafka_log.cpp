#include "storage/kafka/kafka_log.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <mutex>
#include <optional>

#include "storage/batch_check.hpp"
#include "storage/kafka/kafka_client.hpp"

namespace lenne::storage {
namespace {

using namespace kafka;
constexpr int kTransactionMs = 10'000;
constexpr int kTries = 6;

std::string topic_name(const KafkaSettings& settings, const TopicInfo& info) {
  return settings.prefix + (info.per_tenant ? "t." : "") + std::string(info.name);
}
std::string changelog_name(const KafkaSettings& settings) { return settings.prefix + "int.state-changelog"; }

std::string state_key(char store, std::uint32_t partition, std::string_view key) {
  return std::string{store, static_cast<char>(partition >> 8), static_cast<char>(partition & 0xff)}.append(key);
}

/// The committed state, rebuilt from the changelog. Any thread.
class KafkaState final : public StateReader {
 public:
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;

  void set(char store, std::uint32_t partition, std::string_view key, std::optional<std::string_view> value) {
    const std::lock_guard lock(mutex_);
    if (value) {
      rows_[state_key(store, partition, key)] = *value;
    } else {
      rows_.erase(state_key(store, partition, key));
    }
  }
  Result<std::optional<std::string>> get(Store store, std::uint32_t partition, std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    const auto found = rows_.find(state_key(static_cast<char>(store), partition, key));
    return found == rows_.end() ? std::nullopt : std::optional(found->second);
  }
  Result<void> scan(Store store, std::uint32_t partition, std::string_view from, std::string_view to,
                    const Visit& visit) const override {
    for (const auto& [key, value] : range(store, partition, from, to)) {
      if (!visit(std::string_view(key).substr(3), value)) break;
    }
    return {};
  }
  Result<void> scan_back(Store store, std::uint32_t partition, std::string_view from, std::string_view to,
                         const Visit& visit) const override {
    const auto rows = range(store, partition, from, to);
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      if (!visit(std::string_view(row->first).substr(3), row->second)) break;
    }
    return {};
  }

 private:
  std::vector<std::pair<std::string, std::string>> range(Store store, std::uint32_t partition, std::string_view from,
                                                         std::string_view to) const {
    const auto low = state_key(static_cast<char>(store), partition, from);
    const auto high = state_key(static_cast<char>(store), to.empty() ? partition + 1 : partition, to);
    const std::lock_guard lock(mutex_);
    if (low >= high) return {};
    return {rows_.lower_bound(low), rows_.lower_bound(high)};
  }
  mutable std::mutex mutex_;
  std::map<std::string, std::string> rows_;
};

/// What a log's parts share.
struct Core {
  KafkaSettings settings;
  const base::Clock* clock;
  base::Counters* counters;
  Handle appender = {};
  KafkaState state = {};
  std::mutex mutex = {};  ///< guards what follows
  std::optional<Tailer> changelog = {};
  Handle state_writer = {};
  std::optional<base::Error> failed = {};

  bool allowed(const char* request) const { return !settings.fault || !settings.fault(request); }
  /// A write whose outcome is unknown ends this log's writing; the next start reads what came of it.
  std::unexpected<base::Error> fail(const base::Error& error) {
    const std::lock_guard lock(mutex);
    if (error.code != "fenced" && !failed) failed = error;
    return std::unexpected(error);
  }
  Result<void> check(const Batch& batch) {
    if (auto good = storage::check(batch, settings.network_partitions, settings.batch_bytes, *counters); !good)
      return good;
    const std::lock_guard lock(mutex);
    return failed ? Result<void>(std::unexpected(*failed)) : Result<void>();
  }
  Result<void> catch_up() {
    const std::lock_guard lock(mutex);
    for (;;) {
      const auto count = changelog->poll(Duration{0}, 10'000, [&](const rd_kafka_message_t& message) {
        const std::string_view key(static_cast<const char*>(message.key), message.key_len);
        std::optional<std::string_view> value;
        if (message.payload != nullptr) value.emplace(static_cast<const char*>(message.payload), message.len);
        if (!key.empty()) state.set(key[0], static_cast<std::uint32_t>(message.partition), key.substr(1), value);
      });
      if (!count) return std::unexpected(count.error());
      if (*count == 0) return {};
    }
  }
};

std::deque<Outgoing> records_of(const KafkaSettings& settings, const Batch& batch) {
  std::deque<Outgoing> records;
  for (std::size_t i = 0; i < batch.appends(); ++i) {
    const auto a = batch.append_at(i);
    const auto& info = info_of(a.topic);
    // One topic stands for all tenants here, and the broker compacts by key: so the key names the tenant.
    const bool prefixed = info.per_tenant && info.compacted;
    auto key = prefixed ? std::string(1, static_cast<char>(a.tenant.size())).append(a.tenant).append(a.key)
                        : std::string(a.key);
    records.push_back({topic_name(settings, info), a.partition, a.tenant, std::move(key), a.value, a.tombstone});
  }
  for (std::size_t i = 0; i < batch.changes(); ++i) {
    const auto c = batch.change_at(i);
    records.push_back({changelog_name(settings),
                       c.partition,
                       {},
                       std::string(1, static_cast<char>(c.store)).append(c.key),
                       c.value,
                       c.erase});
  }
  return records;
}

Committed offsets_of(const std::deque<Outgoing>& records, std::size_t appends) {
  Committed committed;
  for (std::size_t i = 0; i < appends; ++i) committed.offsets.push_back(static_cast<Offset>(records[i].offset));
  return committed;
}

/// Runs one request of a transaction until it is done or cannot be.
Result<void> ask(const std::function<rd_kafka_error_t*()>& request) {
  for (int tries = 1;; ++tries) {
    auto* error = request();
    if (error == nullptr) return {};
    const bool again = rd_kafka_error_is_retriable(error) != 0 && tries < kTries;
    const auto code = rd_kafka_error_code(error);
    const bool fenced = code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
    base::Error answer{fenced ? "fenced" : "log_write", rd_kafka_error_string(error)};
    rd_kafka_error_destroy(error);
    if (!again) return std::unexpected(std::move(answer));
  }
}

/// One transaction: records, state and, for a consumer, its places.
Result<Committed> transact(Core& core, rd_kafka_t* producer, const Batch& batch, const Tailer* consumer,
                           const std::vector<Place>& places) {
  const base::Error fault{"log_write", "injected fault"};
  if (!core.allowed("begin")) return core.fail(fault);
  if (auto begun = ask([&] { return rd_kafka_begin_transaction(producer); }); !begun) return core.fail(begun.error());
  auto records = records_of(core.settings, batch);
  if (auto sent = send_all(producer, records, [&] { return core.allowed("produce"); }); !sent)
    return core.fail(sent.error());
  if (consumer != nullptr) {
    if (!core.allowed("offsets")) return core.fail(fault);
    auto* group = rd_kafka_consumer_group_metadata(consumer->handle());
    const auto list = list_of(places);
    const auto sent =
        ask([&] { return rd_kafka_send_offsets_to_transaction(producer, list.get(), group, kTransactionMs); });
    rd_kafka_consumer_group_metadata_destroy(group);
    if (!sent) return core.fail(sent.error());
  }
  if (!core.allowed("commit")) return core.fail(fault);
  const auto done = ask([&] { return rd_kafka_commit_transaction(producer, kTransactionMs); });
  if (!done) return core.fail(done.error());
  for (std::size_t i = 0; i < batch.changes(); ++i) {
    const auto c = batch.change_at(i);
    core.state.set(static_cast<char>(c.store), c.partition, c.key, c.erase ? std::nullopt : std::optional(c.value));
  }
  return offsets_of(records, batch.appends());
}

Result<Handle> transactional(const KafkaSettings& settings, const std::string& id) {
  auto producer = make_client(RD_KAFKA_PRODUCER, settings,
                              {{"transactional.id", settings.prefix + id},
                               {"transaction.timeout.ms", "6000"},
                               {"message.timeout.ms", "6000"},
                               {"linger.ms", "0"},
                               {"retry.backoff.ms", "5"}});  // or each commit waits 100 ms for its markers
  if (!producer) return producer;
  // Ends what an earlier owner of the id has left open, and fences it.
  const auto ready = ask([&] { return rd_kafka_init_transactions(producer->get(), 3 * kTransactionMs); });
  if (!ready) return std::unexpected(ready.error());
  return producer;
}

/// Reading and its position text: "t<topic>.<partition>.<offset>", joined by "_". One thread.
class KafkaReader : public Consumer {
 public:
  KafkaReader(Core& core, Tailer tailer, std::vector<Place> places, std::string tenant)
      : core_(core), tailer_(std::move(tailer)), places_(std::move(places)), tenant_(std::move(tenant)) {}

  Result<Poll> poll(Duration patience, std::size_t most) override {
    struct Kept {
      std::string tenant, key, value;
    };
    auto kept = std::make_shared<std::deque<Kept>>();
    Poll poll;
    while (poll.records.empty()) {
      const auto count = tailer_.poll(patience, most, [&](const rd_kafka_message_t& m) {
        const auto* info = std::ranges::find_if(kTopics, [&](const TopicInfo& each) {
          return topic_name(core_.settings, each) == rd_kafka_topic_name(m.rkt);
        });
        rd_kafka_headers_t* headers = nullptr;
        const void* tenant = nullptr;
        std::size_t size = 0;
        const bool labelled = rd_kafka_message_headers(&m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
                              rd_kafka_header_get_last(headers, "tenant", &tenant, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
        std::string_view label(labelled ? static_cast<const char*>(tenant) : "", labelled ? size : 0);
        if (!tenant_.empty() && label != tenant_) return;
        std::string_view key(static_cast<const char*>(m.key), m.key_len);
        if (info->per_tenant && info->compacted) key.remove_prefix(std::min(key.size(), 1 + label.size()));
        kept->push_back(
            {std::string(label), std::string(key), std::string(static_cast<const char*>(m.payload), m.len)});
        const auto& own = kept->back();
        const auto time = base::from_us(rd_kafka_message_timestamp(&m, nullptr) * 1000);
        poll.records.push_back({info->topic, static_cast<std::uint32_t>(m.partition), static_cast<Offset>(m.offset),
                                time, own.tenant, own.key, own.value, m.payload == nullptr});
      });
      if (!count) return std::unexpected(count.error());
      if (*count == 0) break;
    }
    places_ = tailer_.places();
    poll.memory = std::move(kept);
    return poll;
  }

  Result<void> seek(const SeekTo& to) override {
    auto places = places_;
    if (to.where != SeekTo::Where::token) {
      if (auto found = tailer_.find_bounds(places, to.where == SeekTo::Where::end); !found) return found;
    } else if (!parse(to.token, places)) {
      return base::fail("bad_position", "not a position of these topics: " + to.token.substr(0, 64));
    }
    places_ = std::move(places);
    return tailer_.assign(places_);
  }

  std::string position() const override {
    std::string text;
    for (const auto& place : places_) {
      text += (text.empty() ? "" : "_") + mark(place) + std::to_string(place.next);
    }
    return text;
  }

  Result<Committed> commit(const Batch&) override { return base::fail("fenced", "a reader has no position to commit"); }
  Result<Committed> commit_part(const Batch& batch, std::span<const Record>) override { return commit(batch); }

 protected:
  std::string mark(const Place& place) const {
    const auto* info = std::ranges::find_if(
        kTopics, [&](const TopicInfo& each) { return topic_name(core_.settings, each) == place.topic; });
    return "t" + std::to_string(static_cast<int>(info->topic)) + "." + std::to_string(place.partition) + ".";
  }
  bool parse(std::string_view text, std::vector<Place>& places) const {
    for (auto& place : places) {
      const auto start = mark(place);
      if (!text.starts_with(start)) return false;
      const auto [end, error] = std::from_chars(text.data() + start.size(), text.data() + text.size(), place.next);
      if (error != std::errc{} || place.next < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(end - text.data()));
      if (text.starts_with('_')) text.remove_prefix(1);
    }
    return text.empty();
  }

  Core& core_;
  Tailer tailer_;
  std::vector<Place> places_;
  const std::string tenant_;
};

/// A named reader with a transactional producer of its own.
class KafkaConsumer final : public KafkaReader {
 public:
  KafkaConsumer(Core& core, Tailer tailer, std::vector<Place> places, Handle producer,
                std::vector<std::uint32_t> partitions)
      : KafkaReader(core, std::move(tailer), std::move(places), {}),
        producer_(std::move(producer)),
        assigned_(std::move(partitions)) {}

  Result<Poll> poll(Duration patience, std::size_t most) override {
    before_ = places_;
    if (assigned_.empty()) return KafkaReader::poll(patience, most);
    Poll poll;
    poll.assigned = std::exchange(assigned_, {});
    return poll;
  }
  Result<Committed> commit(const Batch& batch) override {
    if (auto good = core_.check(batch); !good) return std::unexpected(good.error());
    return transact(core_, producer_.get(), batch, &tailer_, places_);
  }
  Result<Committed> commit_part(const Batch& batch, std::span<const Record> handled) override {
    if (auto good = core_.check(batch); !good) return std::unexpected(good.error());
    auto places = before_;
    for (const auto& record : handled) {
      const auto topic = topic_name(core_.settings, info_of(record.topic));
      const auto place = std::ranges::find_if(places, [&](const Place& each) {
        return each.topic == topic && each.partition == static_cast<std::int32_t>(record.partition);
      });
      place->next = static_cast<std::int64_t>(record.offset) + 1;
    }
    return transact(core_, producer_.get(), batch, &tailer_, places);
  }

 private:
  Handle producer_;
  std::vector<std::uint32_t> assigned_;
  std::vector<Place> before_;  ///< where it stood before the last poll
};

class KafkaLogImpl final : public Log {
 public:
  explicit KafkaLogImpl(std::unique_ptr<Core> core) : core_(std::move(core)) {}

  Result<Committed> append(const Batch& batch) override {
    if (batch.changes() > 0) return refuse("an append has no state changes");
    if (auto good = core_->check(batch); !good) return std::unexpected(good.error());
    auto records = records_of(core_->settings, batch);
    const auto sent = send_all(core_->appender.get(), records, [&] { return core_->allowed("produce"); });
    if (!sent) return core_->fail(sent.error());
    return offsets_of(records, batch.appends());
  }

  Result<void> put_state(const Batch& batch) override {
    if (batch.appends() > 0) return refuse("a state write appends no records");
    if (auto good = core_->check(batch); !good) return good;
    const std::lock_guard one(writing_state_);
    const auto written = transact(*core_, core_->state_writer.get(), batch, nullptr, {});
    return written ? Result<void>{} : std::unexpected(written.error());
  }

  Result<std::unique_ptr<Consumer>> consumer(const ConsumerSpec& spec) override {
    auto partitions = spec.partitions;
    std::uint32_t most = 1;
    for (const auto topic : spec.topics) most = std::max(most, partitions_of(topic, network_partitions()));
    for (std::uint32_t p = 0; spec.partitions.empty() && p < most; ++p) partitions.push_back(p);
    // The first partition names the owner: a spike's rule, which does not fence an owner of other partitions.
    auto producer = transactional(core_->settings, spec.name + "-" + std::to_string(partitions.at(0)));
    if (!producer) return std::unexpected(producer.error());
    auto tailer = Tailer::make(core_->settings, *core_->clock, core_->settings.prefix + spec.name);
    if (!tailer) return std::unexpected(tailer.error());
    auto places = places_of(spec.topics, partitions);
    if (auto found = tailer->find_bounds(places, false); !found) return std::unexpected(found.error());
    const auto committed = list_of(places);
    const auto error = rd_kafka_committed(tailer->handle(), committed.get(), kTransactionMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail("log_read", rd_kafka_err2str(error));
    for (std::size_t i = 0; i < places.size(); ++i)
      places[i].next = std::max(places[i].next, committed->elems[i].offset);
    if (auto assigned = tailer->assign(places); !assigned) return std::unexpected(assigned.error());
    if (auto done = core_->catch_up(); !done) return std::unexpected(done.error());
    return std::make_unique<KafkaConsumer>(*core_, std::move(*tailer), std::move(places), std::move(*producer),
                                           std::move(partitions));
  }

  Result<std::unique_ptr<Reader>> reader(std::vector<Topic> topics, std::string tenant) override {
    auto tailer = Tailer::make(core_->settings, *core_->clock, core_->settings.prefix + "reader");
    if (!tailer) return std::unexpected(tailer.error());
    std::vector<std::uint32_t> all(network_partitions());
    for (std::uint32_t p = 0; p < all.size(); ++p) all[p] = p;
    auto made = std::make_unique<KafkaReader>(*core_, std::move(*tailer), places_of(topics, all), std::move(tenant));
    if (auto sought = made->seek({}); !sought) return std::unexpected(sought.error());
    return made;
  }

  const StateReader& state() const override { return core_->state; }
  Result<std::uint64_t> retain(Timestamp) override { return 0; }  // the broker's, by the topics' own settings
  std::uint32_t network_partitions() const override { return core_->settings.network_partitions; }
  std::optional<base::Error> failure() const override {
    const std::lock_guard lock(core_->mutex);
    return core_->failed;
  }

  Result<TopicDescription> describe(Topic topic) const override {
    TopicDescription description{topic, {}, 0};
    auto tailer = Tailer::make(core_->settings, *core_->clock, core_->settings.prefix + "reader");
    if (!tailer) return std::unexpected(tailer.error());
    std::vector<std::uint32_t> all(network_partitions());
    for (std::uint32_t p = 0; p < all.size(); ++p) all[p] = p;
    auto begin = places_of({topic}, all);
    auto end = begin;
    for (auto [places, at_end] : {std::pair{&begin, false}, std::pair{&end, true}}) {
      if (auto found = tailer->find_bounds(*places, at_end); !found) return std::unexpected(found.error());
    }
    for (std::uint32_t p = 0; p < begin.size(); ++p) {
      description.partitions.push_back({p, static_cast<Offset>(begin[p].next), static_cast<Offset>(end[p].next)});
    }
    return description;
  }

 private:
  std::vector<Place> places_of(const std::vector<Topic>& topics, const std::vector<std::uint32_t>& partitions) const {
    std::vector<Place> places;
    for (const auto topic : topics) {
      for (const auto p : partitions) {
        if (p >= partitions_of(topic, network_partitions())) continue;
        places.push_back({topic_name(core_->settings, info_of(topic)), static_cast<std::int32_t>(p), 0});
      }
    }
    return places;
  }
  std::unexpected<base::Error> refuse(std::string why) {
    core_->counters->count("storage.refused.bad_batch");
    return base::fail("bad_batch", std::move(why));
  }

  std::unique_ptr<Core> core_;
  std::mutex writing_state_;
};

std::vector<TopicPlan> plans_of(const KafkaSettings& settings) {
  const auto largest = std::to_string(settings.batch_bytes + (std::size_t{1} << 20));
  std::vector<TopicPlan> plans;
  for (const auto& info : kTopics) {
    const auto age = std::chrono::milliseconds(age_of(info.retention)).count();
    // A broker deletes by the record's time: that has to be its arrival.
    plans.push_back({topic_name(settings, info),
                     partitions_of(info.topic, settings.network_partitions),
                     {{"max.message.bytes", largest},
                      {"message.timestamp.type", "LogAppendTime"},
                      {"cleanup.policy", info.compacted ? "compact" : "delete"},
                      {"retention.ms", std::to_string(info.compacted ? -1 : age)}}});
  }
  plans.push_back({changelog_name(settings),
                   settings.network_partitions,
                   {{"max.message.bytes", largest}, {"cleanup.policy", "compact"}}});
  return plans;
}

}  // namespace

Result<std::unique_ptr<Log>> KafkaLog::open(KafkaSettings settings, const base::Clock& clock,
                                            base::Counters& counters) {
  std::unique_ptr<Core> core(new Core{std::move(settings), &clock, &counters});
  auto appender = make_client(RD_KAFKA_PRODUCER, core->settings,
                              {{"enable.idempotence", "true"}, {"linger.ms", "0"}, {"message.timeout.ms", "30000"}});
  if (!appender) return std::unexpected(appender.error());
  core->appender = std::move(*appender);
  if (auto made = make_topics(core->appender.get(), plans_of(core->settings), core->settings.replication); !made) {
    return std::unexpected(made.error());
  }
  auto writer = transactional(core->settings, "state-" + core->settings.instance);
  if (!writer) return std::unexpected(writer.error());
  core->state_writer = std::move(*writer);
  auto changelog = Tailer::make(core->settings, clock, core->settings.prefix + "state");
  if (!changelog) return std::unexpected(changelog.error());
  std::vector<Place> places;
  for (std::uint32_t p = 0; p < core->settings.network_partitions; ++p) {
    places.push_back({changelog_name(core->settings), static_cast<std::int32_t>(p), 0});
  }
  core->changelog.emplace(std::move(*changelog));
  if (auto found = core->changelog->find_bounds(places, false); !found) return std::unexpected(found.error());
  if (auto assigned = core->changelog->assign(std::move(places)); !assigned) return std::unexpected(assigned.error());
  if (auto loaded = core->catch_up(); !loaded) return std::unexpected(loaded.error());
  return std::make_unique<KafkaLogImpl>(std::move(core));
}

}  // namespace lenne::storage
