#include "processing/rollup/open_groups.hpp"

#include <algorithm>
#include <string_view>

namespace lenne::processing::rollup {
namespace {

using base::Result;
using storage::Store;

Result<Members> read(const Group& group, const Overlay& rows) {
  Members members;
  bool readable = true;
  const auto prefix = members_prefix(group);
  const auto scanned =
      rows.scan(Store::rollup, kPartition, prefix, after(prefix), [&](std::string_view key, std::string_view value) {
        auto& [dev_eui, member] = members.emplace_back();
        dev_eui = device_of(key);
        return readable = member.ParseFromArray(value.data(), static_cast<int>(value.size()));
      });
  if (!scanned) return std::unexpected(scanned.error());
  if (!readable) return base::fail("bad_row", "a row of store rollup cannot be read");
  return members;
}

}  // namespace

void OpenGroups::clear() {
  groups_.clear();
  members_ = 0;
}

void OpenGroups::forget(Open& group) {
  members_ -= group.members.size();
  group.members = {};
  group.in_memory = false;
}

Result<OpenGroups::Open*> OpenGroups::open(const Group& group, const Overlay& rows) {
  auto members = read(group, rows);
  if (!members) return std::unexpected(members.error());
  auto& opened = groups_[group];
  for (auto& [dev_eui, member] : *members) opened.members.emplace(dev_eui, std::move(member));
  members_ += opened.members.size();
  if (members_ > most_members_) forget(opened);
  return &opened;
}

Result<bool> OpenGroups::put(const Group& group, std::uint64_t dev_eui, const v1::RollupMember& member, Overlay& rows) {
  auto key = member_key(group, dev_eui);
  auto value = member.SerializeAsString();
  const auto place = groups_.find(group);
  auto* opened = place == groups_.end() ? nullptr : &place->second;
  if (opened == nullptr || !opened->in_memory) {
    const auto before = rows.get(Store::rollup, kPartition, key);
    if (!before) return std::unexpected(before.error());
    if (*before && **before == value) return false;
  }
  if (opened == nullptr) {  // only for what changes it, so that its turn comes
    const auto read = open(group, rows);
    if (!read) return std::unexpected(read.error());
    opened = *read;
  }
  if (opened->in_memory) {
    const auto [known, is_new] = opened->members.try_emplace(dev_eui, member);
    if (!is_new && known->second.SerializeAsString() == value) return false;
    if (is_new) ++members_;
    known->second = member;
    if (members_ > most_members_) forget(*opened);
  }
  rows.put(Store::rollup, std::move(key), std::move(value));
  return true;
}

Result<Members> OpenGroups::take(const Group& group, const Overlay& rows) {
  auto taken = groups_.extract(group);
  if (taken.empty() || !taken.mapped().in_memory) return read(group, rows);
  auto& kept = taken.mapped().members;
  members_ -= kept.size();
  Members members;
  members.reserve(kept.size());
  for (auto& [dev_eui, member] : kept) members.emplace_back(dev_eui, std::move(member));
  std::ranges::sort(members, {}, &Members::value_type::first);
  return members;
}

}  // namespace lenne::processing::rollup
