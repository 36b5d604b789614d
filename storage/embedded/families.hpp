#pragma once
// What an embedded log needs from a disk: a few ordered maps ("families") that are written together, all or nothing.
//
// | family     | key                                                   | value                                       |
// | meta       | "format", "network_partitions", "begin/<class>"       | decimal text                                |
// | log_…      | start offset (8 bytes, big-endian)                    | a group of records in commit order (group.hpp)
// | | compacted  | topic 1, partition 4 BE, tenant length 2 BE, tenant, key | offset 8 BE, append time µs 8 BE, value |
// | state      | store 1, partition 4 BE, key                          | as given                                    |
// | pane       | partition 4 BE, key                                   | as given                                    |
// | position   | consumer, 0x00, one bit per partition of its own      | commit number 8 BE, topics 4 BE, position.hpp
// |

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "storage/topics.hpp"

namespace lenne::storage::embedded {

/// Numbers and names are part of the stored format.
enum class Family : std::uint8_t { meta, log_7, log_60, log_400, compacted, state, pane, position };
inline constexpr std::array<std::string_view, 8> kFamilyNames{"default",   "log-7", "log-60", "log-400",
                                                              "compacted", "state", "pane",   "position"};
inline constexpr std::size_t kFamilies = kFamilyNames.size();

[[nodiscard]] constexpr Family log_family(Retention retention) noexcept {
  constexpr std::array kLogs{Family::log_7, Family::log_60, Family::log_400};
  return kLogs[static_cast<std::size_t>(retention)];
}

/// Collects what one write does. Copies the bytes. One thread.
class WriteSet {
 public:
  virtual ~WriteSet() = default;
  virtual void put(Family family, std::string_view key, std::string_view value) = 0;
  virtual void erase(Family family, std::string_view key) = 0;
  virtual void clear() = 0;
};

/// Walks over the groups of one log family in the order of their offsets. One thread; short-lived: it may pin memory.
class GroupCursor {
 public:
  virtual ~GroupCursor() = default;
  [[nodiscard]] virtual bool valid() const = 0;
  [[nodiscard]] virtual std::uint64_t start() const = 0;
  /// The group's bytes, owned by whoever keeps them.
  [[nodiscard]] virtual std::shared_ptr<const std::string> value() const = 0;
  /// The group's bytes until the next call of `next`.
  [[nodiscard]] virtual std::string_view peek() const = 0;
  virtual void next() = 0;
  /// Error: log_read, when the walk ended because of one.
  [[nodiscard]] virtual base::Result<void> status() const = 0;
};

/// Judges a group by its start offset and its bytes.
using GroupRule = std::function<bool(std::uint64_t start, std::string_view value)>;
using RowVisit = std::function<bool(std::string_view key, std::string_view value)>;

/// The maps. Any thread may read; one thread at a time writes, plans or drops.
class Families {
 public:
  virtual ~Families() = default;

  [[nodiscard]] virtual std::unique_ptr<WriteSet> write_set() const = 0;
  /// All or nothing, durable when it returns. After an error the outcome is unknown until the maps are opened again.
  /// Error: log_write, disk_full.
  [[nodiscard]] virtual base::Result<void> write(WriteSet& set) = 0;
  /// For maps that were opened without syncs: what was written so far is durable when it returns. Error as write.
  [[nodiscard]] virtual base::Result<void> sync() { return {}; }

  /// Error: log_read.
  [[nodiscard]] virtual base::Result<std::optional<std::string>> get(Family family, std::string_view key) const = 0;
  /// Visits [from, to) in key order, or backwards, as it was at the call, until `visit` returns false. An empty `to`
  /// means the family's end. Error: log_read.
  [[nodiscard]] virtual base::Result<void> scan(Family family, std::string_view from, std::string_view to,
                                                bool backwards, const RowVisit& visit) const = 0;
  /// Stands on the group that contains `from`, or on the first one after it.
  [[nodiscard]] virtual std::unique_ptr<GroupCursor> groups(Family family, std::uint64_t from) const = 0;

  /// The last group of the oldest stretch that can be deleted as a whole because `old` holds for all groups in it;
  /// nothing when there is none. Groups for which `seal` holds are first made deletable (a file of their own).
  [[nodiscard]] virtual base::Result<std::optional<std::uint64_t>> plan_drop(Family family, const GroupRule& old,
                                                                             const GroupRule& seal) = 0;
  /// Deletes all groups up to the one that plan_drop named. Returns how many.
  [[nodiscard]] virtual base::Result<std::uint64_t> drop(Family family, std::uint64_t last) = 0;

  /// Reads all that is stored, that included which no key leads to. Error: log_read, naming what is damaged.
  [[nodiscard]] virtual base::Result<void> check() const = 0;

  /// Bytes on the disk, 0 when unknown.
  [[nodiscard]] virtual std::uint64_t bytes(Family family) const = 0;
};

/// Big-endian bytes of a number, so that keys sort as numbers do.
[[nodiscard]] inline std::string be64(std::uint64_t value) {
  std::string text(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) text[i] = static_cast<char>(static_cast<unsigned char>(value >> (56 - 8 * i)));
  return text;
}
[[nodiscard]] inline std::string be32(std::uint32_t value) { return be64(value).substr(4); }

/// The number of the first (up to) eight bytes.
[[nodiscard]] inline std::uint64_t read_be64(std::string_view text) noexcept {
  std::uint64_t value = 0;
  for (const char c : text.substr(0, 8)) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

/// The smallest key above all that start with `prefix`; empty when there is none.
[[nodiscard]] inline std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace lenne::storage::embedded
