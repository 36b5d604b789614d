#pragma once
// Any text as base64: never written beyond the room, the same size whatever the room, and the bytes read back.

#include <algorithm>
#include <vector>

#include "ingest/base64.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void base64(base::ByteView bytes) {
  using namespace ingest;
  const auto text = base::as_text(bytes);
  const auto size = from_base64(text, {});
  std::vector<std::uint8_t> all(text.size());
  require(from_base64(text, all) == size, "the size does not depend on the room");
  if (size) {
    require(*size <= text.size() / 4 * 3 + 2, "three bytes for four characters");
    all.resize(*size);
    std::vector<std::uint8_t> half(*size / 2);
    require(from_base64(text, half) == size, "too little room is no error");
    require(std::ranges::equal(half, std::span(all).first(half.size())), "as many as fit");
    std::vector<std::uint8_t> again(*size);
    require(from_base64(to_base64(all), again) == size && again == all, "the bytes come back");
  }
  const auto written = to_base64(bytes);
  std::vector<std::uint8_t> read(bytes.size());
  require(from_base64(written, read) == bytes.size() && std::ranges::equal(read, bytes), "any bytes come back");
}

}  // namespace lenne::fuzz
