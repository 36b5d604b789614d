#pragma once
// Copies changelogs into the local state: of partitions that are about to be this process's own, and of those that it
// follows for good. One thread of its own does that; whoever owns a partition writes its rows himself.

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/kafka/local_state.hpp"
#include "storage/kafka/restore_progress.hpp"
#include "storage/kafka/tailer.hpp"

namespace lenne::storage::kafka {

/// Any thread. Counters: storage.changelog.records, .errors, .rebuilt (partitions whose local rows were too old to go
/// on from), .behind (records that are still to come until all that is wanted is complete), .eta_s (how long that will
/// take, in seconds; 0 when nothing is behind, or the rate is not known yet).
class Changelogs {
 public:
  /// Settings, state, clock and counters outlive it. Error: log_open.
  [[nodiscard]] static Result<std::unique_ptr<Changelogs>> open(const KafkaSettings& settings, LocalState& state,
                                                                const base::Clock& clock, base::Counters& counters);
  ~Changelogs();

  using Partition = std::pair<std::string, std::uint32_t>;  ///< name of the changelog, partition

  /// Copied whenever it is nobody's in this process.
  void follow(const std::string& name, std::uint32_t partitions);
  /// To be complete up to the end as it is now or later, and then no longer copied: the caller's own, when owned() says
  /// so. What an open transaction hides is waited for.
  void want(const Partition& partition);
  [[nodiscard]] bool owned(const Partition& partition) const;
  /// No longer wanted, or no longer the owner's.
  void release(const Partition& partition);

  /// The mark that the owner of the partition writes with its rows: the changelog up to before `next` is in them.
  /// `stores`: a bit for each store that the rows are of.
  void mark(LocalState::Write& write, const Partition& partition, std::int64_t next, std::uint64_t stores);

  /// Waits until a followed partition is copied up to before `next`. False: not in time.
  [[nodiscard]] bool wait_for(const Partition& partition, std::int64_t next, Duration patience) const;
  /// The same for its end as it is now.
  [[nodiscard]] bool wait_for_end(const Partition& partition, Duration patience);

 private:
  enum class Mode : std::uint8_t { idle, followed, wanted, owned };
  struct Copy {
    Mode mode = Mode::idle;
    bool for_good = false;
    bool loaded = false;       ///< next and stores were read from the disk, and checked against the topic
    std::int64_t next = 0;     ///< what is below is in the local rows
    std::int64_t end = -1;     ///< wanted: complete from here on; -1: to be asked for
    std::uint64_t stores = 0;  ///< of which rows were ever copied
  };

  Changelogs(const KafkaSettings& settings, LocalState& state, const base::Clock& clock, base::Counters& counters,
             Tailer tailer);
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> turn();
  [[nodiscard]] Result<void> choose();
  [[nodiscard]] Result<void> choose(std::map<Partition, Copy>& wanted);
  [[nodiscard]] bool reads() const;
  [[nodiscard]] Result<void> load(const Partition& partition, Copy& copy);
  [[nodiscard]] Result<void> copy_some();
  [[nodiscard]] Place place_of(const Partition& partition, std::int64_t next) const;
  void write_mark(LocalState::Write& write, const Partition& partition, const Copy& copy) const;

  const KafkaSettings& settings_;
  LocalState& state_;
  const base::Clock& clock_;
  base::Counters::Cell& records_;
  base::Counters::Cell& errors_;
  base::Counters::Cell& rebuilt_;
  base::Counters::Cell& behind_;
  base::Counters::Cell& eta_s_;
  RestoreProgress progress_;       ///< the thread's own
  Tailer tailer_;                  ///< the thread's
  std::vector<Partition> copied_;  ///< the thread's; grows only: a place's tag is an index of it

  mutable std::mutex mutex_;  ///< guards what follows
  mutable std::condition_variable_any changed_;
  std::map<Partition, Copy> copies_;
  bool chosen_ = true;  ///< the places of the tailer are those of the modes
  std::jthread thread_;
};

}  // namespace lenne::storage::kafka
