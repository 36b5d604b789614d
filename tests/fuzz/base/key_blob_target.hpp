#pragma once
// Any bytes as wrapped keys: refused, or keys of which the same blob is made again.

#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "base/crypto/key_vault.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void key_blob(base::ByteView bytes) {
  static const auto vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7});
  if (const auto keys = vault.unwrap(bytes)) {
    require(keys->size() * 16 + 8 == bytes.size(), "16 bytes a key");
    const auto again = vault.wrap(*keys);
    require(std::ranges::equal(again, bytes), "RFC 3394 has one blob for the same keys");
  }
  // Random bytes never pass the check value, so the same bytes are also wrapped, damaged and opened.
  if (bytes.size() < 18) return;
  std::vector<base::crypto::Key128> keys((bytes.size() - 2) / 16);
  if (keys.size() > 16) keys.resize(16);
  for (std::size_t i = 0; i < keys.size(); ++i)
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(2 + 16 * i), 16, keys[i].bytes.begin());
  auto blob = vault.wrap(keys);
  require(vault.unwrap(blob) == keys, "what was wrapped comes back");
  blob[bytes[0] % blob.size()] ^= static_cast<std::uint8_t>(bytes[1] | 1);
  require(!vault.unwrap(blob), "damaged keys are refused");
}

}  // namespace lenne::fuzz
