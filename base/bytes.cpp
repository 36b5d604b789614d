#include "base/bytes.hpp"

#include <fmt/format.h>

namespace lenne::base {
namespace {

constexpr int digit_of(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::expected<void, std::string> from_hex_exactly(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != out.size() * 2) {
    return std::unexpected(fmt::format("expected {} hex digits, got {}", out.size() * 2, text.size()));
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = digit_of(text[i]);
    if (digit < 0) return std::unexpected(fmt::format("character {} is no hex digit", i + 1));
    auto& byte = out[i / 2];
    byte = static_cast<std::uint8_t>(i % 2 == 0 ? digit << 4 : byte | digit);
  }
  return {};
}

std::expected<Bytes, std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::unexpected("odd number of hex digits");
  Bytes bytes(text.size() / 2);
  if (auto read = from_hex_exactly(text, bytes); !read) return std::unexpected(read.error());
  return bytes;
}

}  // namespace lenne::base
