#include "processing/window_format.hpp"

#include "processing/keys.hpp"

namespace lenne::processing {
namespace {

class RecordFormat final : public WindowFormat {
 public:
  [[nodiscard]] bool read(const storage::Record& record, v1::Measurement& into) const override {
    return into.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()));
  }

  [[nodiscard]] bool may_repeat() const noexcept override { return true; }

  void write(const SeriesResult& result, std::uint32_t revision, std::int64_t emitted_us,
             const WindowSettings& settings, std::uint32_t partition, storage::Batch& out) const override {
    auto aggregate = aggregate_of(result, settings);
    aggregate.set_final(true);
    aggregate.set_revision(revision);
    aggregate.set_emitted_us(emitted_us);
    out.append(storage::Topic::aggregate, partition, aggregate.tenant(),
               aggregate_key(aggregate.dev_eui(), aggregate.measure(), result.window), aggregate.SerializeAsString());
  }
};

}  // namespace

const WindowFormat& window_format() noexcept {
  static const RecordFormat format;
  return format;
}

}  // namespace lenne::processing
