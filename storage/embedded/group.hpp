#pragma once
// A group: the records of one retention class that one write of the log appended, in commit order, as one value. The
// record's offset is the group's start + its index. In front stands an index, so that a reader of one topic, partition
// or tenant passes over groups and records without touching their bytes.
//
//   1 format (1) | varint records | 8 LE append time µs | varint labels | labels | varint table bytes | table | bytes
//   label: 1 topic | varint partition | 1 tenant length | tenant | varint records that bear it
//   table, per record: varint (label * 2 + tombstone) | varint key length | varint value length
//   bytes, per record: key, value

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "storage/batch.hpp"
#include "storage/topics.hpp"

namespace lenne::storage::embedded {

/// Tenants are at most kMaxTenantBytes long.
[[nodiscard]] std::string encode_group(base::Timestamp appended, std::span<const Batch::Append> records);

struct GroupHead {
  std::uint64_t count;
  base::Timestamp appended;
};
/// The front of a group; nothing when it is damaged.
[[nodiscard]] std::optional<GroupHead> read_head(std::string_view group);

struct Label {
  Topic topic;
  std::uint32_t partition;
  std::string_view tenant;
  std::uint64_t records;
};

/// A parsed index over a group's bytes, which outlive it. One thread.
class GroupView {
 public:
  struct Entry {
    std::uint32_t label;
    bool tombstone;
    std::string_view key;
    std::string_view value;
  };

  /// Nothing when the index is damaged.
  [[nodiscard]] static std::optional<GroupView> parse(std::string_view group);

  [[nodiscard]] const GroupHead& head() const noexcept { return head_; }
  [[nodiscard]] const std::vector<Label>& labels() const noexcept { return labels_; }
  /// The next record; nothing after the last one, and nothing when it is damaged.
  [[nodiscard]] std::optional<Entry> next();
  /// True when the records ended before the group's count.
  [[nodiscard]] bool damaged() const noexcept { return damaged_; }

 private:
  GroupHead head_{};
  std::vector<Label> labels_;
  std::string_view table_;
  std::string_view bytes_;
  std::uint64_t read_ = 0;
  bool damaged_ = false;
};

}  // namespace lenne::storage::embedded
