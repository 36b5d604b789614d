#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "processing/meters/balance.hpp"
#include "processing/meters/findings.hpp"
#include "processing/meters/heat.hpp"
#include "processing/meters/mscons.hpp"
#include "processing/meters/night_flow.hpp"
#include "processing/meters/obis.hpp"
#include "processing/meters/quality.hpp"

namespace lenne::processing::meters {
namespace {

constexpr std::int64_t kStart = 1'792'879'200'000'000;  // 2026-10-24T22:00:00Z: a local day of 25 h
constexpr std::int64_t kQuarterUs = kHourUs / 4;

Slice slice(std::int64_t start_us, std::int64_t length_us, std::int64_t amount) {
  return {start_us, start_us + length_us, amount, 0, length_us, 0, 0};
}

/// Hours in which these amounts ran, from kStart on.
std::vector<Slice> hours(const std::vector<std::int64_t>& amounts) {
  std::vector<Slice> profile;
  for (const auto amount : amounts)
    profile.push_back(slice(kStart + static_cast<std::int64_t>(profile.size()) * kHourUs, kHourUs, amount));
  return profile;
}

TEST(Quality, TheWorstPartNamesTheWindow) {
  auto window = slice(kStart, kHourUs, 5);
  EXPECT_EQ(letter_of(quality_of(window, true)), "W");
  EXPECT_EQ(letter_of(quality_of(window, false)), "P");
  window.interpolated_us = 1;
  EXPECT_EQ(letter_of(quality_of(window, true)), "I");
  window.measured_us = kHourUs / 2;
  window.estimated_us = kHourUs / 2;
  EXPECT_EQ(letter_of(quality_of(window, true)), "E");
  window.estimated_us -= 1;
  EXPECT_EQ(letter_of(quality_of(window, true)), "M");
}

TEST(Quality, HasANameInMessagesOfTheEnergyMarket) {
  EXPECT_EQ(mscons_status_of(Quality::true_value), "220");
  EXPECT_EQ(mscons_status_of(Quality::interpolated), "67");
  EXPECT_EQ(mscons_status_of(Quality::substitute), "67");
  EXPECT_EQ(mscons_status_of(Quality::provisional), "Z18");
  EXPECT_EQ(mscons_status_of(Quality::missing), "");
}

TEST(Findings, WhatAConnectionIsForSaysByWhichRules) {
  EXPECT_EQ(purpose_named(""), purpose_named("household"));
  EXPECT_EQ(purpose_named("garden"), nullptr);
  std::vector<std::int64_t> amounts(24, 10);
  amounts[3] = 0;
  const auto until = kStart + kDayUs;
  const auto found = [&](std::string_view name, auto find) { return find(hours(amounts), purpose_named(name)->rules); };
  const auto leak = [&](const auto& profile, const auto& rules) { return find_leak(profile, until, rules); };
  const auto burst = [&](const auto& profile, const auto& rules) { return find_burst(profile, 9, until, rules); };
  const auto dry = [&](const auto& profile, const auto& rules) { return find_dry(profile, until, rules); };
  EXPECT_EQ(found("household", leak), Finding::no);
  EXPECT_EQ(found("hydrant", leak), Finding::yes) << "an hour at rest is too little for one that rests for months";
  EXPECT_EQ(found("industry", leak), Finding::not_judged);
  EXPECT_EQ(found("household", burst), Finding::yes);
  EXPECT_EQ(found("irrigation", burst), Finding::yes);
  for (const auto hour : {8, 13, 18, 23}) amounts[static_cast<std::size_t>(hour)] = 0;
  EXPECT_EQ(found("irrigation", burst), Finding::no) << "above the limit for four hours at most";
  EXPECT_EQ(found("household", burst), Finding::yes);
  EXPECT_EQ(found("standpipe", burst), Finding::not_judged);
  EXPECT_EQ(found("household", dry), Finding::no);
  EXPECT_EQ(found("hydrant", dry), Finding::not_judged);
}

TEST(Findings, ALeakHasNoHourOfStandstill) {
  std::vector<std::int64_t> amounts(24, 1);
  const auto until = kStart + kDayUs;
  EXPECT_EQ(find_leak(hours(amounts), until), Finding::yes);
  amounts[3] = 0;
  EXPECT_EQ(find_leak(hours(amounts), until), Finding::no);
  EXPECT_EQ(find_leak(hours(amounts), until + 4 * kHourUs), Finding::unknown) << "the hour at rest is older than a day";
  amounts[3] = 1;
  auto profile = hours(amounts);
  profile[7].interpolated_us = 1;
  EXPECT_EQ(find_leak(profile, until), Finding::unknown) << "what is spread over time says nothing of standstill";
  profile.erase(profile.begin() + 7);
  EXPECT_EQ(find_leak(profile, until), Finding::unknown);
  EXPECT_EQ(find_leak({}, until), Finding::unknown);
}

TEST(Findings, StandstillMayBeginAtAnyQuarter) {
  std::vector<Slice> quarters;
  for (std::int64_t i = 0; i < 96; ++i) quarters.push_back(slice(kStart + i * kQuarterUs, kQuarterUs, 1));
  for (const auto i : {9U, 10U, 11U}) quarters[i].amount = 0;
  EXPECT_EQ(find_leak(quarters, kStart + kDayUs), Finding::yes);
  quarters[12].amount = 0;
  EXPECT_EQ(find_leak(quarters, kStart + kDayUs), Finding::no);
}

TEST(Findings, ABurstLastsHalfAnHour) {
  std::vector<Slice> quarters;
  for (std::int64_t i = 0; i < 96; ++i) quarters.push_back(slice(kStart + i * kQuarterUs, kQuarterUs, 10));
  const auto until = kStart + kDayUs;
  EXPECT_EQ(find_burst(quarters, 100, until), Finding::no);
  quarters[5].amount = 26;
  quarters[7].amount = 26;
  EXPECT_EQ(find_burst(quarters, 100, until), Finding::no);
  quarters[6].amount = 26;
  EXPECT_EQ(find_burst(quarters, 100, until), Finding::yes);
  EXPECT_EQ(find_burst(quarters, 104, until), Finding::no) << "26 a quarter is not above 104 an hour";
  EXPECT_EQ(find_burst(quarters, 0, until), Finding::unknown);
  quarters.pop_back();
  EXPECT_EQ(find_burst(quarters, 104, until), Finding::unknown);
  EXPECT_EQ(find_burst(quarters, 100, until), Finding::yes);
}

TEST(Findings, WhatIsSpreadOverTimeMayHaveRunAtOnce) {
  auto profile = hours(std::vector<std::int64_t>(24, 10));
  const auto until = kStart + kDayUs;
  for (const auto i : {5U, 6U, 7U}) profile[i].interpolated_us = kHourUs / 2;
  EXPECT_EQ(find_burst(profile, 60, until), Finding::no) << "30 is no more than half an hour at 60";
  EXPECT_EQ(find_burst(profile, 59, until), Finding::unknown);
  profile[6].interpolated_us = 0;
  EXPECT_EQ(find_burst(profile, 59, until), Finding::no) << "a sharp hour keeps the amounts apart";
  profile[6].reverse = 1;
  profile[6].interpolated_us = 1;
  EXPECT_EQ(find_burst(profile, 60, until), Finding::unknown) << "31 ran forwards";
  profile[6] = slice(kStart + 6 * kHourUs, kHourUs, 61);
  EXPECT_EQ(find_burst(profile, 60, until), Finding::yes);
  profile[6] = slice(kStart + 6 * kHourUs, kHourUs, 0);
  EXPECT_EQ(find_burst(profile, 60, until), Finding::no);
  profile[6].measured_us = kHourUs / 2;
  EXPECT_EQ(find_burst(profile, 60, until), Finding::unknown) << "of half an hour nothing is known";
  profile.erase(profile.begin() + 6);
  EXPECT_EQ(find_burst(profile, 60, until), Finding::unknown) << "an hour is missing";
}

TEST(Findings, DryAndReverse) {
  std::vector<std::int64_t> amounts(7 * 24, 0);
  const auto until = kStart + 7 * kDayUs;
  EXPECT_EQ(find_dry(hours(amounts), until), Finding::yes);
  auto gap = hours(amounts);
  gap.pop_back();
  EXPECT_EQ(find_dry(gap, until), Finding::unknown);
  amounts[100] = 1;
  EXPECT_EQ(find_dry(hours(amounts), until), Finding::no);
  auto profile = hours(amounts);
  EXPECT_EQ(find_reverse(profile, 0, until), Finding::no);
  profile[160].reverse = 5;
  EXPECT_EQ(find_reverse(profile, 0, until), Finding::yes);
  EXPECT_EQ(find_reverse(profile, 5, until), Finding::no);
  EXPECT_EQ(find_reverse(profile, 0, until + kDayUs), Finding::unknown);
}

TEST(Findings, ACoverThatWasOpen) {
  const Contact shut{kDayUs, kDayUs, 0}, open{kDayUs, 5, 5}, silent{kDayUs, kDayUs - 1, 0};
  EXPECT_EQ(find_tamper(std::vector{shut, shut}), Finding::no);
  EXPECT_EQ(find_tamper(std::vector{shut, open, silent}), Finding::yes);
  EXPECT_EQ(find_tamper(std::vector{shut, silent}), Finding::unknown);
  EXPECT_EQ(find_tamper({}), Finding::unknown);
}

TEST(NightFlow, TheNightOfAChangeOfClocksIsNoNight) {
  EXPECT_EQ(night_of(0, kDayUs), (Night{2 * kHourUs, 4 * kHourUs, false}));
  // 2026-03-29: 02:00 does not exist, 03:00 to 04:00 of summer time are the third hour of the day.
  EXPECT_EQ(night_of(0, 23 * kHourUs), (Night{2 * kHourUs, 3 * kHourUs, true}));
  EXPECT_EQ(night_of(kStart, kStart + 25 * kHourUs), (Night{kStart + 2 * kHourUs, kStart + 5 * kHourUs, true}));
}

TEST(NightFlow, IsTheLeastOfAllHours) {
  std::vector<Slice> quarters;
  for (std::int64_t i = 0; i < 24; ++i) quarters.push_back(slice(kStart + i * kQuarterUs, kQuarterUs, 100));
  // 02:00 to 04:00 are the quarters 8 to 15; the least hour is that of 10 to 13.
  for (const auto i : {10U, 11U, 12U, 13U}) quarters[i].amount = 30;
  quarters[17].amount = 0;
  const auto night = night_of(kStart, kStart + kDayUs);
  EXPECT_EQ(minimum_flow(quarters, night), base::Int128{120});
  for (const auto i : {9U, 13U}) quarters[i].measured_us = 0;
  EXPECT_EQ(minimum_flow(quarters, night), std::nullopt);
}

TEST(NightFlow, ANightOfOneHourHasOneMinimumAndOneOfThreeHasMore) {
  std::vector<Slice> quarters;
  for (std::int64_t i = 0; i < 100; ++i) quarters.push_back(slice(kStart + i * kQuarterUs, kQuarterUs, 100));
  for (const auto i : {12U, 13U, 14U, 15U}) quarters[i].amount = 10;
  EXPECT_EQ(minimum_flow(quarters, night_of(kStart, kStart + 23 * kHourUs)), base::Int128{400}) << "from 2 to 3 hours";
  EXPECT_EQ(minimum_flow(quarters, night_of(kStart, kStart + 25 * kHourUs)), base::Int128{40});
}

TEST(NightFlow, LessWhatConnectionsRightlyUse) {
  EXPECT_EQ(net_night_flow(base::Int128{120}, 7, 10), base::Int128{50});
  EXPECT_EQ(net_night_flow(base::Int128{60}, 7, 10), base::Int128{-10}) << "they used less than was said";
  EXPECT_EQ(net_night_flow(std::nullopt, 7, 10), std::nullopt);
}

TEST(Balance, OnlyOfWhatIsMeasured) {
  const std::vector<Counted> inflow{{"in", 1000, kHourUs}};
  std::vector<Counted> houses(20, {"", 40, kHourUs});
  for (std::size_t i = 0; i < houses.size(); ++i) houses[i].name = "house " + std::to_string(i);
  auto balance = balance_of(inflow, houses, kHourUs);
  EXPECT_EQ(balance.difference, base::Int128{200});
  houses[7].measured_us = 0;  // 95 % of the meters' time is left
  balance = balance_of(inflow, houses, kHourUs);
  EXPECT_EQ(balance.consumption.not_reporting, std::vector<std::string>{"house 7"});
  EXPECT_TRUE(balance.difference.has_value());
  houses[8].measured_us = kHourUs - 1;
  EXPECT_FALSE(balance_of(inflow, houses, kHourUs).difference.has_value());
  EXPECT_FALSE(balance_of({}, houses, kHourUs).difference.has_value());
  EXPECT_FALSE(balance_of(inflow, {}, kHourUs).difference.has_value());
}

TEST(Balance, ClassesOfLoss) {
  // 100 km for a day: 0.05 m3/(km h) are 120 m3.
  const auto rural = [](std::int64_t m3) {
    return class_of_loss(base::Int128{m3} * 1'000'000, 100'000, kDayUs, Structure::rural);
  };
  EXPECT_EQ(rural(119), Loss::low);
  EXPECT_EQ(rural(120), Loss::medium);
  EXPECT_EQ(rural(240), Loss::medium);
  EXPECT_EQ(rural(241), Loss::high);
  EXPECT_EQ(rural(-5), Loss::low);
  EXPECT_EQ(class_of_loss(base::Int128{241} * 1'000'000, 100'000, kDayUs, Structure::city), Loss::medium);
  EXPECT_EQ(class_of_loss(base::Int128{167} * 1'000'000, 100'000, kDayUs, Structure::urban), Loss::low);
}

TEST(Heat, IsWeightedByVolume) {
  const std::vector<ReturnFlow> flow{{3'000'000, 40'000'000}, {1'000'000, 60'000'000}, {0, 99'000'000}};
  EXPECT_EQ(mean_return(flow), base::Int128{45'000'000});
  EXPECT_EQ(mean_return({}), std::nullopt);
  EXPECT_EQ(temperature_difference(1'163'000, 50'000'000), base::Int128{20'000'000}) << "1163 kWh, 50 m3: 20 K";
  EXPECT_EQ(temperature_difference(1, 0), std::nullopt);
  EXPECT_EQ(specific_volume(2'000'000, 50'000'000), base::Int128{25'000'000}) << "25 m3/MWh";
  EXPECT_EQ(heat_per_degree_day(300'000, 150'500), base::Int128{1993}) << "300 kWh over 150.5 Kd";
  EXPECT_EQ(heat_per_degree_day(300'000, 0), std::nullopt);
  EXPECT_EQ(full_load_hours(2'250'000, 15'000), base::Int128{150'000}) << "2250 kWh at 15 kW";
  EXPECT_EQ(full_load_hours(2'250'000, 0), std::nullopt);
}

TEST(ObisCodes, AreNamesOfMeasures) {
  EXPECT_EQ(measure_of(*parse_obis("1-0:1.8.0")), "energy");
  EXPECT_EQ(measure_of(*parse_obis("1-0:1.29.0*255")), "energy");
  EXPECT_EQ(measure_of(*parse_obis("8-0:1.0.0")), "water_volume");
  EXPECT_EQ(measure_of(*parse_obis("1-0:99.8.0")), std::nullopt);
  EXPECT_EQ(to_string(*obis_of("heat_energy")), "6-0:1.0.0");
  EXPECT_EQ(obis_of("temperature"), std::nullopt);
  for (const auto* text :
       {"", "1", "1-0:1.8", "1-0:1.8.0.0", "1-0:1.8.256", "1-0:1.8.0*254", "-1-0:1.8.0", "1:0-1.8.0", "1-0:1.8.0 "})
    EXPECT_EQ(parse_obis(text).error().code, "bad_obis") << text;
}

TEST(ObisCodes, OfAllMeasuresThatHaveOne) {
  for (const auto& [code, measure] : {std::pair{"1-0:2.8.0", "energy.export"},
                                      {"6-0:1.0.0", "heat_energy"},
                                      {"7-0:3.0.0", "gas_volume"},
                                      {"7-1:3.0.0", "gas_volume"},
                                      {"9-0:1.0.0", "water_volume.warm"}})
    EXPECT_EQ(measure_of(*parse_obis(code)), measure);
  EXPECT_EQ(to_string(*obis_of("energy")), "1-0:1.8.0") << "the register, not the load profile";
  EXPECT_EQ(to_string(*obis_of("gas_volume")), "7-0:3.0.0");
  EXPECT_EQ(measure_of(*parse_obis("8-0:2.0.0")), std::nullopt) << "a flow is no register";
}

TEST(ObisCodes, ReadWhatTheyPrint) {
  EXPECT_TRUE(rc::check("parse is the inverse of print",
                        [](std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint8_t e) {
                          const Obis code{a, b, c, d, e};
                          RC_ASSERT(parse_obis(to_string(code)).value() == code);
                        }));
}

TEST(Heat, AMeanReturnIsNoWarmerThanTheWarmestWater) {
  EXPECT_TRUE(rc::check("least <= mean <= most", [](std::uint64_t seed) {
    base::Random random(seed);
    std::vector<ReturnFlow> flow;
    for (std::uint64_t i = 1 + random.below(20); i > 0; --i)
      flow.push_back({static_cast<std::int64_t>(random.below(1'000'000'000)),
                      static_cast<std::int64_t>(random.below(90'000'000))});
    const auto mean = mean_return(flow);
    if (!mean) return;
    const auto [least, most] = std::ranges::minmax(flow, {}, &ReturnFlow::return_ukel);
    RC_ASSERT(*mean >= least.return_ukel);
    RC_ASSERT(*mean <= most.return_ukel);
  }));
}

TEST(Findings, MoreFlowNeverEndsALeak) {
  EXPECT_TRUE(rc::check("leaks are monotone, and bursts too", [](std::uint64_t seed) {
    base::Random random(seed);
    std::vector<std::int64_t> amounts(24);
    for (auto& amount : amounts) amount = random.chance(0.1) ? 0 : static_cast<std::int64_t>(1 + random.below(50));
    auto more = amounts;
    for (auto& amount : more) amount += static_cast<std::int64_t>(random.below(3));
    const auto until = kStart + kDayUs;
    if (find_leak(hours(amounts), until) == Finding::yes) RC_ASSERT(find_leak(hours(more), until) == Finding::yes);
    if (find_burst(hours(amounts), 45, until) == Finding::yes)
      RC_ASSERT(find_burst(hours(more), 45, until) == Finding::yes);
  }));
}

}  // namespace
}  // namespace lenne::processing::meters
