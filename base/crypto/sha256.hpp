#pragma once
// SHA-256 (FIPS 180-4): for tokens and fingerprints, where only a digest may be kept.

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace lenne::base::crypto {

using Digest = std::array<std::uint8_t, 32>;

/// Any thread may call it.
[[nodiscard]] Digest sha256(ByteView bytes);

/// Whether two digests are equal, in a time that does not depend on where they differ.
[[nodiscard]] bool equal_in_constant_time(const Digest& a, const Digest& b) noexcept;

}  // namespace lenne::base::crypto
