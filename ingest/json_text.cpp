#include "ingest/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace lenne::ingest {
namespace {

bool is_blank(std::uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool in_number(std::uint8_t c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/// The index after the string that begins at text[at] (a quotation mark).
std::size_t skip_string(std::span<const std::uint8_t> text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

bool fits(std::string_view number) {
  if (number.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t value = 0;
    return std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc::result_out_of_range;
  }
  double value = 0;
  return std::from_chars(number.data(), number.data() + number.size(), value).ec != std::errc::result_out_of_range;
}

}  // namespace

base::ByteView from_first_brace(base::ByteView bytes) noexcept {
  if (bytes.size() >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf) bytes = bytes.subspan(3);
  while (!bytes.empty() && is_blank(bytes.front())) bytes = bytes.subspan(1);
  return !bytes.empty() && bytes.front() == '{' ? bytes : base::ByteView{};
}

std::size_t object_size(base::ByteView text) noexcept {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at + 1;
    ++at;
  }
  return 0;
}

void tame_numbers(std::span<std::uint8_t> text) noexcept {
  constexpr std::string_view kHuge = "1e99";
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (text[at] != '-' && (text[at] < '0' || text[at] > '9')) {
      ++at;
      continue;
    }
    const auto end = static_cast<std::size_t>(
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), in_number) - text.begin());
    const auto number = text.subspan(at, end - at);
    const std::size_t sign = number[0] == '-' ? 1 : 0;
    if (number.size() >= sign + kHuge.size() && !fits(base::as_text(number))) {
      std::fill(number.begin() + static_cast<std::ptrdiff_t>(sign), number.end(), std::uint8_t{' '});
      std::copy(kHuge.begin(), kHuge.end(), number.begin() + static_cast<std::ptrdiff_t>(sign));
    }
    at = end;
  }
}

void tame_bytes(std::span<std::uint8_t> text) noexcept {
  std::replace_if(text.begin(), text.end(), [](std::uint8_t c) { return c > 127; }, std::uint8_t{'?'});
}

}  // namespace lenne::ingest
