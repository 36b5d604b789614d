// The conformance suite against a real broker, which deploy/kafka/kafka.sh fetches, starts and stops. No broker: it
// fails.

#include "storage/kafka/kafka_log.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/integration/storage/kafka/broker.hpp"
#include "tests/unit/storage/log_conformance.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::storage::conformance {
namespace {

const std::string kScript =
    "LENNE_KAFKA_DIR='" LENNE_BINARY_DIR "/kafka' LENNE_KAFKA_PORT=auto '" LENNE_SOURCE_DIR "/deploy/kafka/kafka.sh' ";

class Broker final : public ::testing::Environment {
 public:
  void SetUp() override {
    // The output goes to a file: a broker that held our pipe open would keep whoever reads it waiting.
    const auto log = std::string(LENNE_BINARY_DIR "/kafka-start.log");
    ASSERT_EQ(std::system((kScript + "wipe >'" + log + "' 2>&1").c_str()), 0) << "see " << log;
    ASSERT_EQ(std::system((kScript + "start >'" + log + "' 2>&1").c_str()), 0) << "see " << log;
    FILE* pipe = ::popen((kScript + "bootstrap").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    char line[128] = "";
    const bool read = std::fgets(line, sizeof line, pipe) != nullptr;
    ASSERT_EQ(::pclose(pipe), 0);
    ASSERT_TRUE(read);
    bootstrap = std::string(line).substr(0, std::string(line).find('\n'));
  }
  void TearDown() override { EXPECT_EQ(std::system((kScript + "stop").c_str()), 0); }
};
const auto* const kBroker = ::testing::AddGlobalTestEnvironment(new Broker);

std::shared_ptr<embedded::Families> local_state_in(const std::string& directory) {
  RocksDbSettings settings;
  settings.directory = directory + "/state";
  settings.sync = false;
  auto families = RocksDbLog::families(settings);
  if (!families) throw std::runtime_error(families.error().message);
  return *families;
}

class KafkaHarness {
 public:
  static constexpr bool kRetains = false;
  static constexpr bool kExactSnapshot = false;
  static constexpr bool kGroups = true;
  static constexpr int kScriptInputs = 2;

  KafkaHarness() {
    static int made = 0;
    settings_.bootstrap = bootstrap;
    settings_.prefix = "test" + std::to_string(++made) + ".";
    settings_.network_partitions = kPartitions;
    settings_.batch_bytes = kBatchLimit;
    settings_.consumers = {"network", "windows", "script"};
    settings_.fault = [this](const char*) {
      const auto operation = ++operations_;
      return fail_at_ != 0 && operation >= fail_at_;
    };
    reopen();
  }
  Log& log() { return *log_; }
  void reopen() {
    fail_operation(0);
    log_.reset();
    auto opened = KafkaLog::open(settings_, local_state_in(directory_.path()), system_clock_, counters_);
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
  }
  void fail_operation(std::uint64_t n) { fail_at_ = n == 0 ? 0 : operations_ + n; }
  base::ManualClock& clock() { return clock_; }
  base::Counters& counters() { return counters_; }

 private:
  ScratchDirectory directory_;
  KafkaSettings settings_;
  std::atomic<std::uint64_t> operations_ = 0;
  std::atomic<std::uint64_t> fail_at_ = 0;
  base::SystemClock system_clock_;
  base::ManualClock clock_{kStart};
  base::Counters counters_;
  std::unique_ptr<Log> log_;
};

using Harnesses = ::testing::Types<KafkaHarness>;
INSTANTIATE_TYPED_TEST_SUITE_P(Kafka, LogConformance, Harnesses);

/// A process: a log with a disk of its own.
class Process {
 public:
  Process(std::string prefix, std::string instance) {
    settings_.bootstrap = bootstrap;
    settings_.prefix = std::move(prefix);
    settings_.fresh_instance = std::move(instance);
    settings_.network_partitions = kPartitions;
    settings_.fault = [this](const char* request) { return fault_ && fault_(request); };
  }
  Result<void> try_start() {
    auto opened = KafkaLog::open(settings_, local_state_in(directory_.path()), clock_, counters_);
    if (!opened) return std::unexpected(opened.error());
    log_ = std::move(*opened);
    return {};
  }
  void start() {
    const auto started = try_start();
    if (!started) throw std::runtime_error(started.error().message);
  }
  void stop() { log_.reset(); }
  void pass(base::Duration time) { clock_.ahead += time; }
  void lose_disk() { std::filesystem::remove_all(directory_.path() + "/state"); }

  Log& log() { return *log_; }
  KafkaSettings& settings() { return settings_; }
  base::Counters& counters() { return counters_; }
  void fail(std::function<bool(std::string_view)> fault) { fault_ = std::move(fault); }

  std::unique_ptr<Consumer> consumer() { return log().consumer({"network", {Topic::network_in}}).value(); }
  void append(std::uint32_t partition, const std::string& value) {
    Batch batch;
    batch.append(Topic::network_in, partition, "", "k", value);
    ASSERT_TRUE(log().append(batch).has_value());
  }
  std::optional<std::string> row(std::uint32_t partition, const std::string& key) {
    return log().state().get(Store::device, partition, key).value();
  }

 private:
  ScratchDirectory directory_;
  KafkaSettings settings_;
  std::function<bool(std::string_view)> fault_;
  struct Clock final : base::Clock {
    [[nodiscard]] base::Timestamp now() const override { return system.now() + ahead; }
    [[nodiscard]] base::Duration monotonic() const override { return system.monotonic(); }
    base::SystemClock system;
    base::Duration ahead{};
  } clock_;
  base::Counters counters_;
  std::unique_ptr<Log> log_;
};

/// Polls until all partitions are its own.
void take_all(Consumer& consumer) {
  std::set<std::uint32_t> own;
  for (int i = 0; own.size() < kPartitions && i < 100; ++i) {
    const auto poll = consumer.poll(std::chrono::milliseconds{200}, 1000);
    ASSERT_TRUE(poll.has_value()) << poll.error().message;
    for (const auto p : poll->revoked) own.erase(p);
    for (const auto p : poll->assigned) own.insert(p);
  }
  ASSERT_EQ(own.size(), kPartitions);
}

TEST(KafkaLog, ALostDiskIsMadeAgainFromTheChangelog) {
  Process process("lost.", "a");
  process.start();
  constexpr int kRows = 500;
  {
    const auto consumer = process.consumer();
    take_all(*consumer);
    Batch batch;
    for (int i = 0; i < kRows; ++i)
      batch.put(Store::device, static_cast<std::uint32_t>(i) % kPartitions, "k" + std::to_string(i), "v");
    ASSERT_TRUE(consumer->commit(batch).has_value());
    batch.clear();
    batch.erase(Store::device, 0, "k0");
    batch.put(Store::device, 1, "k1", "new");
    ASSERT_TRUE(consumer->commit(batch).has_value());
  }
  const auto restart = [&](bool with_disk) {
    process.stop();
    if (!with_disk) process.lose_disk();
    const auto before = process.counters().value("storage.changelog.records");
    process.start();
    const auto consumer = process.consumer();
    take_all(*consumer);
    EXPECT_EQ(process.row(0, "k0"), std::nullopt);
    EXPECT_EQ(process.row(1, "k1"), "new");
    for (int i = 2; i < kRows; ++i)
      EXPECT_EQ(process.row(static_cast<std::uint32_t>(i) % kPartitions, "k" + std::to_string(i)), "v");
    return process.counters().value("storage.changelog.records") - before;
  };
  EXPECT_EQ(restart(true), 0U) << "what is on the disk is not read again";
  EXPECT_GE(restart(false), static_cast<std::uint64_t>(kRows));
}

TEST(KafkaLog, WhatAnotherProcessHasDeletedDoesNotComeBack) {
  Process a("deleted.", "a");
  Process b("deleted.", "b");
  const auto commit = [](Process& process, const std::function<void(Batch&)>& change) {
    const auto consumer = process.consumer();
    take_all(*consumer);
    Batch batch;
    change(batch);
    ASSERT_TRUE(consumer->commit(batch).has_value());
  };
  a.start();
  commit(a, [](Batch& batch) {
    batch.put(Store::device, 0, "gone", "a");
    batch.put(Store::device, 0, "kept", "a");
  });
  a.stop();
  b.start();
  commit(b, [](Batch& batch) {
    batch.erase(Store::device, 0, "gone");
    batch.put(Store::device, 0, "kept", "b");
  });
  EXPECT_EQ(b.row(0, "gone"), std::nullopt);
  b.stop();
  a.start();
  EXPECT_EQ(a.row(0, "gone"), "a");  // not its own yet
  commit(a, [](Batch&) {});
  EXPECT_EQ(a.row(0, "gone"), std::nullopt);
  EXPECT_EQ(a.row(0, "kept"), "b");
}

TEST(KafkaLog, RowsThatAreOlderThanTombstonesAreMadeAnew) {
  Process process("old.", "a");
  const auto start = [&] {
    process.start();
    auto consumer = process.consumer();
    take_all(*consumer);
    return consumer;
  };
  {
    const auto consumer = start();
    Batch batch;
    for (std::uint32_t p = 0; p < kPartitions; ++p) batch.put(Store::device, p, "k", "v");
    ASSERT_TRUE(consumer->commit(batch).has_value());
  }
  const auto rebuilt_after = [&](base::Duration time) {
    process.stop();
    process.pass(time);
    const auto consumer = start();
    for (std::uint32_t p = 0; p < kPartitions; ++p) EXPECT_EQ(process.row(p, "k"), "v");
    return process.counters().value("storage.changelog.rebuilt");
  };
  EXPECT_EQ(rebuilt_after(std::chrono::hours{24 * 5}), 0U);
  EXPECT_EQ(rebuilt_after(std::chrono::hours{24 * 7}), kPartitions);
}

TEST(KafkaLog, WhicheverRequestFailsTheSameConsumerGoesOn) {
  Process process("fails.", "a");
  process.start();
  std::string failing;
  bool now = false;
  process.fail([&](std::string_view request) { return now && request == failing && std::exchange(now, false); });
  const auto consumer = process.consumer();
  take_all(*consumer);
  int inputs = 0;
  for (const auto* const request : {"begin", "produce", "offsets", "commit"}) {
    process.append(0, std::to_string(inputs++));
    failing = request;
    bool failed = false;
    now = true;
    int polls = 0;
    for (bool done = false; !done;) {
      ASSERT_LT(++polls, 200) << request << ": the record does not come again";
      const auto poll = consumer->poll(std::chrono::milliseconds{200}, 10);
      ASSERT_TRUE(poll.has_value()) << request << ": " << poll.error().message;
      if (poll->records.empty()) continue;
      ASSERT_EQ(values(copy(*poll)), std::vector<std::string>{std::to_string(inputs - 1)});
      Batch batch;
      batch.append(Topic::event, 0, "menden", "k", std::string(poll->records[0].value));
      batch.put(Store::device, 0, "last", poll->records[0].value);
      const auto committed = consumer->commit(batch);
      done = committed.has_value();
      if (done) continue;
      EXPECT_EQ(committed.error().code, "interrupted");
      EXPECT_EQ(process.row(0, "last"), inputs == 1 ? std::nullopt : std::optional(std::to_string(inputs - 2)));
      failed = true;
    }
    EXPECT_TRUE(failed) << request;
    EXPECT_EQ(process.row(0, "last"), std::to_string(inputs - 1));
  }
  const auto reader = process.log().reader({Topic::event}).value();
  ASSERT_TRUE(reader->seek({SeekTo::Where::beginning}).has_value());
  EXPECT_EQ(values(drain(*reader)), (std::vector<std::string>{"0", "1", "2", "3"}));
}

/// What a worker does, on a thread: one event for each input, and the sum of what a partition had as its state.
class Turning {
 public:
  explicit Turning(Process& process) : consumer_(process.consumer()), state_(process.log().state()) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) turn();
    });
  }
  [[nodiscard]] std::size_t partitions() const { return partitions_; }

 private:
  void turn() {
    const auto poll = consumer_->poll(std::chrono::milliseconds{50}, 5);
    if (!poll) return;
    for (const auto p : poll->revoked) sums_.erase(p);
    for (const auto p : poll->assigned) sums_[p] = std::stoi(state_.get(Store::device, p, "sum").value().value_or("0"));
    partitions_ = sums_.size();
    Batch batch;
    for (const auto& record : poll->records) {
      batch.append(Topic::event, record.partition, "menden", "k", record.value);
      sums_[record.partition] += std::stoi(std::string(record.value));
      batch.put(Store::device, record.partition, "sum", std::to_string(sums_[record.partition]));
    }
    if (!poll->records.empty()) static_cast<void>(consumer_->commit(batch));  // interrupted: all comes again
  }

  std::unique_ptr<Consumer> consumer_;
  const StateReader& state_;
  std::map<std::uint32_t, int> sums_;
  std::atomic<std::size_t> partitions_ = 0;
  std::jthread thread_;
};

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 300 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds{100});
  return condition();
}

TEST(KafkaLog, ProcessesShareTheWorkAndHandItOver) {
  Process a("shared.", "a");
  Process b("shared.", "b");
  Process c("shared.", "c");
  a.start();
  b.start();
  c.start();
  std::array<int, kPartitions> sums{};
  int inputs = 0;
  const auto give = [&](int count) {
    for (int i = 0; i < count; ++i, ++inputs) {
      const auto p = static_cast<std::size_t>(inputs) % kPartitions;
      a.append(static_cast<std::uint32_t>(p), std::to_string(inputs));
      sums[p] += inputs;
    }
  };
  {
    std::optional<Turning> first(std::in_place, a);
    ASSERT_TRUE(comes_true([&] { return first->partitions() == kPartitions; }));
    give(100);
    std::optional<Turning> second(std::in_place, b);
    std::optional<Turning> third(std::in_place, c);
    for (int i = 0; i < 20; ++i) give(10);
    EXPECT_TRUE(comes_true([&] {
      return first->partitions() > 0 && second->partitions() > 0 && third->partitions() > 0 &&
             first->partitions() + second->partitions() + third->partitions() == kPartitions;
    }));
    give(100);
    first.reset();
    for (int i = 0; i < 20; ++i) give(10);
    EXPECT_TRUE(comes_true([&] { return second->partitions() + third->partitions() == kPartitions; }));
    give(100);
    const auto reader = c.log().reader({Topic::event}).value();
    ASSERT_TRUE(reader->seek({SeekTo::Where::beginning}).has_value());
    std::map<std::string, int> seen;
    EXPECT_TRUE(comes_true([&] {
      for (const auto& value : values(drain(*reader))) ++seen[value];
      return seen.size() == static_cast<std::size_t>(inputs);
    })) << seen.size();
    for (const auto& [value, count] : seen) EXPECT_EQ(count, 1) << value;
  }
  const auto consumer = a.consumer();  // it was away, and copies what the others have written meanwhile
  take_all(*consumer);
  for (std::uint32_t p = 0; p < kPartitions; ++p) EXPECT_EQ(a.row(p, "sum"), std::to_string(sums.at(p)));
}

TEST(KafkaLog, AConsumerThatReadsAllKeepsItsOwnPosition) {
  Process a("own.", "a");
  Process b("own.", "b");
  a.start();
  b.start();
  for (int i = 0; i < 8; ++i) a.append(static_cast<std::uint32_t>(i) % kPartitions, std::to_string(i));
  const auto all = [](Process& process) {
    return process.log().consumer({"views", {Topic::network_in}, {}, ConsumerSpec::Sharing::everything}).value();
  };
  for (auto* const process : {&a, &b}) {
    auto consumer = all(*process);
    EXPECT_EQ(drain(*consumer).size(), 8U);
    Batch batch;
    batch.put(Store::view_latest, 0, "k", "v");
    ASSERT_TRUE(consumer->commit(batch).has_value());
    batch.append(Topic::event, 0, "menden", "k", "v");
    EXPECT_EQ(consumer->commit(batch).error().code, "bad_batch");
    batch.clear();
    batch.put(Store::device, 0, "k", "v");
    EXPECT_EQ(consumer->commit(batch).error().code, "bad_batch");
  }
  a.stop();
  a.start();
  a.append(0, "8");
  EXPECT_EQ(values(drain(*all(a))), std::vector<std::string>{"8"});
  EXPECT_EQ(a.log().state().get(Store::view_latest, 0, "k").value(), "v");
}

/// What a worker does with what tenants write, on a thread: one record of network-in for each.
class Commanded {
 public:
  explicit Commanded(Process& process) : consumer_(process.log().consumer({"commands", {Topic::command}}).value()) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) turn();
    });
  }
  [[nodiscard]] std::size_t topics() const { return topics_; }

 private:
  void turn() {
    const auto poll = consumer_->poll(std::chrono::milliseconds{50}, 3);
    if (!poll) return;
    for (const auto number : poll->revoked) own_.erase(number);
    for (const auto number : poll->assigned) own_.insert(number);
    topics_ = own_.size();
    Batch batch;
    for (const auto& record : poll->records)
      batch.append(Topic::network_in, 0, "", "k", std::string(record.tenant) + " " + std::string(record.value));
    if (batch.appends() > 1) {  // in portions, as a worker does when a batch is full
      Batch first;
      first.append(Topic::network_in, 0, "", "k", batch.append_at(0).value);
      if (!consumer_->commit_part(first, std::span(poll->records).first(1))) return;
      Batch rest;
      for (std::size_t i = 1; i < batch.appends(); ++i)
        rest.append(Topic::network_in, 0, "", "k", batch.append_at(i).value);
      static_cast<void>(consumer_->commit(rest));
    } else if (batch.appends() == 1) {
      static_cast<void>(consumer_->commit(batch));  // interrupted: all comes again
    }
  }

  std::unique_ptr<Consumer> consumer_;
  std::set<std::uint32_t> own_;
  std::atomic<std::size_t> topics_ = 0;
  std::jthread thread_;
};

TEST(KafkaLog, WhatTenantsWriteIsReadOnceByAllProcessesTogetherNewTenantsToo) {
  Process a("written.", "a");
  Process b("written.", "b");
  a.start();
  b.start();
  const auto declare = [&](const std::string& tenant) {
    ASSERT_TRUE(KafkaTopics::make(a.settings(), {tenant}).has_value());
  };
  std::set<std::string> written;
  int next = 0;
  const auto write = [&](const std::string& tenant, int count) {
    for (int i = 0; i < count; ++i) {
      Batch batch;
      batch.append(Topic::command, 0, tenant, "k", std::to_string(next));
      ASSERT_TRUE(a.log().append(batch).has_value());
      written.insert(tenant + " " + std::to_string(next++));
    }
  };
  const auto read = [&] {
    const auto reader = b.log().reader({Topic::network_in}).value();
    EXPECT_TRUE(reader->seek({SeekTo::Where::beginning}).has_value());
    auto all = values(drain(*reader));
    std::ranges::sort(all);
    return all;
  };
  const auto all_read = [&] { return read() == std::vector<std::string>(written.begin(), written.end()); };

  declare("menden");
  write("menden", 10);  // before anybody listens
  {
    const Commanded first(a);
    EXPECT_TRUE(comes_true(all_read));
    declare("olpe");
    declare("olpe-2");
    write("olpe", 10);
    write("olpe-2", 10);
    EXPECT_TRUE(comes_true(all_read)) << "topics that were made meanwhile";
    EXPECT_EQ(first.topics(), 3U);

    std::atomic<int> failures = 0;
    a.fail([&](std::string_view request) {
      static std::atomic<int> requests = 0;
      // Those of the transactions; an append that fails is the test's own.
      return (request == "offsets" || request == "commit") && ++requests % 3 == 0 && ++failures <= 6;
    });
    std::optional<Commanded> second(std::in_place, b);
    write("menden", 20);
    write("olpe", 20);
    write("olpe-2", 20);
    EXPECT_TRUE(comes_true(all_read));
    EXPECT_TRUE(comes_true([&] { return first.topics() == 2 || second->topics() == 2; })) << "shared out";
    EXPECT_GE(failures.load(), 1);
    second.reset();
    EXPECT_TRUE(comes_true([&] { return first.topics() == 3; })) << "taken over";
    write("olpe", 5);
    EXPECT_TRUE(comes_true(all_read));
  }
  a.fail({});
  const auto consumer = a.log().consumer({"commands", {Topic::command}}).value();
  Batch batch;
  batch.put(Store::device, 0, "k", "v");
  EXPECT_EQ(consumer->commit(batch).error().code, "bad_batch") << "it has no state";
}

TEST(KafkaLog, TokensAreEverybodys) {
  Process a("tokens.", "a");
  Process b("tokens.", "b");
  a.start();
  b.start();
  Batch batch;
  batch.put(Store::token, 0, "t", "1");
  ASSERT_TRUE(a.log().put_state(batch).has_value());
  EXPECT_EQ(a.log().state().get(Store::token, 0, "t").value(), "1") << "at once, where it was written";
  EXPECT_TRUE(comes_true([&] { return b.log().state().get(Store::token, 0, "t").value() == "1"; }));
  batch.put(Store::ingest, 0, "mine", "1");
  EXPECT_EQ(a.log().put_state(batch).error().code, "bad_batch");
  batch.clear();
  batch.put(Store::ingest, 0, "mine", "1");
  ASSERT_TRUE(a.log().put_state(batch).has_value());
  EXPECT_EQ(b.log().state().get(Store::ingest, 0, "mine").value(), std::nullopt);
}

TEST(KafkaLog, TheStateOfAnotherClusterIsRefused) {
  Process process("mine.", "a");
  process.start();
  process.stop();
  process.settings().prefix = "other.";
  const auto refused = process.try_start();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "log_open");
  EXPECT_NE(refused.error().message.find("mine."), std::string::npos) << refused.error().message;
}

TEST(KafkaLog, ANumberOfPartitionsIsForEver) {
  const base::SystemClock clock;
  base::Counters counters;
  KafkaSettings settings;
  settings.bootstrap = bootstrap;
  settings.prefix = "partitions.";
  settings.network_partitions = 2;
  const ScratchDirectory directory;
  ASSERT_TRUE(KafkaLog::open(settings, local_state_in(directory.path()), clock, counters).has_value());
  settings.network_partitions = 3;
  const auto other = KafkaLog::open(settings, local_state_in(directory.path()), clock, counters);
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, "network_partitions");
  EXPECT_NE(other.error().message.find("has 2"), std::string::npos) << other.error().message;
}

}  // namespace
}  // namespace lenne::storage::conformance
