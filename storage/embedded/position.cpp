#include "storage/embedded/position.hpp"

#include <charconv>

#include "base/bytes.hpp"

namespace lenne::storage::embedded {
namespace {

std::string one_to_text(const Position& position) {
  std::string text = std::to_string(position.next);
  if (position.fence != 0) text += ".f" + std::to_string(position.fence);
  for (std::size_t i = 0; i < position.floors.size(); ++i) {
    if (position.floors[i] == 0) continue;
    text += '.';
    text += static_cast<char>('a' + i);
    text += std::to_string(position.floors[i]);
  }
  if (position.snapshot) text += ".s" + base::to_hex(base::as_bytes(position.after));
  return text;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc{} || at != end) return std::nullopt;
  return number;
}

/// Cuts `text` at the first `mark`: returns what is before it and leaves what is after it.
std::string_view cut(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const auto part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

bool parse_part(std::string_view part, Position& position) {
  if (part.empty()) return false;
  const char kind = part.front();
  part.remove_prefix(1);
  if (kind == 's') {
    auto row = base::from_hex(part);
    if (!row) return false;
    position.snapshot = true;
    position.after.assign(row->begin(), row->end());
    return true;
  }
  const auto number = number_of<Offset>(part);
  if (!number) return false;
  if (kind == 'f') {
    position.fence = *number;
    return true;
  }
  if (kind < 'a' || kind >= static_cast<char>('a' + kRetentions)) return false;
  position.floors[static_cast<std::size_t>(kind - 'a')] = *number;
  return true;
}

std::optional<Position> parse_one(std::string_view text) {
  const auto next = number_of<Offset>(cut(text, '.'));
  if (!next) return std::nullopt;
  Position position;
  position.next = *next;
  while (!text.empty()) {
    if (!parse_part(cut(text, '.'), position)) return std::nullopt;
  }
  return position;
}

}  // namespace

std::string to_text(const std::vector<Position>& positions, const std::vector<std::uint32_t>& partitions) {
  std::string text;
  std::size_t runs = 0;
  for (std::size_t i = 0; i < partitions.size();) {
    const auto& position = positions[partitions[i]];
    std::size_t last = i;
    while (last + 1 < partitions.size() && partitions[last + 1] == partitions[last] + 1 &&
           positions[partitions[last + 1]] == position) {
      ++last;
    }
    if (runs++ > 0) text += '_';
    text += std::to_string(partitions[i]) + '-' + std::to_string(partitions[last]) + ':' + one_to_text(position);
    i = last + 1;
  }
  const bool whole = runs == 1 && partitions.size() == positions.size();
  return whole ? text.substr(text.find(':') + 1) : text;
}

std::optional<std::vector<std::optional<Position>>> parse_positions(std::string_view text, std::uint32_t count) {
  std::vector<std::optional<Position>> positions(count);
  if (text.find(':') == std::string_view::npos) {
    const auto position = parse_one(text);
    if (!position) return std::nullopt;
    for (auto& each : positions) each = position;
    return positions;
  }
  while (!text.empty()) {
    auto run = cut(text, '_');
    auto range = cut(run, ':');
    const auto first = number_of<std::uint32_t>(cut(range, '-'));
    const auto last = number_of<std::uint32_t>(range);
    const auto position = parse_one(run);
    if (!first || !last || !position || *first > *last || *last >= count) return std::nullopt;
    for (auto p = *first; p <= *last; ++p) positions[p] = position;
  }
  return positions;
}

}  // namespace lenne::storage::embedded
