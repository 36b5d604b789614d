#pragma once
// Any bytes as rows of the embedded log: a compacted value, and a consumer's position. The first byte is the length of
// the key.

#include "storage/embedded/layout.hpp"
#include "storage/embedded/registry.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void rows(base::ByteView bytes) {
  using namespace storage::embedded;
  if (bytes.empty()) return;
  const auto text = base::as_text(bytes.subspan(1));
  const auto key = text.substr(0, bytes[0]);
  const auto value = text.substr(key.size());
  if (const auto row = read_compacted(key, value)) {
    require(row->value.size() + 16 == value.size(), "offset, time and value are the whole");
    require(7 + row->tenant.size() + row->key.size() == key.size(), "the parts are the key");
  }
  Registry registry(4);
  if (!registry.load(key, value)) return;
  const auto name = std::string(key.substr(0, key.find('\0')));
  for (std::uint32_t p = 0; p < 4; ++p) {
    const auto position = registry.position(name, p);
    if (position) require(registry.highest() >= position->next, "the highest is the highest");
  }
  for (std::size_t c = 0; c < storage::kRetentions; ++c) (void)registry.slowest(c);
  require(registry.load(key, value), "a row can be read twice");
}

}  // namespace lenne::fuzz
