#include "base/crypto/aes128.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace lenne::base::crypto {
namespace {

// Only a broken OpenSSL installation fails here; no input can.
void require(bool succeeded) {
  if (!succeeded) throw std::runtime_error("OpenSSL refused AES-128-ECB");
}

// RFC 4493 section 2.3: multiplication by x in GF(2^128).
Block doubled(const Block& in) {
  Block out{};
  for (std::size_t i = 0; i < 16; ++i) {
    const unsigned next = i + 1 < 16 ? in[i + 1] : 0U;
    out[i] = static_cast<std::uint8_t>((static_cast<unsigned>(in[i]) << 1) | (next >> 7));
  }
  if ((in[0] & 0x80) != 0) out[15] ^= 0x87;
  return out;
}

}  // namespace

struct Aes128::Impl {
  EVP_CIPHER* cipher = nullptr;
  EVP_CIPHER_CTX* context = nullptr;

  Impl() : cipher(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)), context(EVP_CIPHER_CTX_new()) {
    // The first initialisation binds the cipher, so that each later one is a change of key only.
    const Block zero{};
    if (cipher == nullptr || context == nullptr ||
        EVP_CipherInit_ex2(context, cipher, zero.data(), nullptr, 1, nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(context, 0) != 1) {
      release();
      throw std::runtime_error("OpenSSL has no AES-128-ECB");
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { release(); }

  void release() {
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
  }

  void set_key(const Key128& key, int encrypt) {
    require(EVP_CipherInit_ex2(context, nullptr, key.bytes.data(), nullptr, encrypt, nullptr) == 1);
  }

  void run(const std::uint8_t* in, std::size_t size, std::uint8_t* out) {
    int written = 0;
    require(EVP_CipherUpdate(context, out, &written, in, static_cast<int>(size)) == 1 &&
            static_cast<std::size_t>(written) == size);
  }
};

Aes128::Aes128() : impl_(std::make_unique<Impl>()) {}
Aes128::~Aes128() = default;
Aes128::Aes128(Aes128&&) noexcept = default;
Aes128& Aes128::operator=(Aes128&&) noexcept = default;

void Aes128::encrypt(const Key128& key, ByteView blocks, std::uint8_t* out) {
  if (blocks.empty()) return;
  impl_->set_key(key, 1);
  impl_->run(blocks.data(), blocks.size(), out);
}

void Aes128::decrypt(const Key128& key, ByteView blocks, std::uint8_t* out) {
  if (blocks.empty()) return;
  impl_->set_key(key, 0);
  impl_->run(blocks.data(), blocks.size(), out);
}

Block Aes128::cmac(const Key128& key, ByteView first, ByteView second) {
  impl_->set_key(key, 1);
  Block subkey{};
  impl_->run(subkey.data(), 16, subkey.data());
  subkey = doubled(subkey);  // K1

  // The last block, even a whole one, waits for its subkey: so a block is encrypted only when another byte follows.
  Block state{};
  std::size_t filled = 0;
  for (const auto part : {first, second}) {
    auto rest = part;
    while (!rest.empty()) {
      if (filled == 16) {
        impl_->run(state.data(), 16, state.data());
        filled = 0;
      }
      const auto count = std::min(16 - filled, rest.size());
      for (std::size_t i = 0; i < count; ++i) state[filled + i] ^= rest[i];
      filled += count;
      rest = rest.subspan(count);
    }
  }
  if (filled < 16) {
    state[filled] ^= 0x80;
    subkey = doubled(subkey);  // K2
  }
  for (std::size_t i = 0; i < 16; ++i) state[i] ^= subkey[i];
  impl_->run(state.data(), 16, state.data());
  OPENSSL_cleanse(subkey.data(), subkey.size());
  return state;
}

}  // namespace lenne::base::crypto
