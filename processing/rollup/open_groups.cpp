#include "processing/rollup/open_groups.hpp"

#include <utility>

namespace lenne::processing::rollup {

using base::Result;

void OpenGroups::clear() {
  groups_.clear();
  members_ = 0;
  pending_bytes_ = 0;
}

Result<bool> OpenGroups::put(const Group& group, v1::RollupMember&& member, Overlay& rows) {
  auto place = groups_.find(group);
  if (place == groups_.end()) {
    auto stored = GroupMembers::read(group, rows);
    if (!stored) return std::unexpected(stored.error());
    if (!stored->put(std::move(member))) return false;  // nothing waits for a turn
    members_ += stored->size();
    pending_bytes_ += stored->changed_bytes();
    place = groups_.emplace(group, std::move(*stored)).first;
  } else {
    auto& members = place->second;
    members_ -= members.size();
    pending_bytes_ -= members.changed_bytes();
    const bool changed = members.put(std::move(member));
    members_ += members.size();
    pending_bytes_ += members.changed_bytes();
    if (!changed) return false;
  }
  if (members_ > most_members_ && groups_.size() > 1) forget_others(place, rows);
  return true;
}

void OpenGroups::forget_others(Groups::iterator kept, Overlay& rows) {
  write(rows);
  auto only = groups_.extract(kept);
  groups_.clear();
  members_ = only.mapped().size();
  groups_.insert(std::move(only));
}

Result<Members> OpenGroups::take(const Group& group, Overlay& rows) {
  auto taken = groups_.extract(group);
  if (taken.empty()) return stored_members(group, rows);
  auto& members = taken.mapped();
  members_ -= members.size();
  pending_bytes_ -= members.write(group, rows);
  return members.all();
}

void OpenGroups::write(Overlay& rows) {
  for (auto& [group, members] : groups_) members.write(group, rows);
  pending_bytes_ = 0;
}

}  // namespace lenne::processing::rollup
