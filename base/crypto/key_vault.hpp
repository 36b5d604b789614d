#pragma once
// Keys at rest: wrapped by the network's key-encryption key (RFC 3394), never stored or sent in clear.

#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/crypto/key128.hpp"
#include "base/error.hpp"

namespace lenne::base::crypto {

/// Wraps and unwraps with one 256-bit key-encryption key. Any thread may call it.
class KeyVault {
 public:
  /// Reads the key file, which must be a regular file with mode 0600 and 32 bytes as 64 hex digits.
  /// Errors: kek_missing, kek_mode, kek_format.
  [[nodiscard]] static Result<KeyVault> open(const std::filesystem::path& file);
  /// As open, but makes the file (0600, synced, never over an existing one) with a random key when it is missing.
  /// Errors: as open, and kek_create.
  [[nodiscard]] static Result<KeyVault> open_or_create(const std::filesystem::path& file);
  /// A vault of a given key (32 bytes): for tests and the simulator.
  [[nodiscard]] static KeyVault of(std::span<const std::uint8_t, 32> key);

  ~KeyVault();
  KeyVault(KeyVault&&) noexcept;
  KeyVault& operator=(KeyVault&&) noexcept;

  /// One blob for all keys of a session or device: 16 * n + 8 bytes. n >= 1.
  [[nodiscard]] Bytes wrap(std::span<const Key128> keys) const;
  /// The keys of a blob. Error: key_unwrap (damaged, or another key-encryption key).
  [[nodiscard]] Result<std::vector<Key128>> unwrap(ByteView blob) const;

 private:
  struct Impl;
  explicit KeyVault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Random bytes from the operating system, for keys and tokens.
void random_bytes(std::span<std::uint8_t> out);

}  // namespace lenne::base::crypto
