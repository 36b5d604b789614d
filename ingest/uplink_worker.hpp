#pragma once
// Turns a group of datagrams into one durable append and the acknowledgements that it earned. No socket, no thread: the
// server and the replay use the same.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/counters.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "ingest/datagram_buffer.hpp"
#include "ingest/downlink_sender.hpp"
#include "ingest/gateway_paths.hpp"
#include "ingest/identity.hpp"
#include "ingest/rate_limiter.hpp"
#include "ingest/semtech_udp_codec.hpp"
#include "storage/log.hpp"

namespace lenne::ingest {

struct WorkerSettings {
  bool accept_unknown = false;  ///< gateways that nobody declared
  std::size_t max_gateways = 16'384;
  RateLimit per_gateway{5'000, 30'000};    ///< datagrams; a 16-channel gateway hears some 300 frames/s at most
  RateLimit per_address{50'000, 100'000};  ///< one address may stand for many gateways behind a NAT
  std::size_t max_addresses = 4'096;
  std::size_t max_outcomes = 4'096;  ///< of downlinks, waiting to be appended
  base::Duration tick = std::chrono::seconds{10};
};

/// An acknowledgement on its way.
struct Reply {
  SocketAddress to;
  Acknowledgement bytes{};
};

/// One thread, but report() any.
class UplinkWorker {
 public:
  UplinkWorker(WorkerSettings settings, Identity identity, storage::Log& log, GatewayPaths& paths,
               DownlinkSender& downlinks, base::Counters& counters);
  ~UplinkWorker();

  /// Reads the declared gateways and the paths from before the restart. Error: of the log.
  [[nodiscard]] base::Result<void> load(base::Timestamp now);

  /// One group: appends what is in the datagrams, waiting outcomes and a due tick; durable when it returns. The replies
  /// are those that may be sent now (none when the log refused), valid until the next call. A log that is away for a
  /// while (log_unavailable) has refused nothing: waiting() says so, and the group is to be tried again.
  [[nodiscard]] std::span<const Reply> handle(std::span<const Datagram> datagrams, base::Timestamp now,
                                              base::Duration monotonic);

  /// The last group's records are not in the log yet, or nobody knows: retry() appends the same ones again, of which
  /// the network step drops what it has had.
  [[nodiscard]] bool waiting() const;
  [[nodiscard]] std::span<const Reply> retry();

  /// Why the last handle() or retry() made nothing durable; nothing when it did, or had nothing to append.
  [[nodiscard]] const std::optional<base::Error>& append_failure() const;

  /// Queues outcomes for the next handle(). What does not fit is counted under `ingest.outcomes.dropped`.
  void report(std::vector<TxOutcome> outcomes);

  /// When handle() is due even without datagrams.
  [[nodiscard]] base::Timestamp next_tick() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::ingest
