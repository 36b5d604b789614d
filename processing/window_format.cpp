#include "processing/window_format.hpp"

#include <google/protobuf/arena.h>

#include <array>

#include "lenne/v1/rollup.pb.h"
#include "processing/keys.hpp"
#include "processing/rollup/rollup.hpp"

namespace lenne::processing {
namespace {

/// Enough for a result: no block is asked for beside it.
constexpr std::size_t kArenaBytes = 4096;

class RecordFormat final : public WindowFormat {
 public:
  [[nodiscard]] bool read(const storage::Record& record, v1::Measurement& into) const override {
    return into.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()));
  }

  [[nodiscard]] bool may_repeat() const noexcept override { return true; }

  void write(const SeriesResult& result, std::uint32_t revision, std::int64_t emitted_us,
             const WindowSettings& settings, std::uint32_t partition, storage::Batch& out) const override {
    std::array<char, kArenaBytes> block;
    google::protobuf::Arena arena(block.data(), block.size());
    auto& input = *google::protobuf::Arena::CreateMessage<v1::RollupInput>(&arena);
    auto& aggregate = *input.mutable_member();
    write_aggregate(result, settings, aggregate);
    aggregate.set_final(true);
    aggregate.set_revision(revision);
    aggregate.set_emitted_us(emitted_us);
    out.append(storage::Topic::aggregate, partition, aggregate.tenant(),
               aggregate_key(aggregate.dev_eui(), aggregate.measure(), result.window), aggregate.SerializeAsString());
    if (aggregate.site().empty() || !rollup::is_rolled_up(result.definition->series_class, result.window)) return;
    out.append(storage::Topic::rollup_in, 0, {}, device_key(aggregate.dev_eui()), input.SerializeAsString());
  }

  void write_time(std::int64_t watermark_us, std::uint32_t partition, storage::Batch& out) const override {
    v1::RollupInput input;
    input.mutable_time()->set_partition(partition);
    input.mutable_time()->set_watermark_us(watermark_us);
    out.append(storage::Topic::rollup_in, 0, {}, {}, input.SerializeAsString());
  }
};

}  // namespace

const WindowFormat& window_format() noexcept {
  static const RecordFormat format;
  return format;
}

}  // namespace lenne::processing
