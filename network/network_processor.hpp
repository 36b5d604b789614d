#pragma once
// The network server as a stream processor: frames, control, tx results and ticks in; events, measurements, control
// states and gateway downlinks out. A pure function of its log: no socket, clock, thread or log line.

#include <cstdint>
#include <memory>
#include <optional>

#include "base/counters.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "network/settings.hpp"
#include "processing/processor.hpp"
#include "processing/uplink_decoder.hpp"

namespace lenne::network {

/// LoRaWAN 1.0.0-1.0.4, class A and C, OTAA and ABP (docs/internals/network.md).
/// Reads Topic::network_in; writes event, measurement, control, keys, gateway_downlink, dead_letter, and the stores
/// `device` and `network`. Counts under `network.`. The vault, decoder and counters must outlive it. One thread.
class NetworkProcessor final : public processing::Processor {
 public:
  /// `settings` must have passed check().
  NetworkProcessor(const NetworkSettings& settings, const base::crypto::KeyVault& vault,
                   processing::UplinkDecoder& decoder, base::Counters& counters);
  ~NetworkProcessor() override;
  NetworkProcessor(const NetworkProcessor&) = delete;
  NetworkProcessor& operator=(const NetworkProcessor&) = delete;

  /// Errors: log_read, state_damaged (a row that is no row of ours).
  [[nodiscard]] base::Result<void> assigned(std::uint32_t partition, const storage::StateReader& state) override;
  void revoked(std::uint32_t partition) override;
  processing::Progress step(const storage::Record& record, storage::Batch& out) override;
  void flush(storage::Batch& out) override;
  [[nodiscard]] std::optional<base::Timestamp> next_due(std::uint32_t partition) const override;
  /// A tenth of what is left of RX1 when the copies of an uplink are collected.
  [[nodiscard]] base::Duration timer_lateness() const override { return std::chrono::milliseconds{50}; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::network
