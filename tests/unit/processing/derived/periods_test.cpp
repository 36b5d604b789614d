#include "processing/derived/periods.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/distribution.hpp"
#include "processing/derived/indicators.hpp"
#include "results.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kMonthBegins = 1'782'856'800'000'000;  // 2026-07-01 in Berlin
constexpr Period kJuly{kMonthBegins, kMonthBegins + 31 * kTestDayUs, "P1M"};

v1::Aggregate day_of_july(int number, std::int64_t min, std::int64_t mean, std::int64_t max) {
  auto day = result_of("temperature", "P1D", kMonthBegins + (number - 1) * kTestDayUs, kTestDayUs, min, mean, max);
  put(*day.mutable_gauge()->mutable_sum_squares(), base::Int128{mean} * mean * 2);
  return day;
}

std::int64_t low(const v1::Int128& x) { return static_cast<std::int64_t>(base::int128_of(x.high(), x.low())); }

TEST(Periods, AMonthIsWhatItsDaysAre) {
  std::vector<v1::Aggregate> days{day_of_july(1, -100, 1500, 2000), day_of_july(2, -100, 1600, 2100),
                                  day_of_july(31, 0, -1700, 2100)};
  days[1].set_revision(2);
  days[1].set_left_out(3);
  days[2].set_device_name("renamed");
  const auto july = sum_up(days, kJuly);
  EXPECT_EQ(july.window(), "P1M");
  EXPECT_EQ(july.start_us(), kJuly.start_us);
  EXPECT_EQ(july.end_us(), kJuly.end_us);
  EXPECT_EQ(july.gauge().count(), 6U);
  EXPECT_EQ(low(july.gauge().sum()), 2 * (1500 + 1600 - 1700));
  EXPECT_EQ(low(july.gauge().sum_squares()), 2 * (1500 * 1500 + 1600 * 1600 + 1700 * 1700));
  EXPECT_EQ(july.gauge().min().time_us(), days[0].start_us()) << "the earlier of equal ones";
  EXPECT_EQ(july.gauge().max().time_us(), days[1].start_us());
  EXPECT_EQ(july.covered_us(), 3 * kTestDayUs) << "the other days are missing";
  EXPECT_EQ(july.revision(), 2U);
  EXPECT_EQ(july.left_out(), 3U);
  EXPECT_EQ(july.device_name(), "renamed");
  EXPECT_TRUE(july.final());
  days[1].set_final(false);
  EXPECT_FALSE(sum_up(days, kJuly).final());
}

TEST(Periods, AMonthNamesTheRulesOfAllItsDays) {
  std::vector<v1::Aggregate> days;
  for (const int version : {3, 1, 3, 2}) {
    auto& rules = *days.emplace_back(day_of_july(static_cast<int>(days.size()) + 1, 0, 0, 0)).add_rules();
    rules.set_use_case("heat-island");
    rules.set_version(static_cast<std::uint32_t>(version));
  }
  const auto july = sum_up(days, kJuly);
  std::vector<std::uint32_t> versions;
  for (const auto& rules : july.rules()) versions.push_back(rules.version());
  EXPECT_EQ(versions, (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(Periods, BucketsMerge) {
  auto a = day_of_july(1, 0, 0, 0);
  auto b = day_of_july(2, 0, 0, 0);
  for (const auto& [bucket, count] : {std::pair{-5, 1U}, {7, 2U}}) {
    a.mutable_gauge()->add_bucket(bucket);
    a.mutable_gauge()->add_bucket_count(count);
  }
  for (const auto& [bucket, count] : {std::pair{1, 10U}, {7, 20U}, {9, 30U}}) {
    b.mutable_gauge()->add_bucket(bucket);
    b.mutable_gauge()->add_bucket_count(count);
  }
  const auto both = sum_up(std::vector{a, b}, kJuly).gauge();
  EXPECT_EQ(std::vector<int>(both.bucket().begin(), both.bucket().end()), (std::vector{-5, 1, 7, 9}));
  EXPECT_EQ(std::vector<unsigned long>(both.bucket_count().begin(), both.bucket_count().end()),
            (std::vector{1UL, 10UL, 22UL, 30UL}));
}

TEST(Periods, CountersAndStatesAddUp) {
  std::vector<v1::Aggregate> meter;
  for (int d = 1; d <= 3; ++d) {
    auto day = day_of_july(d, 0, 0, 0);
    day.set_kind(v1::KIND_COUNTER);
    auto& counter = *day.mutable_counter();
    counter.set_count(2);
    put(*counter.mutable_amount(), -(base::Int128{1} << 70));
    put(*counter.mutable_interpolated(), d);
    counter.set_interpolated_us(d);
    counter.set_resets(1);
    counter.mutable_first()->set_value(d * 10);
    if (d != 3) counter.mutable_last()->set_value(d * 10 + 1);
    meter.push_back(day);
  }
  const auto counted = sum_up(meter, kJuly).counter();
  EXPECT_EQ(base::int128_of(counted.amount().high(), counted.amount().low()), -3 * (base::Int128{1} << 70));
  EXPECT_EQ(low(counted.interpolated()), 6);
  EXPECT_EQ(counted.interpolated_us(), 6);
  EXPECT_EQ(counted.resets(), 3U);
  EXPECT_EQ(counted.first().value(), 10);
  EXPECT_EQ(counted.last().value(), 21) << "the third day has no reading at its end";

  auto bay = day_of_july(1, 0, 0, 0);
  bay.set_kind(v1::KIND_STATE);
  bay.mutable_duration()->set_known_us(100);
  bay.mutable_duration()->set_occupied_us(40);
  bay.mutable_duration()->set_transitions_on(2);
  const auto lasted = sum_up(std::vector{bay, bay}, kJuly).duration();
  EXPECT_EQ(lasted.known_us(), 200);
  EXPECT_EQ(lasted.occupied_us(), 80);
  EXPECT_EQ(lasted.transitions_on(), 4U);
}

TEST(Periods, TimesOfValuesThatHoldAddUp) {
  const auto held = [](int number, std::int64_t value, std::uint64_t known_us, std::uint64_t samples) {
    auto day = day_of_july(number, value, 0, value);
    day.set_kind(v1::KIND_HELD);
    auto& gauge = *day.mutable_gauge();
    gauge.set_samples(samples);
    gauge.set_count(known_us);
    put(*gauge.mutable_sum(), base::Int128{value} * static_cast<std::int64_t>(known_us));
    gauge.clear_sum_squares();
    return day;
  };
  const auto july = sum_up(std::vector{held(1, 100, 1'000, 2), held(2, 0, 0, 1), held(3, 400, 3'000, 4)}, kJuly);
  EXPECT_EQ(july.gauge().samples(), 7u);
  EXPECT_EQ(july.gauge().count(), 4'000u);
  EXPECT_EQ(mean_micro(july), 3'250'000) << "100 for a quarter of the time, 400 for the rest, in hundredths";
  EXPECT_FALSE(july.gauge().has_sum_squares());
  EXPECT_FALSE(sum_micro(july));
}

TEST(Periods, DaysOfAnotherKindAreLeftOut) {
  auto old = day_of_july(1, 0, 1500, 3000);
  old.set_exponent(-3);
  const auto july = sum_up(std::vector{old, day_of_july(2, 100, 1600, 2000)}, kJuly);
  EXPECT_EQ(july.exponent(), -2);
  EXPECT_EQ(july.gauge().count(), 2U);
  EXPECT_EQ(july.gauge().min().value(), 100);
  EXPECT_EQ(july.left_out(), 2U);
  EXPECT_EQ(july.covered_us(), kTestDayUs);
}

}  // namespace
}  // namespace lenne::processing::derived
