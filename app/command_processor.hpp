#pragma once
// What tenants ask of their devices by their topics: each command becomes a downlink request of the network's log, in
// the same commit as its position, and so exactly one. Whose device it is the network step judges, and tells.

#include <string>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "processing/processor.hpp"

namespace lenne::app {

struct CommandSettings {
  std::uint32_t network_partitions = 16;
  std::int32_t schema_id = 4;  ///< of lenne.v1.DownlinkCommand
};

/// Has no state. What is no command goes to dead-letter: not_framed, unknown_schema, not_a_command, correlation_id
/// (longer than 64 bytes), too_old (beyond the topic's retention: its position was forgotten, and it has been carried
/// out long ago). Counters: commands.accepted, commands.refused.<reason>.
class CommandProcessor final : public processing::Processor {
 public:
  /// The time of a request is the record's, but not ahead of `log_clock`, which is never ahead of what has arrived from
  /// gateways and is not in the log yet. Clock and counters outlive it.
  CommandProcessor(CommandSettings settings, const base::Clock& log_clock, base::Counters& counters)
      : settings_(settings), log_clock_(log_clock), counters_(counters) {}

  [[nodiscard]] base::Result<void> assigned(std::uint32_t, const storage::StateReader&) override { return {}; }
  void revoked(std::uint32_t) override {}
  [[nodiscard]] processing::Progress step(const storage::Record& record, storage::Batch& out) override;
  void flush(storage::Batch&) override {}
  [[nodiscard]] std::optional<base::Timestamp> next_due(std::uint32_t) const override { return std::nullopt; }

 private:
  void refuse(const storage::Record& record, std::string_view reason, storage::Batch& out);

  const CommandSettings settings_;
  const base::Clock& log_clock_;
  base::Counters& counters_;
};

}  // namespace lenne::app
