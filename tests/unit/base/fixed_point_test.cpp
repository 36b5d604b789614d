#include "base/fixed_point.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace lenne::base {
namespace {

TEST(FixedPoint, rounds_half_away_from_zero) {
  EXPECT_EQ(to_steps(21.5, -6), 21'500'000);
  EXPECT_EQ(to_steps(0.5, 0), 1);
  EXPECT_EQ(to_steps(-0.5, 0), -1);
  EXPECT_EQ(to_steps(1500.0, 3), 2);
}

TEST(FixedPoint, refuses_what_is_not_exact_in_a_double) {
  EXPECT_FALSE(to_steps(std::numeric_limits<double>::quiet_NaN(), -6));
  EXPECT_FALSE(to_steps(std::numeric_limits<double>::infinity(), -6));
  EXPECT_FALSE(to_steps(5e9, -6));
  EXPECT_TRUE(to_steps(4.5e9, -6));
}

TEST(FixedPoint, prints_exact_decimals) {
  EXPECT_EQ(to_decimal(21'500'000, -6), "21.5");
  EXPECT_EQ(to_decimal(-1, -6), "-0.000001");
  EXPECT_EQ(to_decimal(7'000'000, -6), "7");
  EXPECT_EQ(to_decimal(0, -6), "0");
  EXPECT_EQ(to_decimal(12, 2), "1200");
}

TEST(Int128, splits_and_joins) {
  for (const Int128 x : {Int128{0}, Int128{-1}, Int128{1} << 100, -(Int128{1} << 100)}) {
    EXPECT_TRUE(int128_of(high_of(x), low_of(x)) == x);
  }
  EXPECT_EQ(to_string(-(Int128{1} << 100)), "-1267650600228229401496703205376");
  EXPECT_TRUE(divide_rounded(-5, 2) == -3);
  EXPECT_TRUE(divide_rounded(5, 2) == 3);
  EXPECT_TRUE(divide_rounded(4, 3) == 1);
}

}  // namespace
}  // namespace lenne::base
