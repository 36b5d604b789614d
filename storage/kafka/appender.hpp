#pragma once
// Appends without transactions, through one idempotent producer after another: after a fatal error (it has lost count
// of what the broker has) a producer takes nothing any more, and one that was refused a record is spent, too.

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "storage/kafka/kafka_client.hpp"

namespace lenne::storage::kafka {

/// Any thread. Counter: storage.kafka.appenders (producers that were made).
class Appender {
 public:
  /// `topics`: those it will write to. Settings and counters outlive it. Error: log_open.
  [[nodiscard]] static Result<std::unique_ptr<Appender>> open(const KafkaSettings& settings,
                                                              std::vector<std::string> topics,
                                                              base::Counters& counters);

  /// Sends all; the records get their offsets. Error: log_unavailable (try again).
  [[nodiscard]] Result<void> append(std::deque<Outgoing>& records);

 private:
  Appender(const KafkaSettings& settings, std::vector<std::string> topics, base::Counters& counters)
      : settings_(settings), topics_(std::move(topics)), made_(counters.cell("storage.kafka.appenders")) {}
  [[nodiscard]] Result<std::shared_ptr<Producer>> make();
  void replace(const std::shared_ptr<Producer>& spent);

  const KafkaSettings& settings_;
  const std::vector<std::string> topics_;
  base::Counters::Cell& made_;
  std::mutex mutex_;
  std::shared_ptr<Producer> producer_;  ///< guarded by mutex_; never null once it is open
};

}  // namespace lenne::storage::kafka
