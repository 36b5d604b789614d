#pragma once
// Whether stored keys are what they should be: wrapped by this directory's key-encryption key, and as many as there
// must be. No key is looked at.

#include <initializer_list>
#include <string>

#include "base/crypto/key_vault.hpp"
#include "lenne/v1/control.pb.h"
#include "storage/faults.hpp"

namespace lenne::app {

class KeyCheck {
 public:
  /// Without a vault (its file cannot be read, which is told elsewhere) only lengths are checked.
  KeyCheck(const base::crypto::KeyVault* vault, storage::Faults& faults) : vault_(vault), faults_(faults) {}

  /// RFC 3394: n keys of 16 bytes are wrapped in 16 n + 8 bytes.
  void wrapped(const std::string& where, const std::string& blob, std::initializer_list<std::size_t> numbers);
  /// The keys of a device as it was declared. `activated`: which of them there must be is known from the activation.
  void device(const std::string& where, const v1::Device& device, bool activated);

 private:
  const base::crypto::KeyVault* vault_;
  storage::Faults& faults_;
};

}  // namespace lenne::app
