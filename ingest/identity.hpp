#pragma once
// Which process of which data directory owns a socket. It is on each record, so that repeats and old paths are seen.

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "storage/log.hpp"

namespace lenne::ingest {

struct Identity {
  std::uint32_t instance = 0;     ///< random, chosen once per data directory
  std::uint32_t incarnation = 0;  ///< one more at each start

  friend bool operator==(const Identity&, const Identity&) = default;
};

/// The next incarnation of the stored instance, durable when it returns. `fresh_instance` (not 0) is taken when none is
/// stored. Error: of the log, bad_identity (the stored row is damaged).
[[nodiscard]] base::Result<Identity> next_identity(storage::Log& log, std::uint32_t fresh_instance);

/// "<instance hex8>:<incarnation hex8>", as in GatewayFrame.path.
[[nodiscard]] std::string to_text(const Identity& identity);

}  // namespace lenne::ingest
