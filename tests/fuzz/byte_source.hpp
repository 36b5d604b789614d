#pragma once
// Bytes as a stream of choices; after the end all are 0.

#include <cstdint>

#include "base/bytes.hpp"

namespace lenne::fuzz {

class ByteSource {
 public:
  explicit ByteSource(base::ByteView bytes) : rest_(bytes) {}

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  std::uint8_t byte() noexcept {
    if (rest_.empty()) return 0;
    const auto first = rest_[0];
    rest_ = rest_.subspan(1);
    return first;
  }
  std::uint32_t word() noexcept { return static_cast<std::uint32_t>(byte() << 8) | byte(); }
  /// The next bytes, `most` or what is left.
  base::ByteView take(std::size_t most) noexcept {
    const auto part = rest_.first(most < rest_.size() ? most : rest_.size());
    rest_ = rest_.subspan(part.size());
    return part;
  }

 private:
  base::ByteView rest_;
};

}  // namespace lenne::fuzz
