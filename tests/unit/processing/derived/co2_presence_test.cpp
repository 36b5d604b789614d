// Presence by CO2, a proxy.
#include "processing/derived/co2_presence.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "processing/derived/levels.hpp"
#include "processing/derived/occupancy.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

v1::Device room_with(const std::vector<std::pair<std::string, std::int64_t>>& parameters) {
  v1::Device device;
  for (const auto& [name, value] : parameters) {
    auto& parameter = *device.add_parameters();
    parameter.set_name(name);
    parameter.mutable_value()->set_value(value);
  }
  return device;
}

v1::Aggregate presence_quarter(std::int64_t at, std::int64_t hundredths_ppm, std::int64_t covered = 1000) {
  return result_of("co2", "PT15M", at * kTestHourUs / 4, kTestHourUs / 4, hundredths_ppm, hundredths_ppm,
                   hundredths_ppm, covered);
}

TEST(Co2Presence, OnlyWhereTheDeviceSaysSo) {
  EXPECT_EQ(presence_limit_of({}).value(), std::nullopt);
  EXPECT_EQ(presence_limit_of(room_with({{"presence_by_co2", 0}})).value(), std::nullopt);
  EXPECT_EQ(presence_limit_of(room_with({{"outdoor_co2", 450}})).value(), std::nullopt);
  EXPECT_EQ(presence_limit_of(room_with({{"presence_by_co2", 1}})).value(), 630 * kMicro);
  EXPECT_EQ(presence_limit_of(room_with({{"presence_by_co2", 1}, {"outdoor_co2", 450}})).value(), 650 * kMicro);
  for (const auto& device :
       {room_with({{"presence_by_co2", 2}}), room_with({{"outdoor_co2", 299}}), room_with({{"outdoor_co2", 1001}})}) {
    const auto limit = presence_limit_of(device);
    ASSERT_FALSE(limit);
    EXPECT_EQ(limit.error().code, "bad_parameter");
    EXPECT_NE(limit.error().message.find(device.parameters(0).name()), std::string::npos);
  }
}

TEST(Co2Presence, WholeQuartersAreTakenOrFree) {
  auto silent = presence_quarter(4, 90'000);
  silent.mutable_gauge()->set_count(0);
  auto of_unknown_coverage = presence_quarter(5, 90'000);
  of_unknown_coverage.set_nominal_interval_s(0);
  const auto states = presence_by_co2(
      std::vector{presence_quarter(0, 62'999), presence_quarter(1, 63'000), presence_quarter(2, 90'000, 499),
                  presence_quarter(3, 90'000, 500), silent, of_unknown_coverage},
      630 * kMicro);
  ASSERT_EQ(states.size(), 4U);
  constexpr std::int64_t kQuarter = kTestHourUs / 4;
  EXPECT_EQ(place_time(states[0]), (PlaceTime{0, kQuarter, 0}));
  EXPECT_EQ(place_time(states[1]), (PlaceTime{kQuarter, 0, 0}));
  EXPECT_EQ(states[2].start_us(), 3 * kQuarter);
  EXPECT_EQ(states[3].start_us(), 5 * kQuarter) << "what nobody knows the interval of counts";
}

RC_GTEST_PROP(Co2PresenceLaws, TakenFreeAndUnknownAreAllTheTime, ()) {
  std::vector<v1::Aggregate> quarters;
  for (std::int64_t q = 0; q < 96; ++q) {
    if (*rc::gen::inRange(0, 5) == 0) continue;
    quarters.push_back(presence_quarter(q, *rc::gen::inRange(30'000, 300'000), *rc::gen::inRange(0, 1001)));
  }
  const auto limit = *rc::gen::inRange<std::int64_t>(300, 3000) * kMicro;
  PlaceTime time, stricter;
  for (const auto& state : presence_by_co2(quarters, limit)) time.add(place_time(state));
  for (const auto& state : presence_by_co2(quarters, limit + 100 * kMicro)) stricter.add(place_time(state));
  RC_ASSERT(time.unknown_us == 0);
  RC_ASSERT(time.occupied_us + time.free_us <= kTestDayUs);
  RC_ASSERT(time.occupied_us + time.free_us == stricter.occupied_us + stricter.free_us);
  RC_ASSERT(stricter.occupied_us <= time.occupied_us);
}

}  // namespace
}  // namespace lenne::processing::derived
