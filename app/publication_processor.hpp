#pragma once
// What tenants' devices do, for topics of their own on Kafka: the records of the internal topics are told again, by a
// transaction of its own, so that the network step's commits do not grow with the number of tenants (docs/adr/0008).

#include "processing/processor.hpp"

namespace lenne::app {

/// Has no state. Its consumer's sharing is `publication`.
class PublicationProcessor final : public processing::Processor {
 public:
  [[nodiscard]] base::Result<void> assigned(std::uint32_t, const storage::StateReader&) override { return {}; }
  void revoked(std::uint32_t) override {}
  [[nodiscard]] processing::Progress step(const storage::Record& record, storage::Batch& out) override {
    if (!record.tombstone) out.append(record.topic, 0, record.tenant, record.key, record.value);
    return processing::Progress::done;
  }
  void flush(storage::Batch&) override {}
  [[nodiscard]] std::optional<base::Timestamp> next_due(std::uint32_t) const override { return std::nullopt; }
};

}  // namespace lenne::app
