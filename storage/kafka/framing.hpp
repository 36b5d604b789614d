#pragma once
// Confluent's framing of Protobuf: 0x00, the schema id in 4 bytes big-endian, the index of the message in its file (a
// list of zigzag varints, length first; [0] is the one byte 0x00), then the message.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace lenne::storage::kafka {

struct Framed {
  std::int32_t schema_id;
  int index;  ///< of the message in its file
  std::string_view message;
};

namespace framing {

inline void append_zigzag(std::string& out, int number) {
  for (auto rest = static_cast<std::uint32_t>(number) << 1;; rest >>= 7) {
    if (rest < 0x80) {
      out.push_back(static_cast<char>(rest));
      return;
    }
    out.push_back(static_cast<char>((rest & 0x7f) | 0x80));
  }
}

/// Takes a number that is not negative from the front; nothing when there is none.
inline std::optional<int> take_zigzag(std::string_view& bytes) {
  constexpr int kLongest = 5;
  std::uint64_t number = 0;
  for (int i = 0; i < kLongest && !bytes.empty(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if (byte >= 0x80) continue;
    if ((number & 1) != 0 || number > UINT32_MAX) return std::nullopt;
    return static_cast<int>(number >> 1);
  }
  return std::nullopt;
}

}  // namespace framing

[[nodiscard]] inline std::string framed(const Framed& parts) {
  std::string out(1, '\0');
  std::array<std::uint8_t, 4> id{};
  base::write_be(id.data(), static_cast<std::uint32_t>(parts.schema_id));
  out.append(base::as_text(id));
  if (parts.index == 0) {
    out.push_back('\0');
  } else {
    framing::append_zigzag(out, 1);
    framing::append_zigzag(out, parts.index);
  }
  return out.append(parts.message);
}

/// Nothing: it is not framed so, or names a message inside of another.
[[nodiscard]] inline std::optional<Framed> unframed(std::string_view value) {
  constexpr std::size_t kStart = 5;
  if (value.size() < kStart || value.front() != '\0') return std::nullopt;
  const auto id = static_cast<std::int32_t>(base::read_be<std::uint32_t>(base::as_bytes(value.substr(1))));
  value.remove_prefix(kStart);
  const auto steps = framing::take_zigzag(value);
  if (!steps || *steps > 1) return std::nullopt;
  const auto index = *steps == 0 ? std::optional<int>{0} : framing::take_zigzag(value);
  if (!index) return std::nullopt;
  return Framed{id, *index, value};
}

}  // namespace lenne::storage::kafka
