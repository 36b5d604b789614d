#pragma once
// Reads committed records of partitions, whoever says which.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/kafka/kafka_client.hpp"

namespace lenne::storage::kafka {

/// A place in a topic's partition.
struct Place {
  std::string topic;
  std::int32_t partition;
  std::int64_t next = 0;    ///< the next offset to read
  std::uint32_t tag = 0;    ///< by which its owner knows the topic
  std::int64_t end = -1;    ///< the broker said that the partition ends here; -1: not yet
  bool held = false;        ///< not read for now
  std::string tenant = {};  ///< whose topic it is, of those that tenants write
  /// Stands for topic and partition in records, where one consumer reads several topics.
  std::optional<std::uint32_t> number_of_it = std::nullopt;

  /// By which records and their consumer know it.
  [[nodiscard]] std::uint32_t number() const noexcept {
    return number_of_it.value_or(static_cast<std::uint32_t>(partition));
  }
};
using Places = std::vector<Place>;

struct PlaceListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using PlaceList = std::unique_ptr<rd_kafka_topic_partition_list_t, PlaceListDeleter>;
/// With their next offsets.
[[nodiscard]] PlaceList list_of(const Places& places);

/// Of a partition: its oldest offset, and the one after its newest.
struct Bounds {
  std::int64_t begin;
  std::int64_t end;
};
/// Any client may ask. Error: log_read (try again; after 2 s at most for each bound).
[[nodiscard]] Result<Bounds> bounds_of(rd_kafka_t* client, const Place& place);

/// A place, once it is read, is never taken from the library again, only held and moved: it fails an assertion
/// (rktp_started, librdkafka 2.0.2) when a partition is taken away twice before it has stopped. One thread.
class Tailer {
 public:
  using Visit = std::function<void(const rd_kafka_message_t& message, const Place& place)>;

  /// `options` and `rebalanced` are for a member of a group; without them the group is only a name.
  [[nodiscard]] static Result<Tailer> make(const KafkaSettings& settings, const base::Clock& clock,
                                           const std::string& group, const Options& options = {},
                                           const Rebalanced& rebalanced = {});

  /// Reads these from now on: new ones, and those it has, from another offset. Error: log_read (try again).
  [[nodiscard]] Result<void> read(const Places& places);
  /// Reads this one no more until it is to be read again.
  void hold(Place& place);
  /// Visits records of its places, at most `most`; waits up to `patience` for the first. 0: none has come.
  /// Error: fenced (another member of the group has this one's name).
  [[nodiscard]] Result<std::size_t> fetch(Duration patience, std::size_t most, const Visit& visit);
  /// 0 says that the end of all places as it was at the call is reached, or would not come for seconds.
  /// Error: fenced, log_read (the broker does not say where the end is).
  [[nodiscard]] Result<std::size_t> fetch_to_end(std::size_t most, const Visit& visit);
  /// Whether all places have reached the end as it is now, records of open transactions included. Error: log_read.
  [[nodiscard]] Result<bool> at_end() const;

  [[nodiscard]] const Places& places() const noexcept { return places_; }
  /// For a member of a group, which moves them itself.
  [[nodiscard]] Places& places() noexcept { return places_; }
  /// Where a partition begins and ends. Error: log_read, as bounds_of.
  [[nodiscard]] Result<std::int64_t> begin(const Place& place) const;
  [[nodiscard]] Result<std::int64_t> end(const Place& place) const;
  [[nodiscard]] Result<Bounds> bounds(const Place& place) const { return bounds_of(handle_.get(), place); }
  /// Sets each place to the beginning or the end of its partition. Error: log_read.
  [[nodiscard]] Result<void> find_bounds(Places& places, bool end) const;
  /// Ends the client, and waits for that up to `patience`: a member whose group is being shared out anew sometimes
  /// never ends (librdkafka 2.0.2). False: it is left behind, for as long as the process lives.
  [[nodiscard]] bool end(Duration patience);
  /// Leaves the client as it is, running, to whatever it does without being polled: for one that cannot be destroyed.
  void abandon() noexcept;
  [[nodiscard]] rd_kafka_t* handle() const noexcept { return handle_.get(); }

 private:
  Tailer(Handle handle, const base::Clock& clock) : handle_(std::move(handle)), clock_(&clock) {}
  [[nodiscard]] Place* place_of(const rd_kafka_message_t& message);

  Handle handle_;
  const base::Clock* clock_;
  Places places_;
  std::size_t last_ = 0;  ///< index of the last record's place: the next one is mostly there, too
};

}  // namespace lenne::storage::kafka
