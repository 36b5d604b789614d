#include "app/open_vault.hpp"

#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "base/bytes.hpp"

namespace lenne::app {
namespace {

using base::Result;
using base::crypto::KeyVault;
using storage::Store;

constexpr std::string_view kRow = "check";
constexpr std::array<base::crypto::Key128, 1>
    kKnown{};  // what is wrapped is no secret: that it can be unwrapped counts

bool opens(const KeyVault& vault, std::string_view wrapped) {
  const auto keys = vault.unwrap(base::as_bytes(wrapped));
  return keys && keys->size() == 1 && keys->front() == kKnown[0];
}

}  // namespace

Result<KeyVault> open_vault(const Settings& settings, storage::Log& log) {
  const auto file = settings.keys.file.empty() ? settings.data / "kek" : settings.keys.file;
  auto wrapped = log.state().get(Store::network_key, 0, kRow);
  if (!wrapped) return std::unexpected(wrapped.error());
  if (*wrapped && !std::filesystem::exists(file))
    return base::fail(
        "kek_missing",
        fmt::format("{}: this network has a key-encryption key; give this process the same file (keys.file)",
                    file.string()));
  auto vault = KeyVault::open_or_create(file);
  if (!vault) return vault;
  if (!*wrapped) {
    storage::Batch batch;
    const auto row = vault->wrap(kKnown);
    batch.put(Store::network_key, 0, kRow, base::as_text(row));
    if (auto put = log.put_state(batch); !put) return std::unexpected(put.error());
    wrapped = log.state().get(Store::network_key, 0, kRow);  // of two first processes one was later
    if (!wrapped) return std::unexpected(wrapped.error());
  }
  if (!*wrapped || !opens(*vault, **wrapped))
    return base::fail("kek_other", fmt::format("{}: is the key-encryption key of another network", file.string()));
  return vault;
}

}  // namespace lenne::app
