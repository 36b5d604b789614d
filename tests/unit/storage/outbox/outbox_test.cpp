#include "storage/outbox/outbox.hpp"

#include <gtest/gtest.h>

#include <set>

#include "storage/memory/memory_log.hpp"
#include "tests/unit/storage/outbox/fake_target.hpp"

namespace lenne::storage::testing {
namespace {

const base::Timestamp kStart = base::from_us(1'790'000'000'000'000);

class OutboxTest : public ::testing::Test {
 protected:
  void append(const std::vector<std::string>& values, Topic topic = Topic::event) {
    Batch batch;
    for (const auto& value : values) batch.append(topic, 0, "menden", value, value);
    ASSERT_TRUE(log_.append(batch).has_value());
  }
  void start() {
    outbox_.reset();
    target_.emplace(cluster_);
    auto opened = Outbox::open(log_, *target_, clock_, counters_);
    ASSERT_TRUE(opened.has_value());
    outbox_ = std::move(*opened);
  }
  /// Turns until nothing is left. The code of the first error, if any.
  std::string turn() {
    for (;;) {
      const auto done = outbox_->run_once(base::Duration{});
      if (!done) return done.error().code;
      if (*done == 0) return {};
    }
  }
  std::vector<std::string> mirrored() const {
    std::vector<std::string> values;
    for (const auto& record : cluster_.records) values.push_back(record.value);
    return values;
  }
  std::uint64_t counted(const char* name) const { return counters_.value(std::string("outbox.") + name); }

  base::ManualClock clock_{kStart};
  base::Counters counters_;
  MemoryLog log_{4, clock_};
  FakeCluster cluster_;
  std::optional<FakeTarget> target_;
  std::unique_ptr<Outbox> outbox_;
};

using Values = std::vector<std::string>;
using Fault = FakeTarget::Fault;

TEST_F(OutboxTest, MirrorsWhatWasThereAndWhatComes) {
  append({"a", "b"});
  append({"internal"}, Topic::network_in);
  start();
  EXPECT_EQ(turn(), "");
  append({"c"}, Topic::measurement);
  append({"d"}, Topic::alert);
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(mirrored(), (Values{"a", "b", "c", "d"}));
  EXPECT_EQ(counted("records"), 4U);
  EXPECT_EQ(counted("connected"), 1U);
  EXPECT_EQ(counted("behind_seconds"), 0U);
}

TEST_F(OutboxTest, GoesOnFromWhatTheTargetHolds) {
  start();
  EXPECT_EQ(turn(), "");
  for (const auto fault : {Fault::lost, Fault::taken_untold, Fault::undecided_taken, Fault::undecided_lost}) {
    for (const bool restart : {false, true}) {
      cluster_.records.clear();
      target_->fail_next(fault);
      append({"a", "b"});
      EXPECT_EQ(turn(), "interrupted");
      if (restart) start();
      append({"c"});
      EXPECT_EQ(turn(), "");
      EXPECT_EQ(mirrored(), (Values{"a", "b", "c"})) << static_cast<int>(fault) << restart;
    }
  }
}

TEST_F(OutboxTest, WhereItBeginsIsFixedByTheFirstTransaction) {
  append({"a", "b"}, Topic::alert);
  start();
  target_->fail_next(Fault::taken_untold);
  EXPECT_EQ(turn(), "interrupted");
  append({"a", "a"}, Topic::alert);
  start();
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(mirrored(), (Values{"b", "a", "a"})) << "what was the last value, then all changes";
}

TEST_F(OutboxTest, AnOutageIsWaitedForAndSeen) {
  cluster_.away = true;
  append({"a"});
  start();
  clock_.advance(std::chrono::seconds{90});
  EXPECT_EQ(turn(), "log_unavailable");
  EXPECT_EQ(counted("behind_seconds"), 90U);
  EXPECT_EQ(counted("connected"), 0U);
  clock_.advance(std::chrono::hours{5});
  EXPECT_EQ(turn(), "log_unavailable");
  EXPECT_EQ(counted("behind_seconds"), 90U + 5U * 3600U);
  EXPECT_EQ(counted("errors"), 2U);
  cluster_.away = false;
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(mirrored(), (Values{"a"}));
  EXPECT_EQ(counted("behind_seconds"), 0U);
}

TEST_F(OutboxTest, TheLogKeepsWhatIsNotMirrored) {
  append({"a"}, Topic::measurement);
  start();
  cluster_.away = true;
  EXPECT_EQ(turn(), "log_unavailable");
  clock_.advance(std::chrono::hours{24 * 61});
  EXPECT_EQ(log_.retain(clock_.now()).value(), 0U);
  cluster_.away = false;
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(mirrored(), (Values{"a"}));
  clock_.advance(Outbox::kHold);
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(log_.retain(clock_.now()).value(), 1U);
}

TEST_F(OutboxTest, WhatIsNotCopiedMovesThePositionNowAndThen) {
  start();
  append({"a"});
  EXPECT_EQ(turn(), "");
  const auto before = cluster_.position;
  const auto commits = target_->commits();
  append({"tick"});
  EXPECT_EQ(turn(), "");
  append({"of others"}, Topic::network_in);
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(target_->commits(), commits);
  clock_.advance(Outbox::kIdle);
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(target_->commits(), commits + 1);
  EXPECT_NE(cluster_.position, before);
  clock_.advance(Outbox::kIdle);
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(target_->commits(), commits + 1) << "it has not moved since";
  clock_.advance(std::chrono::hours{24 * 401});
  EXPECT_GT(log_.retain(clock_.now()).value(), 0U) << "all is behind the position";
  start();
  EXPECT_EQ(turn(), "") << "and nothing after it was deleted";
}

TEST_F(OutboxTest, ATransactionThatIsTooMuchForTheWayIsMadeSmaller) {
  for (int i = 0; i < 3000; ++i) append({std::to_string(i)});
  start();
  target_->take_at_most(100);
  for (int tries = 0; tries < 100 && cluster_.records.size() < 3000; ++tries) static_cast<void>(turn());
  EXPECT_EQ(cluster_.records.size(), 3000U);
  EXPECT_LE(target_->largest(), 100U);
  EXPECT_GT(target_->largest(), 50U);
}

TEST_F(OutboxTest, IsRefusedWhenTheLogDoesNotHoldWhatFollows) {
  cluster_.position = "1000000";
  append({"a"});
  start();
  EXPECT_EQ(turn(), "outbox_refused") << "after the end: a backup of this log was restored";
  EXPECT_EQ(counted("refused"), 1U);
  EXPECT_TRUE(cluster_.records.empty());
}

TEST_F(OutboxTest, IsRefusedWhenWhatFollowsIsDeleted) {
  append({"a"}, Topic::measurement);
  start();
  EXPECT_EQ(turn(), "");
  outbox_.reset();
  ASSERT_TRUE(log_.forget(kOutboxConsumer).has_value());  // it was switched off
  append({"b"}, Topic::measurement);
  clock_.advance(std::chrono::hours{24 * 61});
  EXPECT_GT(log_.retain(clock_.now()).value(), 0U);
  start();
  EXPECT_EQ(turn(), "outbox_refused");
}

TEST_F(OutboxTest, TheLogKeepsWhatMayNotHaveBeenWritten) {
  start();
  EXPECT_EQ(turn(), "");
  append({"a"}, Topic::measurement);
  clock_.advance(Outbox::kHold);
  target_->fail_next(Fault::undecided_lost);
  EXPECT_EQ(turn(), "interrupted");
  clock_.advance(std::chrono::hours{24 * 61});
  EXPECT_EQ(log_.retain(clock_.now()).value(), 0U);
  EXPECT_EQ(turn(), "");
  EXPECT_EQ(mirrored(), (Values{"a"}));
}

TEST_F(OutboxTest, RunEndsWhenItIsRefused) {
  start();
  target_->refuse(true);
  int told = 0;
  const auto done = outbox_->run({}, [&](const std::optional<base::Error>&) { ++told; });
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, "outbox_refused");
  EXPECT_EQ(told, 0);
}

TEST_F(OutboxTest, ALogKnowsItsProcesses) {
  const auto first = outbox_identity_of(log_, "a").value();
  EXPECT_EQ(first.log, "a");
  EXPECT_EQ(first.process, "a");
  EXPECT_TRUE(first.earlier.empty());
  const auto second = outbox_identity_of(log_, "b").value();
  EXPECT_EQ(second.log, "a");
  EXPECT_EQ(second.process, "b");
  EXPECT_EQ(second.earlier, std::set<std::string>{"a"});
  const auto count = OutboxIdentity::kProcesses;
  for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(outbox_identity_of(log_, "p" + std::to_string(i)).has_value());
  const auto last = outbox_identity_of(log_, "z").value();
  EXPECT_EQ(last.log, "a");
  EXPECT_EQ(last.earlier.size(), count) << "and no more";
  EXPECT_FALSE(last.earlier.contains("b"));
  EXPECT_TRUE(last.earlier.contains("p0"));
  const auto good = log_.state().scan(Store::outbox, 0, {}, {}, [](std::string_view key, std::string_view value) {
    EXPECT_TRUE(is_outbox_row(key, value)) << key;
    return true;
  });
  EXPECT_TRUE(good.has_value());
  EXPECT_FALSE(is_outbox_row("process/1", "a"));
  EXPECT_FALSE(is_outbox_row("log", ""));
}

}  // namespace
}  // namespace lenne::storage::testing
