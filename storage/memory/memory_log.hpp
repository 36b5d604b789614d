#pragma once
// The log in memory, for the simulator and for tests: the embedded log's own engine over maps instead of files, so that
// order, offsets, tokens and errors are the same. Deterministic: one thread and one clock give one result.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "storage/embedded/settings.hpp"
#include "storage/log.hpp"

namespace lenne::storage {

namespace embedded {
class MemoryFamilies;
}

/// What stays when a MemoryLog goes: stands for the disk, so that a test can open a log again. Any thread.
class MemoryDisk {
 public:
  MemoryDisk();

  /// What an injected fault does to the write that it hits. The log stops taking writes after either.
  enum class Fault : std::uint8_t {
    before,  ///< nothing of the write is kept
    after,   ///< the write is kept whole, and yet reported as failed: an outcome that the caller cannot know
  };
  /// The n-th write from now on fails (1 = the next one); 0 takes the fault back.
  void fail_write(std::uint64_t n, Fault fault = Fault::before);
  /// Writes since the disk was made, failed ones included.
  [[nodiscard]] std::uint64_t writes() const;

 private:
  friend class MemoryLog;
  std::shared_ptr<embedded::MemoryFamilies> families_;
};

/// See Log for the verbs; it owns nothing beyond its disk. Outlives its readers and consumers.
class MemoryLog final : public Log {
 public:
  /// A log on a disk of its own. The clock stamps records and bounds waits; it outlives the log.
  MemoryLog(std::uint32_t network_partitions, const base::Clock& clock);
  /// A log on a disk that may hold an earlier log's records. Error: network_partitions (not the number of the disk's
  /// log).
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(std::shared_ptr<MemoryDisk> disk,
                                                         std::uint32_t network_partitions, const base::Clock& clock,
                                                         base::Counters& counters, const EmbeddedLimits& limits = {});
  ~MemoryLog() override;

  /// This log's disk: faults are injected there.
  [[nodiscard]] MemoryDisk& disk() noexcept { return *disk_; }
  /// What this log refused, when it was made without counters of the caller's.
  [[nodiscard]] base::Counters& counters() noexcept { return own_counters_; }

  [[nodiscard]] Result<Committed> append(const Batch& batch) override;
  [[nodiscard]] Result<void> put_state(const Batch& batch) override;
  [[nodiscard]] Result<std::unique_ptr<Consumer>> consumer(const ConsumerSpec& spec) override;
  [[nodiscard]] Result<std::unique_ptr<Reader>> reader(std::vector<Topic> topics, std::string tenant = {}) override;
  [[nodiscard]] const StateReader& state() const override;
  [[nodiscard]] Result<std::uint64_t> retain(Timestamp now) override;
  [[nodiscard]] Result<void> forget(std::string_view consumer) override;
  [[nodiscard]] Result<TopicDescription> describe(Topic topic) const override;
  [[nodiscard]] std::uint32_t network_partitions() const override;
  [[nodiscard]] std::optional<base::Error> failure() const override;

 private:
  base::Counters own_counters_;
  std::shared_ptr<MemoryDisk> disk_;
  std::unique_ptr<Log> log_;
};

}  // namespace lenne::storage
