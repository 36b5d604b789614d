#include "app/verify/key_check.hpp"

#include <algorithm>

namespace lenne::app {
namespace {

constexpr std::initializer_list<std::size_t> kRootKeys{1, 2};
constexpr std::initializer_list<std::size_t> kSessionKeys{4};

}  // namespace

void KeyCheck::wrapped(const std::string& where, const std::string& blob, std::initializer_list<std::size_t> numbers) {
  if (std::ranges::none_of(numbers, [&](std::size_t n) { return blob.size() == 16 * n + 8; })) {
    return faults_.add(where, "its wrapped keys have " + std::to_string(blob.size()) + " bytes");
  }
  if (vault_ != nullptr && !vault_->unwrap(base::as_bytes(blob)))
    faults_.add(where, "its keys cannot be unwrapped: damaged, or of another key-encryption key");
}

void KeyCheck::device(const std::string& where, const v1::Device& device, bool activated) {
  const bool root = activated ? device.activation() == v1::ACTIVATION_OTAA : !device.wrapped_root_keys().empty();
  const bool session = activated ? device.activation() == v1::ACTIVATION_ABP : !device.wrapped_session_keys().empty();
  if (root) wrapped(where, device.wrapped_root_keys(), kRootKeys);
  if (session) wrapped(where, device.wrapped_session_keys(), kSessionKeys);
  if (!root && !session) faults_.add(where, "it has no keys");
}

}  // namespace lenne::app
