// Positions come from HTTP: any text must be refused or read back as it was written.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "storage/embedded/position.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lenne::storage::embedded;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_positions(text, 16);
  if (!parsed) return 0;
  std::vector<Position> positions(16);
  std::vector<std::uint32_t> named;
  for (std::uint32_t p = 0; p < 16; ++p) {
    if (!(*parsed)[p]) continue;
    named.push_back(p);
    positions[p] = *(*parsed)[p];
  }
  const auto again = parse_positions(to_text(positions, named), 16);
  if (!named.empty() && (!again || *again != *parsed)) std::abort();
  return 0;
}
