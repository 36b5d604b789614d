#pragma once
// The runtime: one consumer and one processor, commit after commit.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/error.hpp"
#include "processing/processor.hpp"
#include "storage/log.hpp"

namespace lenne::processing {

/// Appends a tick to network-in of each of these partitions, at once: a timer is due there and no record may come.
using TickAppender = std::function<base::Result<void>(std::span<const std::uint32_t> partitions)>;

/// How a worker stands. `failed` is final: it has committed nothing of its last poll, and its consumer and processor
/// must be dropped; a new pair starts from the last commit.
enum class WorkerState : std::uint8_t { running, failed };

struct WorkerSettings {
  base::Duration patience = std::chrono::milliseconds{200};       ///< how long a poll waits at most in run()
  base::Duration linger{};                                        ///< run() rests so long after a turn, see below,
  base::Duration quiet_linger{};                                  ///< or so long, if it was one of few records
  std::size_t most = 2000;                                        ///< records a poll
  base::Duration tick_interval = std::chrono::seconds{1};         ///< of one partition; the processor may ask for less
  base::Duration back_off_first = std::chrono::milliseconds{10};  ///< after an error of poll; doubles up to
  base::Duration back_off_most = std::chrono::seconds{5};         ///< this
  std::function<void(const storage::Batch&)> committed = {};      ///< is told of each commit
};

/// poll -> revoked, assigned -> step each -> flush -> commit. It commits after each poll that changed anything, and in
/// between once a portion (kPortionBytes) is full, be it in the middle of a record; there is no timer. A commit costs
/// much the same whatever it holds, so run() rests after a turn that left nothing behind: the next one has more to do.
/// Nothing is dropped: an error of poll is tried again, after an interrupted commit all begins anew from what is
/// committed, any other error of commit or of the processor ends the worker. One thread, except state(), which any
/// thread may call. All that is given must outlive it. Counters: worker.<name>.records, .commits, .interrupted,
/// .polls_failed, .ticks, .ticks_failed, .failed.
class Worker {
 public:
  Worker(std::string name, storage::Consumer& consumer, Processor& processor, const storage::StateReader& state,
         const base::Clock& clock, base::Counters& counters, TickAppender append_tick, WorkerSettings settings = {});

  /// One turn. Returns the number of records that it handled: all that were polled, unless `stop` was requested while a
  /// portion was committed; then the rest comes to the next consumer of the name, and this worker must be dropped.
  /// Errors: of poll (log_read, log_closed: the next turn tries again), interrupted (the next turn begins anew), or
  /// what ended the worker (log_write, disk_full, fenced, the processor's fault, worker_failed).
  [[nodiscard]] base::Result<std::size_t> run_once(base::Duration patience, std::size_t most,
                                                   const std::stop_token& stop = {});

  /// Turns until stop is requested (result: nothing) or the worker has failed or the log is closed (the error).
  [[nodiscard]] base::Result<void> run(const std::stop_token& stop);

  /// When run_once() is due although no record comes: a timer's tick. Nothing = only a record moves it. The same
  /// thread.
  [[nodiscard]] std::optional<base::Timestamp> next_due() const;

  [[nodiscard]] WorkerState state() const noexcept {
    return failed_.load() ? WorkerState::failed : WorkerState::running;
  }

 private:
  [[nodiscard]] base::Result<void> assign(const storage::Poll& poll);
  [[nodiscard]] base::Result<std::size_t> handle(std::span<const storage::Record> records, const std::stop_token& stop);
  [[nodiscard]] base::Result<void> commit(std::optional<std::span<const storage::Record>> handled);
  [[nodiscard]] std::unexpected<base::Error> end_with(base::Error error);
  [[nodiscard]] std::optional<base::Timestamp> tick_due(std::uint32_t partition, base::Timestamp now) const;
  void append_due_ticks(base::Duration late);

  std::string name_;
  storage::Consumer& consumer_;
  Processor& processor_;
  const storage::StateReader& state_;
  const base::Clock& clock_;
  TickAppender append_tick_;
  WorkerSettings settings_;
  std::atomic<bool> failed_ = false;
  std::optional<base::Error> failure_;
  std::set<std::uint32_t> partitions_;
  std::map<std::uint32_t, base::Timestamp> last_tick_;
  storage::Batch batch_;
  base::Counters::Cell& records_;
  base::Counters::Cell& commits_;
  base::Counters::Cell& polls_failed_;
  base::Counters::Cell& ticks_;
  base::Counters::Cell& interrupted_;
  base::Counters::Cell& ticks_failed_;
  base::Counters::Cell& failures_;
};

}  // namespace lenne::processing
