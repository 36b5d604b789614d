#include "processing/rollup/group_members.hpp"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace lenne::processing::rollup {
namespace {

using base::Result;
using storage::Store;

/// Null when it cannot be read.
const v1::RollupMembers* parse(std::string_view row, google::protobuf::Arena& arena) {
  auto* members = google::protobuf::Arena::CreateMessage<v1::RollupMembers>(&arena);
  return members->ParseFromArray(row.data(), static_cast<int>(row.size())) ? members : nullptr;
}

bool add(std::string_view row, Members& to) {
  const auto* members = parse(row, *to.arena);
  if (members == nullptr) return false;
  for (const auto& member : members->member()) to.all.push_back(&member);
  return true;
}

Members sorted(Members members) {
  std::ranges::sort(members.all, {}, [](const v1::RollupMember* member) { return member->dev_eui(); });
  return members;
}

/// As it stands in a row: messages of a repeated field, one after another, are the message of all.
std::string text_of(v1::RollupMember&& member) {
  v1::RollupMembers one;
  *one.add_member() = std::move(member);
  return one.SerializeAsString();
}

}  // namespace

Result<Members> stored_members(const Group& group, const Overlay& rows) {
  Members members{std::make_unique<google::protobuf::Arena>(), {}};
  const auto read =
      each_row(rows, members_prefix(group), [&](std::string_view, std::string_view row) { return add(row, members); });
  if (!read) return std::unexpected(read.error());
  return sorted(std::move(members));
}

Result<GroupMembers> GroupMembers::read(const Group& group, const Overlay& rows) {
  GroupMembers members;
  google::protobuf::Arena arena;
  const auto read = each_row(rows, members_prefix(group),
                             [&](std::string_view, std::string_view row) { return members.load(row, arena); });
  if (!read) return std::unexpected(read.error());
  return members;
}

bool GroupMembers::load(std::string_view value, google::protobuf::Arena& arena) {
  const auto* members = parse(value, arena);
  if (members == nullptr) return false;
  Row row{std::string(value)};
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(value.data()),
                                            static_cast<int>(value.size()));
  for (const auto& member : members->member()) {
    std::uint32_t size = 0;
    if (in.ReadTag() == 0 || !in.ReadVarint32(&size) || !in.Skip(static_cast<int>(size))) return false;
    places_.emplace(member.dev_eui(),
                    Place{static_cast<std::uint32_t>(rows_.size()), static_cast<std::uint32_t>(row.ends.size())});
    row.ends.push_back(static_cast<std::uint32_t>(in.CurrentPosition()));
  }
  rows_.push_back(std::move(row));
  return true;
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

Result<Members> GroupMembers::all() const {
  Members members{std::make_unique<google::protobuf::Arena>(), {}};
  members.all.reserve(places_.size());
  for (const auto& row : rows_) {
    if (!add(row.value, members)) return bad_row();
  }
  return sorted(std::move(members));
}

}  // namespace lenne::processing::rollup
