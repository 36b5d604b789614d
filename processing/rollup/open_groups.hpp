#pragma once
// The members of groups that wait to be computed.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "lenne/v1/rollup.pb.h"
#include "processing/overlay.hpp"
#include "processing/rollup/rollup_rows.hpp"

namespace lenne::processing::rollup {

/// By DevEUI.
using Members = std::vector<std::pair<std::uint64_t, v1::RollupMember>>;

/// All are rows of store rollup; those of groups that came first are in memory, too, until there is no room. One
/// thread.
class OpenGroups {
 public:
  explicit OpenGroups(std::size_t most_members) : most_members_(most_members) {}

  void clear();
  /// A member of that device, which replaces the one before it. False: it is the same, and the group need not be
  /// computed for it. After true, take() must come some time: until then the group is kept. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<bool> put(const Group& group, std::uint64_t dev_eui, const v1::RollupMember& member,
                                       Overlay& rows);
  /// All members of a group, whose turn it is: it is no longer kept in memory. Errors: log_read; bad_row.
  [[nodiscard]] base::Result<Members> take(const Group& group, const Overlay& rows);

 private:
  struct Open {
    bool in_memory = true;  ///< else only in rows
    boost::unordered_flat_map<std::uint64_t, v1::RollupMember> members = {};
  };

  [[nodiscard]] base::Result<Open*> open(const Group& group, const Overlay& rows);
  void forget(Open& group);

  const std::size_t most_members_;
  std::size_t members_ = 0;  ///< in memory
  std::map<Group, Open> groups_;
};

}  // namespace lenne::processing::rollup
