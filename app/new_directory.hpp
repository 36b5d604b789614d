#pragma once
// A data directory that is filled in this process, from a recording or a simulated past, and not by a server.

#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "storage/log.hpp"

namespace lenne::app {

struct NewDirectory {
  std::unique_ptr<storage::Log> log;
  base::crypto::KeyVault vault;
};

/// Whether nothing is there, or an empty directory.
[[nodiscard]] bool is_new_directory(const std::filesystem::path& data);

/// Makes the directory if need be. Its log is not synced: nobody is told that anything is durable, and it can be made
/// again. Errors: directory_not_empty, data (it cannot be made), of the key and the log.
[[nodiscard]] base::Result<NewDirectory> make_new_directory(const std::filesystem::path& data,
                                                            std::uint32_t network_partitions, const base::Clock& clock,
                                                            base::Counters& counters);
/// One that was made so, to go on with. Errors: of the key and the log.
[[nodiscard]] base::Result<NewDirectory> reopen_directory(const std::filesystem::path& data,
                                                          std::uint32_t network_partitions, const base::Clock& clock,
                                                          base::Counters& counters);

}  // namespace lenne::app
