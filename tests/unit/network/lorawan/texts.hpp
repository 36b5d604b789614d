#pragma once
// Keys and bytes for tests.

#include <string_view>

#include "base/bytes.hpp"
#include "base/crypto/key128.hpp"

namespace lenne::network::lorawan::testing {

/// The bytes of a hexadecimal text that is one.
inline base::Bytes bytes_of(std::string_view hex) { return base::from_hex(hex).value(); }

/// The key of sixteen equal bytes.
inline base::crypto::Key128 repeated(std::uint8_t byte) {
  base::crypto::Key128 key;
  key.bytes.fill(byte);
  return key;
}

}  // namespace lenne::network::lorawan::testing
