#include "processing/rollup/rollup.hpp"

#include <gtest/gtest.h>

#include "processing/rollup/rollup_processor.hpp"
#include "processing/states.hpp"
#include "rollups_support.hpp"
#include "support.hpp"

namespace lenne::processing::rollup {
namespace {

using test::hour_of;
using test::kHour;
using test::kMinute;
using test::kStart;
using test::MapState;
using test::Rollups;

v1::RollupMember member(std::uint64_t dev_eui, const std::string& tenant, const std::string& site, std::int64_t mean) {
  return member_of(hour_of(dev_eui, tenant, site, mean)).value();
}

const v1::Rollup& find(const std::vector<v1::Rollup>& all, v1::RollupLevel level, std::string_view tenant,
                       std::string_view site = {}) {
  for (const auto& each : all) {
    if (each.level() == level && each.tenant() == tenant && each.site() == site) return each;
  }
  static const v1::Rollup none;
  ADD_FAILURE() << "no result of " << level << " " << tenant << " " << site;
  return none;
}

std::int64_t sum_of(const v1::Rollup& result) { return static_cast<std::int64_t>(from_proto(result.members().sum())); }

TEST(Rollup, EachDeviceCountsOnceAtItsSiteAndEachSiteOnceAbove) {
  // A school with three sensors does not outweigh the town hall with one.
  const std::vector members{member(1, "menden", "school", 200), member(2, "menden", "school", 211),
                            member(3, "menden", "school", 222), member(4, "menden", "town-hall", 100),
                            member(5, "olpe", "pool", 301)};
  const Totals totals{
      {{"menden", "school"}, 4}, {{"menden", "town-hall"}, 1}, {{"olpe", "pool"}, 1}, {{"olpe", "park"}, 2}};
  const auto all = test::fold_all("temperature", "PT1H", kStart, members, totals, {});
  EXPECT_EQ(all.size(), 4u + 2u + 1u) << "a site without a result is told too";

  const auto& school = find(all, v1::ROLLUP_LEVEL_SITE, "menden", "school");
  EXPECT_EQ(school.members_used(), 3u);
  EXPECT_EQ(school.members_total(), 4u);
  EXPECT_EQ(sum_of(school), 633);
  EXPECT_EQ(school.members().min().value(), 200);
  EXPECT_EQ(school.members().max().value(), 222);
  EXPECT_EQ(school.lowest().value(), 199) << "of the samples, not of the means";
  EXPECT_EQ(school.highest().value(), 223);
  EXPECT_EQ(school.end_us(), kStart + kHour);
  EXPECT_EQ(school.unit(), "Cel");

  const auto& park = find(all, v1::ROLLUP_LEVEL_SITE, "olpe", "park");
  EXPECT_EQ(park.members_used(), 0u);
  EXPECT_EQ(park.members_total(), 2u);
  EXPECT_FALSE(park.has_lowest());

  const auto& menden = find(all, v1::ROLLUP_LEVEL_TENANT, "menden");
  EXPECT_EQ(menden.members_used(), 2u);
  EXPECT_EQ(sum_of(menden), 211 + 100) << "the mean of the school, and the town hall";
  EXPECT_EQ(menden.lowest().value(), 99);

  const auto& region = find(all, v1::ROLLUP_LEVEL_REGION, "");
  EXPECT_EQ(region.members_used(), 3u);
  EXPECT_EQ(region.members_total(), 4u);
  EXPECT_EQ(sum_of(region), 211 + 100 + 301);
  EXPECT_EQ(region.highest().value(), 302);
}

TEST(Rollup, MeansAreRoundedHalfAwayFromZero) {
  const auto site = [](std::int64_t a, std::int64_t b) {
    const auto all =
        test::fold_all("temperature", "PT1H", kStart, {member(1, "t", "s", a), member(2, "t", "s", b)}, {}, {});
    return sum_of(find(all, v1::ROLLUP_LEVEL_TENANT, "t"));
  };
  EXPECT_EQ(site(1, 2), 2);
  EXPECT_EQ(site(-1, -2), -2);
  EXPECT_EQ(site(-1, 2), 1);
}

TEST(Rollup, AMeanByTimeCountsAsOneOfSamples) {
  auto held = hour_of(2, "menden", "rathaus", 100);
  held.set_kind(v1::KIND_HELD);
  held.set_nominal_interval_s(0);
  held.mutable_gauge()->set_count(static_cast<std::uint64_t>(kHour));
  to_proto(static_cast<base::Int128>(210) * kHour, *held.mutable_gauge()->mutable_sum());
  const auto all = test::fold_all("temperature", "PT1H", kStart,
                                  {member(1, "menden", "rathaus", 200), member_of(held).value()}, {}, {});
  const auto& site = find(all, v1::ROLLUP_LEVEL_SITE, "menden", "rathaus");
  EXPECT_EQ(site.kind(), v1::KIND_GAUGE);
  EXPECT_EQ(site.members_used(), 2u);
  EXPECT_EQ(sum_of(site), 410);
}

TEST(Rollup, EventsAndCountersAddUpAndStatesAddTheirTimes) {
  auto rain = hour_of(1, "t", "a", 10);
  rain.set_kind(v1::KIND_EVENT);  // two events of 10 in all
  auto other = hour_of(2, "t", "b", 20);
  other.set_kind(v1::KIND_EVENT);
  auto all = test::fold_all("precipitation", "PT1H", kStart, {*member_of(rain), *member_of(other)}, {}, {});
  EXPECT_EQ(sum_of(find(all, v1::ROLLUP_LEVEL_TENANT, "t")), 60) << "the sums of both; their mean is that of the area";
  EXPECT_FALSE(find(all, v1::ROLLUP_LEVEL_TENANT, "t").has_lowest());

  auto meter = hour_of(1, "t", "a", 0);
  meter.set_kind(v1::KIND_COUNTER);
  to_proto(base::Int128{1234}, *meter.mutable_counter()->mutable_amount());
  all = test::fold_all("water_volume", "PT1H", kStart, {*member_of(meter)}, {}, {});
  EXPECT_EQ(sum_of(find(all, v1::ROLLUP_LEVEL_REGION, "")), 1234);

  auto bay = hour_of(1, "t", "a", 0);
  bay.set_kind(v1::KIND_STATE);
  bay.mutable_duration()->set_known_us(kHour);
  bay.mutable_duration()->set_occupied_us(kHour / 4);
  bay.mutable_duration()->set_transitions_on(3);
  auto free = bay;
  free.set_dev_eui(2);
  free.mutable_duration()->set_occupied_us(0);
  all = test::fold_all("parking_occupied", "PT1H", kStart, {*member_of(bay), *member_of(free)}, {}, {});
  const auto& lot = find(all, v1::ROLLUP_LEVEL_SITE, "t", "a");
  EXPECT_EQ(lot.duration().known_us(), 2 * kHour);
  EXPECT_EQ(lot.duration().occupied_us(), kHour / 4);
  EXPECT_EQ(lot.duration().transitions_on(), 6u);
  EXPECT_EQ(lot.members_used(), 2u);
  EXPECT_FALSE(lot.has_members());
}

TEST(Rollup, WhatIsNotValidOrNotAlikeIsNotUsed) {
  auto thin = hour_of(1, "t", "a", 10);
  thin.set_covered_us(kHour * 3 / 4 - 1);
  EXPECT_FALSE(member_of(thin)->used());
  thin.set_covered_us(kHour * 3 / 4);
  EXPECT_TRUE(member_of(thin)->used());
  thin.set_covered_us(0);
  thin.set_nominal_interval_s(0);
  EXPECT_TRUE(member_of(thin)->used()) << "how often it should report is unknown";
  auto nothing = hour_of(1, "t", "a", 10);
  nothing.mutable_gauge()->Clear();
  EXPECT_FALSE(member_of(nothing)->used());
  auto elsewhere = hour_of(1, "t", "", 10);
  EXPECT_FALSE(member_of(elsewhere));

  auto other_unit = member(2, "t", "a", 50);
  other_unit.set_exponent(-2);
  const auto all = test::fold_all("temperature", "PT1H", kStart, {other_unit, member(1, "t", "a", 10)}, {}, {});
  const auto& site = find(all, v1::ROLLUP_LEVEL_SITE, "t", "a");
  EXPECT_EQ(site.members_used(), 1u) << "the first by unit, kind and exponent says what they are";
  EXPECT_EQ(site.exponent(), -2);
}

TEST(Rollup, HoursAndDaysOfWhatSensorsMeasure) {
  EXPECT_TRUE(is_rolled_up(SeriesClass::other, {0, 3600}));
  EXPECT_TRUE(is_rolled_up(SeriesClass::meter, {0, 82'800, Calendar::day_local}));
  EXPECT_FALSE(is_rolled_up(SeriesClass::other, {0, 900}));
  EXPECT_FALSE(is_rolled_up(SeriesClass::other, {0, 3600, Calendar::none, 600}));
  EXPECT_FALSE(is_rolled_up(SeriesClass::gas, {0, 86'400, Calendar::gas_day}));
  EXPECT_FALSE(is_rolled_up(SeriesClass::network, {0, 3600}));
  EXPECT_TRUE(is_rolled_up(series_class_of("low_battery"), {0, 3600}));
  EXPECT_FALSE(is_rolled_up(series_class_of("sound_level.2"), {0, 3600}));
  EXPECT_TRUE(is_rolled_up(series_class_of("sound_energy"), {0, 3600}));
}

constexpr auto kDue = kStart + kHour + 5 * kMinute;

TEST(RollupProcessor, WaitsForTheSlowestPartition) {
  Rollups rollups;
  EXPECT_TRUE(rollups.take(hour_of(1, "menden", "school", 200)).empty());
  EXPECT_TRUE(rollups.time(0, kDue + kHour).empty()) << "nothing is known of the other partition";
  EXPECT_TRUE(rollups.take(hour_of(2, "menden", "school", 210)).empty());
  EXPECT_TRUE(rollups.time(1, kDue - 1).empty());
  const auto results = rollups.time(1, kDue);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(find(results, v1::ROLLUP_LEVEL_SITE, "menden", "school").members_used(), 2u);
  EXPECT_EQ(results.front().emitted_us(), kDue);
  EXPECT_EQ(results.front().revision(), 0u);
  EXPECT_TRUE(rollups.time(0, kDue + 2 * kHour).empty());
}

TEST(RollupProcessor, ACorrectedMemberReplacesWhatItWas) {
  Rollups rollups;
  rollups.time(0, kStart);
  rollups.time(1, kStart);
  rollups.take(hour_of(1, "menden", "school", 200));
  rollups.take(hour_of(2, "olpe", "pool", 300));
  rollups.time(0, kDue);
  EXPECT_EQ(rollups.time(1, kDue).size(), 5u);
  EXPECT_TRUE(rollups.take(hour_of(1, "menden", "school", 220)).empty());
  EXPECT_TRUE(rollups.take(hour_of(1, "menden", "school", 221)).empty()) << "told once in ten minutes";
  rollups.time(0, kDue + kHour);
  EXPECT_TRUE(rollups.time(1, kDue + kMinute).empty());
  const auto results = rollups.time(1, kDue + 10 * kMinute);
  ASSERT_EQ(results.size(), 3u) << "its site, its tenant, the region; not Olpe";
  for (const auto& result : results) EXPECT_EQ(result.revision(), 1u);
  EXPECT_EQ(sum_of(find(results, v1::ROLLUP_LEVEL_REGION, "")), 521);
  // The same again changes nothing.
  rollups.take(hour_of(1, "menden", "school", 221));
  EXPECT_TRUE(rollups.time(1, kDue + 25 * kMinute).empty());
}

TEST(RollupProcessor, ADeviceThatIsMovedLeavesItsSite) {
  Rollups rollups;
  rollups.time(0, kDue - 1);
  rollups.time(1, kDue - 1);
  rollups.take(hour_of(1, "menden", "school", 200));
  rollups.time(0, kDue);
  EXPECT_EQ(rollups.time(1, kDue).size(), 3u);
  rollups.take(hour_of(1, "menden", "town-hall", 200));
  rollups.time(0, kDue + kHour);
  const auto results = rollups.time(1, kDue + kHour);
  const auto& school = find(results, v1::ROLLUP_LEVEL_SITE, "menden", "school");
  EXPECT_EQ(school.revision(), 1u);
  EXPECT_EQ(school.members_used(), 0u);
  EXPECT_FALSE(school.has_members());
  EXPECT_EQ(find(results, v1::ROLLUP_LEVEL_SITE, "menden", "town-hall").members_used(), 1u);
}

TEST(RollupProcessor, DevicesOfTheLastSevenDaysAreItsTotal) {
  Rollups rollups;
  rollups.time(0, kStart);
  rollups.time(1, kStart);
  rollups.take(hour_of(1, "menden", "school", 200));
  constexpr auto kDay = 24 * kHour;
  const auto midnight = kStart / kDay * kDay + 8 * kDay;  // the eighth day after the first one's begins
  rollups.take(hour_of(2, "menden", "school", 200, midnight - kHour));
  rollups.take(hour_of(2, "menden", "school", 200, midnight));
  rollups.commit();
  rollups.restart();
  rollups.time(0, midnight + kHour + kDue - kStart);
  const auto results = rollups.time(1, midnight + kHour + kDue - kStart);
  std::map<std::int64_t, std::uint32_t> totals;
  for (const auto& each : results) {
    if (each.level() == v1::ROLLUP_LEVEL_SITE) totals[each.start_us()] = each.members_total();
  }
  EXPECT_EQ(totals, (std::map<std::int64_t, std::uint32_t>{{kStart, 1}, {midnight - kHour, 2}, {midnight, 1}}));
}

TEST(RollupProcessor, PortionsAndRestartsChangeNothing) {
  const auto run = [](std::size_t portion_bytes, int restart_every) {
    Rollups rollups(portion_bytes);
    std::string all;
    int steps = 0;
    const auto note = [&](const std::vector<v1::Rollup>& results) {
      for (const auto& each : results) all += each.SerializeAsString();
      if (restart_every > 0 && ++steps % restart_every == 0) {
        rollups.commit();
        rollups.restart();
      }
    };
    for (int round = 0; round < 6; ++round) {
      for (std::uint64_t device = 0; device < 20; ++device) {
        note(rollups.take(hour_of(device, device % 3 == 0 ? "olpe" : "menden", "site-" + std::to_string(device % 7),
                                  static_cast<std::int64_t>(device) * 10 + round, kStart + round / 2 * kHour)));
      }
      note(rollups.time(0, kDue + round * kHour / 2));
      note(rollups.time(1, kDue + round * kHour / 2 - kMinute));
    }
    for (int hour = 4; hour < 8; ++hour) note(rollups.take(hour_of(1, "olpe", "site-1", 77, kStart + hour * kHour)));
    note(rollups.time(1, kDue + 9 * kHour));
    note(rollups.time(0, kDue + 9 * kHour));
    if (portion_bytes < 1000) {
      EXPECT_GT(rollups.parts, 0);
    }
    rollups.commit();
    EXPECT_TRUE(
        rollups.state.scan(storage::Store::rollup, 0, {}, {}, [&](std::string_view key, std::string_view value) {
          all.append(key).append(value);
          return true;
        }));
    return all;
  };
  const auto whole = run(kPortionBytes, 0);
  EXPECT_GT(whole.size(), 1000u);
  EXPECT_EQ(run(kPortionBytes, 1), whole);
  EXPECT_EQ(run(kPortionBytes, 7), whole);
  EXPECT_EQ(run(200, 1), whole);
}

TEST(RollupProcessor, OldRowsGo) {
  Rollups rollups;
  const auto rows = [&] {
    std::size_t count = 0;
    EXPECT_TRUE(rollups.state.scan(storage::Store::rollup, 0, {}, {}, [&](std::string_view key, std::string_view) {
      count += key.front() == 'g' || key.front() == 'o';
      return true;
    }));
    return count;
  };
  rollups.time(0, kStart);
  rollups.time(1, kStart);
  rollups.take(hour_of(1, "menden", "school", 200));
  auto meter = hour_of(2, "menden", "school", 0);
  meter.set_measure("water_volume");
  meter.set_kind(v1::KIND_COUNTER);
  meter.mutable_counter()->set_count(1);
  rollups.take(meter);
  for (const auto& [hours, left] : {std::pair{24, 5U}, {60, 4U}, {100, 0U}}) {
    rollups.time(0, kDue + hours * kHour);
    rollups.time(1, kDue + hours * kHour);
    rollups.commit();
    EXPECT_EQ(rows(), left) << hours << " h";
  }
}

TEST(RollupProcessor, WhatIsNoInputIsPutAside) {
  base::Counters counters;
  test::MapState state;
  RollupProcessor processor(test::plain_settings(), 1, counters);
  ASSERT_TRUE(processor.assigned(0, state));
  storage::Batch out;
  for (const auto* value : {"", "\xff\xff", "nonsense"})
    EXPECT_EQ(processor.step({storage::Topic::rollup_in, 0, 0, base::from_us(0), {}, {}, value, false}, out),
              Progress::done);
  ASSERT_EQ(out.appends(), 3u);
  EXPECT_EQ(out.append_at(2).topic, storage::Topic::dead_letter);
  EXPECT_FALSE(processor.fault());
  state.broken = true;
  v1::RollupInput input;
  *input.mutable_member() = hour_of(1, "t", "s", 1);
  const auto value = input.SerializeAsString();
  EXPECT_EQ(processor.step({storage::Topic::rollup_in, 0, 0, base::from_us(0), {}, {}, value, false}, out),
            Progress::done);
  ASSERT_TRUE(processor.fault());
  EXPECT_EQ(processor.fault()->code, "log_read");
}

}  // namespace
}  // namespace lenne::processing::rollup
