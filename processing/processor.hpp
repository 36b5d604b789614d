#pragma once
// What a stream processor is: a pure function of its log. Time, randomness and I/O are not in reach of it.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/error.hpp"
#include "base/time.hpp"
#include "storage/batch.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

/// What a commit holds at most before the next one is begun, about. Bytes.
inline constexpr std::size_t kPortionBytes = std::size_t{4} << 20;

/// Whether a record was handled, or a part of it.
enum class Progress : std::uint8_t { done, more };

/// One processor holds the state of all partitions that it was assigned. One thread.
/// Results (appended records) depend only on the records of a partition and their order; how they are cut into polls
/// changes nothing. So `step` appends, and `flush` only writes state.
class Processor {
 public:
  virtual ~Processor() = default;

  /// Loads the state of a partition. Called before its first record. `state` lives until the partition is revoked or
  /// the processor ends.
  [[nodiscard]] virtual base::Result<void> assigned(std::uint32_t partition, const storage::StateReader& state) = 0;
  /// Forgets a partition; everything of it is committed.
  virtual void revoked(std::uint32_t partition) = 0;

  /// Handles one record. Never throws, never fails: what cannot be used goes to dead-letter and a counter. Only its own
  /// state can fail it; then it says so in fault(). `more`: too much comes of this record for one commit; it is to be
  /// given again, at best after a commit whose position is before it. A crash in between changes nothing: the state
  /// says how far it has come.
  [[nodiscard]] virtual Progress step(const storage::Record& record, storage::Batch& out) = 0;

  /// What flush would write, about. Bytes; 0 = less than the records that led to it.
  [[nodiscard]] virtual std::size_t pending_bytes() const { return 0; }

  /// Called once before each commit: writes each row that has changed since the last one, once.
  virtual void flush(storage::Batch& out) = 0;

  /// When this partition next needs a tick although no record comes (its timers), in the time of its log.
  [[nodiscard]] virtual std::optional<base::Timestamp> next_due(std::uint32_t partition) const = 0;

  /// How late a timer may fire while records of other partitions keep coming; also what lies at least between two ticks
  /// for one partition.
  [[nodiscard]] virtual base::Duration timer_lateness() const { return std::chrono::seconds{1}; }

  /// Why this processor cannot go on (its state could not be read): what it has produced since the last commit must not
  /// be committed, and it must be dropped. Nothing when all is well.
  [[nodiscard]] virtual std::optional<base::Error> fault() const { return std::nullopt; }
};

}  // namespace lenne::processing
