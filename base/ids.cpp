#include "base/ids.hpp"

#include <array>
#include <span>

#include "base/bytes.hpp"

namespace lenne::base {

std::string hex_of(std::uint64_t value, int digits) {
  std::string text;
  append_hex(text, value, digits);
  return text;
}

void append_hex(std::string& text, std::uint64_t value, int digits) {
  text.resize(text.size() + static_cast<std::size_t>(digits));
  for (auto at = text.rbegin(); at != text.rbegin() + digits; ++at, value >>= 4) *at = "0123456789abcdef"[value & 15];
}

std::expected<std::uint64_t, std::string> number_of_hex(std::string_view text, int digits) {
  std::array<std::uint8_t, 8> bytes{};
  const auto used = std::span(bytes).last(static_cast<std::size_t>(digits) / 2);
  if (auto read = from_hex_exactly(text, used); !read) return std::unexpected(read.error());
  return read_be<std::uint64_t>(bytes);
}

}  // namespace lenne::base
