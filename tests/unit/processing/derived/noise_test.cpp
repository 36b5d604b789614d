// Noise of local days.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/time.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/noise.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

using namespace std::chrono;

v1::Aggregate noise_hour(std::int64_t start_us, double level_db, std::int64_t covered = 1000) {
  return hour_of("sound_energy", start_us, std::llround(std::pow(10, level_db / 10) * 100), covered);
}
double decibel(std::int64_t micro) { return static_cast<double>(micro) / kMicro; }

LocalDay noise_date(sys_days date, int offset_h, int length_h) {
  const auto start = base::to_us(base::Timestamp{date} - hours{offset_h});
  return {date, start, start + length_h * kTestHourUs};
}
const NoiseHours& german() { return noise_hours().front(); }

TEST(Noise, LdenOfLevels) {
  EXPECT_NEAR(decibel(lden(65 * kMicro, 60 * kMicro, 55 * kMicro)), 65.00, 0.005);
  EXPECT_NEAR(decibel(lden(60 * kMicro, 58 * kMicro, 50 * kMicro)), 60.67, 0.005);
}

// Loud by day, less so in the evening, quiet at night; the hours around them are of other days.
std::vector<v1::Aggregate> three_parts(const LocalDay& day, const LocalDay& next) {
  std::vector<v1::Aggregate> rows;
  for (auto at = day.start_us; at < next.end_us; at += kTestHourUs) {
    const bool is_day = at >= clock_us(day, 360) && at < clock_us(day, 18 * 60);
    const bool is_evening = at >= clock_us(day, 18 * 60) && at < clock_us(day, 22 * 60);
    const bool is_night = at >= clock_us(day, 22 * 60) && at < clock_us(next, 360);
    rows.push_back(noise_hour(at, is_day ? 65 : is_evening ? 60 : is_night ? 55 : 90));
  }
  return rows;
}

TEST(Noise, PartsOfADay) {
  const auto day = noise_date(2026y / June / 10, 2, 24);
  const auto next = noise_date(2026y / June / 11, 2, 24);
  const auto noise = noise_of(three_parts(day, next), day, next, german());
  EXPECT_NEAR(decibel(noise.day->micro), 65, 1e-4);
  EXPECT_EQ(noise.day->possible_hours, 12);
  EXPECT_NEAR(decibel(noise.evening->micro), 60, 1e-4);
  EXPECT_EQ(noise.evening->hours, 4);
  EXPECT_NEAR(decibel(noise.night->micro), 55, 1e-4);
  EXPECT_EQ(noise.night->hours, 8);
  EXPECT_NEAR(decibel(*noise.lden), 65.00, 0.005);
  EXPECT_EQ(noise.valid, true);
  const auto& european = noise_hours()[1];
  EXPECT_EQ(european.name, "eu");
  const auto later = noise_of(three_parts(day, next), day, next, european);
  EXPECT_LT(later.day->micro, 65 * kMicro) << "an hour of the evening is in it";
  EXPECT_GT(later.night->micro, 80 * kMicro) << "and one of the morning in the night";
}

TEST(Noise, NightsOfChangedClocks) {
  // A night belongs to the day on which it begins: that of 28 March has 7 hours, that of 24 October 9.
  const auto before_spring = noise_date(2026y / March / 28, 1, 24);
  const auto spring = noise_date(2026y / March / 29, 1, 23);
  auto noise = noise_of(three_parts(before_spring, spring), before_spring, spring, german());
  EXPECT_EQ(noise.night->possible_hours, 7);
  EXPECT_EQ(noise.night->hours, 7);
  EXPECT_NEAR(decibel(*noise.lden), 65.00, 0.005) << "the weights stay 12, 4 and 8";
  const auto before_autumn = noise_date(2026y / October / 24, 2, 24);
  const auto autumn = noise_date(2026y / October / 25, 2, 25);
  noise = noise_of(three_parts(before_autumn, autumn), before_autumn, autumn, german());
  EXPECT_EQ(noise.night->possible_hours, 9);
  EXPECT_NEAR(decibel(*noise.lden), 65.00, 0.005);
  const auto after = noise_date(2026y / October / 26, 1, 24);
  EXPECT_EQ(noise_of(three_parts(autumn, after), autumn, after, german()).day->possible_hours, 12);
}

TEST(Noise, ThreeQuartersOfAPartMustBeKnown) {
  const auto day = noise_date(2026y / June / 10, 2, 24);
  const auto next = noise_date(2026y / June / 11, 2, 24);
  auto rows = three_parts(day, next);
  rows[18] = noise_hour(rows[18].start_us(), 100, 749);
  auto noise = noise_of(rows, day, next, german());
  EXPECT_NEAR(decibel(noise.evening->micro), 60, 1e-4) << "an hour of 44 minutes does not count";
  EXPECT_EQ(noise.evening->hours, 3);
  EXPECT_EQ(noise.evening->valid, true) << "three of four";
  rows.erase(rows.begin() + 19);
  noise = noise_of(rows, day, next, german());
  EXPECT_EQ(noise.evening->valid, false);
  EXPECT_EQ(noise.valid, false);
  EXPECT_TRUE(noise.lden);
  for (auto& row : rows) row.set_nominal_interval_s(0);
  EXPECT_EQ(noise_of(rows, day, next, german()).day->valid, std::nullopt);
  const auto nothing = noise_of({}, day, next, german());
  EXPECT_FALSE(nothing.lden);
  EXPECT_EQ(nothing.valid, false);
}

// LAeq of an hour of 60 dB and one of 70 dB is 67.40 dB.
TEST(Noise, MeansAreOfEnergy) {
  const auto day = noise_date(2026y / June / 10, 2, 24);
  const auto next = noise_date(2026y / June / 11, 2, 24);
  const std::vector<v1::Aggregate> rows{noise_hour(clock_us(day, 360), 60), noise_hour(clock_us(day, 420), 70)};
  EXPECT_NEAR(decibel(noise_of(rows, day, next, german()).day->micro), 67.40, 0.005);
}

RC_GTEST_PROP(NoiseLaws, LdenLiesBetweenItsParts, ()) {
  const auto day = *rc::gen::inRange<std::int64_t>(20 * kMicro, 110 * kMicro);
  const auto evening = *rc::gen::inRange<std::int64_t>(20 * kMicro, 110 * kMicro);
  const auto night = *rc::gen::inRange<std::int64_t>(20 * kMicro, 110 * kMicro);
  const auto level = lden(day, evening, night);
  RC_ASSERT(level >= std::min({day, evening + 5 * kMicro, night + 10 * kMicro}) - 1);
  RC_ASSERT(level <= std::max({day, evening + 5 * kMicro, night + 10 * kMicro}) + 1);
  RC_ASSERT(lden(day, evening, night + kMicro) >= level);
}

}  // namespace
}  // namespace lenne::processing::derived
