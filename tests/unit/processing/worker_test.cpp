#include "processing/worker.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "support.hpp"

namespace lenne::processing::test {
namespace {

using Script = std::deque<base::Result<storage::Poll>>;

/// Gives out what a test put in, and notes what was committed.
class FakeConsumer final : public storage::Consumer {
 public:
  base::Result<storage::Poll> poll(base::Duration patience, std::size_t) override {
    patiences.push_back(patience);
    if (script.empty()) return storage::Poll{};
    auto next = std::move(script.front());
    script.pop_front();
    if (script.empty() && when_empty) when_empty();
    return next;
  }
  base::Result<void> seek(const storage::SeekTo&) override { return {}; }
  std::string position() const override { return {}; }
  base::Result<storage::Committed> commit_part(const storage::Batch& batch,
                                               std::span<const storage::Record> handled) override {
    parts.push_back(handled.size());
    return commit(batch);
  }
  base::Result<storage::Committed> commit(const storage::Batch& batch) override {
    ++commits;
    if (when_commit) when_commit();
    if (fail_commit == commits) return base::fail(fail_with, "no");
    appended += batch.appends();
    written += batch.changes();
    return storage::Committed{};
  }

  Script script;
  std::vector<base::Duration> patiences;
  std::function<void()> when_empty;
  std::function<void()> when_commit;
  std::vector<std::size_t> parts;  ///< how many records of their polls commits in between had handled
  int commits = 0;
  int fail_commit = 0;
  std::string fail_with = "log_write";
  std::size_t appended = 0;
  std::size_t written = 0;
};

/// Appends each record once and writes one row at flush.
class Echo final : public Processor {
 public:
  base::Result<void> assigned(std::uint32_t partition, const storage::StateReader&) override {
    calls += "a" + std::to_string(partition);
    return fail_load ? base::Result<void>(base::fail("log_read", "no")) : base::Result<void>{};
  }
  void revoked(std::uint32_t partition) override { calls += "r" + std::to_string(partition); }
  Progress step(const storage::Record& record, storage::Batch& out) override {
    calls += "s";
    out.append(storage::Topic::event, record.partition, {}, {}, record.value);
    if (fail_step) broken = base::Error{"log_read", "no"};
    return portions-- > 0 ? Progress::more : Progress::done;
  }
  std::size_t pending_bytes() const override { return pending; }
  void flush(storage::Batch& out) override {
    calls += "f";
    out.put(storage::Store::window, 0, "k", "v");
  }
  std::optional<base::Timestamp> next_due(std::uint32_t partition) const override {
    const auto found = due.find(partition);
    return found == due.end() ? std::nullopt : std::optional(base::from_us(found->second));
  }
  base::Duration timer_lateness() const override { return lateness; }
  std::optional<base::Error> fault() const override { return broken; }

  base::Duration lateness = std::chrono::seconds{1};
  std::string calls;
  bool fail_load = false;
  bool fail_step = false;
  int portions = 0;  ///< how often a record is not done
  std::size_t pending = 0;
  std::optional<base::Error> broken;
  std::map<std::uint32_t, std::int64_t> due;
};

storage::Poll poll_of(std::size_t records, std::vector<std::uint32_t> assigned = {},
                      std::vector<std::uint32_t> revoked = {}) {
  storage::Poll poll;
  for (std::size_t i = 0; i < records; ++i) {
    poll.records.push_back({storage::Topic::measurement, 0, i, base::from_us(0), {}, {}, "x", false});
  }
  poll.assigned = std::move(assigned);
  poll.revoked = std::move(revoked);
  return poll;
}

struct WorkerTest : testing::Test {
  TickAppender keep_ticks() {
    return [this](std::span<const std::uint32_t> partitions) -> base::Result<void> {
      ticks.insert(ticks.end(), partitions.begin(), partitions.end());
      ++tick_batches;
      if (fail_ticks) return base::fail("log_write", "no");
      return {};
    };
  }
  base::Result<std::size_t> turn(std::size_t most = 100) { return worker.run_once(base::Duration{0}, most); }

  FakeConsumer consumer;
  Echo echo;
  MapState state;
  base::ManualClock clock{base::from_us(kStart)};
  base::Counters counters;
  std::vector<std::uint32_t> ticks;
  int tick_batches = 0;
  bool fail_ticks = false;
  Worker worker{"test", consumer, echo, state, clock, counters, keep_ticks()};
};

TEST_F(WorkerTest, StepsThenFlushesThenCommits) {
  consumer.script.emplace_back(poll_of(3, {0, 1}));
  consumer.script.emplace_back(poll_of(1, {2}, {1}));
  EXPECT_EQ(turn().value(), 3u);
  EXPECT_EQ(turn().value(), 1u);
  EXPECT_EQ(turn().value(), 0u);
  EXPECT_EQ(echo.calls, "a0a1sssfr1a2sf");
  EXPECT_EQ(consumer.commits, 2) << "an empty poll commits nothing";
  EXPECT_EQ(consumer.appended, 4u);
  EXPECT_EQ(consumer.written, 2u);
  EXPECT_EQ(counters.value("worker.test.records"), 4u);
  EXPECT_EQ(worker.state(), WorkerState::running);
}

TEST_F(WorkerTest, AFullPortionIsCommittedBetweenRecords) {
  echo.pending = kPortionBytes;
  consumer.script.emplace_back(poll_of(3, {0}));
  EXPECT_EQ(turn().value(), 3u);
  EXPECT_EQ(echo.calls, "a0fsfsfsf");
  EXPECT_EQ(consumer.parts, (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(consumer.appended, 3u);
  EXPECT_EQ(counters.value("worker.test.records"), 3u);
  EXPECT_EQ(counters.value("worker.test.commits"), 4u);
}

TEST_F(WorkerTest, ARecordThatIsNotDoneIsGivenAgainAfterACommitBeforeIt) {
  echo.portions = 2;
  consumer.script.emplace_back(poll_of(2, {0}));
  EXPECT_EQ(turn().value(), 2u);
  EXPECT_EQ(echo.calls, "a0sfsfssf");
  EXPECT_EQ(consumer.parts, (std::vector<std::size_t>{0, 0}));
  EXPECT_EQ(consumer.appended, 4u);
}

TEST_F(WorkerTest, ItStopsBetweenTwoPortions) {
  std::stop_source stop;
  echo.portions = 1'000'000;
  consumer.when_commit = [&] { stop.request_stop(); };
  consumer.script.emplace_back(poll_of(2, {0}));
  EXPECT_EQ(worker.run_once(base::Duration{0}, 100, stop.get_token()).value(), 0u);
  EXPECT_EQ(echo.calls, "a0sf");
  EXPECT_EQ(consumer.parts, (std::vector<std::size_t>{0}));
  EXPECT_EQ(worker.state(), WorkerState::running);
}

TEST_F(WorkerTest, AFaultIsNotCommittedInBetweenEither) {
  echo.portions = 1;
  echo.fail_step = true;
  consumer.script.emplace_back(poll_of(1, {0}));
  EXPECT_FALSE(turn().has_value());
  EXPECT_EQ(consumer.commits, 0);
  EXPECT_EQ(worker.state(), WorkerState::failed);
}

TEST_F(WorkerTest, AFailedCommitEndsIt) {
  consumer.fail_commit = 2;
  consumer.script.emplace_back(poll_of(1, {0}));
  consumer.script.emplace_back(poll_of(1));
  consumer.script.emplace_back(poll_of(1));
  EXPECT_TRUE(turn());
  EXPECT_EQ(turn().error().code, "log_write");
  EXPECT_EQ(worker.state(), WorkerState::failed);
  EXPECT_EQ(turn().error().code, "worker_failed");
  EXPECT_EQ(consumer.script.size(), 1u) << "it reads nothing more";
  EXPECT_EQ(consumer.appended, 1u);
  EXPECT_EQ(counters.value("worker.test.failed"), 1u);
}

TEST_F(WorkerTest, AfterAnInterruptedCommitItBeginsAnew) {
  consumer.fail_commit = 1;
  consumer.fail_with = "interrupted";
  consumer.script.emplace_back(poll_of(2, {0}));
  consumer.script.emplace_back(poll_of(0, {0}, {0}));
  consumer.script.emplace_back(poll_of(2));
  EXPECT_EQ(turn().error().code, "interrupted");
  EXPECT_EQ(worker.state(), WorkerState::running);
  EXPECT_EQ(turn().value(), 0u);
  EXPECT_EQ(turn().value(), 2u);
  EXPECT_EQ(echo.calls, "a0ssfr0a0ssf");
  EXPECT_EQ(consumer.appended, 2u) << "what the interrupted commit had is not in the next one";
  EXPECT_EQ(counters.value("worker.test.interrupted"), 1u);
  EXPECT_EQ(counters.value("worker.test.records"), 2u);
}

TEST_F(WorkerTest, OneWhoseNameAnotherHasTakenEnds) {
  consumer.script.emplace_back(base::fail("fenced", "another one"));
  EXPECT_EQ(turn().error().code, "fenced");
  EXPECT_EQ(worker.state(), WorkerState::failed);
}

TEST_F(WorkerTest, AFaultOfTheProcessorCommitsNothing) {
  echo.fail_step = true;
  consumer.script.emplace_back(poll_of(2, {0}));
  EXPECT_EQ(turn().error().code, "log_read");
  EXPECT_EQ(consumer.commits, 0);
  EXPECT_EQ(worker.state(), WorkerState::failed);
}

TEST_F(WorkerTest, StateThatCannotBeLoadedEndsIt) {
  echo.fail_load = true;
  consumer.script.emplace_back(poll_of(2, {0}));
  EXPECT_EQ(turn().error().code, "log_read");
  EXPECT_EQ(echo.calls, "a0") << "no record before its state";
  EXPECT_EQ(consumer.commits, 0);
}

TEST_F(WorkerTest, AFailedPollIsTriedAgain) {
  consumer.script.emplace_back(base::fail("log_read", "no"));
  consumer.script.emplace_back(poll_of(2, {0}));
  EXPECT_EQ(turn().error().code, "log_read");
  EXPECT_EQ(worker.state(), WorkerState::running);
  EXPECT_EQ(turn().value(), 2u);
  EXPECT_EQ(counters.value("worker.test.polls_failed"), 1u);
}

TEST_F(WorkerTest, TicksWhenATimerIsDueAndNothingCame) {
  consumer.script.emplace_back(poll_of(1, {0, 1}));
  echo.due = {{0, kStart + kSecond}, {1, kStart + kHour}};
  clock.advance(std::chrono::seconds{2});
  EXPECT_TRUE(turn(1));
  EXPECT_TRUE(ticks.empty()) << "a worker that lags behind reads on instead";
  EXPECT_EQ(worker.next_due(), base::from_us(kStart + kSecond));
  EXPECT_TRUE(turn());
  EXPECT_EQ(ticks, (std::vector<std::uint32_t>{0}));
  EXPECT_TRUE(turn());
  EXPECT_EQ(ticks.size(), 1u) << "not again before it can have come back";
  EXPECT_EQ(worker.next_due(), base::from_us(kStart + 3 * kSecond));
  clock.advance(std::chrono::seconds{1});
  fail_ticks = true;
  EXPECT_TRUE(turn());
  EXPECT_EQ(ticks.size(), 2u);
  EXPECT_EQ(counters.value("worker.test.ticks"), 1u);
  EXPECT_EQ(counters.value("worker.test.ticks_failed"), 1u);
  EXPECT_EQ(worker.state(), WorkerState::running);
}

TEST_F(WorkerTest, TicksAQuietPartitionWhileOthersAreBusy) {
  echo.lateness = std::chrono::milliseconds{50};
  Worker prompt{"prompt", consumer, echo, state, clock, counters, keep_ticks()};
  const auto busy_turn = [&] {
    consumer.script.emplace_back(
        poll_of(3, ticks.empty() ? std::vector<std::uint32_t>{0, 1} : std::vector<std::uint32_t>{}));
    return prompt.run_once(base::Duration{0}, 100).value();
  };
  echo.due = {{1, kStart}};
  EXPECT_EQ(busy_turn(), 3u);
  EXPECT_TRUE(ticks.empty()) << "perhaps the next record carries the time";
  clock.advance(std::chrono::milliseconds{50});
  EXPECT_EQ(busy_turn(), 3u);
  EXPECT_EQ(ticks, (std::vector<std::uint32_t>{1})) << "records of other partitions do not keep a timer waiting";
  clock.advance(std::chrono::milliseconds{49});
  EXPECT_EQ(busy_turn(), 3u);
  EXPECT_EQ(ticks.size(), 1u) << "that tick is on its way";
}

TEST_F(WorkerTest, TwoTimersOfOnePartitionFireSoonAfterEachOther) {
  echo.lateness = std::chrono::milliseconds{50};
  Worker prompt{"prompt", consumer, echo, state, clock, counters, keep_ticks()};
  consumer.script.emplace_back(poll_of(1, {0}));
  EXPECT_TRUE(prompt.run_once(base::Duration{0}, 100));
  for (const auto due : {kStart, kStart + 100'000}) {
    echo.due = {{0, due}};
    clock.advance_to(base::from_us(due));
    EXPECT_TRUE(prompt.run_once(base::Duration{0}, 100));
  }
  EXPECT_EQ(ticks.size(), 2u);
}

TEST_F(WorkerTest, RunWaitsForTheNextTimerAtMost) {
  std::stop_source stop;
  echo.lateness = std::chrono::milliseconds{50};
  echo.due = {{0, kStart + 30'000}};
  consumer.script.emplace_back(poll_of(1, {0}));
  consumer.script.emplace_back(poll_of(1));
  consumer.when_empty = [&] { stop.request_stop(); };
  EXPECT_TRUE(worker.run(stop.get_token()));
  ASSERT_EQ(consumer.patiences.size(), 2u);
  EXPECT_EQ(consumer.patiences[0], WorkerSettings{}.patience) << "nothing is assigned yet";
  EXPECT_EQ(consumer.patiences[1], std::chrono::milliseconds{40}) << "and a little, perhaps a record comes";
}

TEST_F(WorkerTest, TicksThatAreDueTogetherAreOneAppend) {
  consumer.script.emplace_back(poll_of(1, {0, 1, 2}));
  echo.due = {{0, kStart}, {1, kStart + 5'000}, {2, kStart + kHour}};
  EXPECT_TRUE(turn());
  clock.advance(std::chrono::milliseconds{10});
  EXPECT_TRUE(turn());
  EXPECT_EQ(ticks, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(tick_batches, 1);
  EXPECT_EQ(counters.value("worker.test.ticks"), 2u);
}

TEST_F(WorkerTest, RunRestsOnlyAfterATurnThatLeftNothing) {
  std::stop_source stop;
  const auto rest = std::chrono::hours{1};
  Worker resting{"resting", consumer, echo,         state,
                 clock,     counters, keep_ticks(), WorkerSettings{.linger = rest, .quiet_linger = rest, .most = 2}};
  consumer.script.emplace_back(poll_of(2, {0}));
  consumer.script.emplace_back(poll_of(0));
  consumer.script.emplace_back(poll_of(1));
  consumer.when_empty = [&] { stop.request_stop(); };
  EXPECT_TRUE(resting.run(stop.get_token())) << "a request to stop ends the rest";
  EXPECT_EQ(consumer.appended, 3u) << "a full turn and an empty one are followed at once";
}

TEST_F(WorkerTest, RunRestsOtherwiseWhileLittleComes) {
  const auto goes_on_after = [&](std::size_t records, WorkerSettings settings) {
    std::stop_source stop;
    FakeConsumer log;
    log.script.emplace_back(poll_of(records, {0}));
    log.script.emplace_back(poll_of(1));
    log.when_empty = [&] { stop.request_stop(); };
    Worker resting{"resting", log, echo, state, clock, counters, keep_ticks(), std::move(settings)};
    EXPECT_TRUE(resting.run(stop.get_token())) << "it would rest for an hour";
    EXPECT_EQ(log.appended, records + 1);
  };
  goes_on_after(15, {.linger = std::chrono::hours{1}});
  goes_on_after(16, {.quiet_linger = std::chrono::hours{1}});
}

TEST_F(WorkerTest, RunEndsWhenStopIsRequested) {
  std::stop_source stop;
  consumer.script.emplace_back(poll_of(1, {0}));
  consumer.script.emplace_back(poll_of(2));
  consumer.when_empty = [&] { stop.request_stop(); };
  EXPECT_TRUE(worker.run(stop.get_token()));
  EXPECT_EQ(consumer.appended, 3u) << "what was polled is committed before it ends";
}

TEST_F(WorkerTest, RunEndsWithTheErrorThatEndedTheWorker) {
  consumer.fail_commit = 1;
  consumer.script.emplace_back(poll_of(1, {0}));
  EXPECT_EQ(worker.run(std::stop_token{}).error().code, "log_write");
  FakeConsumer closed;
  closed.script.emplace_back(base::fail("log_closed", "bye"));
  Worker other{"other",
               closed,
               echo,
               state,
               clock,
               counters,
               [](std::span<const std::uint32_t>) { return base::Result<void>{}; }};
  EXPECT_EQ(other.run(std::stop_token{}).error().code, "log_closed");
}

TEST_F(WorkerTest, RunBacksOffAfterAFailedPollAndGoesOn) {
  std::stop_source stop;
  consumer.script.emplace_back(base::fail("log_read", "no"));
  consumer.script.emplace_back(poll_of(2, {0}));
  consumer.when_empty = [&] { stop.request_stop(); };
  Worker quick{"quick",
               consumer,
               echo,
               state,
               clock,
               counters,
               [](std::span<const std::uint32_t>) { return base::Result<void>{}; },
               WorkerSettings{.back_off_first = base::Duration{1}}};
  EXPECT_TRUE(quick.run(stop.get_token()));
  EXPECT_EQ(consumer.appended, 2u);
}

}  // namespace
}  // namespace lenne::processing::test
