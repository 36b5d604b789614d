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
  const auto [place, is_new] = groups_.try_emplace(group);
  auto& opened = place->second;
  if (!is_new) return &opened;
  auto members = read(group, rows);
  if (!members) return std::unexpected(members.error());
  for (auto& [dev_eui, member] : *members) opened.members.emplace(dev_eui, std::move(member));
  members_ += opened.members.size();
  if (members_ > most_members_) forget(opened);
  return &opened;
}

Result<bool> OpenGroups::put(const Group& group, std::uint64_t dev_eui, const v1::RollupMember& member, Overlay& rows) {
  const auto opened = open(group, rows);
  if (!opened) return std::unexpected(opened.error());
  auto& [in_memory, members] = **opened;
  auto key = member_key(group, dev_eui);
  auto value = member.SerializeAsString();
  if (in_memory) {
    const auto [known, is_new] = members.try_emplace(dev_eui, member);
    if (!is_new && known->second.SerializeAsString() == value) return false;
    if (is_new) ++members_;
    known->second = member;
    if (members_ > most_members_) forget(**opened);
  } else {
    const auto before = rows.get(Store::rollup, kPartition, key);
    if (!before) return std::unexpected(before.error());
    if (*before && **before == value) return false;
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
