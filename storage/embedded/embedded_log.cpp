#include "storage/embedded/embedded_log.hpp"

#include <algorithm>
#include <utility>

#include "storage/batch_check.hpp"
#include "storage/embedded/engine.hpp"
#include "storage/embedded/family_state.hpp"
#include "storage/embedded/group.hpp"
#include "storage/embedded/layout.hpp"
#include "storage/embedded/tail.hpp"

namespace lenne::storage::embedded {
namespace {

constexpr std::size_t kMaxName = 128;

Result<void> check(const Engine& engine, const Batch& batch) {
  return storage::check(batch, engine.partitions, engine.limits.batch_bytes, *engine.counters);
}

class EmbeddedReader final : public Reader {
 public:
  explicit EmbeddedReader(Tail tail) : tail_(std::move(tail)) {}
  Result<Poll> poll(Duration patience, std::size_t most) override { return tail_.poll(patience, most, true); }
  Result<void> seek(const SeekTo& to) override { return tail_.seek(to); }
  std::string position() const override { return tail_.text(); }

 private:
  Tail tail_;
};

class EmbeddedConsumer final : public Consumer {
 public:
  EmbeddedConsumer(Engine& engine, std::string name, std::uint64_t owner, Tail tail)
      : engine_(engine),
        name_(std::move(name)),
        key_(position_key(name_, tail.partitions())),
        owner_(owner),
        tail_(std::move(tail)) {}

  Result<Poll> poll(Duration patience, std::size_t most) override {
    if (!std::exchange(assigned_, true)) {
      Poll poll;
      poll.assigned = tail_.partitions();
      return poll;
    }
    auto poll = tail_.poll(patience, most, false);
    if (poll && !poll->records.empty()) open_ = true;
    if (poll && !open_) pass();
    return poll;
  }

  Result<void> seek(const SeekTo& to) override {
    open_ = true;
    return tail_.seek(to);
  }

  std::string position() const override { return tail_.text(); }

  Result<Committed> commit(const Batch& batch) override {
    auto committed = commit_at(batch, tail_.positions());
    if (committed) open_ = false;
    return committed;
  }

  Result<Committed> commit_part(const Batch& batch, std::span<const Record> handled) override {
    return commit_at(batch, tail_.positions_after(handled));
  }

  /// Makes the consumer known to `retain` before it has committed anything.
  Result<void> enroll() {
    open_ = true;
    const auto committed = commit(Batch{});
    return committed ? Result<void>{} : std::unexpected(committed.error());
  }

 private:
  Result<Committed> commit_at(const Batch& batch, const std::vector<Position>& positions) {
    if (auto good = check(engine_, batch); !good) return std::unexpected(good.error());
    Request request;
    request.batch = &batch;
    if (open_) {
      auto text = to_text(positions, tail_.partitions());
      request.rows.push_back({Family::position, key_, be32(tail_.topics()) + std::move(text), true});
    }
    request.published = [&] { engine_.registry.set(name_, tail_.topics(), tail_.partitions(), positions); };
    return engine_.queue->submit(request, [&] { return fenced(); });
  }

  std::optional<base::Error> fenced() const {
    if (engine_.registry.owns(name_, tail_.partitions(), owner_)) return std::nullopt;
    engine_.counters->count("storage.fenced");
    return base::Error{"fenced", "consumer " + name_ + " was opened again elsewhere"};
  }

  /// What was passed over without a record of its own needs no commit to be given up.
  void pass() {
    const std::lock_guard lock(engine_.queue->mutex());
    if (engine_.registry.owns(name_, tail_.partitions(), owner_)) {
      engine_.registry.set(name_, tail_.topics(), tail_.partitions(), tail_.positions());
    }
  }

  Engine& engine_;
  const std::string name_;
  const std::string key_;
  const std::uint64_t owner_;
  Tail tail_;
  bool assigned_ = false;
  bool open_ = false;  ///< the position has moved over records (or was sought) since the last commit
};

class EmbeddedLog final : public Log {
 public:
  explicit EmbeddedLog(std::unique_ptr<Engine> engine) : engine_(std::move(engine)), state_(*engine_->families) {}

  Result<Committed> append(const Batch& batch) override {
    if (batch.changes() > 0) return refuse_batch(*engine_->counters, "an append has no state changes");
    return write(batch);
  }
  Result<void> put_state(const Batch& batch) override {
    if (batch.appends() > 0) return refuse_batch(*engine_->counters, "a state write appends no records");
    const auto written = write(batch);
    return written ? Result<void>{} : std::unexpected(written.error());
  }

  Result<std::unique_ptr<Consumer>> consumer(const ConsumerSpec& spec) override;
  Result<std::unique_ptr<Reader>> reader(std::vector<Topic> topics, std::string tenant) override;
  const StateReader& state() const override { return state_; }
  Result<std::uint64_t> retain(Timestamp now) override;
  Result<void> forget(std::string_view consumer) override;
  Result<TopicDescription> describe(Topic topic) const override;
  std::uint32_t network_partitions() const override { return engine_->partitions; }
  std::optional<base::Error> failure() const override { return engine_->queue->failure(); }

 private:
  Result<Committed> write(const Batch& batch) {
    if (auto good = check(*engine_, batch); !good) return std::unexpected(good.error());
    if (batch.empty()) return Committed{};
    Request request;
    request.batch = &batch;
    return engine_->queue->submit(request);
  }
  Result<std::uint64_t> retain_class(std::size_t retention, Timestamp now);
  [[nodiscard]] Result<std::vector<std::uint32_t>> partitions_for(const ConsumerSpec& spec) const;

  std::unique_ptr<Engine> engine_;
  FamilyState state_;
  std::mutex retaining_;
};

Result<void> check_topics(const std::vector<Topic>& topics) {
  if (topics.empty()) return base::fail("bad_topic", "no topic is named");
  for (const auto topic : topics) {
    if (!known(topic))
      return base::fail("bad_topic", "topic " + std::to_string(static_cast<int>(topic)) + " is unknown");
  }
  return {};
}

std::uint32_t most_partitions(const std::vector<Topic>& topics, std::uint32_t network_partitions) {
  std::uint32_t most = 1;
  for (const auto topic : topics) most = std::max(most, partitions_of(topic, network_partitions));
  return most;
}

Result<std::vector<std::uint32_t>> EmbeddedLog::partitions_for(const ConsumerSpec& spec) const {
  if (spec.name.empty() || spec.name.size() > kMaxName || spec.name.find('\0') != std::string::npos) {
    return base::fail("bad_consumer", "a consumer's name has 1 to " + std::to_string(kMaxName) + " bytes, none zero");
  }
  if (auto good = check_topics(spec.topics); !good) return std::unexpected(good.error());
  const auto most = most_partitions(spec.topics, engine_->partitions);
  auto partitions = spec.partitions;
  for (std::uint32_t p = 0; spec.partitions.empty() && p < most; ++p) partitions.push_back(p);
  std::ranges::sort(partitions);
  partitions.erase(std::unique(partitions.begin(), partitions.end()), partitions.end());
  if (partitions.back() >= most) {
    return base::fail("bad_consumer", "partition " + std::to_string(partitions.back()) + " of " + std::to_string(most));
  }
  return partitions;
}

Result<std::unique_ptr<Consumer>> EmbeddedLog::consumer(const ConsumerSpec& spec) {
  auto partitions = partitions_for(spec);
  if (!partitions) return std::unexpected(partitions.error());
  std::uint64_t owner = 0;
  Request barrier;  // what an earlier owner has in flight is committed before its positions are read
  const auto passed = engine_->queue->submit(barrier, [&]() -> std::optional<base::Error> {
    owner = engine_->registry.take_over(spec.name, *partitions);
    return std::nullopt;
  });
  if (!passed) return std::unexpected(passed.error());
  Tail tail(*engine_, spec.topics, *partitions, {});
  const auto beginning = tail.beginning();
  bool is_new = false;
  {
    const std::lock_guard lock(engine_->queue->mutex());
    for (const auto p : *partitions) {
      const auto position = engine_->registry.position(spec.name, p);
      is_new = is_new || !position;
      tail.stand_at(p, position.value_or(beginning));
    }
  }
  auto consumer = std::make_unique<EmbeddedConsumer>(*engine_, spec.name, owner, std::move(tail));
  if (is_new) {
    if (auto enrolled = consumer->enroll(); !enrolled) return std::unexpected(enrolled.error());
  }
  return consumer;
}

Result<std::unique_ptr<Reader>> EmbeddedLog::reader(std::vector<Topic> topics, std::string tenant) {
  if (auto good = check_topics(topics); !good) return std::unexpected(good.error());
  if (tenant.size() > kMaxTenantBytes) return base::fail("bad_tenant", "the tenant's name is too long");
  const auto most = most_partitions(topics, engine_->partitions);
  std::vector<std::uint32_t> partitions(most);
  for (std::uint32_t p = 0; p < most; ++p) partitions[p] = p;
  return std::make_unique<EmbeddedReader>(Tail(*engine_, std::move(topics), std::move(partitions), std::move(tenant)));
}

Result<std::uint64_t> EmbeddedLog::retain(Timestamp now) {
  const std::lock_guard one(retaining_);
  std::uint64_t dropped = 0;
  for (std::size_t c = 0; c < kRetentions; ++c) {
    const auto of_class = retain_class(c, now);
    if (!of_class) return of_class;
    dropped += *of_class;
  }
  engine_->counters->count("storage.retained_groups", dropped);
  return dropped;
}

Result<std::uint64_t> EmbeddedLog::retain_class(std::size_t retention, Timestamp now) {
  const auto age = age_of(static_cast<Retention>(retention));
  const auto family = log_family(static_cast<Retention>(retention));
  Offset slowest = 0;
  {
    const std::lock_guard lock(engine_->queue->mutex());
    slowest = std::min(engine_->registry.slowest(retention), engine_->queue->end_locked());
  }
  const auto older = [&](std::string_view value, Duration than) {
    const auto head = read_head(value);
    return head && head->appended < now - than;
  };
  const GroupRule old = [&](Offset start, std::string_view value) {
    return older(value, age) && start + read_head(value)->count <= slowest;
  };
  // A stretch is sealed when an eighth of its age has passed: what little a quiet network appends is deleted in time,
  // too.
  const GroupRule seal = [&](Offset, std::string_view value) { return older(value, age / 8); };
  const auto last = engine_->families->plan_drop(family, old, seal);
  if (!last) return std::unexpected(last.error());
  if (!*last) return 0;
  auto cursor = engine_->families->groups(family, **last);
  const auto head = cursor->valid() ? read_head(cursor->peek()) : std::nullopt;
  if (!head) return base::fail("log_read", "the group at offset " + std::to_string(**last) + " is gone or damaged");
  const auto begin = **last + head->count;
  cursor.reset();
  Request request;  // first what is gone is written down, so that offsets never go back, then it goes
  request.rows.push_back({Family::meta, "begin/" + std::to_string(retention), std::to_string(begin), false});
  request.published = [&] { engine_->begins[retention] = begin; };
  if (const auto written = engine_->queue->submit(request); !written) return std::unexpected(written.error());
  return engine_->families->drop(family, **last);
}

Result<void> EmbeddedLog::forget(std::string_view consumer) {
  const std::string name(consumer);
  const auto prefix = position_prefix(name);
  Request request;
  const auto scanned = engine_->families->scan(
      Family::position, prefix, end_of_prefix(prefix), false, [&](std::string_view key, std::string_view) {
        request.rows.push_back({Family::position, std::string(key), {}, false, true});
        return true;
      });
  if (!scanned) return scanned;
  if (request.rows.empty()) return {};
  request.published = [&] { engine_->registry.forget(name); };
  const auto written = engine_->queue->submit(request);
  return written ? Result<void>{} : std::unexpected(written.error());
}

Result<TopicDescription> EmbeddedLog::describe(Topic topic) const {
  if (auto good = check_topics({topic}); !good) return std::unexpected(good.error());
  const auto begin = engine_->begins_now()[class_of(topic)];
  const auto end = engine_->queue->end();
  TopicDescription description{topic, {}, engine_->families->bytes(log_family(info_of(topic).retention))};
  for (std::uint32_t p = 0; p < partitions_of(topic, engine_->partitions); ++p) {
    description.partitions.push_back({p, begin, end});
  }
  return description;
}

/// Reads or makes the rows that say what this log is.
Result<void> identify(Families& families, std::uint32_t network_partitions) {
  if (network_partitions < 1 || network_partitions > kMaxPartitions) {
    return base::fail("network_partitions", "network.partitions is " + std::to_string(network_partitions) +
                                                "; it must be between 1 and " + std::to_string(kMaxPartitions));
  }
  const auto format = meta_number(families, "format");
  if (!format) return std::unexpected(format.error());
  if (!*format) {
    const auto set = families.write_set();
    set->put(Family::meta, "format", std::to_string(kFormat));
    set->put(Family::meta, "network_partitions", std::to_string(network_partitions));
    return families.write(*set);
  }
  if (**format != kFormat) {
    return base::fail("log_format", "the log has format " + std::to_string(**format) + ", this version reads format " +
                                        std::to_string(kFormat));
  }
  const auto stored = meta_number(families, "network_partitions");
  if (!stored) return std::unexpected(stored.error());
  if (stored->value_or(0) != network_partitions) {
    return base::fail("network_partitions",
                      "the log was made with network.partitions = " + std::to_string(stored->value_or(0)) +
                          ", the settings say " + std::to_string(network_partitions) + "; the number is fixed");
  }
  return {};
}

/// The end of a log: nothing that was ever given out is given out again, even when all groups are deleted.
Result<Offset> recover(Engine& engine) {
  Offset end = 0;
  for (std::size_t c = 0; c < kRetentions; ++c) {
    const auto begin = meta_number(*engine.families, "begin/" + std::to_string(c));
    if (!begin) return std::unexpected(begin.error());
    engine.begins[c] = begin->value_or(0);
    end = std::max(end, engine.begins[c]);
    bool good = true;
    const auto scanned = engine.families->scan(log_family(static_cast<Retention>(c)), {}, {}, true,
                                               [&](std::string_view key, std::string_view value) {
                                                 const auto head = read_head(value);
                                                 good = head && key.size() == 8;
                                                 if (good) end = std::max(end, read_be64(key) + head->count);
                                                 return false;
                                               });
    if (!scanned) return std::unexpected(scanned.error());
    if (!good) return base::fail("log_open", "the last group of " + std::string(kFamilyNames[c + 1]) + " is damaged");
  }
  bool good = true;
  const auto scanned = engine.families->scan(Family::position, {}, {}, false, [&](auto key, auto value) {
    good = good && engine.registry.load(key, value);
    return good;
  });
  if (!scanned) return std::unexpected(scanned.error());
  if (!good) return base::fail("log_open", "a consumer's position is damaged");
  return std::max(end, engine.registry.highest());
}

}  // namespace

Result<std::unique_ptr<Log>> open_log(std::shared_ptr<Families> families, std::uint32_t network_partitions,
                                      const EmbeddedLimits& limits, const base::Clock& clock,
                                      base::Counters& counters) {
  if (auto known_log = identify(*families, network_partitions); !known_log) return std::unexpected(known_log.error());
  std::unique_ptr<Engine> engine(new Engine{std::move(families), network_partitions, limits, &clock, &counters, nullptr,
                                            Registry(network_partitions)});
  const auto end = recover(*engine);
  if (!end) return std::unexpected(end.error());
  engine->queue =
      std::make_unique<CommitQueue>(*engine->families, limits, clock, counters, *end, engine->registry.commit_number());
  return std::make_unique<EmbeddedLog>(std::move(engine));
}

}  // namespace lenne::storage::embedded
