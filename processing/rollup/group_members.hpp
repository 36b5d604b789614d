#pragma once
// The members of one group as the rows in which they are stored.

#include <google/protobuf/arena.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "lenne/v1/rollup.pb.h"
#include "processing/overlay.hpp"
#include "processing/rollup/rollup_rows.hpp"

namespace lenne::processing::rollup {

/// All members of a group, by DevEUI. They are where it is, and end with it.
struct Members {
  std::unique_ptr<google::protobuf::Arena> arena;
  std::vector<const v1::RollupMember*> all;
};
/// What is stored. Errors: log_read; bad_row.
[[nodiscard]] base::Result<Members> stored_members(const Group& group, const Overlay& rows);

/// A row for each member would be nine tenths of all rows of roll-ups. Members that are new fill the last row, so what
/// a row holds follows from the order in which they came, not from commits. One thread.
class GroupMembers {
 public:
  /// In a row: enough that there are few rows, and little enough that one is soon written again while it fills up.
  static constexpr std::size_t kInRow = 32;

  /// What is stored. Errors: log_read; bad_row.
  [[nodiscard]] static base::Result<GroupMembers> read(const Group& group, const Overlay& rows);

  /// A device's member, which replaces the one before it. False: it is the same.
  bool put(v1::RollupMember&& member);
  /// Writes each row that has changed since it was written. Returns its bytes.
  std::size_t write(const Group& group, Overlay& rows);
  /// Error: bad_row.
  [[nodiscard]] base::Result<Members> all() const;

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// Of the rows that have changed.
  [[nodiscard]] std::size_t changed_bytes() const noexcept { return changed_bytes_; }

 private:
  struct Row {
    std::string value;                     ///< RollupMembers
    std::vector<std::uint32_t> ends = {};  ///< of each member, in `value`
    bool changed = false;
  };
  struct Place {
    std::uint32_t row;
    std::uint32_t at;  ///< in the row
  };

  [[nodiscard]] bool load(std::string_view value, google::protobuf::Arena& arena);
  [[nodiscard]] static std::string_view member_at(const Row& row, std::size_t at);
  void mark(Row& row);

  std::vector<Row> rows_;
  boost::unordered_flat_map<std::uint64_t, Place> places_;
  std::size_t changed_bytes_ = 0;
};

}  // namespace lenne::processing::rollup
