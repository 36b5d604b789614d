#pragma once
// The Semtech UDP protocol on a socket: a thread that drains it, one that works, one that follows downlinks.

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/error.hpp"
#include "ingest/datagram_tap.hpp"
#include "ingest/downlink_sender.hpp"
#include "ingest/uplink_worker.hpp"
#include "storage/log.hpp"

namespace lenne::ingest {

struct SemtechUdpSettings {
  std::string address = "0.0.0.0";             ///< numeric
  std::uint16_t port = 1700;                   ///< 0 = any
  std::uint32_t instance = 0;                  ///< 0 = the stored one, else a random one
  std::size_t buffer_bytes = 24u << 20;        ///< datagrams between socket and worker: some 30,000 in a burst
  std::size_t socket_buffer_bytes = 8u << 20;  ///< asked of the system; what it gave is `ingest.socket.buffer_bytes`
  std::size_t group = 512;                     ///< datagrams in one append
  base::Duration nap = std::chrono::milliseconds{2};        ///< for others to come and share an append,
  base::Duration quiet_nap = std::chrono::milliseconds{8};  ///< while little comes
  WorkerSettings worker;
  SenderSettings sender;
  DatagramTap* tap = nullptr;  ///< is told of all that comes and goes; outlives the server
};

/// What is really bound.
struct Endpoint {
  std::string address;
  std::uint16_t port = 0;
  std::size_t socket_buffer_bytes = 0;
};

/// Log, clock and counters outlive it. start and stop by one thread.
class SemtechUdpServer {
 public:
  SemtechUdpServer(SemtechUdpSettings settings, storage::Log& log, const base::Clock& clock, base::Counters& counters);
  /// Stops.
  ~SemtechUdpServer();

  /// Makes the incarnation durable, reads gateways, paths and ledger, binds, starts the threads. Once. Errors: of the
  /// log, bad_address, bind_failed, socket_failed.
  [[nodiscard]] base::Result<Endpoint> start();
  /// Ends the threads; what was received and not made durable is not acknowledged. May be called twice.
  void stop();
  [[nodiscard]] Identity identity() const;

  /// For the records that others append to network-in: now, but never ahead of a datagram that has arrived and is not
  /// in the log yet, because a partition's time would pass it by and its copies' windows would close before they come.
  /// Valid as long as the server, before start(), too; any thread.
  [[nodiscard]] const base::Clock& log_clock() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::ingest
