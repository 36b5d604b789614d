#pragma once
// AES-128 and what LoRaWAN builds from it. One object holds one cipher context that is re-keyed for each use:
// 32 bytes a device and 0.2 us for four blocks, where a context per key costs 0.6 KiB each.

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/crypto/key128.hpp"

namespace lenne::base::crypto {

using Block = std::array<std::uint8_t, 16>;

/// One AES-128-ECB context (FIPS 197). Owned and used by one thread.
class Aes128 {
 public:
  Aes128();
  ~Aes128();
  Aes128(Aes128&&) noexcept;
  Aes128& operator=(Aes128&&) noexcept;

  /// Encrypts whole blocks: blocks.size() is a multiple of 16. In place is allowed.
  void encrypt(const Key128& key, ByteView blocks, std::uint8_t* out);
  /// Decrypts whole blocks.
  void decrypt(const Key128& key, ByteView blocks, std::uint8_t* out);
  /// AES-128-CMAC (RFC 4493) over the concatenation of two parts (no copy of the message is made by the caller).
  [[nodiscard]] Block cmac(const Key128& key, ByteView first, ByteView second = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::base::crypto
