#pragma once
// A log whose commits are made wrongly, as a server might make them that was not thought through: so that it is known
// that the checkers would see it.

#include <cstdint>

#include "storage/log.hpp"

namespace lenne::sim {

/// What is wrong with a commit. Each takes two writes where one is right: it shows when the process dies in between.
enum class CommitFault : std::uint8_t {
  none,
  positions_first,  ///< the input counts as read before what follows from it is written
  counters_late,    ///< a session's FCntDown is saved after the downlink that uses it was given out
};

/// Passes everything on to another log, which outlives it.
class BrokenLog final : public storage::Log {
 public:
  BrokenLog(storage::Log& log, CommitFault fault) : log_(log), fault_(fault) {}

  [[nodiscard]] base::Result<storage::Committed> append(const storage::Batch& batch) override {
    return log_.append(batch);
  }
  [[nodiscard]] base::Result<void> put_state(const storage::Batch& batch) override { return log_.put_state(batch); }
  [[nodiscard]] base::Result<std::unique_ptr<storage::Consumer>> consumer(const storage::ConsumerSpec& spec) override;
  [[nodiscard]] base::Result<std::unique_ptr<storage::Reader>> reader(std::vector<storage::Topic> topics,
                                                                      std::string tenant) override {
    return log_.reader(std::move(topics), std::move(tenant));
  }
  [[nodiscard]] const storage::StateReader& state() const override { return log_.state(); }
  [[nodiscard]] base::Result<std::uint64_t> retain(base::Timestamp now) override { return log_.retain(now); }
  [[nodiscard]] base::Result<void> forget(std::string_view consumer) override { return log_.forget(consumer); }
  [[nodiscard]] base::Result<storage::TopicDescription> describe(storage::Topic topic) const override {
    return log_.describe(topic);
  }
  [[nodiscard]] std::uint32_t network_partitions() const override { return log_.network_partitions(); }
  [[nodiscard]] std::optional<base::Error> failure() const override { return log_.failure(); }

 private:
  storage::Log& log_;
  CommitFault fault_;
};

}  // namespace lenne::sim
