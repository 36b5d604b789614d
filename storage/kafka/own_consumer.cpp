#include "storage/batch_check.hpp"
#include "storage/kafka/kafka_consumer.hpp"
#include "storage/kafka/kafka_reader.hpp"

namespace lenne::storage::kafka {
namespace {

class OwnConsumer final : public Consumer {
 public:
  OwnConsumer(ConsumerWorld& world, std::string mark, KafkaReader reader)
      : world_(world), mark_(std::move(mark)), reader_(std::move(reader)) {}

  Result<Poll> poll(Duration patience, std::size_t most) override {
    if (!assigned_) return assign();
    before_ = reader_.places();
    return reader_.poll(patience, most);
  }
  Result<Poll> poll_to_end(std::size_t most) override {
    if (!assigned_) return assign();
    before_ = reader_.places();
    return reader_.poll_to_end(most);
  }
  Result<void> seek(const SeekTo& to) override { return reader_.seek(to); }
  std::string position() const override { return reader_.position(); }

  Result<Committed> commit(const Batch& batch) override { return commit_at(batch, reader_.position()); }
  Result<Committed> commit_part(const Batch& batch, std::span<const Record> handled) override {
    auto places = before_;
    pass(places, handled);
    return commit_at(batch, to_text(places));
  }

 private:
  Poll assign() {
    assigned_ = true;
    Poll poll;
    for (std::uint32_t p = 0; p < world_.settings.network_partitions; ++p) poll.assigned.push_back(p);
    return poll;
  }
  Result<Committed> commit_at(const Batch& batch, std::string_view position) {
    if (batch.appends() > 0) return refuse_batch(world_.counters, "a consumer that reads all appends nothing");
    for (std::size_t i = 0; i < batch.changes(); ++i) {
      if (home_of(batch.change_at(i).store) != Home::process)
        return refuse_batch(world_.counters, "a consumer that reads all changes only what is its process's own");
    }
    auto write = world_.state.write();
    write.changes_of(batch);
    write.mark(mark_, position);
    if (auto done = world_.state.commit(write); !done) return std::unexpected(done.error());
    return Committed{};
  }

  ConsumerWorld& world_;
  const std::string mark_;
  KafkaReader reader_;
  Places before_;  ///< where it stood before the last poll
  bool assigned_ = false;
};

}  // namespace

Result<std::unique_ptr<Consumer>> make_own_consumer(ConsumerWorld& world, const ConsumerSpec& spec) {
  auto tailer = Tailer::make(world.settings, world.clock, spec.name);
  if (!tailer) return std::unexpected(tailer.error());
  const auto mark = "consumer/" + spec.name;
  const auto position = world.state.mark(mark);
  if (!position) return std::unexpected(position.error());
  KafkaReader reader(std::move(*tailer), places_of(world.settings, spec.topics), {});
  // A place that is deleted meanwhile goes on at the oldest record that is kept (auto.offset.reset).
  SeekTo to{SeekTo::Where::beginning};
  if (*position) to = {SeekTo::Where::token, **position};
  if (auto sought = reader.seek(to); !sought) return std::unexpected(sought.error());
  return std::make_unique<OwnConsumer>(world, mark, std::move(reader));
}

}  // namespace lenne::storage::kafka
