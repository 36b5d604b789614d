// Hot hours of a day.
#include "processing/derived/heat_hours.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "processing/derived/levels.hpp"
#include "tests/unit/processing/derived/results.hpp"

namespace lenne::processing::derived {
namespace {

const LocalDay kHotDay{{}, 0, kTestDayUs};

std::vector<v1::Aggregate> hot_day(const std::string& measure, int count, std::int64_t from, std::int64_t step) {
  std::vector<v1::Aggregate> rows;
  for (int h = 0; h < count; ++h) rows.push_back(hour_of(measure, h * kTestHourUs, from + h * step));
  return rows;
}

TEST(HeatHours, BeginAtTheirBounds) {
  // 28.00, 28.25 … 33.75 °C; a heat index from 30 to 41.5.
  auto temperature = hot_day("temperature", 24, 2800, 25);
  const auto heat_index = hot_day("heat_index", 24, 3000, 50);
  auto day = *heat_hours(temperature, heat_index, kHotDay);
  EXPECT_EQ(day.hours, 24);
  EXPECT_EQ(day.hot, 16) << "30.00 is hot";
  EXPECT_EQ(day.heat_index_hours, 24);
  EXPECT_EQ(day.strong, 20);
  EXPECT_EQ(day.extreme, 8);
  EXPECT_EQ(day.valid, true);
  temperature[23].set_covered_us(kTestHourUs / 1000 * 749);
  EXPECT_EQ(heat_hours(temperature, heat_index, kHotDay)->hot, 15);
  temperature[0].set_nominal_interval_s(0);
  EXPECT_EQ(heat_hours(temperature, heat_index, kHotDay)->valid, std::nullopt);
}

TEST(HeatHours, ADayNeedsTwentyOne) {
  EXPECT_EQ(heat_hours(hot_day("temperature", 21, 2000, 0), {}, kHotDay)->valid, true);
  EXPECT_EQ(heat_hours(hot_day("temperature", 20, 2000, 0), {}, kHotDay)->valid, false);
  EXPECT_EQ(heat_hours({}, hot_day("heat_index", 24, 3300, 0), kHotDay)->strong, 24);
  EXPECT_EQ(heat_hours({}, hot_day("heat_index", 24, 3300, 0), kHotDay)->valid, false);
  EXPECT_FALSE(heat_hours({}, {}, kHotDay));
  const LocalDay next{{}, kTestDayUs, 2 * kTestDayUs};
  EXPECT_FALSE(heat_hours(hot_day("temperature", 24, 2000, 0), {}, next));
}

}  // namespace
}  // namespace lenne::processing::derived
