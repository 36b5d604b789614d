#include "processing/rollup/group_members.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace lenne::processing::rollup {
namespace {

using base::Result;
using storage::Store;

auto bad_row() { return base::fail("bad_row", "a row of store rollup cannot be read"); }

bool parse(std::string_view text, v1::RollupMembers& into) {
  return into.ParseFromArray(text.data(), static_cast<int>(text.size()));
}

/// As it stands in a row: messages of a repeated field, one after another, are the message of all.
std::string text_of(v1::RollupMember&& member) {
  v1::RollupMembers one;
  *one.add_member() = std::move(member);
  return one.SerializeAsString();
}

}  // namespace

Result<GroupMembers> GroupMembers::read(const Group& group, const Overlay& rows) {
  GroupMembers members;
  bool readable = true;
  v1::RollupMembers row;
  const auto prefix = members_prefix(group);
  const auto scanned =
      rows.scan(Store::rollup, kPartition, prefix, after(prefix), [&](std::string_view, std::string_view value) {
        readable = parse(value, row);
        for (auto& member : *row.mutable_member()) members.put(std::move(member));
        return readable;
      });
  if (!scanned) return std::unexpected(scanned.error());
  if (!readable) return bad_row();
  for (auto& each : members.rows_) each.changed = false;
  members.changed_bytes_ = 0;
  return members;
}

std::string_view GroupMembers::member_at(const Row& row, std::size_t at) {
  const auto begin = at == 0 ? 0 : row.ends[at - 1];
  return std::string_view(row.value).substr(begin, row.ends[at] - begin);
}

void GroupMembers::mark(Row& row) {
  if (row.changed) return;
  row.changed = true;
  changed_bytes_ += row.value.size();
}

bool GroupMembers::put(v1::RollupMember&& member) {
  const auto dev_eui = member.dev_eui();
  const auto text = text_of(std::move(member));
  const auto known = places_.find(dev_eui);
  if (known == places_.end()) {
    if (rows_.empty() || rows_.back().ends.size() == kInRow) rows_.emplace_back();
    auto& row = rows_.back();
    mark(row);
    places_.emplace(dev_eui,
                    Place{static_cast<std::uint32_t>(rows_.size() - 1), static_cast<std::uint32_t>(row.ends.size())});
    row.value += text;
    row.ends.push_back(static_cast<std::uint32_t>(row.value.size()));
    changed_bytes_ += text.size();
    return true;
  }
  const auto [number, at] = known->second;
  auto& row = rows_[number];
  const auto before = member_at(row, at);
  if (before == text) return false;
  mark(row);
  const auto longer = text.size() - before.size();  // or shorter: it wraps around, and back
  row.value.replace(static_cast<std::size_t>(before.data() - row.value.data()), before.size(), text);
  for (auto i = at; i < row.ends.size(); ++i) row.ends[i] += static_cast<std::uint32_t>(longer);
  changed_bytes_ += longer;
  return true;
}

std::size_t GroupMembers::write(const Group& group, Overlay& rows) {
  for (std::uint32_t number = 0; number < rows_.size() && changed_bytes_ > 0; ++number) {
    auto& row = rows_[number];
    if (std::exchange(row.changed, false)) rows.put(Store::rollup, members_key(group, number), row.value);
  }
  return std::exchange(changed_bytes_, 0);
}

Result<std::vector<v1::RollupMember>> GroupMembers::all() const {
  std::vector<std::pair<std::uint64_t, Place>> places(places_.begin(), places_.end());
  std::ranges::sort(places, {}, &std::pair<std::uint64_t, Place>::first);
  std::vector<v1::RollupMember> members;
  members.reserve(places.size());
  v1::RollupMembers one;
  for (const auto& [dev_eui, place] : places) {
    if (!parse(member_at(rows_[place.row], place.at), one) || one.member_size() != 1) return bad_row();
    members.push_back(std::move(*one.mutable_member(0)));
  }
  return members;
}

}  // namespace lenne::processing::rollup
