#pragma once
// Writes of many threads become one write of the families and one sync: the first thread that finds nobody writing
// leads, takes what is queued, writes it and answers; what comes meanwhile waits for the next leader. No timer.

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/embedded/families.hpp"
#include "storage/embedded/layout.hpp"
#include "storage/embedded/settings.hpp"
#include "storage/log.hpp"

namespace lenne::storage::embedded {

/// One thread's write. Lives on its stack until it is answered.
struct Request {
  struct Row {
    Family family;
    std::string key;
    std::string value;
    bool numbered;  ///< the number of the commit is put in front of the value
    bool erase = false;
  };
  const Batch* batch = nullptr;
  std::vector<Row> rows = {};
  /// Called under the queue's lock once the write is durable.
  std::function<void()> published = {};

  Committed committed = {};
  std::optional<base::Error> error = {};
  bool done = false;
  bool leads = false;
  std::condition_variable ready = {};
};

/// A group of one class as it was written.
struct WrittenGroup {
  std::uint64_t start;
  std::uint64_t count;
  std::size_t retention;
  std::shared_ptr<const std::string> value;
};

/// The end of the log, the newest groups, and the way to write. Any thread.
class CommitQueue {
 public:
  CommitQueue(Families& families, const EmbeddedLimits& limits, const base::Clock& clock, base::Counters& counters,
              Offset end, std::uint64_t commit_number);

  /// Called with the lock held before the request is queued; an error refuses it.
  using Admission = std::function<std::optional<base::Error>()>;
  /// Returns when the request is durable, or never will be. Requests are written in the order in which they come.
  /// Error: log_write, disk_full; after one, all later requests fail with it.
  [[nodiscard]] Result<Committed> submit(Request& request, const Admission& admission = {});

  /// Guards what callers keep consistent with the queue (see Request::published and Admission).
  [[nodiscard]] std::mutex& mutex() const noexcept { return mutex_; }

  /// What all requests fail with since a write failed.
  [[nodiscard]] std::optional<base::Error> failure() const;
  [[nodiscard]] Offset end() const;
  /// The same for a caller that holds the lock.
  [[nodiscard]] Offset end_locked() const noexcept { return end_; }
  /// The groups of the wanted classes from the one that holds `from`, when they are all in memory: at most `bytes` of
  /// them (but one). `reached`: how far they go. False when `from` is older than what is in memory.
  [[nodiscard]] bool newest(Offset from, unsigned classes, std::size_t bytes, std::vector<WrittenGroup>& groups,
                            Offset& reached) const;
  /// Waits until a record of one of the topics lies at or after `offset`. False when none did within `patience`. Other
  /// topics wake nobody.
  [[nodiscard]] bool wait_for(TopicSet topics, Offset offset, Duration patience) const;

 private:
  struct Built {
    Offset end;
    bool empty;
    std::vector<WrittenGroup> groups;
    TopicSet topics = 0;
  };
  struct Waiter {
    TopicSet topics;
    std::condition_variable ready = {};
  };
  [[nodiscard]] std::vector<Request*> take_group();
  [[nodiscard]] Built build(const std::vector<Request*>& requests, Offset start);
  void build_records(const std::vector<Request*>& requests, base::Timestamp appended, Built& built);
  void build_state(const Request& request);
  [[nodiscard]] Result<void> lead(std::unique_lock<std::mutex>& lock, Request& own);
  void publish(Built&& built);

  Families& families_;
  const EmbeddedLimits limits_;
  const base::Clock& clock_;
  base::Counters::Cell& groups_written_;
  base::Counters::Cell& commits_written_;
  base::Counters::Cell& failed_writes_;
  std::unique_ptr<WriteSet> writes_;  ///< the leader's
  std::uint64_t commit_number_;       ///< the leader's

  mutable std::mutex mutex_;
  mutable std::vector<Waiter*> waiters_;
  std::deque<Request*> queue_;
  bool leading_ = false;
  std::optional<base::Error> failed_;
  Offset end_;
  std::array<Offset, std::numeric_limits<TopicSet>::digits> ends_;  ///< after the last commit with a topic, by its bit
  std::deque<WrittenGroup> held_;
  std::size_t held_bytes_ = 0;
  Offset held_begin_;
};

}  // namespace lenne::storage::embedded
