// Substations by how badly they cool.
#include "processing/meters/substations.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "processing/meters/heat.hpp"

namespace lenne::processing::meters {
namespace {

constexpr unsigned kNovember = 30;

/// 1163 kWh carried by so many m3: 50 m3 are cooled by 20 K.
Substation of_volume(std::int64_t m3, std::int64_t return_celsius = 40) {
  return {.energy_wh = 1'163'000,
          .volume_ml = m3 * 1'000'000,
          .return_ukel = return_celsius * 1'000'000,
          .return_volume_ml = m3 * 1'000'000,
          .days = kNovember};
}

using Places = std::vector<std::size_t>;

TEST(Substations, TheWorstComesFirst) {
  const std::vector<Substation> all{of_volume(25, 60), of_volume(100, 50), of_volume(50, 70)};
  EXPECT_EQ(rank_substations(all, Cooling::specific_volume, kNovember).worst_first, (Places{1, 2, 0}));
  EXPECT_EQ(rank_substations(all, Cooling::temperature_difference, kNovember).worst_first, (Places{1, 2, 0}));
  EXPECT_EQ(rank_substations(all, Cooling::return_temperature, kNovember).worst_first, (Places{2, 0, 1}));
  const std::vector<Substation> equal{of_volume(50), of_volume(50), of_volume(51)};
  EXPECT_EQ(rank_substations(equal, Cooling::specific_volume, kNovember).worst_first, (Places{2, 0, 1}));
}

TEST(Substations, WhoHasNoPlaceAndWhy) {
  const auto why = [](const Substation& each, Cooling by) -> std::string_view {
    const auto ranking = rank_substations({&each, 1}, by, kNovember);
    return ranking.left_out.empty() ? "" : name_of(ranking.left_out[0].why);
  };
  auto each = of_volume(50);
  EXPECT_EQ(why(each, Cooling::return_temperature), "");
  each.days = 23;  // 75 % of 30 are 22.5
  EXPECT_EQ(why(each, Cooling::specific_volume), "");
  each.days = 22;
  EXPECT_EQ(why(each, Cooling::specific_volume), "too_few_days");
  each = of_volume(100);
  each.return_volume_ml = 74'999'999;
  EXPECT_EQ(why(each, Cooling::return_temperature), "no_return_temperature");
  EXPECT_EQ(why(each, Cooling::temperature_difference), "");
  each.return_volume_ml = 75'000'000;
  EXPECT_EQ(why(each, Cooling::return_temperature), "");
  each.return_ukel.reset();
  EXPECT_EQ(why(each, Cooling::return_temperature), "no_return_temperature");
  EXPECT_EQ(why(of_volume(0), Cooling::specific_volume), "nothing_ran");
  each = of_volume(50);
  each.energy_wh = 0;
  EXPECT_EQ(why(each, Cooling::specific_volume), "nothing_ran");
  EXPECT_EQ(why({.has_volume = false}, Cooling::specific_volume), "no_volume");
  EXPECT_EQ(why({}, Cooling::specific_volume), "too_few_days");
}

TEST(Substations, OnTheFirstOfAMonthNobodyHasAPlace) {
  const std::vector<Substation> all{{}};
  const auto ranking = rank_substations(all, Cooling::specific_volume, 0);
  ASSERT_EQ(ranking.left_out.size(), 1U);
  EXPECT_EQ(name_of(ranking.left_out[0].why), "too_few_days");
}

TEST(Substations, NamesOfCooling) {
  EXPECT_EQ(cooling_named("return_temperature"), Cooling::return_temperature);
  EXPECT_EQ(cooling_named("temperature_difference"), Cooling::temperature_difference);
  EXPECT_EQ(cooling_named("specific_volume"), Cooling::specific_volume);
  EXPECT_EQ(cooling_named("energy"), std::nullopt);
}

RC_GTEST_PROP(SubstationsProperty, EverybodyHasAPlaceOrAReason, ()) {
  std::vector<Substation> all;
  const auto count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    auto each = of_volume(*rc::gen::inRange(0, 90), *rc::gen::inRange(20, 90));
    each.days = *rc::gen::inRange(15U, kNovember + 1);
    all.push_back(each);
  }
  const auto ranking = rank_substations(all, Cooling::specific_volume, kNovember);
  Places places = ranking.worst_first;
  for (const auto& without : ranking.left_out) places.push_back(without.place);
  std::ranges::sort(places);
  for (std::size_t i = 0; i < places.size(); ++i) RC_ASSERT(places[i] == i);
  RC_ASSERT(places.size() == all.size());
  for (std::size_t i = 1; i < ranking.worst_first.size(); ++i) {
    const auto& worse = all[ranking.worst_first[i - 1]];
    const auto& better = all[ranking.worst_first[i]];
    RC_ASSERT(*specific_volume(worse.energy_wh, worse.volume_ml) >=
              *specific_volume(better.energy_wh, better.volume_ml));
  }
}

}  // namespace
}  // namespace lenne::processing::meters
