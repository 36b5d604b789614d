// Transactions on a cluster that errs.

#include "storage/kafka/transactor.hpp"

#include <gtest/gtest.h>

#include "tests/integration/storage/kafka_mock/mock_cluster.hpp"
#include "tests/integration/storage/kafka_mock/stored.hpp"

namespace lenne::storage::kafka {
namespace {

using namespace std::chrono_literals;
using mock::Api;
using mock::Errors;

struct Fault {
  Api api;
  rd_kafka_resp_err_t error;
  int times = 2;
};

class TransactorOnMock : public ::testing::Test {
 protected:
  TransactorOnMock() {
    settings_.bootstrap = cluster_.bootstrap();
    cluster_.make_topic("in", 1);
    cluster_.make_topic("out", 1);
    member_.emplace(Tailer::make(settings_, clock_, "group").value());
  }
  Result<void> commit(Transactor& transactor, const std::vector<std::string>& values) {
    auto records = mock::outgoing("out", values);
    return transactor.commit(records, member_->handle(), {Place{"in", 0, 7}});
  }
  /// The caller's way on after an interrupted commit: again and again.
  static ::testing::AssertionResult becomes_ready(Transactor& transactor) {
    for (int tries = 1; tries <= 5; ++tries) {
      const auto ready = transactor.prepare();
      if (ready) return ::testing::AssertionSuccess();
      EXPECT_EQ(ready.error().code, "log_unavailable");
    }
    return ::testing::AssertionFailure() << "not ready";
  }

  /// Commits "before", meets the fault with "during", and commits "after". What the caller knows must be what is there.
  void meet(const Fault& fault, bool passes) {
    const std::string name =
        "api " + std::to_string(static_cast<int>(fault.api)) + ", " + rd_kafka_err2name(fault.error);
    SCOPED_TRACE(name);
    const std::string topic = "out";
    Transactor transactor(settings_, "writer" + std::to_string(++writers_), {topic});
    // One record: the mock takes a batch that follows a refused one, and the library believes the first was taken.
    const auto is = [&](const char* when) { return std::vector{std::to_string(writers_) + when}; };
    ASSERT_TRUE(commit(transactor, is("before")).has_value());
    cluster_.answer(fault.api, Errors(static_cast<std::size_t>(fault.times), fault.error));
    const auto during = commit(transactor, is("during"));
    cluster_.answer_again_rightly(fault.api);
    EXPECT_EQ(during.has_value(), passes) << (during ? "" : during.error().message);
    if (!during) {
      EXPECT_EQ(during.error().code, "interrupted");
      ASSERT_TRUE(becomes_ready(transactor));
    }
    const auto after = commit(transactor, is("after"));
    ASSERT_TRUE(after.has_value()) << after.error().message;
    for (const auto* const when : {"before", "during", "after"}) {
      for (const auto& value : is(when)) expected_.emplace_back(value, passes || std::string_view(when) != "during");
    }
  }
  /// Each record that was committed is there once, any other at most once; in order.
  void check() {
    const auto found = mock::stored(settings_, "out");
    std::size_t at = 0;
    for (const auto& [value, must] : expected_) {
      const bool is_there = at < found.size() && found[at] == value;
      EXPECT_TRUE(is_there || !must) << value;
      at += is_there ? 1 : 0;
    }
    EXPECT_EQ(at, found.size()) << found[at];
  }

  mock::Cluster cluster_;
  KafkaSettings settings_;
  base::SystemClock clock_;
  std::optional<Tailer> member_;
  int writers_ = 0;
  std::vector<std::pair<std::string, bool>> expected_;
};

TEST_F(TransactorOnMock, WhatPassesIsNotSeen) {
  for (const auto& fault : {Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_NOT_COORDINATOR},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR__TRANSPORT},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR__TRANSPORT},
                            Fault{Api::add_offsets_to_txn, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE},
                            Fault{Api::add_offsets_to_txn, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS},
                            Fault{Api::add_offsets_to_txn, RD_KAFKA_RESP_ERR_NOT_COORDINATOR},
                            Fault{Api::add_offsets_to_txn, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS},
                            Fault{Api::add_offsets_to_txn, RD_KAFKA_RESP_ERR__TRANSPORT},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_NOT_COORDINATOR},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR__TRANSPORT},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_NOT_COORDINATOR},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR__TRANSPORT}})
    meet(fault, true);
  check();
}

TEST_F(TransactorOnMock, WhatIsAbortedOrFatalInterruptsAndIsOver) {
  for (const auto& fault : {Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_PRODUCER_FENCED},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING},
                            Fault{Api::add_partitions_to_txn, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, 1},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, 1},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, 1},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, 1},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1},
                            Fault{Api::produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1},
                            Fault{Api::add_offsets_to_txn, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED},
                            Fault{Api::add_offsets_to_txn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID},
                            Fault{Api::txn_offset_commit, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_PRODUCER_FENCED},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING},
                            Fault{Api::end_txn, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE}})
    meet(fault, false);
  check();
}

TEST_F(TransactorOnMock, AStartGoesThroughWhatPasses) {
  for (const auto error :
       {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RD_KAFKA_RESP_ERR__TRANSPORT}) {
    SCOPED_TRACE(rd_kafka_err2name(error));
    Transactor transactor(settings_, rd_kafka_err2name(error), {"out"});
    cluster_.answer(Api::init_producer_id, {error, error});
    EXPECT_TRUE(becomes_ready(transactor));
    cluster_.answer_again_rightly(Api::init_producer_id);
    EXPECT_TRUE(commit(transactor, {"v"}).has_value());
  }
}

TEST_F(TransactorOnMock, AStartThatIsRefusedSaysSoAndCanBeTriedAgain) {
  for (const auto error :
       {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH}) {
    SCOPED_TRACE(rd_kafka_err2name(error));
    Transactor transactor(settings_, rd_kafka_err2name(error), {"out"});
    cluster_.answer(Api::init_producer_id, {error});
    const auto ready = transactor.prepare();
    ASSERT_FALSE(ready.has_value());
    EXPECT_EQ(ready.error().code, "log_unavailable");
    EXPECT_TRUE(ready.error().message.starts_with(rd_kafka_err2name(error))) << ready.error().message;
    EXPECT_TRUE(transactor.prepare().has_value());
    EXPECT_TRUE(commit(transactor, {"v"}).has_value());
  }
}

/// Its offices go to other brokers while it works.
TEST_F(TransactorOnMock, CoordinatorsAndLeadersMove) {
  Transactor transactor(settings_, "mover", {"out"});
  std::vector<std::string> expected;
  for (int i = 0; i < 9; ++i) {
    const auto value = std::to_string(i);
    const auto committed = commit(transactor, {value});
    ASSERT_TRUE(committed.has_value()) << value << ": " << committed.error().message;
    expected.push_back(value);
    const std::int32_t next = i / 3 + 1;
    if (i % 3 == 0) cluster_.coordinate("transaction", settings_.prefix + "mover", next);
    if (i % 3 == 1) cluster_.lead("out", 0, next);
    if (i % 3 == 2) cluster_.coordinate("group", settings_.prefix + "group", next);
  }
  EXPECT_EQ(mock::stored(settings_, "out"), expected);
}

TEST_F(TransactorOnMock, ASlowClusterIsWaitedFor) {
  Transactor transactor(settings_, "slow", {"out"});
  ASSERT_TRUE(transactor.prepare().has_value());
  cluster_.round_trip(300);
  EXPECT_TRUE(commit(transactor, {"a"}).has_value());
  EXPECT_TRUE(commit(transactor, {"b"}).has_value());
  cluster_.round_trip(0);
  EXPECT_EQ(mock::stored(settings_, "out"), (std::vector<std::string>{"a", "b"}));
}

/// The coordinator is away when the commit is to be told, and nobody knows what became of it.
TEST_F(TransactorOnMock, ACoordinatorThatGoesDuringACommitInterruptsItAndIsWaitedFor) {
  Transactor transactor(settings_, "away", {"out"});
  cluster_.coordinate("transaction", settings_.prefix + "away", 1);
  cluster_.lead("out", 0, 2);
  cluster_.coordinate("group", settings_.prefix + "group", 2);
  ASSERT_TRUE(commit(transactor, {"before"}).has_value());
  settings_.fault = [&](const char* request) {
    if (std::string_view(request) == "commit") cluster_.down(1);
    return false;
  };
  const auto during = commit(transactor, {"during"});
  settings_.fault = {};
  ASSERT_FALSE(during.has_value());
  EXPECT_EQ(during.error().code, "interrupted");
  cluster_.up(1);
  ASSERT_TRUE(becomes_ready(transactor));
  ASSERT_TRUE(commit(transactor, {"after"}).has_value());
  EXPECT_EQ(mock::stored(settings_, "out"), (std::vector<std::string>{"before", "during", "after"}));
}

}  // namespace
}  // namespace lenne::storage::kafka
