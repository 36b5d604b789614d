// Reading on a cluster that errs.

#include "storage/kafka/tailer.hpp"

#include <gtest/gtest.h>

#include <semaphore>

#include "storage/kafka/appender.hpp"
#include "tests/integration/storage/kafka_mock/mock_cluster.hpp"
#include "tests/integration/storage/kafka_mock/stored.hpp"

namespace lenne::storage::kafka {
namespace {

using namespace std::chrono_literals;
using mock::Api;

class TailerOnMock : public ::testing::Test {
 protected:
  TailerOnMock() {
    settings_.bootstrap = cluster_.bootstrap();
    cluster_.make_topic("in", 1);
    cluster_.lead("in", 0, 1);
    appender_ = Appender::open(settings_, {"in"}, counters_).value();
    tailer_.emplace(Tailer::make(settings_, clock_, "test").value());
    EXPECT_TRUE(tailer_->read({Place{"in", 0, 0}}).has_value());
  }
  void append(int count) {
    std::vector<std::string> values;
    for (int i = 0; i < count; ++i) values.push_back(std::to_string(appended_++));
    auto records = mock::outgoing("in", values);
    ASSERT_TRUE(appender_->append(records).has_value());
  }
  /// Each record is seen once, in its order; errors that pass are not seen.
  void read_all() {
    for (int i = 0; next_ < appended_ && i < 300; ++i) {
      const auto count = tailer_->fetch(100ms, 10, [&](const rd_kafka_message_t& message, const Place&) {
        EXPECT_EQ(std::string(static_cast<const char*>(message.payload), message.len), std::to_string(next_));
        ++next_;
      });
      ASSERT_TRUE(count.has_value()) << count.error().message;
    }
    EXPECT_EQ(next_, appended_);
  }

  mock::Cluster cluster_;
  KafkaSettings settings_;
  base::SystemClock clock_;
  base::Counters counters_;
  std::unique_ptr<Appender> appender_;
  std::optional<Tailer> tailer_;
  int appended_ = 0;
  int next_ = 0;
};

TEST_F(TailerOnMock, WhatPassesIsNotSeen) {
  append(3);
  read_all();
  for (const auto error : {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                           RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
                           RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
                           RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                           RD_KAFKA_RESP_ERR__TRANSPORT}) {
    SCOPED_TRACE(rd_kafka_err2name(error));
    cluster_.answer(Api::fetch, {error, error, error});
    append(3);
    read_all();
  }
}

TEST_F(TailerOnMock, TheLeaderMoves) {
  for (const std::int32_t leader : {2, 3, 1}) {
    append(5);
    cluster_.lead("in", 0, leader);
    read_all();
  }
}

/// Nobody waits longer than one request may take: whoever asks may have to end.
TEST_F(TailerOnMock, ALeaderThatIsAwayIsAnErrorInTime) {
  append(5);
  read_all();
  append(5);
  Places places{Place{"in", 0}};
  cluster_.down(1);
  const auto asked = clock_.monotonic();
  const auto found = tailer_->find_bounds(places, false);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, "log_read");
  EXPECT_LT(clock_.monotonic() - asked, 4 * std::chrono::milliseconds{kRequestMs});
  cluster_.up(1);
  read_all();
  EXPECT_TRUE(tailer_->find_bounds(places, false).has_value());
}

TEST_F(TailerOnMock, AnEndThatIsNotToldIsAnError) {
  append(2);
  read_all();
  Places places{Place{"in", 0}};
  for (const auto error : {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}) {
    SCOPED_TRACE(rd_kafka_err2name(error));
    cluster_.answer(Api::list_offsets, {error, error, error, error, error, error, error, error});
    const auto found = tailer_->find_bounds(places, true);
    cluster_.answer_again_rightly(Api::list_offsets);
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, "log_read");
    EXPECT_TRUE(found.error().message.starts_with("in: ")) << found.error().message;
  }
  ASSERT_TRUE(tailer_->find_bounds(places, true).has_value());
  EXPECT_EQ(places[0].next, 2);
}

TEST_F(TailerOnMock, AClientThatDoesNotEndIsLeftBehind) {
  std::binary_semaphore asked(0);
  std::binary_semaphore answer(0);
  std::binary_semaphore answered(0);
  settings_.client = {{"security.protocol", "sasl_plaintext"}, {"sasl.mechanisms", "OAUTHBEARER"}};
  settings_.token = [&]() -> Result<KafkaToken> {  // a client waits for its own threads
    asked.release();
    answer.acquire();
    answered.release();
    return base::fail("log_access", "none");
  };
  auto tailer = Tailer::make(settings_, clock_, "test").value();
  asked.acquire();
  EXPECT_FALSE(tailer.end(200ms));
  answer.release();
  answered.acquire();
}

TEST_F(TailerOnMock, AClientEnds) { EXPECT_TRUE(tailer_->end(std::chrono::minutes{1})); }

}  // namespace
}  // namespace lenne::storage::kafka
