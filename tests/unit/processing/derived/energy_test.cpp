// Energy: what it means for the climate, charge points, street light; and the sun.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>

#include "base/time.hpp"
#include "processing/derived/charging.hpp"
#include "processing/derived/climate_protection.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/street_light.hpp"
#include "processing/derived/sun.hpp"
#include "processing/derived/uv.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using namespace std::chrono;

constexpr std::int64_t kEnergyQuarter = kTestHourUs / 4;

v1::Aggregate wh_of(const std::string& window, std::int64_t start_us, std::int64_t length_us, std::int64_t wh) {
  auto row = result_of("energy", window, start_us, length_us, 0, 0, 0);
  row.clear_gauge();
  row.set_kind(v1::KIND_COUNTER);
  row.set_unit("kWh");
  row.set_exponent(-3);
  row.mutable_counter()->set_count(1);
  put(*row.mutable_counter()->mutable_amount(), wh);
  return row;
}

std::vector<LocalDay> days_from(sys_days first, int count) {
  std::vector<LocalDay> found;
  for (int d = 0; d < count; ++d) {
    const auto start = base::to_us(base::Timestamp{first + days{d}});
    found.push_back({first + days{d}, start, start + kTestDayUs});
  }
  return found;
}

TEST(ClimateProtection, FactorsByCarrierAndYear) {
  EXPECT_EQ(emission_factor("gas", 2026y)->micro, 201'000);
  EXPECT_EQ(emission_factor("heating_oil", 2026y)->micro, 266'000);
  EXPECT_EQ(emission_factor("district_heat", 2026y)->micro, 280'000);
  EXPECT_EQ(emission_factor("electricity", 2026y)->from_year, 2024) << "the newest one holds";
  EXPECT_EQ(emission_factor("electricity", 2023y), nullptr);
  EXPECT_EQ(emission_factor("coal", 2026y), nullptr);
  EXPECT_TRUE(is_carrier("gas"));
  EXPECT_FALSE(is_carrier("coal"));
  for (const auto& factor : emission_factors()) EXPECT_FALSE(factor.source.empty()) << factor.carrier;
}

// 100 kWh a day at 5 °C (15 Kd), 40 kWh at 16 °C (none).
std::vector<v1::Aggregate> use_of_days(std::span<const LocalDay> of, std::int64_t wh) {
  std::vector<v1::Aggregate> rows;
  for (const auto& day : of) rows.push_back(wh_of("P1D", day.start_us, kTestDayUs, wh));
  return rows;
}
std::vector<v1::Aggregate> weather_of_days(std::span<const LocalDay> of, std::int64_t mean) {
  std::vector<v1::Aggregate> rows;
  for (const auto& day : of)
    rows.push_back(result_of("temperature", "P1D", day.start_us, kTestDayUs, mean, mean, mean));
  return rows;
}

TEST(ClimateProtection, EnergyForEachDegreeDay) {
  const auto year = days_from(2026y / January / 1, 10);
  const auto before = heat_use(use_of_days(year, 100'000), weather_of_days(year, 500), year, "gas");
  EXPECT_EQ(before.energy_micro, 1000 * kMicro);
  EXPECT_EQ(before.degree_days_micro, 150 * kMicro);
  EXPECT_EQ(before.co2_micro, 201 * kMicro);
  EXPECT_EQ(before.valid, true);
  EXPECT_EQ(signature_micro(before), 6'666'667);
  // A colder time, and yet as much energy: a quarter was saved for each degree day.
  const auto now = heat_use(use_of_days(year, 100'000), weather_of_days(year, 0), year, "gas");
  EXPECT_EQ(now.degree_days_micro, 200 * kMicro);
  EXPECT_EQ(saving_micro(before, now), 250'000);
  EXPECT_EQ(saving_micro(now, before), -333'333);
  const auto summer = heat_use(use_of_days(year, 40'000), weather_of_days(year, 1600), year, "gas");
  EXPECT_EQ(signature_micro(summer), std::nullopt);
  EXPECT_EQ(saving_micro(before, summer), std::nullopt);
}

TEST(ClimateProtection, DaysCountWhenBothAreKnown) {
  const auto year = days_from(2023y / December / 30, 4);
  auto energy = use_of_days(year, 100'000);
  auto weather = weather_of_days(year, 500);
  energy[0].set_covered_us(kTestDayUs / 1000 * 874);
  weather.erase(weather.begin() + 1);
  auto use = heat_use(energy, weather, year, "electricity");
  EXPECT_EQ(use.days, 2);
  EXPECT_EQ(use.possible_days, 4);
  EXPECT_EQ(use.energy_micro, 200 * kMicro);
  EXPECT_EQ(use.valid, false);
  EXPECT_EQ(use.co2_micro, 2 * 36'300'000) << "both of 2024";
  weather[1].set_nominal_interval_s(0);
  EXPECT_EQ(heat_use(energy, weather, std::span(year).subspan(2), "gas").valid, std::nullopt);
  use = heat_use(use_of_days(year, 1000), weather_of_days(year, 500), year, "electricity");
  EXPECT_EQ(use.co2_micro, std::nullopt) << "2023 has no factor";
  EXPECT_EQ(heat_use({}, {}, {}, "gas").valid, false);
}

RC_GTEST_PROP(ClimateProtectionLaws, AsMuchForEachDegreeDaySavesNothing, ()) {
  const auto year = days_from(2026y / January / 1, 5);
  const auto wh = *rc::gen::inRange<std::int64_t>(1, 100'000);
  const auto use =
      heat_use(use_of_days(year, wh), weather_of_days(year, *rc::gen::inRange<std::int64_t>(-2000, 1499)), year, "gas");
  RC_ASSERT(saving_micro(use, use) == 0);
}

v1::Aggregate charge_place(std::int64_t start_us, std::int64_t occupied_minutes, int arrivals) {
  auto row = result_of("occupancy", "PT15M", start_us, kEnergyQuarter, 0, 0, 0);
  row.set_kind(v1::KIND_STATE);
  row.mutable_duration()->set_known_us(kEnergyQuarter);
  row.mutable_duration()->set_occupied_us(occupied_minutes * 60'000'000);
  row.mutable_duration()->set_transitions_on(static_cast<std::uint64_t>(arrivals));
  return row;
}

TEST(ChargePoints, TakenWithoutCharging) {
  // It charges for half an hour, then stands for a quarter; a last one whose energy is not measured, then nobody.
  const std::vector<v1::Aggregate> places{charge_place(0, 10, 1), charge_place(kEnergyQuarter, 15, 0),
                                          charge_place(2 * kEnergyQuarter, 15, 0),
                                          charge_place(3 * kEnergyQuarter, 5, 0)};
  std::vector<v1::Aggregate> energy{wh_of("PT15M", 0, kEnergyQuarter, 1500),
                                    wh_of("PT15M", kEnergyQuarter, kEnergyQuarter, 25),
                                    wh_of("PT15M", 2 * kEnergyQuarter, kEnergyQuarter, 24)};
  const auto charging = charging_of(places, energy, 0, 5 * kEnergyQuarter);
  EXPECT_EQ(charging.energy_micro, 1'549'000);
  EXPECT_EQ(charging.sessions, 1U);
  EXPECT_EQ(charging.occupied_us, 45 * 60'000'000LL);
  EXPECT_EQ(charging.known_us, 4 * kEnergyQuarter);
  EXPECT_EQ(charging.length_us, 5 * kEnergyQuarter);
  EXPECT_EQ(charging.judged_us, 40 * 60'000'000LL);
  EXPECT_EQ(charging.idle_us, 15 * 60'000'000LL) << "24 Wh are less than 100 W, 25 are not";
  energy[2].set_covered_us(kEnergyQuarter - 1);
  EXPECT_EQ(charging_of(places, energy, 0, 5 * kEnergyQuarter).judged_us, 25 * 60'000'000LL);
  EXPECT_EQ(charging_of(places, energy, kEnergyQuarter, 2 * kEnergyQuarter).sessions, 0U);
}

TEST(ChargePoints, SessionsHaveTheEnergyOfTheirQuarterHours) {
  const std::vector<v1::Aggregate> places{charge_place(0, 0, 0), charge_place(kEnergyQuarter, 10, 1),
                                          charge_place(2 * kEnergyQuarter, 15, 0),
                                          charge_place(3 * kEnergyQuarter, 5, 0)};
  std::vector<v1::Aggregate> energy;
  for (int q = 0; q < 4; ++q) energy.push_back(wh_of("PT15M", q * kEnergyQuarter, kEnergyQuarter, 1000 * (q + 1)));
  constexpr std::int64_t kMinuteUs = 60'000'000;
  const Stay stay{50 * kMinuteUs, 30 * kMinuteUs};
  const auto session = charge_sessions(std::span(&stay, 1), places, energy).at(0);
  EXPECT_EQ(session.start_us, 20 * kMinuteUs);
  EXPECT_EQ(session.end_us, 50 * kMinuteUs);
  EXPECT_EQ(session.energy_micro, 9 * kMicro) << "2 + 3 + 4 kWh, not the first quarter's";
  const Stay later{60 * kMinuteUs, 15 * kMinuteUs};
  const std::vector<v1::Aggregate> none_before{charge_place(2 * kEnergyQuarter, 0, 0),
                                               charge_place(3 * kEnergyQuarter, 15, 1)};
  EXPECT_EQ(charge_sessions(std::span(&later, 1), none_before, energy).at(0).energy_micro, 4 * kMicro)
      << "a quarter hour that ends when it begins is none of its own";
  const Stay shared{40 * kMinuteUs, 20 * kMinuteUs};
  EXPECT_EQ(charge_sessions(std::span(&shared, 1), places, energy).at(0).energy_micro, std::nullopt)
      << "somebody else stood there, too";
  energy[2].set_covered_us(kEnergyQuarter - 1);
  EXPECT_EQ(charge_sessions(std::span(&stay, 1), places, energy).at(0).energy_micro, std::nullopt);
  energy.erase(energy.begin() + 2);
  EXPECT_EQ(charge_sessions(std::span(&stay, 1), places, energy).at(0).energy_micro, std::nullopt);
}

// Compared with a longer series (Meeus, Astronomical Algorithms) for 51.44 N, 7.79 E; minutes of UTC.
TEST(Sun, SetsAndRises) {
  constexpr Place kMenden{51.44, 7.79};
  const auto check = [&](sys_days date, double rise_min, double set_min) {
    const auto times = sun_times(date, kMenden);
    ASSERT_TRUE(times);
    const auto midnight = base::to_us(base::Timestamp{date});
    EXPECT_NEAR(static_cast<double>(times->rise_us - midnight) / 60e6, rise_min, 3) << date.time_since_epoch().count();
    EXPECT_NEAR(static_cast<double>(times->set_us - midnight) / 60e6, set_min, 3) << date.time_since_epoch().count();
  };
  check(2026y / June / 21, 191.87, 1189.46);
  check(2026y / December / 21, 451.82, 922.01);
  check(2026y / March / 20, 331.14, 1061.40);
  check(2026y / September / 23, 316.84, 1045.61);
  EXPECT_FALSE(sun_times(2026y / June / 21, {70, 20})) << "it does not set";
  EXPECT_FALSE(sun_times(2026y / December / 21, {70, 20})) << "it does not rise";
}

TEST(StreetLights, BurnAtNight) {
  // From 18:10 to 06:00; quarters from noon to noon.
  const LightNight night{18 * kTestHourUs + 600'000'000, 30 * kTestHourUs};
  std::vector<v1::Aggregate> rows;
  for (auto at = 12 * kTestHourUs; at < 36 * kTestHourUs; at += kEnergyQuarter) {
    const bool burns = at >= 18 * kTestHourUs && at < 31 * kTestHourUs;
    rows.push_back(wh_of("PT15M", at, kEnergyQuarter, burns ? 100 : 0));
  }
  auto light = street_light(rows, night, 12 * kTestHourUs, 36 * kTestHourUs, 10);
  EXPECT_EQ(light.possible_quarters, 47);
  EXPECT_EQ(light.quarters, 47);
  EXPECT_EQ(light.burning_quarters, 47);
  EXPECT_EQ(light.day_quarters, 4) << "an hour after sunrise; the quarter of sunset is neither";
  EXPECT_EQ(light.energy_micro, 5'200'000);
  EXPECT_EQ(light.per_lamp_micro, 520'000);
  EXPECT_TRUE(light.valid);
  EXPECT_FALSE(light.failed);
  EXPECT_EQ(street_light(rows, night, 12 * kTestHourUs, 36 * kTestHourUs, 400).burning_quarters, 47);
  EXPECT_EQ(street_light(rows, night, 12 * kTestHourUs, 36 * kTestHourUs, 401).burning_quarters, 0) << "below 1 W each";
  for (auto& row : rows) put(*row.mutable_counter()->mutable_amount(), 0);
  EXPECT_TRUE(street_light(rows, night, 12 * kTestHourUs, 36 * kTestHourUs, 10).failed);
  light = street_light(std::span(rows).first(60), night, 12 * kTestHourUs, 36 * kTestHourUs, 10);
  EXPECT_EQ(light.quarters, 35);
  EXPECT_FALSE(light.valid) << "35 of 47";
  EXPECT_FALSE(light.failed) << "it may have burnt later";
}

TEST(Uv, HoursThatAskForProtection) {
  const auto day = days_from(2026y / June / 21, 1).front();
  std::vector<v1::Aggregate> rows;
  for (int q = 0; q < 96; ++q) {
    const auto at = day.start_us + q * kEnergyQuarter;
    const auto index = q >= 40 && q < 52 ? (q == 45 ? 710 : 300) : 299;
    rows.push_back(result_of("uv_index", "PT15M", at, kEnergyQuarter, index, index, q == 45 ? 790 : index));
  }
  auto uv = *uv_day(rows, day);
  EXPECT_EQ(uv.highest_micro, 7'900'000);
  EXPECT_EQ(uv.highest_us, day.start_us + 45 * kEnergyQuarter);
  EXPECT_EQ(uv.protection_quarters, 12);
  EXPECT_EQ(uv.valid, true);
  uv = *uv_day(std::span(rows).first(71), day);
  EXPECT_EQ(uv.valid, false);
  rows[45].set_covered_us(1);
  EXPECT_EQ(uv_day(rows, day)->protection_quarters, 11);
  EXPECT_EQ(uv_day(rows, day)->highest_micro, 7'900'000) << "it was seen";
  for (auto& row : rows) row.set_nominal_interval_s(0);
  EXPECT_EQ(uv_day(rows, day)->valid, std::nullopt);
  EXPECT_FALSE(uv_day({}, day));
}

}  // namespace
}  // namespace lenne::processing::derived
