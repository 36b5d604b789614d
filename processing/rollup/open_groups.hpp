#pragma once
// The members of groups that wait to be computed.

#include <cstddef>
#include <map>

#include "base/error.hpp"
#include "lenne/v1/rollup.pb.h"
#include "processing/overlay.hpp"
#include "processing/rollup/group_members.hpp"
#include "processing/rollup/rollup_rows.hpp"

namespace lenne::processing::rollup {

/// In memory until their turn comes, and as rows of store rollup. One thread.
class OpenGroups {
 public:
  /// When more than `most_members` are in memory, all groups but the one in hand are forgotten, and read again when it
  /// is their turn, or somebody comes.
  explicit OpenGroups(std::size_t most_members) : most_members_(most_members) {}

  void clear();
  /// A device's member, which replaces the one before it. False: it is the same, and the group need not be computed for
  /// it. After true, take() must come some time: until then the group is kept. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<bool> put(const Group& group, v1::RollupMember&& member, Overlay& rows);
  /// All members of a group, whose turn it is: it is no longer kept in memory. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<Members> take(const Group& group, Overlay& rows);
  /// Before each commit: writes what has changed. Until then it is in memory alone.
  void write(Overlay& rows);
  /// What write() would write.
  [[nodiscard]] std::size_t pending_bytes() const noexcept { return pending_bytes_; }

 private:
  using Groups = std::map<Group, GroupMembers>;

  void forget_others(Groups::iterator kept, Overlay& rows);

  const std::size_t most_members_;
  std::size_t members_ = 0;  ///< in memory
  std::size_t pending_bytes_ = 0;
  Groups groups_;
};

}  // namespace lenne::processing::rollup
