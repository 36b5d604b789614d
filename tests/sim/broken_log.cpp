#include "broken_log.hpp"

#include <utility>

#include "lenne/v1/network_state.pb.h"

namespace lenne::sim {
namespace {

class BrokenConsumer final : public storage::Consumer {
 public:
  BrokenConsumer(std::unique_ptr<storage::Consumer> consumer, const storage::StateReader& state, CommitFault fault)
      : consumer_(std::move(consumer)), state_(state), fault_(fault) {}

  base::Result<storage::Poll> poll(base::Duration patience, std::size_t most) override {
    return consumer_->poll(patience, most);
  }
  base::Result<void> seek(const storage::SeekTo& to) override { return consumer_->seek(to); }
  std::string position() const override { return consumer_->position(); }

  base::Result<storage::Committed> commit(const storage::Batch& batch) override {
    return break_up(batch, [&](const storage::Batch& part) { return consumer_->commit(part); });
  }
  base::Result<storage::Committed> commit_part(const storage::Batch& batch,
                                               std::span<const storage::Record> handled) override {
    return break_up(batch, [&](const storage::Batch& part) { return consumer_->commit_part(part, handled); });
  }

 private:
  template <typename Commit>
  base::Result<storage::Committed> break_up(const storage::Batch& batch, const Commit& commit) {
    if (fault_ == CommitFault::positions_first) {
      if (auto first = commit({}); !first) return first;
      return commit(batch);
    }
    storage::Batch late;
    auto committed = commit(with_old_counters(batch, late));
    if (!committed || late.empty()) return committed;
    if (auto second = commit(late); !second) return second;
    return committed;
  }

  // The batch with the FCntDown that sessions had before; `late` gets the rows as they should be.
  storage::Batch with_old_counters(const storage::Batch& batch, storage::Batch& late) const {
    storage::Batch early;
    for (std::size_t i = 0; i < batch.appends(); ++i) {
      const auto a = batch.append_at(i);
      if (a.tombstone) {
        early.append_tombstone(a.topic, a.partition, a.tenant, a.key);
      } else {
        early.append(a.topic, a.partition, a.tenant, a.key, a.value);
      }
    }
    for (std::size_t i = 0; i < batch.changes(); ++i) {
      const auto c = batch.change_at(i);
      if (c.erase) {
        early.erase(c.store, c.partition, c.key);
        continue;
      }
      const auto old = c.store == storage::Store::device ? old_row(c) : std::string{};
      early.put(c.store, c.partition, c.key, old.empty() ? c.value : std::string_view(old));
      if (!old.empty()) late.put(c.store, c.partition, c.key, c.value);
    }
    return early;
  }

  // Empty when the counter has not changed.
  std::string old_row(const storage::Batch::Change& change) const {
    const auto stored = state_.get(change.store, change.partition, change.key);
    lenne::v1::NetworkDevice before;
    lenne::v1::NetworkDevice after;
    if (!stored || !*stored || !before.ParseFromString(**stored) ||
        !after.ParseFromArray(change.value.data(), static_cast<int>(change.value.size())))
      return {};
    const bool same_session = before.active().id() == after.active().id();
    if (!same_session || before.active().next_f_cnt_down() == after.active().next_f_cnt_down()) return {};
    after.mutable_active()->set_next_f_cnt_down(before.active().next_f_cnt_down());
    return after.SerializeAsString();
  }

  std::unique_ptr<storage::Consumer> consumer_;
  const storage::StateReader& state_;
  CommitFault fault_;
};

}  // namespace

base::Result<std::unique_ptr<storage::Consumer>> BrokenLog::consumer(const storage::ConsumerSpec& spec) {
  auto consumer = log_.consumer(spec);
  if (!consumer || fault_ == CommitFault::none) return consumer;
  return std::make_unique<BrokenConsumer>(std::move(*consumer), log_.state(), fault_);
}

}  // namespace lenne::sim
