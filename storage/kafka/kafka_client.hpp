#pragma once
// A thin skin over librdkafka: handles with owners, errors as values, and only what kafka_log.cpp needs.

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/kafka/kafka_log.hpp"

namespace lenne::storage::kafka {

struct HandleDeleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;
using Options = std::vector<std::pair<const char*, std::string>>;

/// Error: log_open (an option or the library refuses).
[[nodiscard]] Result<Handle> make_client(rd_kafka_type_t type, const KafkaSettings& settings, const Options& options);

struct TopicPlan {
  std::string name;
  std::uint32_t partitions;
  Options options;
};
/// Makes those that are missing. Error: log_open, network_partitions (one exists with another number of partitions).
[[nodiscard]] Result<void> make_topics(rd_kafka_t* handle, const std::vector<TopicPlan>& plans, int replication);

/// One record on its way, and what became of it.
struct Outgoing {
  std::string topic;
  std::uint32_t partition = 0;
  std::string_view tenant = {};
  std::string key = {};
  std::string_view value = {};
  bool tombstone = false;
  // Set before `open` falls:
  std::int64_t offset = -1;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
};
/// Sends all and waits until each is taken or refused. `allowed` is asked before each. Error: log_write, fenced.
[[nodiscard]] Result<void> send_all(rd_kafka_t* producer, std::deque<Outgoing>& records,
                                    const std::function<bool()>& allowed);

/// A place in a topic's partition.
struct Place {
  std::string topic;
  std::int32_t partition;
  std::int64_t next;      ///< the next offset to read
  std::int64_t end = -1;  ///< the broker said that the partition ends here; -1: not yet
};
struct PlaceListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using PlaceList = std::unique_ptr<rd_kafka_topic_partition_list_t, PlaceListDeleter>;
[[nodiscard]] PlaceList list_of(const std::vector<Place>& places);

/// Reads committed records of partitions that it was given. One thread.
class Tailer {
 public:
  [[nodiscard]] static Result<Tailer> make(const KafkaSettings& settings, const base::Clock& clock,
                                           const std::string& group);

  [[nodiscard]] Result<void> assign(std::vector<Place> places);
  /// Returns the number of visited records, at most `most`. 0: the end of all partitions was reached.
  [[nodiscard]] Result<std::size_t> poll(Duration patience, std::size_t most,
                                         const std::function<void(const rd_kafka_message_t&)>& visit);
  [[nodiscard]] const std::vector<Place>& places() const noexcept { return places_; }
  /// Sets each place to the beginning or the end of its partition.
  [[nodiscard]] Result<void> find_bounds(std::vector<Place>& places, bool end) const;
  [[nodiscard]] rd_kafka_t* handle() const noexcept { return handle_.get(); }

 private:
  Tailer(Handle handle, const base::Clock& clock) : handle_(std::move(handle)), clock_(&clock) {}
  [[nodiscard]] Result<bool> at_end() const;

  Handle handle_;
  const base::Clock* clock_;
  std::vector<Place> places_;
};

}  // namespace lenne::storage::kafka
