#include "processing/rollup/open_groups.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "storage/batch.hpp"
#include "tests/unit/processing/rollups_support.hpp"

namespace lenne::processing::rollup {
namespace {

using storage::Store;

v1::RollupMember member(std::uint64_t dev_eui, std::int64_t mean = 200) {
  return member_of(test::hour_of(dev_eui, "menden", "school", mean)).value();
}
const Group kGroup = group_of(test::hour_of(1, "menden", "school", 200));

/// The devices of each stored row.
std::vector<std::vector<std::uint64_t>> devices_of(const Overlay& rows) {
  std::vector<std::vector<std::uint64_t>> all;
  EXPECT_TRUE(rows.scan(Store::rollup, kPartition, {}, {}, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(is_row(key, value));
    v1::RollupMembers row;
    EXPECT_TRUE(row.ParseFromString(std::string(value)));
    auto& devices = all.emplace_back();
    for (const auto& each : row.member()) devices.push_back(each.dev_eui());
    return true;
  }));
  return all;
}

TEST(OpenGroups, AMemberToldAgainKeepsNoGroupInMemory) {
  test::MapState state;
  Overlay rows(state, kPartition);
  OpenGroups open(1000);
  EXPECT_TRUE(open.put(kGroup, member(1), rows).value());
  EXPECT_FALSE(open.put(kGroup, member(1), rows).value());
  EXPECT_EQ(open.take(kGroup, rows).value().all.size(), 1u);
  EXPECT_FALSE(open.put(kGroup, member(1), rows).value()) << "it was computed: nothing waits for a turn";
  state.broken = true;
  EXPECT_FALSE(open.take(kGroup, rows)) << "what is in memory needs no rows";
}

TEST(OpenGroups, ARowHasManyMembersInTheOrderInWhichTheyCame) {
  test::MapState state;
  Overlay rows(state, kPartition);
  OpenGroups open(1000);
  constexpr std::uint64_t kDevices = 2 * GroupMembers::kInRow + 3;
  for (std::uint64_t i = 0; i < kDevices; ++i) EXPECT_TRUE(open.put(kGroup, member(1000 - i), rows).value());
  EXPECT_GT(open.pending_bytes(), kDevices * 20);
  EXPECT_TRUE(devices_of(rows).empty()) << "before the commit";
  open.write(rows);
  EXPECT_EQ(open.pending_bytes(), 0u);
  const auto stored = devices_of(rows);
  ASSERT_EQ(stored.size(), 3u);
  EXPECT_EQ(stored[0].size(), GroupMembers::kInRow);
  EXPECT_EQ(stored[2], (std::vector<std::uint64_t>{1000 - kDevices + 3, 1000 - kDevices + 2, 1000 - kDevices + 1}));
}

TEST(OpenGroups, ACorrectedMemberStaysInItsPlace) {
  test::MapState state;
  Overlay rows(state, kPartition);
  OpenGroups open(1000);
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_TRUE(open.put(kGroup, member(i), rows).value());
  open.write(rows);
  EXPECT_TRUE(open.put(kGroup, member(1, 1'000'000'000), rows).value()) << "which is longer";
  EXPECT_TRUE(open.put(kGroup, member(2, 0), rows).value()) << "which is shorter";
  EXPECT_FALSE(open.put(kGroup, member(3), rows).value()) << "which has moved";
  EXPECT_TRUE(open.put(kGroup, member(3, 7), rows).value());
  const auto taken = open.take(kGroup, rows).value();
  const auto& members = taken.all;
  EXPECT_EQ(devices_of(rows), (std::vector<std::vector<std::uint64_t>>{{0, 1, 2, 3}}));
  const auto read = OpenGroups(1000).take(kGroup, rows).value();
  const auto& again = read.all;
  ASSERT_EQ(members.size(), 4u);
  ASSERT_EQ(again.size(), 4u);
  const std::vector<std::int64_t> means{200, 1'000'000'000, 0, 7};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(members[i]->value(), means[i]);
    EXPECT_EQ(again[i]->SerializeAsString(), members[i]->SerializeAsString());
  }
}

TEST(OpenGroups, ARowThatCannotBeReadIsAnError) {
  test::MapState state;
  Overlay rows(state, kPartition);
  rows.put(Store::rollup, members_key(kGroup, 0), "nonsense");
  OpenGroups open(1000);
  EXPECT_EQ(open.put(kGroup, member(1), rows).error().code, "bad_row");
  EXPECT_EQ(open.take(kGroup, rows).error().code, "bad_row");
}

}  // namespace
}  // namespace lenne::processing::rollup
