#include <algorithm>
#include <map>
#include <set>

#include "storage/batch_check.hpp"
#include "storage/kafka/kafka_consumer.hpp"
#include "storage/kafka/kafka_reader.hpp"
#include "storage/kafka/publisher.hpp"
#include "storage/kafka/topic_names.hpp"
#include "storage/kafka/transactor.hpp"

namespace lenne::storage::kafka {
namespace {

constexpr Duration kTurn = std::chrono::milliseconds{20};
/// Within this time a second loss of its name is another process's doing.
constexpr Duration kOneName = std::chrono::minutes{1};
/// After this time a tenant's topic that did not answer is asked for again.
constexpr Duration kAbsent = std::chrono::seconds{10};
/// So long a member that is to go waits for the answer of its group.
constexpr Duration kLeaving = std::chrono::seconds{1};
/// And so long its client may take to end.
constexpr Duration kEnding = std::chrono::seconds{3};
/// How long the end of its partitions is waited for, a first assignment and their changelogs included.
constexpr Duration kSettling = std::chrono::seconds{5};

/// Writes the rows of a committed batch, and how far that brings its changelog. Error: log_write, disk_full.
Result<void> keep_rows(ConsumerWorld& world, const Batch& batch, std::string_view changelog,
                       const std::deque<Outgoing>& records) {
  if (batch.changes() == 0) return {};
  struct End {
    std::int64_t next = 0;
    std::uint64_t stores = 0;
  };
  std::map<std::uint32_t, End> ends;
  for (std::size_t i = 0; i < batch.changes(); ++i) {
    const auto change = batch.change_at(i);
    auto& end = ends[change.partition];
    end.next = std::max(end.next, records[batch.appends() + i].offset + 1);
    end.stores |= bit_of(change.store);
  }
  auto write = world.state.write();
  write.changes_of(batch);
  for (const auto& [partition, end] : ends)
    world.changelogs.mark(write, {std::string(changelog), partition}, end.next, end.stores);
  return world.state.commit(write);
}

/// What a consumer's group shares out: one topic's partitions, those of several that are published, or the topics that
/// tenants write. Of the latter two each gets a number when it is met.
class Shared {
 public:
  Shared(const KafkaSettings& settings, const ConsumerSpec& spec) : settings_(settings), sharing_(spec.sharing) {
    for (const auto topic : spec.topics) infos_.push_back(&info_of(topic));
  }

  [[nodiscard]] bool of_tenants() const noexcept { return infos_.front()->from_tenants; }
  [[nodiscard]] bool publishes() const noexcept { return sharing_ == ConsumerSpec::Sharing::publication; }
  [[nodiscard]] bool has_state() const noexcept { return !of_tenants() && !publishes(); }
  [[nodiscard]] std::vector<std::string> subscriptions() const {
    std::vector<std::string> names;
    for (const auto* info : infos_)
      names.push_back(of_tenants() ? all_written_by_tenants(settings_, *info) : topic_name(settings_, *info));
    return names;
  }
  /// Where to read it is not known yet.
  [[nodiscard]] Place place_of(const rd_kafka_topic_partition_t& given) {
    const auto& info = **std::ranges::find_if(infos_, [&](const TopicInfo* each) {
      return each == infos_.back() || topic_name(settings_, *each) == given.topic;
    });
    Place place{given.topic, given.partition, RD_KAFKA_OFFSET_INVALID,
                static_cast<std::uint32_t>(&info - kTopics.data())};
    if (has_state()) return place;
    if (of_tenants()) place.tenant = writer_of(settings_, info, given.topic);
    const auto number = static_cast<std::uint32_t>(numbers_.size());
    place.number_of_it = numbers_.try_emplace({given.topic, given.partition}, number).first->second;
    return place;
  }

 private:
  const KafkaSettings& settings_;
  const ConsumerSpec::Sharing sharing_;
  std::vector<const TopicInfo*> infos_;
  std::map<std::pair<std::string, std::int32_t>, std::uint32_t> numbers_;
};

class GroupConsumer final : public Consumer {
 public:
  GroupConsumer(ConsumerWorld& world, const ConsumerSpec& spec)
      : world_(world),
        name_(spec.name),
        shared_(world.settings, spec),
        transactor_(world.settings, name_ + "-" + world.instance,
                    shared_.publishes() ? std::vector<std::string>{} : names_of(internal_plans(world.settings))),
        rebalances_(world.counters.cell("storage.kafka." + name_ + ".rebalances")),
        partitions_(world_.counters.cell("storage.kafka." + name_ + ".partitions")),
        rejoins_(world_.counters.cell("storage.kafka." + name_ + ".rejoins")),
        left_behind_(world_.counters.cell("storage.kafka." + name_ + ".left_behind")),
        interrupted_count_(world.counters.cell("storage.kafka." + name_ + ".interrupted")) {
    if (shared_.publishes()) publisher_.emplace(world.settings, *world.tenant_topics, transactor_);
  }
  ~GroupConsumer() override {
    leave();
    for (const auto p : restoring_) release(p);
    for (const auto p : active_) release(p);
  }
  GroupConsumer(const GroupConsumer&) = delete;
  GroupConsumer& operator=(const GroupConsumer&) = delete;

  Result<void> join() {
    if (publisher_) publisher_->expect_known();
    if (auto ready = transactor_.prepare(); !ready) return base::fail("log_open", ready.error().message);
    Options member{{"group.instance.id", world_.settings.prefix + world_.instance},
                   {"partition.assignment.strategy", "cooperative-sticky"},
                   {"session.timeout.ms", "6000"},
                   {"heartbeat.interval.ms", "1000"}};
    if (shared_.of_tenants()) member.emplace_back("topic.metadata.refresh.interval.ms", "5000");  // finds new topics
    auto tailer = Tailer::make(
        world_.settings, world_.clock, name_, member,
        [this](rd_kafka_t* handle, rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions) {
          rebalanced(handle, what, partitions);
        });
    if (!tailer) return std::unexpected(tailer.error());
    const PlaceList topics(rd_kafka_topic_partition_list_new(1));
    for (const auto& name : shared_.subscriptions())
      rd_kafka_topic_partition_list_add(topics.get(), name.c_str(), RD_KAFKA_PARTITION_UA);
    const auto error = rd_kafka_subscribe(tailer->handle(), topics.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail("log_open", rd_kafka_err2str(error));
    tailer_.emplace(std::move(*tailer));
    return {};
  }

  Result<Poll> poll(Duration patience, std::size_t most) override {
    const auto deadline = world_.clock.monotonic() + std::min<Duration>(patience, std::chrono::hours{1});
    return poll(most, [&]() -> Result<bool> { return world_.clock.monotonic() >= deadline; });
  }
  Result<Poll> poll_to_end(std::size_t most) override {
    const auto deadline = world_.clock.monotonic() + kSettling;
    return poll(most, [&]() -> Result<bool> {
      if (world_.clock.monotonic() >= deadline) return true;
      if (!joined_ || !restoring_.empty()) return false;
      return tailer_->at_end();
    });
  }

  Result<void> seek(const SeekTo&) override {
    return base::fail("bad_position", "a consumer that shares its topic goes where its group stands");
  }
  std::string position() const override { return to_text(own_places()); }

  Result<Committed> commit(const Batch& batch) override { return commit_at(batch, to_commit(own_places())); }
  Result<Committed> commit_part(const Batch& batch, std::span<const Record> handled) override {
    auto places = before_;
    // A partition that was taken away meanwhile is not to be set back.
    std::erase_if(places, [&](const Place& place) { return !active_.contains(place.number()); });
    pass(places, handled);
    return commit_at(batch, to_commit(std::move(places)));
  }

 private:
  void rebalanced(rd_kafka_t* handle, rd_kafka_resp_err_t what, const rd_kafka_topic_partition_list_t& partitions) {
    joined_ = true;
    ++rebalances_;
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      given(handle, partitions);
    } else {
      taken(handle, partitions);
    }
  }

  // Both run inside of fetch(), on this consumer's thread, and never inside of a commit: so there is nothing to commit
  // or to abort before a partition goes.
  void given(rd_kafka_t* handle, const rd_kafka_topic_partition_list_t& partitions) {
    if (auto* error = rd_kafka_incremental_assign(handle, &partitions)) rd_kafka_error_destroy(error);
    for (int i = 0; i < partitions.cnt; ++i) {
      auto& place = tailer_->places().emplace_back(shared_.place_of(partitions.elems[i]));
      tailer_->hold(place);
      restoring_.insert(place.number());  // until its state is here it is held
      want(place.number());
    }
  }
  void taken(rd_kafka_t* handle, const rd_kafka_topic_partition_list_t& partitions) {
    for (int i = 0; i < partitions.cnt; ++i) {
      const auto p = shared_.place_of(partitions.elems[i]).number();
      if (active_.erase(p) > 0) revoked_.push_back(p);
      restoring_.erase(p);
      std::erase_if(tailer_->places(), [&](const Place& each) { return each.number() == p; });
      release(p);
    }
    if (auto* error = rd_kafka_incremental_unassign(handle, &partitions)) rd_kafka_error_destroy(error);
  }

  /// Partitions whose state is complete are read from where the group has committed.
  Result<void> begin_restored() {
    Places places;
    for (const auto& place : tailer_->places()) {
      const auto p = place.number();
      if (restoring_.contains(p) && has_state(p) && !is_absent(p)) places.push_back(place);
    }
    if (places.empty()) return {};
    const auto committed = list_of(places);
    const auto error = rd_kafka_committed(tailer_->handle(), committed.get(), kRequestMs);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::fail("log_read", rd_kafka_err2str(error));
    if (auto found = find_beginnings(places); !found) return found;
    for (std::size_t i = 0; i < places.size(); ++i)
      places[i].next = std::max(places[i].next, committed->elems[i].offset);
    std::erase_if(places, [&](const Place& place) { return is_absent(place.number()); });
    if (places.empty()) return {};
    if (auto begun = tailer_->read(places); !begun) return begun;
    for (const auto& place : places) {
      const auto p = place.number();
      restoring_.erase(p);
      active_.insert(p);
      assigned_.push_back(p);
    }
    before_ = own_places();
    return {};
  }

  /// A tenant's topic that does not answer is absent for a while.
  Result<void> find_beginnings(Places& places) {
    if (!shared_.of_tenants()) return tailer_->find_bounds(places, false);
    for (auto& place : places) {
      const auto begin = tailer_->begin(place);
      place.next = begin.value_or(0);
      if (!begin) absent_until_[place.number()] = world_.clock.monotonic() + kAbsent;
    }
    return {};
  }

  /// Of many, those that were read since the last poll. And a tenant's topic that is deleted meanwhile must not hold up
  /// the others' commits.
  [[nodiscard]] Places to_commit(Places places) const {
    if (shared_.has_state()) return places;
    std::erase_if(places, [&](const Place& place) {
      return std::ranges::any_of(
          before_, [&](const Place& before) { return before.number() == place.number() && before.next == place.next; });
    });
    return places;
  }
  /// Nor their polls: it is asked for again now and then, until the group takes it away.
  [[nodiscard]] bool is_absent(std::uint32_t p) const {
    const auto until = absent_until_.find(p);
    return until != absent_until_.end() && world_.clock.monotonic() < until->second;
  }

  [[nodiscard]] Places own_places() const {
    Places places;
    for (const auto& place : tailer_->places()) {
      if (!place.held) places.push_back(place);
    }
    return places;
  }

  /// A member that goes between the answer of its group and its first assignment would end the process (librdkafka
  /// 2.0.2, assertion assignor_state): one that has none is left to its library. It reads nothing, and its session ends
  /// with the process or, in one that lives on, with its poll interval.
  void drop_member() {
    if (!joined_) tailer_->abandon();
    if (joined_ && !tailer_->end(kEnding)) ++left_behind_;
    tailer_.reset();
    joined_ = false;
  }

  /// Waits a little for a first assignment.
  void leave() {
    if (!tailer_) return;
    const auto deadline = world_.clock.monotonic() + kLeaving;
    while (!joined_ && world_.clock.monotonic() < deadline) {
      const auto read = tailer_->fetch(kTurn, 1, [](const rd_kafka_message_t&, const Place&) {});
      if (!read) break;
    }
    drop_member();
  }

  /// Another member has this one's name. It may be its own ghost: a broker that ended while it joined has taken the
  /// name and could not say so. So it joins again, but not twice in a short time: of two processes with one name one
  /// ends.
  std::unexpected<base::Error> lose_name(const base::Error& error) {
    if (error.code != "fenced") return std::unexpected(error);
    const auto now = world_.clock.monotonic();
    if (rejoined_ && now - *rejoined_ < kOneName) return std::unexpected(error);
    rejoined_ = now;
    ++rejoins_;
    for (const auto p : active_) revoked_.push_back(p);
    for (const auto& partitions : {active_, restoring_}) {
      for (const auto p : partitions) release(p);
    }
    active_.clear();
    restoring_.clear();
    drop_member();
    interrupted_ = false;
    return base::fail("log_read", "joins its group again: " + error.message);
  }

  /// What was in the hands of the caller is committed or not: state and positions are taken from what is.
  void begin_anew() {
    interrupted_ = false;
    for (auto& place : tailer_->places()) tailer_->hold(place);
    for (const auto p : active_) {
      revoked_.push_back(p);
      restoring_.insert(p);
      want(p);
    }
    active_.clear();
  }

  void want(std::uint32_t p) {
    if (shared_.has_state()) world_.changelogs.want({name_, p});
  }
  void release(std::uint32_t p) {
    if (shared_.has_state()) world_.changelogs.release({name_, p});
  }
  [[nodiscard]] bool has_state(std::uint32_t p) const {
    return !shared_.has_state() || world_.changelogs.owned({name_, p});
  }

  /// Polls until there is something to tell, or `enough` says that it need not come.
  Result<Poll> poll(std::size_t most, const std::function<Result<bool>()>& enough) {
    if (!tailer_) {
      if (auto joined = join(); !joined) return std::unexpected(joined.error());
    }
    if (interrupted_) {
      if (auto ready = transactor_.prepare(); !ready) return std::unexpected(ready.error());
      begin_anew();
    }
    before_ = own_places();
    for (Duration wait{};; wait = kTurn) {
      if (auto begun = begin_restored(); !begun) return std::unexpected(begun.error());
      if (!revoked_.empty() || !assigned_.empty()) {
        Poll poll;
        poll.revoked = std::exchange(revoked_, {});
        poll.assigned = std::exchange(assigned_, {});
        partitions_.store(active_.size());
        return poll;
      }
      Collector collector;
      const auto count = tailer_->fetch(
          wait, most, [&](const rd_kafka_message_t& message, const Place& place) { collector.take(message, place); });
      if (!count) return lose_name(count.error());
      // What was read of a partition before it was taken away in the same fetch is its next owner's.
      for (const auto p : revoked_) collector.drop(p);
      auto poll = std::move(collector).poll();
      if (!poll.records.empty()) {
        poll.revoked = std::exchange(revoked_, {});
        partitions_.store(active_.size());
        return poll;
      }
      if (!revoked_.empty()) continue;
      const auto done = enough();
      if (!done) return std::unexpected(done.error());
      if (*done) return Poll{};
    }
  }

  Result<void> check(const Batch& batch) const {
    const auto& settings = world_.settings;
    if (auto good = storage::check(batch, settings.network_partitions, settings.batch_bytes, world_.counters); !good)
      return good;
    if (auto failed = world_.state.failure()) return std::unexpected(std::move(*failed));
    for (std::size_t i = 0; i < batch.changes(); ++i) {
      const auto change = batch.change_at(i);
      const bool its_own = shared_.has_state() && active_.contains(change.partition);
      if (its_own && home_of(change.store) == Home::partition) continue;
      return refuse_batch(world_.counters, "a change of store " + std::string(name_of(change.store)) +
                                               " in partition " + std::to_string(change.partition) +
                                               ", which is not this consumer's");
    }
    return {};
  }

  Result<Committed> commit_at(const Batch& batch, const Places& places) {
    if (interrupted_) return base::fail("interrupted", "the commit before this one was interrupted");
    if (auto good = check(batch); !good) return std::unexpected(good.error());
    std::deque<Outgoing> records;
    if (publisher_) {
      for (std::size_t i = 0; i < batch.appends(); ++i) publisher_->add(batch.append_at(i), records);
      if (auto there = publisher_->ensure_topics(); !there) {
        interrupted_ = true;
        return base::fail("interrupted", there.error().message);
      }
    } else {
      records = records_of(world_.settings, batch, name_);
    }
    if (auto done = transactor_.commit(records, tailer_->handle(), places); !done) {
      interrupted_ = true;
      ++interrupted_count_;
      return std::unexpected(done.error());
    }
    if (publisher_) return Committed{};  // copies have offsets that say nothing here
    if (auto kept = keep_rows(world_, batch, name_, records); !kept) return std::unexpected(kept.error());
    return offsets_of(records, batch.appends());
  }

  ConsumerWorld& world_;
  const std::string name_;
  Shared shared_;
  Transactor transactor_;
  std::optional<Publisher> publisher_;
  base::Counters::Cell& rebalances_;
  base::Counters::Cell& partitions_;
  base::Counters::Cell& rejoins_;
  base::Counters::Cell& left_behind_;
  base::Counters::Cell& interrupted_count_;
  std::optional<Tailer> tailer_;                    ///< its places: those of active_, and, held, of restoring_
  Places before_;                                   ///< where it stood before the last poll
  std::optional<Duration> rejoined_;                ///< when it joined again because it had lost its name
  std::map<std::uint32_t, Duration> absent_until_;  ///< topics of tenants that did not answer
  bool joined_ = false;                             ///< the group has answered
  bool interrupted_ = false;                        ///< nobody knows what became of the last commit
  std::set<std::uint32_t> restoring_;               ///< assigned by the group, their state is being copied
  std::set<std::uint32_t> active_;                  ///< read
  std::vector<std::uint32_t> assigned_;             ///< to be told by the next poll
  std::vector<std::uint32_t> revoked_;
};

}  // namespace

Result<std::unique_ptr<Consumer>> make_group_consumer(ConsumerWorld& world, const ConsumerSpec& spec) {
  const bool publishes = spec.sharing == ConsumerSpec::Sharing::publication;
  if ((spec.topics.size() != 1 && !publishes) || !spec.partitions.empty())
    return base::fail("bad_consumer", spec.name + ": on Kafka processes share one topic, and the group says how");
  if (publishes && world.tenant_topics == nullptr)
    return base::fail("bad_consumer", spec.name + ": the settings say that tenants have no topics of their own");
  // Without a changelog it would wait for its state for ever.
  const auto& kept = world.settings.consumers;
  if (Shared(world.settings, spec).has_state() && std::ranges::find(kept, spec.name) == kept.end())
    return base::fail("bad_consumer", spec.name + ": there is no changelog for its state");
  auto consumer = std::make_unique<GroupConsumer>(world, spec);
  if (auto joined = consumer->join(); !joined) return std::unexpected(joined.error());
  return consumer;
}

std::deque<Outgoing> records_of(const KafkaSettings& settings, const Batch& batch, std::string_view changelog) {
  std::deque<Outgoing> records;
  for (std::size_t i = 0; i < batch.appends(); ++i) {
    const auto a = batch.append_at(i);
    const auto& info = info_of(a.topic);
    const bool prefixed = info.per_tenant && info.compacted;
    auto key = prefixed ? std::string(1, static_cast<char>(a.tenant.size())).append(a.tenant).append(a.key)
                        : std::string(a.key);
    auto topic = info.from_tenants ? written_by(settings, info, a.tenant) : topic_name(settings, info);
    records.push_back({std::move(topic), a.partition, a.tenant, std::move(key), a.value, a.tombstone});
  }
  if (batch.changes() == 0) return records;
  const auto topic = changelog_name(settings, changelog);
  for (std::size_t i = 0; i < batch.changes(); ++i) {
    const auto c = batch.change_at(i);
    records.push_back({topic, c.partition, {}, changelog_key(c.store, c.key), c.value, c.erase});
  }
  return records;
}

Committed offsets_of(const std::deque<Outgoing>& records, std::size_t appends) {
  Committed committed;
  for (std::size_t i = 0; i < appends; ++i) committed.offsets.push_back(static_cast<Offset>(records[i].offset));
  return committed;
}

}  // namespace lenne::storage::kafka
