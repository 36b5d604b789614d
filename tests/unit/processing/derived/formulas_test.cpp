// Formulas against published figures and against laws that they must keep.
#include <gtest/gtest.h>

#include <cmath>

#include "processing/derived/moist_air.hpp"
#include "processing/derived/thermal_comfort.hpp"

namespace lenne::processing::derived {
namespace {

struct AirVector {
  double temperature, humidity, dew_point, heat_index, humidex, wet_bulb;
};

constexpr AirVector kAir[] = {
    {20, 50, 9.26, 19.68, 20.94, 13.70},  {25, 60, 16.69, 25.06, 30.07, 19.50}, {32, 60, 23.26, 37.07, 42.53, 25.79},
    {35, 40, 19.38, 37.22, 42.07, 24.51}, {30, 90, 28.18, 40.77, 46.12, 28.62},
};

double hundredths(double x) { return std::round(x * 100) / 100; }

TEST(DerivedFormulas, MoistAir) {
  for (const auto& v : kAir) {
    EXPECT_DOUBLE_EQ(hundredths(dew_point(v.temperature, v.humidity)), v.dew_point) << v.temperature;
    EXPECT_DOUBLE_EQ(hundredths(heat_index(v.temperature, v.humidity)), v.heat_index) << v.temperature;
    EXPECT_DOUBLE_EQ(hundredths(humidex(v.temperature, v.humidity)), v.humidex) << v.temperature;
    EXPECT_DOUBLE_EQ(hundredths(wet_bulb(v.temperature, v.humidity)), v.wet_bulb) << v.temperature;
  }
  EXPECT_DOUBLE_EQ(hundredths(vapour_pressure(20, 50)), 11.66);
  EXPECT_DOUBLE_EQ(hundredths(absolute_humidity(20, 50)), 8.62);
  EXPECT_DOUBLE_EQ(saturation_vapour_pressure(0), 6.112);
}

TEST(DerivedFormulas, SaturatedAirHasItsTemperatureAsDewPoint) {
  for (double t = -40; t <= 60; t += 0.5) EXPECT_NEAR(dew_point(t, 100), t, 1e-9) << t;
  EXPECT_TRUE(std::isnan(dew_point(20, 0))) << "dry air has none";
}

TEST(DerivedFormulas, WetBulbOnlyWhereItWasFitted) {
  EXPECT_TRUE(std::isnan(wet_bulb(20, 4.9)));
  EXPECT_TRUE(std::isnan(wet_bulb(20, 99.1)));
  EXPECT_TRUE(std::isnan(wet_bulb(-20.1, 50)));
  EXPECT_TRUE(std::isnan(wet_bulb(50.1, 50)));
  EXPECT_FALSE(std::isnan(wet_bulb(-20, 5)));
  EXPECT_FALSE(std::isnan(wet_bulb(50, 99)));
}

// The two adjustments of the regression, in °F: 95 °F at 10 %, 82 °F at 90 %.
TEST(DerivedFormulas, HeatIndexAdjustments) {
  const auto to_c = [](double f) { return (f - 32) * 5 / 9; };
  const auto regression = [](double t, double r) {
    return -42.379 + 2.04901523 * t + 10.14333127 * r - .22475541 * t * r - .00683783 * t * t - .05481717 * r * r +
           .00122874 * t * t * r + .00085282 * t * r * r - .00000199 * t * t * r * r;
  };
  EXPECT_NEAR(heat_index(35, 10), to_c(regression(95, 10) - 0.75), 1e-9);
  EXPECT_NEAR(heat_index(to_c(82), 90), to_c(regression(82, 90) + 0.5), 1e-9);
  EXPECT_NEAR(heat_index(to_c(82), 83), to_c(regression(82, 83)), 1e-9);
  EXPECT_NEAR(heat_index(to_c(82), 85), to_c(regression(82, 85)), 1e-9) << "85 % is not above 85 %";
  EXPECT_NEAR(heat_index(35, 13), to_c(regression(95, 13)), 1e-9) << "13 % is not below 13 %";
}

TEST(DerivedFormulas, WindChill) {
  EXPECT_DOUBLE_EQ(hundredths(wind_chill(-5, 20 / 3.6)), -11.55);
  EXPECT_TRUE(std::isnan(wind_chill(10.01, 5)));
  EXPECT_TRUE(std::isnan(wind_chill(0, 4.7 / 3.6)));
  EXPECT_FALSE(std::isnan(wind_chill(10, 5)));
}

TEST(DerivedFormulas, Mould) {
  const double first = inner_surface_temperature(20, -5, 0.70);
  EXPECT_DOUBLE_EQ(first, 12.5);
  EXPECT_NEAR(humidity_at(first, 20, 50), 80.6, 0.05);
  const double second = inner_surface_temperature(19, 0, 0.70);
  EXPECT_NEAR(second, 13.3, 1e-9);
  EXPECT_NEAR(humidity_at(second, 19, 60), 86.3, 0.05);
}

}  // namespace
}  // namespace lenne::processing::derived
