#pragma once
// The cluster that librdkafka has inside itself for tests: it answers requests with the errors that it is told, and can
// be slow or away. No JVM. What it cannot show (2.0.2): it knows no transactions (what was sent is there for every
// reader, committed or not, and offsets of a group that were sent with one are not kept), and it does not recognise a
// repeated batch. An injected error comes instead of what was asked for; nothing of that request is done.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/kafka/kafka_client.hpp"

namespace lenne::storage::kafka::mock {

/// Kafka's numbers of its requests (protocol guide, API keys).
enum class Api : std::int16_t {
  produce = 0,
  fetch = 1,
  list_offsets = 2,
  metadata = 3,
  offset_fetch = 9,
  find_coordinator = 10,
  join_group = 11,
  heartbeat = 12,
  sync_group = 14,
  init_producer_id = 22,
  add_partitions_to_txn = 24,
  add_offsets_to_txn = 25,
  end_txn = 26,
  txn_offset_commit = 28,
};

using Errors = std::vector<rd_kafka_resp_err_t>;

class Cluster {
 public:
  static constexpr int kBrokers = 3;

  Cluster() {
    auto* conf = rd_kafka_conf_new();
    char text[256] = "";
    for (const auto& [name, value] : Options{{"test.mock.num.brokers", std::to_string(kBrokers)}, {"log_level", "2"}})
      rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text);
    owner_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text));
    if (!owner_) throw std::runtime_error(text);
    cluster_ = rd_kafka_handle_mock_cluster(owner_.get());
  }

  [[nodiscard]] std::string bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void make_topic(const std::string& name, int partitions) const {
    check(rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, kBrokers));
  }
  void lead(const std::string& topic, std::int32_t partition, std::int32_t broker) const {
    check(rd_kafka_mock_partition_set_leader(cluster_, topic.c_str(), partition, broker));
  }
  /// `kind`: "transaction" or "group".
  void coordinate(const char* kind, const std::string& name, std::int32_t broker) const {
    check(rd_kafka_mock_coordinator_set(cluster_, kind, name.c_str(), broker));
  }
  /// The next requests of this kind, to whichever broker, get these answers. Transport: the connection is cut.
  void answer(Api api, const Errors& errors) const {
    rd_kafka_mock_push_request_errors_array(cluster_, static_cast<std::int16_t>(api), errors.size(), errors.data());
  }
  void answer_again_rightly(Api api) const {
    rd_kafka_mock_clear_request_errors(cluster_, static_cast<std::int16_t>(api));
  }
  /// Every broker's next answer to such a request is done in time, but comes so much later.
  void answer_late(Api api, int ms) const {
    for (int broker = 1; broker <= kBrokers; ++broker)
      check(rd_kafka_mock_broker_push_request_error_rtts(cluster_, broker, static_cast<std::int16_t>(api), 1,
                                                         RD_KAFKA_RESP_ERR_NO_ERROR, ms));
  }
  /// Whether some broker has had the request of answer_late.
  [[nodiscard]] bool was_asked(Api api) const {
    std::size_t fewest = 1;
    for (int broker = 1; broker <= kBrokers; ++broker) {
      std::size_t left = 0;
      check(rd_kafka_mock_broker_error_stack_cnt(cluster_, broker, static_cast<std::int16_t>(api), &left));
      fewest = std::min(fewest, left);
    }
    return fewest == 0;
  }
  /// -1: all.
  void down(std::int32_t broker) const { check(rd_kafka_mock_broker_set_down(cluster_, broker)); }
  void up(std::int32_t broker) const { check(rd_kafka_mock_broker_set_up(cluster_, broker)); }
  void round_trip(int ms) const { check(rd_kafka_mock_broker_set_rtt(cluster_, -1, ms)); }

 private:
  static void check(rd_kafka_resp_err_t error) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
  }

  Handle owner_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace lenne::storage::kafka::mock
