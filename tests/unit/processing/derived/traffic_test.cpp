// Counters of people, bicycles and vehicles.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/distribution.hpp"
#include "base/time.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/traffic.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using namespace std::chrono;

constexpr std::int64_t kCountQuarterUs = kTestHourUs / 4;

v1::Aggregate counted(const std::string& window, std::int64_t start_us, std::int64_t length_us, std::int64_t sum,
                      std::int64_t covered = 1000) {
  auto row = rain_of(window, start_us, length_us, sum, covered);
  row.set_measure("people");
  row.set_exponent(0);
  return row;
}

std::vector<LocalDay> winter_days(sys_days first, int count) {
  std::vector<LocalDay> found;
  for (int d = 0; d < count; ++d) {
    const auto start = base::to_us(base::Timestamp{first + days{d}} - hours{1});
    found.push_back({first + days{d}, start, start + kTestDayUs});
  }
  return found;
}

TEST(Traffic, DailyMeans) {
  // Epiphany is a working day here; 1 January is a holiday, the 3rd and 4th are a weekend.
  const auto week = winter_days(2026y / January / 1, 7);
  std::vector<v1::Aggregate> rows;
  for (std::size_t d = 0; d < week.size(); ++d)
    rows.push_back(counted("P1D", week[d].start_us, kTestDayUs, d == 0 ? 1000 : 100 * static_cast<std::int64_t>(d)));
  auto all = *daily_traffic(rows, week, TrafficDays::all);
  EXPECT_EQ(all.micro, 442'857'143) << "3100 / 7";
  EXPECT_EQ(all.days, 7);
  EXPECT_EQ(all.valid, true);
  auto working = *daily_traffic(rows, week, TrafficDays::working);
  EXPECT_EQ(working.possible_days, 4);
  EXPECT_EQ(working.micro, 400 * kMicro) << "(100 + 400 + 500 + 600) / 4";
  rows[1].set_covered_us(kTestDayUs / 1000 * 874);
  rows.erase(rows.begin() + 4);
  working = *daily_traffic(rows, week, TrafficDays::working);
  EXPECT_EQ(working.days, 2);
  EXPECT_EQ(working.micro, 550 * kMicro) << "nothing is scaled up";
  EXPECT_EQ(working.valid, false);
  rows = {counted("P1D", week[0].start_us, kTestDayUs, 5)};
  rows[0].set_nominal_interval_s(0);
  EXPECT_EQ(daily_traffic(rows, std::span(week).first(1), TrafficDays::all)->valid, std::nullopt);
  EXPECT_FALSE(daily_traffic(rows, std::span(week).first(1), TrafficDays::working));
  EXPECT_FALSE(daily_traffic({}, week, TrafficDays::all));
}

std::vector<v1::Aggregate> quarters_of(std::int64_t from_us, const std::vector<std::int64_t>& counts) {
  std::vector<v1::Aggregate> rows;
  for (std::size_t q = 0; q < counts.size(); ++q)
    rows.push_back(
        counted("PT15M", from_us + static_cast<std::int64_t>(q) * kCountQuarterUs, kCountQuarterUs, counts[q]));
  return rows;
}

TEST(Traffic, PeakHours) {
  auto rows = quarters_of(0, {50, 1, 2, 3, 4, 5, 4, 3, 2, 1});
  EXPECT_EQ(peak_hour(rows)->micro, 56 * kMicro);
  EXPECT_EQ(peak_hour(rows)->start_us, 0);
  rows.erase(rows.begin() + 1);
  EXPECT_EQ(peak_hour(rows)->start_us, 3 * kCountQuarterUs) << "four quarters that follow each other";
  EXPECT_EQ(peak_hour(rows)->micro, 16 * kMicro);
  EXPECT_FALSE(peak_hour(std::span(rows).first(3)));
}

TEST(Traffic, NobodyIsInsideAtThree) {
  const auto both = winter_days(2026y / January / 20, 2);
  const auto three = clock_us(both[0], 180);
  // What is counted before 3 o'clock belongs to the day before.
  const auto in = quarters_of(three - kCountQuarterUs, {100, 10, 5, 0, 0});
  const auto out = quarters_of(three - kCountQuarterUs, {0, 2, 1, 8, 0});
  const auto found = *presence(in, out, both[0], both[1]);
  EXPECT_EQ(found.highest_micro, 12 * kMicro);
  EXPECT_EQ(found.highest_us, three + 2 * kCountQuarterUs);
  EXPECT_EQ(found.left_micro, 4 * kMicro);
  EXPECT_EQ(found.quarters, 4);
  EXPECT_EQ(found.possible_quarters, 96);
  const auto other = *presence(out, in, both[0], both[1]);
  EXPECT_EQ(other.highest_micro, 0) << "fewer than nobody are nobody";
  EXPECT_EQ(other.left_micro, -4 * kMicro);
  EXPECT_FALSE(presence(in, {}, both[0], both[1]));
}

TEST(Traffic, HeavyShare) {
  EXPECT_EQ(share_micro(25 * kMicro, 200 * kMicro), 125'000);
  EXPECT_FALSE(share_micro(0, 0));
}

v1::Aggregate speeds(std::int64_t start_us, const std::vector<std::int64_t>& values) {
  auto row = counted("PT1H", start_us, kTestHourUs, 0);
  row.set_measure("speed");
  row.set_kind(v1::KIND_GAUGE);
  auto& gauge = *row.mutable_gauge();
  gauge.set_count(values.size());
  gauge.mutable_min()->set_value(std::ranges::min(values));
  gauge.mutable_max()->set_value(std::ranges::max(values));
  std::map<std::int32_t, std::uint64_t> buckets;
  for (const auto value : values) ++buckets[base::bucket_of(value)];
  for (const auto& [bucket, count] : buckets) {
    gauge.add_bucket(bucket);
    gauge.add_bucket_count(count);
  }
  return row;
}

TEST(Traffic, V85OfSeveralHours) {
  std::vector<v1::Aggregate> rows;
  for (int h = 0; h < 10; ++h) {
    std::vector<std::int64_t> values;
    for (int i = 1; i <= 10; ++i) values.push_back(h * 10 + i);
    rows.push_back(speeds(h * kTestHourUs, values));
  }
  EXPECT_EQ(v85_micro(rows), 85 * kMicro) << "of 1 to 100 km/h";
  EXPECT_EQ(v85_micro(std::span(rows).first(1)), 9 * kMicro);
  EXPECT_FALSE(v85_micro({}));
  rows = {counted("PT1H", 0, kTestHourUs, 5)};
  EXPECT_FALSE(v85_micro(rows)) << "no distribution";
}

RC_GTEST_PROP(TrafficLaws, V85IsThatOfAllSamplesHoweverTheyLieInHours, ()) {
  const auto values =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 128)));
  std::vector<v1::Aggregate> rows;
  for (std::size_t at = 0; at < values.size();) {
    const auto size = std::min<std::size_t>(values.size() - at, *rc::gen::inRange<std::size_t>(1, 20));
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(at);
    rows.push_back(speeds(static_cast<std::int64_t>(rows.size()) * kTestHourUs,
                          {first, first + static_cast<std::ptrdiff_t>(size)}));
    at += size;
  }
  auto sorted = values;
  std::ranges::sort(sorted);
  const auto rank = (sorted.size() * 85 + 99) / 100;
  RC_ASSERT(v85_micro(rows) == sorted[rank - 1] * kMicro);
}

RC_GTEST_PROP(TrafficLaws, ThePeakHourIsNoMoreThanAllAndNoLessThanAnyFour, ()) {
  const auto counts = *rc::gen::container<std::vector<std::int64_t>>(8, rc::gen::inRange<std::int64_t>(0, 1000));
  const auto rows = quarters_of(0, counts);
  const auto peak = peak_hour(rows)->micro;
  RC_ASSERT(peak <= total_micro(rows));
  for (std::size_t i = 0; i + 3 < rows.size(); ++i) RC_ASSERT(peak >= total_micro(std::span(rows).subspan(i, 4)));
}

}  // namespace
}  // namespace lenne::processing::derived
