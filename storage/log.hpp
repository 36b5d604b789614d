#pragma once
// The partitioned log: one small interface with three back ends (rocksdb, kafka, memory) and one conformance suite.
// Verbs: poll, commit, seek, retain, forget, describe. A verb that Kafka cannot honour is not here.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "storage/batch.hpp"
#include "storage/topics.hpp"

namespace lenne::storage {

using base::Duration;
using base::Result;
using base::Timestamp;

/// A record's place in its (topic, partition). Offsets rise, with gaps; no reader sees one before all smaller ones.
using Offset = std::uint64_t;

/// One record as a reader sees it. The views end with the Poll that holds them.
struct Record {
  Topic topic;
  std::uint32_t partition;  ///< of topics that tenants write: a number for each, of this consumer alone
  Offset offset;
  Timestamp appended;  ///< when the log took it: arrival time, never event time
  std::string_view tenant;
  std::string_view key;
  std::string_view value;
  bool tombstone;
};

/// What a poll returned. `assigned` partitions must have their state loaded before their first record is used;
/// `revoked` ones were committed before poll was called again, so their owner only forgets them.
struct Poll {
  std::vector<Record> records;
  std::vector<std::uint32_t> assigned;
  std::vector<std::uint32_t> revoked;
  std::shared_ptr<const void> memory;  ///< owns the bytes that the records point to
};

/// The offsets that a commit gave to its appends, in their order.
struct Committed {
  std::vector<Offset> offsets;
};

/// Where to go on reading. A token is a Reader's own position() text.
struct SeekTo {
  enum class Where : std::uint8_t { beginning, end, token } where = Where::end;
  std::string token = {};
};

/// Reads topics without a group: for followers, queries, exports. One thread.
class Reader {
 public:
  virtual ~Reader() = default;
  /// Waits up to `patience` for records; returns at most `most` of them (a back end may return a few more to finish a
  /// group). Empty: none has come (Kafka) or none is there (embedded). Error: log_read (I/O), log_closed.
  [[nodiscard]] virtual Result<Poll> poll(Duration patience, std::size_t most) = 0;
  /// The next records. Empty: the end of the log as it was at the call is reached; on Kafka also when that does not
  /// come for seconds, because a transaction is open that hides what follows it. Error as poll.
  [[nodiscard]] virtual Result<Poll> poll_to_end(std::size_t most) { return poll(Duration{0}, most); }
  /// Error: bad_position (the token is none, or older than what is kept).
  [[nodiscard]] virtual Result<void> seek(const SeekTo& to) = 0;
  /// Where this reader stands, as opaque text (no spaces) that seek understands in any process on the same log.
  [[nodiscard]] virtual std::string position() const = 0;
};

/// A named reader whose position is part of its commits. Several consumers of one name share the partitions (Kafka);
/// an embedded log has one process, where each consumer names the partitions that are its own. One thread.
class Consumer : public Reader {
 public:
  /// Atomic: all appends, all state changes, and the position after everything that poll has returned so far.
  /// Durable when it returns. Error: log_write, disk_full, fenced (this consumer must be dropped), interrupted (Kafka:
  /// perhaps it was taken, perhaps not; the next poll revokes all partitions and assigns them again, from what is
  /// committed).
  [[nodiscard]] virtual Result<Committed> commit(const Batch& batch) = 0;
  /// The same with the position after `handled`, the first records of the last poll: the rest of them is in the hands
  /// of the caller, who commits it later; another consumer of the name gets it again.
  [[nodiscard]] virtual Result<Committed> commit_part(const Batch& batch, std::span<const Record> handled) = 0;
};

struct ConsumerSpec {
  std::string name;                            ///< e.g. "network"; its positions are stored under it
  std::vector<Topic> topics;                   ///< all with the same number of partitions, or of one partition
  std::vector<std::uint32_t> partitions = {};  ///< embedded: the partitions that are its own; empty = all
  /// Kafka: one topic is shared out among the processes with a consumer of this name, and the changes of its commits
  /// are to stores of home `partition`. Or `everything`: this process reads all, keeps its position itself, appends
  /// nothing, and changes stores of home `process`.
  /// `publication`: several topics are shared out, it has no state, and what its commits append goes to tenants' own
  /// topics only, in the form in which they are told.
  enum class Sharing : std::uint8_t { partitions, everything, publication } sharing = Sharing::partitions;
};

/// Reads of committed state. Any thread may call it; what it returns is one consistent moment per call.
class StateReader {
 public:
  virtual ~StateReader() = default;
  /// Nothing when the key is absent. Error: log_read.
  [[nodiscard]] virtual Result<std::optional<std::string>> get(Store store, std::uint32_t partition,
                                                               std::string_view key) const = 0;
  /// Visits keys in byte order from `from` (inclusive) to `to` (exclusive; empty = end of the store's partition) until
  /// `visit` returns false.
  [[nodiscard]] virtual Result<void> scan(
      Store store, std::uint32_t partition, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
  /// As scan, from the last key below `to` downwards to `from`.
  [[nodiscard]] virtual Result<void> scan_back(
      Store store, std::uint32_t partition, std::string_view from, std::string_view to,
      const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
};

struct PartitionDescription {
  std::uint32_t partition;
  Offset begin;  ///< the oldest kept (or end, when none)
  Offset end;    ///< one after the newest
};

struct TopicDescription {
  Topic topic;
  std::vector<PartitionDescription> partitions;
  std::uint64_t bytes_on_disk;  ///< of its retention class; 0 when unknown
};

/// A log with its state. Made by a back end's open(); any thread may call it; outlives its readers.
class Log {
 public:
  virtual ~Log() = default;

  /// Appends without positions (ingest, api): on Kafka no transaction. Durable when it returns. The batch has no state
  /// changes. Concurrent calls are grouped. Error: log_write, disk_full, log_unavailable (Kafka: no answer in time; it
  /// may have been taken all the same, and may be tried again).
  [[nodiscard]] virtual Result<Committed> append(const Batch& batch) = 0;
  /// State that belongs to no partition's consumer (tokens, incarnation), of one home: an atomic write of its own.
  /// Error as append.
  [[nodiscard]] virtual Result<void> put_state(const Batch& batch) = 0;

  [[nodiscard]] virtual Result<std::unique_ptr<Consumer>> consumer(const ConsumerSpec& spec) = 0;
  /// A reader of several topics; of a compacted topic, `beginning` gives the last value of each key, then the changes.
  /// Optionally only one tenant's records.
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> reader(std::vector<Topic> topics, std::string tenant = {}) = 0;

  [[nodiscard]] virtual const StateReader& state() const = 0;
  /// Deletes records older than their class's age at `now`, never past the slowest registered consumer.
  /// Returns the number of deleted groups.
  [[nodiscard]] virtual Result<std::uint64_t> retain(Timestamp now) = 0;
  /// `retain` waits no longer for the consumer of this name, which nobody uses any more. None of that name: nothing
  /// happens. On Kafka nothing is kept for consumers. Error as append.
  [[nodiscard]] virtual Result<void> forget(std::string_view consumer) = 0;
  [[nodiscard]] virtual Result<TopicDescription> describe(Topic topic) const = 0;
  [[nodiscard]] virtual std::uint32_t network_partitions() const = 0;
  /// Why nothing is taken any more, whoever's write it was that failed; empty while all is well. Reads go on.
  [[nodiscard]] virtual std::optional<base::Error> failure() const = 0;
};

}  // namespace lenne::storage
