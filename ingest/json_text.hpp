#pragma once
// What gateways put around and into their JSON, made fit for a strict parser. Pure.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace lenne::ingest {

/// From the first "{" (a byte order mark or blanks may stand before it) to the end; empty when something else comes
/// first.
[[nodiscard]] base::ByteView from_first_brace(base::ByteView bytes) noexcept;

/// The number of bytes of the object that begins at text[0], braces inside strings left out; 0 when it does not end.
[[nodiscard]] std::size_t object_size(base::ByteView text) noexcept;

/// Replaces each number that no 64-bit integer or double holds by one of 1e99 and its sign, in place: one absurd value
/// must not cost the other frames of its datagram.
void tame_numbers(std::span<std::uint8_t> text) noexcept;

/// Replaces bytes above 127 by "?": a site's description in Latin-1 is no reason to refuse its frames.
void tame_bytes(std::span<std::uint8_t> text) noexcept;

}  // namespace lenne::ingest
