#pragma once
// The DevNonces that a device has used, in a text that is small for few and never larger than 8 KiB.

#include <cstdint>
#include <string>

namespace lenne::network {

/// LoRaWAN 1.0.0-1.0.3 (6.2.4): a DevNonce is random and may never come twice. `seen` is either sorted 16-bit numbers,
/// little-endian, or (from 4,096 on) a bitmap of 65,536 bits. An empty text is an empty set.
[[nodiscard]] bool seen_dev_nonce(const std::string& seen, std::uint16_t nonce);

/// Whether a text is such a set: false when it was damaged.
[[nodiscard]] bool is_dev_nonce_set(const std::string& seen);

/// Adds a nonce; adding one twice changes nothing.
void mark_dev_nonce(std::string& seen, std::uint16_t nonce);

}  // namespace lenne::network
