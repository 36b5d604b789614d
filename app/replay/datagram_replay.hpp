#pragma once
// Feeds recorded datagrams to a virtual server, with the recording's own time, as fast as it goes.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "decode/schema_catalog.hpp"
#include "storage/log.hpp"

namespace lenne::app {

/// What left, against what the recording says was sent: the same datagrams to the same addresses, in whatever order.
struct SentComparison {
  struct Count {
    std::uint64_t equal = 0;
    std::uint64_t missing = 0;  ///< recorded, but did not leave now
    std::uint64_t surplus = 0;  ///< left now, but is not recorded

    friend bool operator==(const Count&, const Count&) = default;
  };
  Count acknowledgements;
  Count downlinks;                 ///< PULL_RESPs
  std::vector<std::string> first;  ///< a few of those that differ, in words

  [[nodiscard]] bool is_equal() const {
    return acknowledgements.missing + acknowledgements.surplus + downlinks.missing + downlinks.surplus == 0;
  }
};

struct DatagramReplay {
  std::uint64_t received = 0;
  std::uint64_t acknowledgements = 0;
  std::uint64_t downlinks = 0;  ///< PULL_RESPs
  std::uint64_t events = 0;
  std::uint64_t measurements = 0;
  std::uint64_t aggregates = 0;
  std::uint64_t starts = 0;      ///< of the server that was recorded
  std::uint64_t lost = 0;        ///< datagrams that the recording could not take
  std::uint64_t unreadable = 0;  ///< bytes at the damaged ends of files
  base::Duration span{};         ///< of the recording's time
  std::string digest;            ///< SHA-256 over all events, measurements and aggregates, and all that left, in order
  SentComparison sent;
};

/// Whether a datagram that a server sends is a PULL_RESP.
[[nodiscard]] bool is_downlink(base::ByteView datagram);

/// On an empty log whose clock is `clock`; it stands at the epoch. All that is given outlives the call. A file that
/// ends in damage is used up to there. Documents are declared before the first datagram. Errors: recording_open,
/// recording_format, recording_empty, documents that are refused, all of VirtualServer.
[[nodiscard]] base::Result<DatagramReplay> replay_datagrams(const std::vector<std::filesystem::path>& files,
                                                            const boost::json::array& documents,
                                                            const Settings& settings, storage::Log& log,
                                                            base::ManualClock& clock,
                                                            const base::crypto::KeyVault& vault,
                                                            std::shared_ptr<const decode::SchemaCatalog> catalog);

}  // namespace lenne::app
