#pragma once
// The key-encryption key of a network, known again at each start.

#include "app/settings.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "storage/log.hpp"

namespace lenne::app {

/// Opens the key file, or makes one at the first start of a network's first process. What is wrapped by it in `log`
/// says whether it is the right one. Errors: kek_missing (a new process of a network that has a key already), kek_other
/// (of another network), those of KeyVault and of the log.
[[nodiscard]] base::Result<base::crypto::KeyVault> open_vault(const Settings& settings, storage::Log& log);

}  // namespace lenne::app
