// A member of a group on a cluster that errs.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "storage/kafka/appender.hpp"
#include "storage/kafka/kafka_consumer.hpp"
#include "storage/kafka/topic_names.hpp"
#include "storage/memory/memory_families.hpp"
#include "tests/integration/storage/kafka_mock/mock_cluster.hpp"
#include "tests/integration/storage/kafka_mock/stored.hpp"

namespace lenne::storage::kafka {
namespace {

using namespace std::chrono_literals;
using mock::Api;

class GroupConsumerOnMock : public ::testing::Test {
 protected:
  GroupConsumerOnMock() {
    settings_.bootstrap = cluster_.bootstrap();
    settings_.network_partitions = 1;
    settings_.consumers = {"network"};
    settings_.public_topics = false;
    for (const auto& plan : internal_plans(settings_))
      cluster_.make_topic(plan.name, static_cast<int>(plan.partitions));
    changelogs_ = Changelogs::open(settings_, state_, clock_, counters_).value();
    world_.emplace(ConsumerWorld{settings_, instance_, state_, *changelogs_, nullptr, clock_, counters_});
  }
  std::unique_ptr<Consumer> member() { return make_group_consumer(*world_, {"network", {Topic::network_in}}).value(); }

  mock::Cluster cluster_;
  KafkaSettings settings_;
  const std::string instance_ = "a";
  LocalState state_{std::make_shared<embedded::MemoryFamilies>()};
  base::SystemClock clock_;
  base::Counters counters_;
  std::unique_ptr<Changelogs> changelogs_;
  std::optional<ConsumerWorld> world_;
};

TEST_F(GroupConsumerOnMock, StateWithoutAChangelogIsRefused) {
  const auto consumer = make_group_consumer(*world_, {"windows", {Topic::measurement}});
  ASSERT_FALSE(consumer.has_value());
  EXPECT_EQ(consumer.error().code, "bad_consumer");
  EXPECT_NE(consumer.error().message.find("windows"), std::string::npos);
}

// Between these two a member has no state of its assignor, and cannot be destroyed.
TEST_F(GroupConsumerOnMock, AMemberCanGoBetweenTheAnswerOfItsGroupAndItsFirstAssignment) {
  for (const int ms : {500, 60'000}) {
    cluster_.answer_late(Api::sync_group, ms);
    const auto consumer = member();
    for (int i = 0; i < 200 && !cluster_.was_asked(Api::sync_group); ++i) {
      const auto poll = consumer->poll(50ms, 1);
      ASSERT_TRUE(poll.has_value()) << poll.error().message;
      ASSERT_TRUE(poll->assigned.empty());
    }
    ASSERT_TRUE(cluster_.was_asked(Api::sync_group));
  }
}

/// What a worker does: for each record an event, and as a row the number of the next one; until `inputs` are through.
/// Returns how many commits were interrupted.
int work(Consumer& consumer, const StateReader& state, int& next, int inputs) {
  int interrupted = 0;
  for (int i = 0; next < inputs && i < 300; ++i) {
    const auto poll = consumer.poll(100ms, 1);
    if (!poll) {
      EXPECT_EQ(poll.error().code, "log_unavailable") << poll.error().message;
      continue;
    }
    if (!poll->assigned.empty()) next = std::stoi(state.get(Store::device, 0, "next").value().value_or("0"));
    if (poll->records.empty()) continue;
    Batch batch;
    int after = next;
    for (const auto& record : poll->records) {
      if (std::stoi(std::string(record.value)) < after) continue;  // the mock keeps no offsets of transactions
      EXPECT_EQ(record.value, std::to_string(after));
      batch.append(Topic::event, 0, "menden", "k", record.value);
      batch.put(Store::device, 0, "next", std::to_string(++after));
    }
    const auto done = consumer.commit(batch);
    if (done) {
      next = after;
    } else {
      EXPECT_EQ(done.error().code, "interrupted");
      ++interrupted;
    }
  }
  EXPECT_EQ(next, inputs);
  EXPECT_EQ(state.get(Store::device, 0, "next").value(), std::to_string(inputs));
  return interrupted;
}

// Requests of each kind go wrong while a member works: some pass, others interrupt its commit, and all goes on.
TEST_F(GroupConsumerOnMock, AMemberGoesOnAfterWhateverGoesWrong) {
  const auto topic = topic_name(settings_, info_of(Topic::network_in));
  const auto appender = Appender::open(settings_, {topic}, counters_).value();
  const auto consumer = member();
  int inputs = 0;
  int next = 0;
  const auto meet = [&](Api api, rd_kafka_resp_err_t error) {
    SCOPED_TRACE(std::to_string(static_cast<int>(api)) + " " + rd_kafka_err2name(error));
    auto records = mock::outgoing(topic, {std::to_string(inputs++)});
    ASSERT_TRUE(appender->append(records).has_value());
    cluster_.answer(api, {error});
    const auto interrupted = work(*consumer, state_.rows(), next, inputs);
    cluster_.answer_again_rightly(api);
    EXPECT_LE(interrupted, 1);
    ASSERT_FALSE(HasFailure());
  };
  meet(Api::fetch, RD_KAFKA_RESP_ERR__TRANSPORT);
  meet(Api::heartbeat, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  meet(Api::heartbeat, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
  meet(Api::heartbeat, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
  meet(Api::offset_fetch, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
  meet(Api::produce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  meet(Api::txn_offset_commit, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
  meet(Api::end_txn, RD_KAFKA_RESP_ERR_PRODUCER_FENCED);
  meet(Api::end_txn, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
}

}  // namespace
}  // namespace lenne::storage::kafka
