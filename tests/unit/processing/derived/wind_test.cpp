// The wind of a window: directions have no mean, vectors do.
#include "processing/derived/wind.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/fixed_point.hpp"
#include "processing/derived/levels.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

struct Blow {
  double speed;
  double direction;
};

// One series of a window as the gauge engine writes it, in steps of 10^-3.
v1::Aggregate gauge_of(const std::string& measure, const std::vector<double>& values) {
  auto row = hour_of(measure, 0, 0);
  row.set_exponent(-3);
  base::Int128 sum = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::min();
  for (const auto value : values) {
    const auto steps = *base::to_steps(value, -3);
    sum += steps;
    max = std::max(max, steps);
  }
  auto& gauge = *row.mutable_gauge();
  gauge.set_count(values.size());
  put(*gauge.mutable_sum(), sum);
  gauge.mutable_max()->set_value(max);
  gauge.mutable_max()->set_time_us(7);
  return row;
}

std::optional<Wind> wind_by(const std::vector<Blow>& blows) {
  std::vector<double> speed, east, north;
  for (const auto& blow : blows) {
    speed.push_back(blow.speed);
    east.push_back(eastward_wind(blow.speed, blow.direction));
    north.push_back(northward_wind(blow.speed, blow.direction));
  }
  const auto eastward = gauge_of("eastward_wind", east);
  const auto northward = gauge_of("northward_wind", north);
  return wind_of(gauge_of("wind_speed", speed), &eastward, &northward, nullptr);
}

TEST(Wind, TheMeanOf350And10DegreesIs0) {
  const auto wind = wind_by({{5, 350}, {5, 10}});
  EXPECT_EQ(wind->vector->direction_micro, 0);
  EXPECT_EQ(wind->vector->speed_micro, 4'924'000) << "5 cos 10 degrees";
  EXPECT_EQ(wind->vector->steadiness_thousandths, 985);
  EXPECT_EQ(wind->mean_micro, 5'000'000);
  EXPECT_EQ(wind->valid, true);
}

TEST(Wind, ComesFromTheFourQuarters) {
  for (const int from : {0, 90, 180, 270}) {
    EXPECT_EQ(wind_by({{3, static_cast<double>(from)}})->vector->direction_micro, from * kMicro) << from;
  }
  EXPECT_LT(eastward_wind(3, 270), 3.001) << "west wind blows towards the east";
  EXPECT_GT(eastward_wind(3, 270), 2.999);
}

TEST(Wind, StrongWindWeighsMore) {
  const auto wind = wind_by({{3, 0}, {4, 90}});
  EXPECT_EQ(wind->vector->speed_micro, 2'500'000);
  EXPECT_NEAR(static_cast<double>(*wind->vector->direction_micro) / kMicro, 53.130102, 1e-5);
}

TEST(Wind, FromEverywhereItHasNoDirection) {
  const auto wind = wind_by({{4, 0}, {4, 180}});
  EXPECT_EQ(wind->vector->speed_micro, 0);
  EXPECT_EQ(wind->vector->direction_micro, std::nullopt);
  EXPECT_EQ(wind_by({{11, 0}, {9, 180}})->vector->direction_micro, 0) << "10 % are enough";
  EXPECT_EQ(wind_by({{10.9, 0}, {9.1, 180}})->vector->direction_micro, std::nullopt);
  EXPECT_EQ(wind_by({{0, 0}})->vector->direction_micro, std::nullopt) << "calm";
}

TEST(Wind, HalfAVectorIsNone) {
  const auto speed = gauge_of("wind_speed", {3, 3});
  const auto east = gauge_of("eastward_wind", {1, 2});
  const auto north = gauge_of("northward_wind", {1});
  EXPECT_FALSE(wind_of(speed, &east, &north, nullptr)->vector) << "of other samples";
  EXPECT_FALSE(wind_of(speed, &east, nullptr, nullptr)->vector);
  EXPECT_FALSE(wind_of(speed, nullptr, nullptr, nullptr)->gust);
}

TEST(Wind, GustsAreThoseThatTheDeviceTellsOf) {
  const auto speed = gauge_of("wind_speed", {3, 8});
  const auto gusts = gauge_of("wind_speed.gust", {6.5, 14.25});
  const auto wind = wind_of(speed, nullptr, nullptr, &gusts);
  EXPECT_EQ(wind->highest.micro, 8'000'000);
  EXPECT_EQ(wind->gust->micro, 14'250'000);
  EXPECT_EQ(wind->gust->time_us, 7);
  EXPECT_FALSE(wind_of(gauge_of("wind_speed", {}), nullptr, nullptr, &gusts)) << "no speed, no wind";
}

RC_GTEST_PROP(WindLaws, TurningTheCompassTurnsTheDirection, ()) {
  const auto turn = *rc::gen::inRange(0, 360);
  const auto speeds = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(10, 400)));
  std::vector<Blow> blows, turned;
  double spread = 0;
  for (const auto speed : speeds) {
    spread = std::fmod(spread + 7, 60);
    blows.push_back({speed / 10.0, 330 + spread > 360 ? spread - 30 : 330 + spread});
    turned.push_back({speed / 10.0, std::fmod(blows.back().direction + turn, 360)});
  }
  const auto before = *wind_by(blows)->vector->direction_micro;
  const auto after = *wind_by(turned)->vector->direction_micro;
  RC_ASSERT(after >= 0 && after < 360 * kMicro);
  auto difference = std::fmod(static_cast<double>(after - before) / kMicro - turn + 720, 360);
  if (difference > 180) difference -= 360;
  RC_ASSERT(std::abs(difference) < 0.1);
  RC_ASSERT(wind_by(blows)->vector->steadiness_thousandths <= 1001);
}

}  // namespace
}  // namespace lenne::processing::derived
