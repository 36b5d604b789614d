#pragma once
// A thin skin over librdkafka: handles with owners, errors as values, and only what the files beside it need.

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/kafka/kafka_log.hpp"

namespace lenne::storage::kafka {

/// A member's partitions come or go.
using Rebalanced = std::function<void(rd_kafka_t*, rd_kafka_resp_err_t, const rd_kafka_topic_partition_list_t&)>;

/// What callbacks of a handle need. Lives as long as the handle.
struct Callbacks {
  std::function<Result<KafkaToken>()> token;
  Rebalanced rebalanced;
  base::Error trouble;  ///< the last one of a connection that its poll has told; empty: none
};

/// A consumer goes without a word to its group: a member that comes back soon finds its partitions still its own.
struct HandleDeleter {
  std::unique_ptr<Callbacks> callbacks = {};
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); }
};
/// How long one request to a broker may take.
inline constexpr int kRequestMs = 5'000;

using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;
using Options = std::vector<std::pair<std::string, std::string>>;

/// Error: log_open (an option or the library refuses).
[[nodiscard]] Result<Handle> make_client(rd_kafka_type_t type, const KafkaSettings& settings, const Options& options,
                                         const Rebalanced& rebalanced = {});
/// A client of which a broker has answered, waited for up to 15 s. Error: log_open, log_access, log_tls.
[[nodiscard]] Result<Handle> connect(const KafkaSettings& settings);

struct TopicPlan {
  std::string name;
  std::uint32_t partitions;
  Options options;
};
/// Asks for what the client knows of its topics: whether a broker answers within so long.
[[nodiscard]] rd_kafka_resp_err_t ask_metadata(rd_kafka_t* handle, int patience_ms);
/// The partitions of the topics that there are. Error: log_open.
[[nodiscard]] Result<std::map<std::string, std::uint32_t>> existing_topics(rd_kafka_t* handle);
/// Where partitions begin (those with offset RD_KAFKA_OFFSET_BEGINNING) or end (RD_KAFKA_OFFSET_END): one request to
/// each leader, and their offsets become the answers. Each is in the list once; the first error of one is that of all.
/// Waits up to 2 s: who asks one that has gone is to ask again, when the library knows the next one.
[[nodiscard]] rd_kafka_resp_err_t query_offsets(rd_kafka_t* handle, rd_kafka_topic_partition_list_t& partitions);
/// The same of one partition.
[[nodiscard]] std::expected<std::int64_t, rd_kafka_resp_err_t> query_offset(rd_kafka_t* handle,
                                                                            const std::string& topic,
                                                                            std::int32_t partition, std::int64_t which);
/// Makes those that are missing. Error: log_open, network_partitions (one exists with another number of partitions).
[[nodiscard]] Result<void> make_topics(rd_kafka_t* handle, const std::vector<TopicPlan>& plans, int replication);

/// Topics whose leaders a producer has asked for: else the first record of each waits for that, up to a second.
class KnownTopics {
 public:
  /// One request for those that are new; what it does not answer is asked for by the first record.
  void add(rd_kafka_t* producer, const std::vector<std::string>& topics);
  /// Null for one that was not added.
  [[nodiscard]] rd_kafka_topic_t* find(const std::string& topic) const {
    const auto found = topics_.find(topic);
    return found == topics_.end() ? nullptr : found->second.get();
  }

 private:
  struct Deleter {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  };
  std::map<std::string, std::unique_ptr<rd_kafka_topic_t, Deleter>> topics_;
};

struct Producer {
  Handle handle;
  KnownTopics known = {};  ///< its own; goes first
};

/// One record on its way, and what became of it.
struct Outgoing {
  std::string topic;
  std::uint32_t partition = 0;
  std::string_view tenant = {};
  std::string key = {};
  std::string_view value = {};
  bool tombstone = false;
  std::string own_value = {};  ///< instead of `value`, when it is not empty
  std::vector<std::pair<std::string, std::string>> headers = {};
  // Set when send_all returns:
  std::int64_t offset = -1;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::atomic<std::size_t>* under_way = nullptr;  ///< send_all's own
};
/// Sends all and waits until each is taken, refused, or too old for its producer. `allowed` is asked before each.
/// Error: log_unavailable, fenced.
[[nodiscard]] Result<void> send_all(const Producer& producer, std::deque<Outgoing>& records,
                                    const std::function<bool()>& allowed);
/// Whether a broker has refused one of them, which spends its producer: there is a gap in its sequence, and a topic
/// that it was not allowed to write stays closed to it until it asks for its metadata again, minutes after the rights
/// are there.
[[nodiscard]] bool refused(const std::deque<Outgoing>& records);

}  // namespace lenne::storage::kafka
