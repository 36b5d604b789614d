#include "processing/rollup/release.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

#include "rollups_support.hpp"

namespace lenne::processing::rollup {
namespace {

using base::Int128;
using test::kHour;
using test::kStart;
using test::Rollups;
using test::water_day;

constexpr auto kDayEnd = kStart + 24 * kHour;
constexpr auto kDayLater = kDayEnd + 24 * kHour;

std::vector<Int128> meters_of(std::size_t count, std::int64_t each) { return std::vector<Int128>(count, Int128{each}); }
Withheld judge_day(const std::vector<Int128>& amounts) { return judge(amounts, kDayEnd, kDayLater); }

TEST(Release, HouseholdsArePublishedWhenNobodyShows) {
  EXPECT_EQ(judge_day(meters_of(10, 7)), Withheld::no);
  EXPECT_EQ(judge_day(meters_of(9, 7)), Withheld::too_few);
  EXPECT_EQ(judge_day({}), Withheld::too_few);
}

TEST(Release, NobodyIsMoreThanHalf) {
  auto amounts = meters_of(10, 10);
  amounts.push_back(100);
  EXPECT_EQ(judge_day(amounts), Withheld::no) << "half is not more than half";
  amounts.back() = 101;
  EXPECT_EQ(judge_day(amounts), Withheld::dominated);
  amounts.back() = -101;
  EXPECT_EQ(judge_day(amounts), Withheld::dominated) << "feeding in hides nobody";
}

TEST(Release, MetersThatStandStillHideNobody) {
  auto amounts = meters_of(20, 0);
  EXPECT_EQ(judge_day(amounts), Withheld::too_few) << "a sum of 0 tells of all of them";
  for (std::size_t i = 0; i < 9; ++i) amounts[i] = 5;
  EXPECT_EQ(judge_day(amounts), Withheld::too_few);
  amounts[9] = 5;
  EXPECT_EQ(judge_day(amounts), Withheld::no);
}

TEST(Release, NothingOfNow) {
  EXPECT_EQ(judge(meters_of(10, 7), kDayEnd, kDayLater - 1), Withheld::too_early);
  EXPECT_EQ(name_of(Withheld::dominated), "dominated");
  EXPECT_EQ(name_of(Withheld::no), "");
}

Contribution contribution(v1::PrivacyClass privacy, v1::RollupMember member) {
  static std::deque<v1::RollupMember> members;
  return {privacy, &members.emplace_back(std::move(member))};
}
Contribution contribution(v1::PrivacyClass privacy, const v1::Aggregate& result) {
  return contribution(privacy, member_of(result).value());
}

TEST(Release, OfHouseholdsDaysOfTenantsAlone) {
  std::vector<Contribution> houses;
  for (std::uint64_t i = 1; i <= 12; ++i)
    houses.push_back(contribution(v1::PRIVACY_CLASS_HOUSEHOLD, water_day(i, "menden", i < 7 ? "north" : "south",
                                                                         static_cast<std::int64_t>(100 + i))));
  const Group day{kStart, "P1D", "water_volume"};
  const Places places{{{{"menden", "north"}, "old-town"}}, {{"menden", "mk"}}};
  const auto all = release(day, houses, {}, places, kDayLater);
  ASSERT_EQ(all.released.size(), 1U) << "no site, no area, no district: what is hidden in one could be subtracted";
  const auto& told = all.released.front().record();
  EXPECT_EQ(told.privacy(), v1::PRIVACY_CLASS_HOUSEHOLD);
  EXPECT_EQ(told.result().level(), v1::ROLLUP_LEVEL_TENANT);
  EXPECT_EQ(told.result().members_used(), 12U);
  EXPECT_EQ(from_proto(told.result().members().sum()), Int128{12 * 100 + 78});
  EXPECT_FALSE(told.result().members().has_min()) << "an extreme is one meter's amount";
  EXPECT_FALSE(told.result().members().has_max());
  EXPECT_FALSE(told.result().members().has_sum_squares());
  EXPECT_EQ(told.result().members().bucket_size(), 0);
  EXPECT_FALSE(told.result().has_lowest());

  EXPECT_TRUE(release({kStart, "PT1H", "water_volume"}, houses, {}, places, kDayLater).released.empty());
  std::vector<Contribution> gauges;
  for (const auto& each : houses) {
    auto gauge = *each.member;
    gauge.set_kind(v1::KIND_GAUGE);
    gauges.push_back(contribution(each.privacy, std::move(gauge)));
  }
  EXPECT_TRUE(release(day, gauges, {}, places, kDayLater).released.empty()) << "only sums";
  auto own = houses;
  for (auto& each : own) each.privacy = v1::PRIVACY_CLASS_UNSPECIFIED;
  EXPECT_TRUE(release(day, own, {}, places, kDayLater).released.empty());
  for (auto& each : own) each.privacy = static_cast<v1::PrivacyClass>(17);
  EXPECT_TRUE(release(day, own, {}, places, kDayLater).released.empty()) << "what a newer version means is not known";
  houses.resize(9);
  EXPECT_TRUE(release(day, houses, {}, places, kDayLater).released.empty());
  EXPECT_EQ(release(day, houses, {}, places, kDayLater).withheld, std::vector{Withheld::too_few});
}

TEST(Release, OpenResultsAreMadeOfOpenDevicesAlone) {
  const std::vector all{contribution(v1::PRIVACY_CLASS_OPEN, water_day(1, "menden", "pool", 50)),
                        contribution(v1::PRIVACY_CLASS_HOUSEHOLD, water_day(2, "menden", "pool", 7)),
                        contribution(v1::PRIVACY_CLASS_UNSPECIFIED, water_day(3, "menden", "pool", 9))};
  const auto made = release({kStart, "P1D", "water_volume"}, all, {}, {{}, {{"menden", "mk"}}}, kDayEnd);
  ASSERT_EQ(made.released.size(), 4U) << "site, tenant, district, region";
  for (const auto& each : made.released)
    EXPECT_EQ(from_proto(each.record().result().members().sum()), Int128{50}) << each.record().result().level();
}

/// Twelve houses of Menden, which publishes its meters' use case.
void declare_houses(Rollups& rollups, int houses = 12) {
  rollups.use_case("water-meter", v1::PRIVACY_CLASS_HOUSEHOLD);
  rollups.tenant("menden", "mk", {"water-meter"});
  for (int i = 1; i <= houses; ++i) rollups.device(static_cast<std::uint64_t>(i), "water-meter");
}
void take_houses(Rollups& rollups, int houses = 12) {
  for (int i = 1; i <= houses; ++i) rollups.take(water_day(static_cast<std::uint64_t>(i), "menden", "north", 100));
}
/// With less grace than meters have: so the gate's delay is what holds back.
WindowSettings hasty_settings() {
  auto settings = test::plain_settings();
  settings.grace = base::Duration{5 * test::kMinute};
  settings.horizon = base::Duration{7 * 24 * kHour};
  return settings;
}

TEST(ReleaseProcessor, SumsOfHouseholdsComeOnceAndLate) {
  Rollups rollups(kPortionBytes, hasty_settings());
  rollups.until(kStart);
  declare_houses(rollups);
  take_houses(rollups);
  EXPECT_FALSE(rollups.until(kDayEnd + kHour).empty()) << "the tenant's own are told";
  EXPECT_TRUE(rollups.open.empty()) << "not before a day has passed";
  rollups.commit();
  rollups.restart();
  rollups.until(kDayLater - 1);
  EXPECT_TRUE(rollups.open.empty());
  rollups.until(kDayLater);
  ASSERT_EQ(rollups.open.size(), 1U);
  EXPECT_EQ(rollups.open.front().result().members_used(), 12U);
  EXPECT_GT(rollups.counters.value("rollups.withheld.too_early"), 0U);
  // A meter that comes later: the difference of two sums would be what it used.
  rollups.device(13, "water-meter");
  rollups.take(water_day(13, "menden", "north", 444));
  EXPECT_FALSE(rollups.until(kDayLater + kHour).empty());
  EXPECT_EQ(rollups.open.size(), 1U);
}

TEST(ReleaseProcessor, NothingIsPublishedThatTenantOrUseCaseDoNotSay) {
  for (const auto* what : {"no tenant", "other use case", "no class", "device without", "withdrawn"}) {
    Rollups rollups(kPortionBytes, hasty_settings());
    rollups.until(kStart);
    declare_houses(rollups);
    const std::string_view is(what);
    if (is == "no tenant") rollups.tenant("menden", "mk");
    if (is == "other use case") rollups.tenant("menden", "mk", {"rain"});
    if (is == "no class") rollups.use_case("water-meter", v1::PRIVACY_CLASS_UNSPECIFIED);
    if (is == "device without") {
      for (std::uint64_t i = 1; i <= 3; ++i) rollups.device(i, "");
    }
    if (is == "withdrawn") {
      v1::RollupInput input;
      input.mutable_withdrawn()->mutable_use_case()->set_name("water-meter");
      rollups.feed(input);
    }
    rollups.commit();
    rollups.restart();
    take_houses(rollups);
    rollups.until(kDayLater + kHour);
    EXPECT_TRUE(rollups.open.empty()) << what;
  }
}

TEST(ReleaseProcessor, TotalsCountOpenDevicesAlone) {
  Rollups rollups(kPortionBytes, hasty_settings());
  rollups.until(kStart);
  rollups.use_case("pools", v1::PRIVACY_CLASS_OPEN);
  rollups.tenant("menden", "", {"pools"});
  rollups.device(1, "pools");
  rollups.device(2, "houses");
  rollups.take(water_day(1, "menden", "pool", 50));
  rollups.take(water_day(2, "menden", "pool", 7));
  const auto own = rollups.until(kDayEnd + kHour);
  ASSERT_EQ(own.size(), 3U) << "site, tenant, region";
  EXPECT_EQ(own.front().level(), v1::ROLLUP_LEVEL_SITE);
  EXPECT_EQ(own.front().members_total(), 2U);
  ASSERT_EQ(rollups.open.size(), 3U);
  EXPECT_EQ(rollups.open.front().result().level(), v1::ROLLUP_LEVEL_SITE);
  EXPECT_EQ(rollups.open.front().result().members_total(), 1U) << "nobody learns how many others there are";
}

TEST(ReleaseProcessor, OpenResultsAreCorrectedAndTakenBack) {
  Rollups rollups(kPortionBytes, hasty_settings());
  rollups.until(kStart);
  rollups.use_case("pools", v1::PRIVACY_CLASS_OPEN);
  rollups.tenant("menden", "", {"pools"});
  rollups.device(1, "pools");
  rollups.take(water_day(1, "menden", "pool", 50));
  rollups.until(kDayEnd + kHour);
  ASSERT_EQ(rollups.open.size(), 3U) << "site, tenant, region";
  rollups.take(water_day(1, "menden", "pool", 60));
  rollups.until(kDayEnd + 2 * kHour);
  ASSERT_EQ(rollups.open.size(), 6U);
  EXPECT_EQ(rollups.open.back().result().revision(), 1U);
  EXPECT_EQ(from_proto(rollups.open.back().result().members().sum()), Int128{60});
  // From now on the tenant publishes nothing: what is computed again has nothing in it.
  rollups.tenant("menden", "");
  rollups.take(water_day(1, "menden", "pool", 70));
  rollups.until(kDayEnd + 3 * kHour);
  ASSERT_EQ(rollups.open.size(), 9U);
  for (std::size_t i = 6; i < 9; ++i) {
    EXPECT_EQ(rollups.open[i].result().revision(), 2U);
    EXPECT_FALSE(rollups.open[i].result().has_members());
    EXPECT_EQ(rollups.open[i].result().members_used(), 0U);
  }
}

}  // namespace
}  // namespace lenne::processing::rollup
