#include "base/robust_slope.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace lenne::base {
namespace {

constexpr std::int64_t kSlopeHourUs = 3'600'000'000;

TEST(RobustSlope, IsTheMedianOfAllPairs) {
  std::vector<TimedValue> samples;
  for (std::int64_t i = 0; i < 7; ++i) samples.push_back({i * kSlopeHourUs, 100 + 12 * i});
  EXPECT_EQ(median_slope_per_hour(samples), 12);
  samples[3].value = 100'000;
  samples[5].value = -100'000;
  EXPECT_EQ(median_slope_per_hour(samples), 12) << "two of seven are wrong";
  EXPECT_EQ(median_slope_per_hour({}), std::nullopt);
  EXPECT_EQ(median_slope_per_hour(std::span(samples).first(1)), std::nullopt);
  EXPECT_EQ(median_slope_per_hour(std::span(samples).first(2)), 12);
  // Slopes 1, 2 (of 1.5, away from zero) and 2.
  EXPECT_EQ(median_slope_per_hour(std::array<TimedValue, 3>{{{0, 0}, {kSlopeHourUs, 1}, {2 * kSlopeHourUs, 3}}}), 2);
}

TEST(RobustSlope, DoesNotOverflow) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  EXPECT_EQ(median_slope_per_hour(std::array<TimedValue, 2>{{{0, -kMost}, {1, kMost}}}), INT64_MAX);
  EXPECT_EQ(median_slope_per_hour(std::array<TimedValue, 2>{{{0, kMost}, {1, -kMost}}}), -INT64_MAX);
}

RC_GTEST_PROP(RobustSlopeLaws, ShiftsAndMirrorsAreOnesOfTheSlope, ()) {
  std::vector<TimedValue> samples;
  std::int64_t at = 0;
  for (const auto value : *rc::gen::container<std::vector<std::int32_t>>(8, rc::gen::arbitrary<std::int32_t>()))
    samples.push_back({at += *rc::gen::inRange<std::int64_t>(1, 1'000'000'000), value});
  const auto slope = median_slope_per_hour(samples);
  auto moved = samples;
  for (auto& sample : moved) sample = {sample.time_us + kSlopeHourUs, sample.value + 1'000'000};
  RC_ASSERT(median_slope_per_hour(moved) == slope);
  for (auto& sample : moved) sample.value = -sample.value;
  RC_ASSERT(median_slope_per_hour(moved) == -*slope);
}

}  // namespace
}  // namespace lenne::base
