#include "app/operator_token.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/crypto/key_vault.hpp"

namespace lenne::app {
namespace {

base::Result<std::string> make(const std::filesystem::path& file) {
  std::array<std::uint8_t, 32> secret{};
  base::crypto::random_bytes(secret);
  const auto text = base::to_hex(secret);
  const auto line = text + "\n";
  // O_EXCL: of two processes that start at once, one makes the token and the other reads it.
  const int handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (handle < 0) return base::fail("token_file", fmt::format("{}: {}", file.string(), std::strerror(errno)));
  const bool written =
      ::write(handle, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(handle) == 0;
  if (::close(handle) != 0 || !written)
    return base::fail("token_file", fmt::format("{}: cannot be written", file.string()));
  return text;
}

}  // namespace

base::Result<std::string> open_operator_token(const std::filesystem::path& file) {
  struct stat facts{};
  if (::stat(file.c_str(), &facts) != 0) return make(file);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return base::fail("token_file", fmt::format("{}: others may read it; chmod 600 it, or remove it to get a new one",
                                                file.string()));
  }
  std::ifstream in(file);
  std::string token;
  if (!(in >> token) || token.size() < 32)
    return base::fail("token_file", fmt::format("{}: holds no token", file.string()));
  return token;
}

}  // namespace lenne::app
