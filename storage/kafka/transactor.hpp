#pragma once
// Transactions of one writer, through one producer after another: an error that a producer survives is aborted, after
// any other a new producer takes its name, which ends what the old one has left open.

#include <deque>
#include <optional>
#include <string>

#include "storage/kafka/tailer.hpp"

namespace lenne::storage::kafka {

/// One thread.
class Transactor {
 public:
  /// `id`: the transactional.id, without prefix; a later owner of it fences this one. `topics`: those it will write to.
  /// Settings outlive it.
  Transactor(const KafkaSettings& settings, std::string id, std::vector<std::string> topics)
      : settings_(settings), id_(std::move(id)), topics_(std::move(topics)) {}

  /// After this nothing of an earlier transaction of this id is open: it is committed, or it is not and never will be.
  /// Costs nothing when the last commit went well. Error: log_unavailable (try again).
  [[nodiscard]] Result<void> prepare();
  /// One transaction: the records (which get their offsets) and, when there are places, the positions of `consumer`'s
  /// group. Error: interrupted. Perhaps it is committed, perhaps not: prepare() ends the doubt, and what is committed
  /// then is to be read anew.
  [[nodiscard]] Result<void> commit(std::deque<Outgoing>& records, rd_kafka_t* consumer, const Places& places);
  /// More topics that it will write to.
  void expect(const std::vector<std::string>& topics);

 private:
  [[nodiscard]] Result<void> attempt(std::deque<Outgoing>& records, rd_kafka_t* consumer, const Places& places);
  [[nodiscard]] Result<void> ask(const std::function<rd_kafka_error_t*()>& request);
  [[nodiscard]] bool allowed(const char* request) const { return !settings_.fault || !settings_.fault(request); }

  const KafkaSettings& settings_;
  const std::string id_;
  std::vector<std::string> topics_;
  std::optional<Producer> producer_;
  bool doubtful_ = false;   ///< the last transaction did not end well
  bool abortable_ = false;  ///< and this producer can go on after it
};

}  // namespace lenne::storage::kafka
