#pragma once
// Base64 (RFC 4648) as gateways write it: either alphabet, with or without padding, unused bits ignored.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace lenne::ingest {

/// Standard alphabet, padded.
[[nodiscard]] std::string to_base64(base::ByteView bytes);

/// The number of bytes that a text stands for, or nothing when it is no base64. Writes as many as fit into `out`.
[[nodiscard]] std::optional<std::size_t> from_base64(std::string_view text, std::span<std::uint8_t> out) noexcept;

}  // namespace lenne::ingest
