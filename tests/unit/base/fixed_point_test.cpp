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

TEST(FixedPoint, reads_decimals_as_they_are_written) {
  EXPECT_EQ(parse_decimal("1.10"), (DecimalNumber{11, -1}));
  EXPECT_EQ(parse_decimal("1.1"), parse_decimal("+01.100"));
  EXPECT_EQ(parse_decimal("-0.05"), (DecimalNumber{-5, -2}));
  EXPECT_EQ(parse_decimal("1200"), (DecimalNumber{1200, 0}));
  EXPECT_EQ(parse_decimal("-0.0"), (DecimalNumber{0, 0}));
  EXPECT_EQ(parse_decimal("4503599627370496"), (DecimalNumber{kMaxSteps, 0}));
  EXPECT_EQ(parse_decimal("0.000000000000000001"), (DecimalNumber{1, -18}));
  for (const auto* bad : {"", "-", ".5", "5.", "1,10", "1e3", "0x1", "nan", "1.1.1", "--1", " 1", "1 ",
                          "4503599627370497", "0.0000000000000000001", "99999999999999999999999"}) {
    EXPECT_FALSE(parse_decimal(bad)) << bad;
  }
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
