#include "decode/samples.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "base/fixed_point.hpp"
#include "decode/quantities.hpp"

namespace lenne::decode {
namespace {

SampleSpec spec(std::int64_t numerator, std::int64_t denominator = 1) {
  SampleSpec result;
  result.numerator = numerator;
  result.denominator = denominator;
  result.min = -base::kMaxSteps;
  result.max = base::kMaxSteps;
  return result;
}

RawSample whole(std::int64_t value) { return {.bits = static_cast<std::uint64_t>(value)}; }
RawSample real(double value) { return {.whole = false, .bits = std::bit_cast<std::uint64_t>(value)}; }

TEST(Samples, RoundHalfAwayFromZero) {
  EXPECT_EQ(to_steps(spec(1), real(2.5)).value, 3);
  EXPECT_EQ(to_steps(spec(1), real(-2.5)).value, -3);
  EXPECT_EQ(to_steps(spec(1), real(0.49999)).value, 0);
  EXPECT_EQ(to_steps(spec(1, 2), whole(5)).value, 3);
  EXPECT_EQ(to_steps(spec(1, 2), whole(-5)).value, -3);
  EXPECT_EQ(to_steps(spec(1'000'000), real(22.6)).value, 22'600'000);
}

TEST(Samples, WholeNumbersAreExact) {
  EXPECT_EQ(to_steps(spec(1000), whole(4294967295)).value, 4294967295000);
  EXPECT_EQ(to_steps(spec(1), whole(base::kMaxSteps)).value, base::kMaxSteps);
  EXPECT_TRUE(to_steps(spec(1), whole(base::kMaxSteps)).credible);
}

TEST(Samples, BeyondTheLimitIsCutAndFlagged) {
  const auto check = [](Steps steps, std::int64_t value) {
    EXPECT_EQ(steps.value, value);
    EXPECT_FALSE(steps.credible);
  };
  check(to_steps(spec(1), whole(base::kMaxSteps + 1)), base::kMaxSteps);
  check(to_steps(spec(1'000'000), whole(std::numeric_limits<std::int64_t>::max())), base::kMaxSteps);
  check(to_steps(spec(1'000'000), whole(std::numeric_limits<std::int64_t>::min())), -base::kMaxSteps);
  check(to_steps(spec(1), real(1e300)), base::kMaxSteps);
  check(to_steps(spec(1), real(-std::numeric_limits<double>::infinity())), -base::kMaxSteps);
  check(to_steps(spec(1), real(std::numeric_limits<double>::quiet_NaN())), 0);
}

TEST(Samples, TheCredibleRangeIncludesBothEnds) {
  auto percent = spec(1);
  percent.min = 0;
  percent.max = 100;
  EXPECT_TRUE(to_steps(percent, whole(0)).credible);
  EXPECT_TRUE(to_steps(percent, whole(100)).credible);
  EXPECT_FALSE(to_steps(percent, whole(101)).credible);
  EXPECT_FALSE(to_steps(percent, whole(-1)).credible);
  EXPECT_EQ(to_steps(percent, whole(101)).value, 101);  // kept
}

TEST(Quantities, AreConsistent) {
  std::set<std::string_view> names;
  for (const auto& quantity : quantities()) {
    SCOPED_TRACE(quantity.name);
    EXPECT_TRUE(names.insert(quantity.name).second);
    EXPECT_EQ(find_quantity(quantity.name), &quantity);
    EXPECT_TRUE(quantity.unit.empty() || is_unit(quantity.unit));
    EXPECT_LT(quantity.min, quantity.max);
    EXPECT_LE(quantity.exponent, 0);
    EXPECT_TRUE(base::to_steps(quantity.max, quantity.exponent));
    EXPECT_NE(quantity.kind, v1::KIND_UNSPECIFIED);
    EXPECT_EQ(quantity.kind == v1::KIND_INFO, quantity.unit == "deg") << "350 and 10 degrees are not south on average";
  }
  EXPECT_EQ(find_quantity("love"), nullptr);
}

TEST(Quantities, UnitsConvert) {
  const auto check = [](std::string_view from, std::string_view to, std::int64_t numerator, std::int64_t denominator) {
    const auto conversion = convert(from, to);
    ASSERT_TRUE(conversion) << from << " " << to;
    EXPECT_EQ(conversion->numerator, numerator) << from << " " << to;
    EXPECT_EQ(conversion->denominator, denominator) << from << " " << to;
  };
  check("l", "m3", 1, 1000);
  check("m3", "l", 1000, 1);
  check("Wh", "kWh", 1, 1000);
  check("km/h", "m/s", 5, 18);
  check("mV", "V", 1, 1000);
  check("/", "%", 100, 1);
  check("", "", 1, 1);
  EXPECT_FALSE(convert("l", "m"));
  EXPECT_FALSE(convert("furlong", "m"));
}

}  // namespace
}  // namespace lenne::decode
