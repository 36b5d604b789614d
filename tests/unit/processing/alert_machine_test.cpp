// The state machine, the comparisons and the slope as pure functions.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "processing/alerts/machine.hpp"
#include "processing/alerts/statistic.hpp"
#include "processing/alerts/trend.hpp"

namespace lenne::processing::alerts {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;

TEST(AlertDecimal, ComparesAcrossResolutions) {
  EXPECT_EQ(compare({110, -2}, {1100, -3}), std::strong_ordering::equal);
  EXPECT_EQ(compare({1099, -3}, {11, -1}), std::strong_ordering::less);
  EXPECT_EQ(compare({-1, 18}, {1, -18}), std::strong_ordering::less);
  EXPECT_EQ(compare({1, 18}, {INT64_MAX, -18}), std::strong_ordering::greater);
  EXPECT_EQ(compare({INT64_MAX, 18}, {INT64_MAX, 17}), std::strong_ordering::greater);
  EXPECT_EQ(compare({0, 18}, {0, -18}), std::strong_ordering::equal);
  const auto edge = difference({110, -2}, {5, -2});
  EXPECT_EQ(compare(edge, {105, -2}), std::strong_ordering::equal);
}

TEST(AlertMachine, SidesAreExactAtTheEdges) {
  const Threshold above{v1::COMPARISON_ABOVE, {110, -2}, {5, -2}};
  EXPECT_EQ(side_of(above, {1100, -3}), Side::bad);
  EXPECT_EQ(side_of(above, {1099, -3}), Side::between);
  EXPECT_EQ(side_of(above, {1050, -3}), Side::between);
  EXPECT_EQ(side_of(above, {1049, -3}), Side::good);
  const Threshold below{v1::COMPARISON_BELOW, {30, 0}, {2, 0}};
  EXPECT_EQ(side_of(below, {30, 0}), Side::bad);
  EXPECT_EQ(side_of(below, {301, -1}), Side::between);
  EXPECT_EQ(side_of(below, {32, 0}), Side::between);
  EXPECT_EQ(side_of(below, {321, -1}), Side::good);
}

/// Each minute one observation: '!' bad, '-' between, '.' good; the states after each.
std::string run(std::string_view sides, const Persistence& persistence, Track track = {}) {
  std::string states;
  std::int64_t at = 1;
  for (const char c : sides) {
    const auto side = c == '!' ? Side::bad : c == '-' ? Side::between : Side::good;
    EXPECT_TRUE(is_judged(track, at * kMinuteUs));
    track = observe(track, side, at++ * kMinuteUs, persistence);
    states += track.state == v1::ALERT_STATE_PENDING        ? 'p'
              : track.state == v1::ALERT_STATE_FIRING       ? 'F'
              : track.state == v1::ALERT_STATE_ACKNOWLEDGED ? 'A'
              : track.state == v1::ALERT_STATE_RESOLVED     ? 'r'
                                                            : 'o';
  }
  return states;
}

TEST(AlertMachine, FiresAfterSoManyInARow) {
  EXPECT_EQ(run("!", {1, 0}), "F");
  EXPECT_EQ(run("!.!!", {2, 0}), "popF");
  EXPECT_EQ(run("!-!!", {2, 0}), "popF") << "in between is not on the bad side: the row is broken";
  EXPECT_EQ(run("!!!", {3, 0}), "ppF");
  EXPECT_EQ(run("!", {0, 0}), "F") << "0 is 1";
}

TEST(AlertMachine, EndsBeyondTheHysteresisForLongEnough) {
  EXPECT_EQ(run("!---.", {1, 0}), "FFFFr");
  EXPECT_EQ(run("!....", {1, 3 * kMinuteUs}), "FFFFr") << "the first and the last good one are 3 min apart";
  EXPECT_EQ(run("!..-....", {1, 3 * kMinuteUs}), "FFFFFFFr") << "in between begins anew";
  EXPECT_EQ(run("!..!....", {1, 3 * kMinuteUs}), "FFFFFFFr");
  EXPECT_EQ(run("!.!", {1, 0}), "FrF") << "another episode";
}

TEST(AlertMachine, AnAcknowledgedOneStaysSoUntilItEnds) {
  Track track;
  track.state = v1::ALERT_STATE_ACKNOWLEDGED;
  EXPECT_EQ(run("!-.", {1, 0}, track), "AAr");
}

TEST(AlertMachine, WhatIsNotNewerIsNotJudged) {
  const auto track = observe({}, Side::bad, 5 * kMinuteUs, {});
  EXPECT_FALSE(is_judged(track, 5 * kMinuteUs));
  EXPECT_FALSE(is_judged(track, 4 * kMinuteUs));
  EXPECT_TRUE(is_judged(track, 5 * kMinuteUs + 1));
}

TEST(AlertTrend, IsTheMedianOfTheSlopes) {
  // 1.2 m in 6 h is 20 cm/h: 50 mm each 15 min.
  std::vector<TimedValue> samples;
  for (std::int64_t i = 0; i < 5; ++i) samples.push_back({i * 15 * kMinuteUs, 1000 + 50 * i});
  EXPECT_EQ(slope_per_hour(samples, kTrendLongUs), 200);
  EXPECT_EQ(slope_per_hour(samples, kTrendShortUs), std::nullopt) << "two samples say nothing";
  samples[2].value = 9000;  // one wave
  EXPECT_EQ(slope_per_hour(samples, kTrendLongUs), 200);
  for (auto& sample : samples) sample.value = -sample.value;
  EXPECT_EQ(slope_per_hour(samples, kTrendLongUs), -200);
}

TEST(AlertTrend, RoundsHalvesAwayFromZeroAndLooksAtItsStretchOnly) {
  // Slopes 1, 2 and 3 each hour: the median is 2; with four, halves between two.
  EXPECT_EQ(slope_per_hour(std::array<TimedValue, 3>{{{0, 0}, {30 * kMinuteUs, 0}, {60 * kMinuteUs, 1}}}, kTrendLongUs),
            1);
  EXPECT_EQ(
      slope_per_hour(std::array<TimedValue, 3>{{{0, 0}, {30 * kMinuteUs, 0}, {60 * kMinuteUs, -1}}}, kTrendLongUs), -1);
  const std::array<TimedValue, 4> samples{
      {{0, -900'000}, {100 * kMinuteUs, 0}, {130 * kMinuteUs, 5}, {160 * kMinuteUs, 10}}};
  EXPECT_EQ(slope_per_hour(samples, kTrendLongUs), 10);
  const std::array<TimedValue, 3> close{{{0, 0}, {kMinuteUs, 50}, {2 * kMinuteUs, 100}}};
  EXPECT_EQ(slope_per_hour(close, kTrendShortUs), std::nullopt) << "2 min say nothing about 15";
}

TEST(AlertStatistic, OfEachKindOfResult) {
  v1::Aggregate result;
  result.set_exponent(-3);
  auto& gauge = *result.mutable_gauge();
  gauge.set_count(3);
  gauge.mutable_sum()->set_low(5000);
  gauge.mutable_min()->set_value(1000);
  gauge.mutable_max()->set_value(3000);
  EXPECT_EQ(statistic_of(result, "mean")->value.steps, 1667);
  EXPECT_EQ(statistic_of(result, "min")->value.steps, 1000);
  EXPECT_EQ(statistic_of(result, "max")->partial, Statistic::Partial::above);
  EXPECT_EQ(statistic_of(result, "sum")->value.steps, 5000);
  EXPECT_EQ(statistic_of(result, "count")->value.exponent, 0);
  EXPECT_FALSE(statistic_of(result, "p90"));
  EXPECT_EQ(statistic_of(result, "sum")->partial, Statistic::Partial::nothing) << "what is missing may be negative";
  result.set_kind(v1::KIND_HELD);
  gauge.set_samples(2);
  EXPECT_EQ(statistic_of(result, "count")->value.steps, 2) << "and not the time in which it held";
  EXPECT_FALSE(statistic_of(result, "sum"));
  EXPECT_EQ(statistic_of(result, "mean")->value.steps, 1667);
  result.set_kind(v1::KIND_EVENT);
  EXPECT_EQ(statistic_of(result, "sum")->partial, Statistic::Partial::above);
  result.mutable_counter()->mutable_amount()->set_low(7);
  EXPECT_EQ(statistic_of(result, "sum")->partial, Statistic::Partial::above);
  EXPECT_EQ(statistic_of(result, "sum")->value.steps, 7);
  EXPECT_FALSE(statistic_of(result, "mean"));
}

TEST(AlertStatistic, ThreeQuartersAreComplete) {
  v1::Aggregate result;
  result.mutable_gauge();
  result.set_start_us(0);
  result.set_end_us(60 * kMinuteUs);
  EXPECT_TRUE(is_complete(result)) << "its interval is not known";
  result.set_nominal_interval_s(600);
  result.set_covered_us(45 * kMinuteUs);
  EXPECT_TRUE(is_complete(result));
  result.set_covered_us(45 * kMinuteUs - 1);
  EXPECT_FALSE(is_complete(result));
}

}  // namespace
}  // namespace lenne::processing::alerts
