#pragma once
// Keys and rows of the families (families.hpp has the table).

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "storage/batch_check.hpp"
#include "storage/embedded/families.hpp"
#include "storage/log.hpp"

namespace lenne::storage::embedded {

inline constexpr std::uint64_t kFormat = 1;
inline constexpr std::uint32_t kMaxPartitions = 256;

/// A number of family meta; nothing when the row is absent. Error: log_open (damaged), log_read.
[[nodiscard]] inline Result<std::optional<std::uint64_t>> meta_number(const Families& families,
                                                                      const std::string& key) {
  const auto text = families.get(Family::meta, key);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  std::uint64_t number = 0;
  const auto* end = (*text)->data() + (*text)->size();
  if ((*text)->empty() || std::from_chars((*text)->data(), end, number).ptr != end) {
    return base::fail("log_open", "the row " + key + " is damaged");
  }
  return number;
}

/// Topics as a set of bits, bit number = the topic's number.
using TopicSet = std::uint32_t;
[[nodiscard]] constexpr TopicSet bit_of(Topic topic) noexcept { return TopicSet{1} << static_cast<unsigned>(topic); }
[[nodiscard]] constexpr std::size_t class_of(Topic topic) noexcept {
  return static_cast<std::size_t>(info_of(topic).retention);
}

[[nodiscard]] constexpr Family family_of(Store store) noexcept {
  return store == Store::pane ? Family::pane : Family::state;
}

/// What all state keys of a store's partition start with.
[[nodiscard]] inline std::string state_prefix(Store store, std::uint32_t partition) {
  return store == Store::pane ? be32(partition) : std::string(1, static_cast<char>(store)) + be32(partition);
}

[[nodiscard]] inline std::string compacted_prefix(Topic topic, std::uint32_t partition) {
  return std::string(1, static_cast<char>(topic)) + be32(partition);
}
[[nodiscard]] inline std::string compacted_prefix(Topic topic, std::uint32_t partition, std::string_view tenant) {
  return compacted_prefix(topic, partition)
      .append(be32(static_cast<std::uint32_t>(tenant.size())).substr(2))
      .append(tenant);
}

struct CompactedRow {
  std::string_view tenant;
  std::string_view key;
  Offset offset;
  Timestamp appended;
  std::string_view value;
};
/// Nothing when the row is damaged. The views are into the arguments.
[[nodiscard]] inline std::optional<CompactedRow> read_compacted(std::string_view key, std::string_view value) {
  if (key.size() < 7 || value.size() < 16) return std::nullopt;
  const auto tenant = static_cast<std::size_t>(read_be64(key.substr(5, 2)));
  if (key.size() < 7 + tenant) return std::nullopt;
  return CompactedRow{key.substr(7, tenant), key.substr(7 + tenant), read_be64(value),
                      base::from_us(static_cast<std::int64_t>(read_be64(value.substr(8)))), value.substr(16)};
}

/// What the keys of all of a consumer's position rows start with.
[[nodiscard]] inline std::string position_prefix(std::string_view consumer) { return std::string(consumer) + '\0'; }

/// The key of a consumer's position row: each set of partitions has a row of its own, the newest commit of a partition
/// wins.
[[nodiscard]] inline std::string position_key(std::string_view consumer, const std::vector<std::uint32_t>& partitions) {
  std::string bits(kMaxPartitions / 8, '\0');
  for (const auto p : partitions) {
    auto& byte = bits[p / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << (p % 8)));
  }
  return position_prefix(consumer) + bits;
}

}  // namespace lenne::storage::embedded
