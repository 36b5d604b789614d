#pragma once
// The server's side of the Semtech UDP protocol without a socket and without threads: what arrives is given to it, what
// leaves goes through `transmit` or comes back as replies. The server drives it by its threads, the replay and the
// simulator by hand.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/error.hpp"
#include "ingest/downlink_sender.hpp"
#include "ingest/gateway_paths.hpp"
#include "ingest/identity.hpp"
#include "ingest/uplink_worker.hpp"
#include "storage/log.hpp"

namespace lenne::ingest {

class SemtechUdpEngine {
 public:
  struct Settings {
    WorkerSettings worker;
    SenderSettings sender;
  };

  /// Makes the incarnation durable, reads gateways, paths and ledger, and stands at the end of the downlinks: those for
  /// an earlier incarnation are nobody's. `fresh_instance` (not 0) is taken when none is stored. `log_clock` is never
  /// ahead of a datagram that has arrived and was not handled yet: it gives the time to ticks and outcomes. Log, clocks
  /// and counters outlive it. Errors: of the log, bad_identity.
  [[nodiscard]] static base::Result<std::unique_ptr<SemtechUdpEngine>> open(
      const Settings& settings, std::uint32_t fresh_instance, storage::Log& log, const base::Clock& clock,
      const base::Clock& log_clock, base::Counters& counters, DownlinkSender::Transmit transmit);

  /// See UplinkWorker::handle. One thread.
  [[nodiscard]] std::span<const Reply> handle(std::span<const Datagram> datagrams);
  /// See UplinkWorker::waiting and retry. The same thread as handle.
  [[nodiscard]] bool waiting() const { return worker_.waiting(); }
  [[nodiscard]] std::span<const Reply> retry() { return worker_.retry(); }
  /// See UplinkWorker::next_tick and append_failure; the same thread as handle.
  [[nodiscard]] base::Timestamp next_tick() const { return worker_.next_tick(); }
  [[nodiscard]] const std::optional<base::Error>& append_failure() const { return worker_.append_failure(); }

  /// What one turn of the downlinks did. Outcomes wait for the next handle().
  struct Followed {
    std::size_t records = 0;
    std::size_t outcomes = 0;
  };
  /// Waits up to `patience` for downlinks, sends what may be sent, ends waits whose answer did not come. Another thread
  /// than handle's may do it; one at a time. Error: of the log (what has no answer is ended all the same).
  [[nodiscard]] base::Result<Followed> follow(base::Duration patience);
  /// When follow() has to end a wait although no downlink comes. Any thread.
  [[nodiscard]] std::optional<base::Timestamp> next_deadline() const { return sender_.next_deadline(); }

  [[nodiscard]] Identity identity() const noexcept { return identity_; }

 private:
  SemtechUdpEngine(const Settings& settings, Identity identity, storage::Log& log, const base::Clock& clock,
                   const base::Clock& log_clock, base::Counters& counters, DownlinkSender::Transmit transmit);
  [[nodiscard]] base::Result<void> load();

  storage::Log& log_;
  const base::Clock& clock_;
  const base::Clock& log_clock_;
  base::Counters& counters_;
  Identity identity_;
  GatewayPaths paths_;
  DownlinkSender sender_;
  UplinkWorker worker_;
  std::unique_ptr<storage::Reader> downlinks_;
  std::vector<std::string_view> records_;  ///< of one turn of follow()
};

}  // namespace lenne::ingest
