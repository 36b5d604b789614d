#pragma once
// A 128-bit secret. It has no formatter and no hash, so it cannot slip into a log line.

#include <array>
#include <cstdint>

namespace lenne::base::crypto {

struct Key128 {
  std::array<std::uint8_t, 16> bytes{};

  friend bool operator==(const Key128&, const Key128&) = default;
};

}  // namespace lenne::base::crypto
