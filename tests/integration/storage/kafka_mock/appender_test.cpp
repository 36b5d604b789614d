// Appends on a cluster that errs.

#include "storage/kafka/appender.hpp"

#include <gtest/gtest.h>

#include <ranges>
#include <set>

#include "tests/integration/storage/kafka_mock/mock_cluster.hpp"
#include "tests/integration/storage/kafka_mock/stored.hpp"

namespace lenne::storage::kafka {
namespace {

using mock::Api;

class AppenderOnMock : public ::testing::Test {
 protected:
  AppenderOnMock() {
    settings_.bootstrap = cluster_.bootstrap();
    cluster_.make_topic("in", 1);
    appender_ = Appender::open(settings_, {"in"}, counters_).value();
  }
  Result<void> append(const std::vector<std::string>& values) {
    auto records = mock::outgoing("in", values);
    auto done = appender_->append(records);
    EXPECT_TRUE(done || done.error().code == "log_unavailable");
    for (const auto& record : records) EXPECT_TRUE(!done || record.offset >= 0);
    return done;
  }
  /// What ingest does: the same records again until they are taken. Returns how often they were not.
  int append_until_taken(const std::vector<std::string>& values) {
    for (int failed = 0; failed < 5; ++failed) {
      const auto done = append(values);
      if (done) return failed;
    }
    ADD_FAILURE() << "not taken";
    return -1;
  }

  mock::Cluster cluster_;
  KafkaSettings settings_;
  base::Counters counters_;
  std::unique_ptr<Appender> appender_;
};

TEST_F(AppenderOnMock, WhatPassesIsNotSeen) {
  std::vector<std::string> expected;
  for (const auto error :
       {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__TRANSPORT}) {
    const std::string name = rd_kafka_err2name(error);
    cluster_.answer(Api::produce, {error, error});
    // One at a time: the mock takes a batch that follows a refused one, and the library believes the first was taken.
    const auto done = append({name});
    EXPECT_TRUE(done.has_value()) << name << ": " << done.error().message;
    expected.push_back(name);
  }
  EXPECT_EQ(mock::stored(settings_, "in"), expected);
  EXPECT_EQ(counters_.value("storage.kafka.appenders"), 1U);
}

TEST_F(AppenderOnMock, WhatIsRefusedCanBeAppendedAgain) {
  std::vector<std::string> expected;
  for (const auto error : {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
                           RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_PRODUCER_FENCED,
                           RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                           RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                           RD_KAFKA_RESP_ERR_INVALID_MSG}) {
    const std::string name = rd_kafka_err2name(error);
    cluster_.answer(Api::produce, {error});
    EXPECT_LE(append_until_taken({name}), 1) << name;
    expected.push_back(name);
  }
  // What was not acknowledged may be there all the same: of each the last one counts.
  auto found = mock::stored(settings_, "in");
  std::set<std::string> later;
  std::vector<std::string> last;
  for (const auto& value : found | std::views::reverse) {
    if (later.insert(value).second) last.insert(last.begin(), value);
  }
  EXPECT_EQ(last, expected);
  EXPECT_LE(found.size(), 2 * expected.size());
}

/// Rights on a topic that come back are good at once, not at the next metadata of an old producer.
TEST_F(AppenderOnMock, RightsThatComeBackAreGoodAtOnce) {
  ASSERT_TRUE(append({"a"}).has_value());
  for (int i = 0; i < 3; ++i) {
    cluster_.answer(Api::produce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
    EXPECT_FALSE(append({"b"}).has_value());
  }
  EXPECT_TRUE(append({"b"}).has_value());
  EXPECT_EQ(mock::stored(settings_, "in"), (std::vector<std::string>{"a", "b"}));
}

TEST_F(AppenderOnMock, AClusterThatIsAwayIsSaidSoAndIsTakenAgainWhenItIsBack) {
  ASSERT_TRUE(append({"a"}).has_value());
  cluster_.down(-1);
  const auto away = append({"b"});
  EXPECT_FALSE(away.has_value());
  cluster_.up(-1);
  EXPECT_EQ(append_until_taken({"c"}), 0);
  EXPECT_EQ(mock::stored(settings_, "in"), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(counters_.value("storage.kafka.appenders"), 1U);
}

TEST_F(AppenderOnMock, LeadersMove) {
  std::vector<std::string> expected;
  for (int i = 0; i < 6; ++i) {
    expected.push_back(std::to_string(i));
    EXPECT_TRUE(append({expected.back()}).has_value());
    cluster_.lead("in", 0, i % mock::Cluster::kBrokers + 1);
  }
  EXPECT_EQ(mock::stored(settings_, "in"), expected);
}

}  // namespace
}  // namespace lenne::storage::kafka
