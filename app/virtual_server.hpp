#pragma once
// All roles of Lenne in one thread on a given log: no socket, no thread, no clock but the one that it is given. What it
// does is a pure function of the log and of what it is told. Dropping it and starting another one on the same log is a
// crash and a restart: the log keeps what was committed, and nothing else stays.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "app/settings.hpp"
#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "decode/schema_catalog.hpp"
#include "ingest/identity.hpp"
#include "ingest/socket_address.hpp"
#include "network/settings.hpp"
#include "storage/log.hpp"

namespace lenne::app {

/// A datagram that leaves, in the order in which it left.
struct SentDatagram {
  ingest::SocketAddress to;
  base::Bytes bytes;
};

/// One thread drives it.
class VirtualServer {
 public:
  /// What it runs on; all but the catalogue outlive it.
  struct Parts {
    storage::Log& log;
    const base::Clock& clock;
    const base::crypto::KeyVault& vault;
    std::shared_ptr<const decode::SchemaCatalog> catalog;
    base::Counters& counters;
    /// Instead of what the settings say of the network: it has more of them than files can set.
    std::optional<network::NetworkSettings> network = {};
  };

  /// `fresh_instance` (not 0) names a new data directory; a log that has a name keeps it.
  /// Errors: of the network's settings (see network::check), of the log, bad_identity.
  [[nodiscard]] static base::Result<std::unique_ptr<VirtualServer>> start(const Settings& settings, const Parts& parts,
                                                                          std::uint32_t fresh_instance);
  ~VirtualServer();

  /// A datagram arrives now. It is copied, and waits for settle(): more than one may come before, at different times.
  void receive(const ingest::SocketAddress& from, base::ByteView datagram);

  /// Windows and views feed nothing back to a gateway. From now on settle() leaves them to a second thread, which has a
  /// turn every so much of the clock's time and may be 30 of them behind; zero, as at the start, makes them a part of
  /// each settle() again. The results are the same, but who of the two appends first is chance.
  void let_follow(base::Duration every);

  /// Every role does all that there is to do now, until nothing moves. Error: what stopped one of them (of the log, a
  /// processor's fault); then this server must be dropped.
  [[nodiscard]] base::Result<void> settle();

  /// The datagrams that have left since the last call: acknowledgements and PULL_RESPs, also those from before an
  /// error.
  [[nodiscard]] std::vector<SentDatagram> take_sent();

  /// When settle() has something to do although nothing arrives: ticks, windows that close, answers that do not come.
  [[nodiscard]] base::Timestamp next_due() const;

  [[nodiscard]] ingest::Identity identity() const;

 private:
  struct Impl;
  explicit VirtualServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::app
