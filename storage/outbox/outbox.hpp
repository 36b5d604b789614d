#pragma once
// Mirrors what others subscribe to from an embedded log to another place: each record once, in the log's order. How far
// it has come is written there, with the records, all or nothing: after any failure it goes on from what the target
// holds, not from what it believes to have written.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/log.hpp"

namespace lenne::storage {

/// The consumer of an embedded log for which `retain` keeps what is not mirrored yet.
inline constexpr std::string_view kOutboxConsumer = "outbox";

/// What may have a copy: what tenants' devices do, and which tenants there are.
inline constexpr std::array kOutboxTopics{Topic::control, Topic::measurement, Topic::event, Topic::aggregate,
                                          Topic::alert};

/// By which a target knows who writes to it. A log remembers its last kProcesses ones: a copy of it, or an older state
/// that was restored, does not know who wrote after it.
struct OutboxIdentity {
  static constexpr std::size_t kProcesses = 1000;
  std::string log;
  std::string process;
  std::set<std::string> earlier;  ///< processes of this log before this one
};

/// Who mirrors this log from now on: a process named `fresh`, which no process was before; the first one's name is the
/// log's, too. Error: of the log.
[[nodiscard]] Result<OutboxIdentity> outbox_identity_of(Log& log, std::string_view fresh);

/// Whether this is a row of store `outbox`.
[[nodiscard]] bool is_outbox_row(std::string_view key, std::string_view value) noexcept;

/// Where copies go. One thread.
class OutboxTarget {
 public:
  virtual ~OutboxTarget() = default;
  /// Ends what earlier writes have left open, of whichever process, and tells the position that is written; nothing
  /// when none is. Error: outbox_refused (it is not for this log, or no longer for this process; says why), any other
  /// one (try again).
  [[nodiscard]] virtual Result<std::optional<std::string>> begin() = 0;
  /// Takes copies of what has one, for the next commit. Returns how many it has taken since the last commit.
  virtual std::size_t add(std::span<const Record> records) = 0;
  /// Writes what was added, and the position after it: all or nothing. Error: any; it was written or it was not,
  /// begin() tells. What was added is gone in any case.
  [[nodiscard]] virtual Result<void> commit(std::string_view position) = 0;
};

/// One thread. Counters: outbox.records, .transactions, .errors (attempts that failed, to be tried again),
/// .behind_seconds (age of the oldest record that is not mirrored), .connected and .refused (0 or 1).
class Outbox {
 public:
  /// Records of one transaction at most. Half as many after one that failed, as it may have been too much for the way
  /// there; a few more after each that went well.
  static constexpr std::size_t kMost = 2000;
  /// So often the position is written though nothing was to be copied.
  static constexpr Duration kIdle = std::chrono::minutes{1};
  /// So often `retain` is told what is mirrored.
  static constexpr Duration kHold = std::chrono::seconds{1};

  /// Log, target, clock and counters outlive it. From now on the log keeps what is not mirrored. Error: of the log.
  [[nodiscard]] static Result<std::unique_ptr<Outbox>> open(Log& log, OutboxTarget& target, const base::Clock& clock,
                                                            base::Counters& counters);

  /// One turn: waits up to `patience` for records and mirrors them. Returns how many it has read. Error:
  /// outbox_refused (final: by the target, or because the log does not hold what follows the target's position), any
  /// other one (the next turn begins anew from what the target holds).
  [[nodiscard]] Result<std::size_t> run_once(Duration patience);

  /// Turns until stop is requested (no error) or it is refused (the error). `told` is told of each change between
  /// connected (nothing) and not (why).
  [[nodiscard]] Result<void> run(const std::stop_token& stop,
                                 const std::function<void(const std::optional<base::Error>& why)>& told);

 private:
  Outbox(OutboxTarget& target, const base::Clock& clock, base::Counters& counters);
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> write(std::size_t added, std::string position);
  [[nodiscard]] Result<void> hold();
  void note_behind();
  [[nodiscard]] std::unexpected<base::Error> lose(base::Error error);

  OutboxTarget& target_;
  const base::Clock& clock_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Consumer> consumer_;  ///< only holds its position in the log: it reads nothing
  std::string written_;                 ///< the position that the target holds
  Duration wrote_{};                    ///< when it was written
  Duration held_{};                     ///< when consumer_ was brought there
  bool held_all_ = false;               ///< it is there
  std::size_t most_ = kMost;
  bool begun_ = false;
  base::Counters::Cell& records_;
  base::Counters::Cell& transactions_;
  base::Counters::Cell& errors_;
  base::Counters::Cell& behind_;
  base::Counters::Cell& connected_;
  base::Counters::Cell& refused_;
};

}  // namespace lenne::storage
