#include "base/crypto/key_vault.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lenne::base::crypto {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kHexSize = 2 * kKeySize;
constexpr std::size_t kMaxBlob = 16 * 1024;  // a session has 4 keys; this bounds what a damaged store can ask for

using KekBytes = std::array<std::uint8_t, kKeySize>;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool valid() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

std::string reason(int error) { return std::string(std::strerror(error)); }

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

// Reads at most `out.size()` bytes. Error: -1 with errno set.
ssize_t read_some(int descriptor, std::span<std::uint8_t> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const auto count = ::read(descriptor, out.data() + filled, out.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(filled);
}

Result<KekBytes> read_key(const std::filesystem::path& path) {
  // O_NONBLOCK: a FIFO in the key's place must not hang the start.
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return fail("kek_missing", path.string() + ": " + reason(errno));
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail("kek_missing", path.string() + ": " + reason(errno));
  if (!S_ISREG(status.st_mode)) return fail("kek_mode", path.string() + ": not a regular file");
  if ((status.st_mode & 07777) != 0600)
    return fail("kek_mode", path.string() + ": its mode must be 0600, so that nobody else reads it");

  std::array<std::uint8_t, kHexSize + 2> text{};  // the digits, a line end, and one more to notice what is longer
  const auto count = read_some(file.get(), text);
  if (count < 0) return fail("kek_missing", path.string() + ": " + reason(errno));
  auto digits = as_text(ByteView(text).first(static_cast<std::size_t>(count)));
  if (digits.ends_with('\n')) digits.remove_suffix(1);
  KekBytes key{};
  const auto parsed = from_hex_exactly(digits, key);
  OPENSSL_cleanse(text.data(), text.size());
  // The message never quotes the text: it may be a key with one wrong digit.
  if (!parsed) return fail("kek_format", path.string() + ": not 64 hex digits");
  return key;
}

Result<void> sync_folder(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const File folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return fail("kek_create", parent.string() + ": " + reason(errno));
  return {};
}

Result<void> write_key_file(const std::filesystem::path& path) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return fail("kek_create", path.string() + ": " + reason(errno));
  KekBytes key{};
  random_bytes(key);
  auto text = to_hex(key) + "\n";
  const bool written =
      ::fchmod(file.get(), 0600) == 0 && write_all(file.get(), as_bytes(text)) && ::fsync(file.get()) == 0;
  const int error = errno;
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(text.data(), text.size());
  if (!written) return fail("kek_create", path.string() + ": " + reason(error));
  return {};
}

// Makes the key file in one step: a crash leaves either none or a whole one, and an existing one is never replaced.
Result<void> create_key(const std::filesystem::path& path) {
  std::array<std::uint8_t, 8> unique{};
  random_bytes(unique);
  auto temporary = path;
  temporary += "." + to_hex(unique) + ".new";
  auto result = write_key_file(temporary);
  if (result && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    result = fail("kek_create", path.string() + ": " + reason(errno));
  }
  ::unlink(temporary.c_str());
  if (!result) return result;
  return sync_folder(path);
}

}  // namespace

struct KeyVault::Impl {
  KekBytes key{};
  EVP_CIPHER* cipher = nullptr;

  explicit Impl(std::span<const std::uint8_t, kKeySize> bytes)
      : cipher(EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr)) {
    if (cipher == nullptr) throw std::runtime_error("OpenSSL has no AES-256-WRAP");
    std::copy(bytes.begin(), bytes.end(), key.begin());
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    OPENSSL_cleanse(key.data(), key.size());
    EVP_CIPHER_free(cipher);
  }

  // RFC 3394 with the default initial value; a context of its own for each call, so that any thread may come.
  [[nodiscard]] bool run(bool wrapping, ByteView in, std::uint8_t* out, std::size_t expected) const {
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                                  &EVP_CIPHER_CTX_free);
    if (!context) throw std::bad_alloc();
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    int written = 0;
    return EVP_CipherInit_ex2(context.get(), cipher, key.data(), nullptr, wrapping ? 1 : 0, nullptr) == 1 &&
           EVP_CipherUpdate(context.get(), out, &written, in.data(), static_cast<int>(in.size())) == 1 &&
           static_cast<std::size_t>(written) == expected;
  }
};

KeyVault::KeyVault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KeyVault::~KeyVault() = default;
KeyVault::KeyVault(KeyVault&&) noexcept = default;
KeyVault& KeyVault::operator=(KeyVault&&) noexcept = default;

KeyVault KeyVault::of(std::span<const std::uint8_t, 32> key) { return KeyVault(std::make_unique<Impl>(key)); }

Result<KeyVault> KeyVault::open(const std::filesystem::path& file) {
  auto key = read_key(file);
  if (!key) return std::unexpected(key.error());
  auto vault = of(*key);
  OPENSSL_cleanse(key->data(), key->size());
  return vault;
}

Result<KeyVault> KeyVault::open_or_create(const std::filesystem::path& file) {
  std::error_code ignored;
  // A dangling link exists too: it is reported by open, not overwritten.
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
    if (auto created = create_key(file); !created) return std::unexpected(created.error());
  }
  return open(file);
}

Bytes KeyVault::wrap(std::span<const Key128> keys) const {
  Bytes clear;
  clear.reserve(16 * keys.size());
  for (const auto& key : keys) clear.insert(clear.end(), key.bytes.begin(), key.bytes.end());
  Bytes blob(clear.size() + 8);
  const bool wrapped = !keys.empty() && impl_->run(true, clear, blob.data(), blob.size());
  OPENSSL_cleanse(clear.data(), clear.size());
  if (!wrapped) throw std::invalid_argument("no keys to wrap");
  return blob;
}

Result<std::vector<Key128>> KeyVault::unwrap(ByteView blob) const {
  if (blob.size() < 24 || blob.size() % 16 != 8 || blob.size() > kMaxBlob) {
    return fail("key_unwrap", "a wrapped key blob of " + std::to_string(blob.size()) + " bytes");
  }
  Bytes clear(blob.size());  // OpenSSL wants room for the whole blob
  if (!impl_->run(false, blob, clear.data(), blob.size() - 8)) {
    return fail("key_unwrap", "wrapped keys are damaged, or belong to another key-encryption key");
  }
  std::vector<Key128> keys((blob.size() - 8) / 16);
  for (std::size_t i = 0; i < keys.size(); ++i)
    std::copy_n(clear.begin() + static_cast<std::ptrdiff_t>(16 * i), 16, keys[i].bytes.begin());
  OPENSSL_cleanse(clear.data(), clear.size());
  return keys;
}

void random_bytes(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const auto count = ::getrandom(out.data(), out.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw std::runtime_error("the operating system gives no random bytes");
    out = out.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace lenne::base::crypto
