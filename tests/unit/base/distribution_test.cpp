#include "base/distribution.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "base/random.hpp"

namespace lenne::base {
namespace {

constexpr auto kLargest = std::numeric_limits<std::int64_t>::max();
constexpr auto kSmallest = std::numeric_limits<std::int64_t>::min();

TEST(Distribution, SmallNumbersHaveABucketEach) {
  for (std::int64_t value = -127; value <= 127; ++value) {
    EXPECT_EQ(bucket_of(value), value);
    EXPECT_EQ(middle_of(bucket_of(value)), value);
  }
  EXPECT_EQ(bucket_of(128), bucket_of(129));
  EXPECT_NE(bucket_of(128), bucket_of(127));
  EXPECT_NE(bucket_of(130), bucket_of(129));
}

TEST(Distribution, BucketsAreInOrderAndNarrow) {
  EXPECT_TRUE(rc::check("a bucket's middle is within 1/128 of each of its values", [](std::uint64_t seed) {
    Random random(seed);
    const auto value = static_cast<std::int64_t>(random.next() >> random.below(64));
    const auto other = static_cast<std::int64_t>(random.next() >> random.below(64));
    RC_ASSERT(std::abs(static_cast<long double>(middle_of(bucket_of(value))) - static_cast<long double>(value)) <=
              std::abs(static_cast<long double>(value)) / 128);
    if (value < other) RC_ASSERT(bucket_of(value) <= bucket_of(other));
  }));
  for (const auto value : {kLargest, kSmallest, kSmallest + 1, std::int64_t{1} << 52})
    EXPECT_LE(std::abs(static_cast<double>(middle_of(bucket_of(value))) / static_cast<double>(value) - 1), 1.0 / 128);
}

TEST(Distribution, BucketsOfDamagedRowsHaveAMiddleToo) {
  for (std::int64_t bucket = -100'000; bucket < 100'000; ++bucket)
    EXPECT_LE(middle_of(static_cast<std::int32_t>(bucket)), middle_of(static_cast<std::int32_t>(bucket + 1)));
  EXPECT_EQ(middle_of(std::numeric_limits<std::int32_t>::max()), kLargest);
  EXPECT_EQ(middle_of(std::numeric_limits<std::int32_t>::min()), -kLargest);
}

TEST(Distribution, QuantilesAreWithinOnePercentOfTheNearestRank) {
  EXPECT_TRUE(rc::check("against sorted values", [](std::uint64_t seed) {
    Random random(seed);
    std::vector<std::int64_t> values(1 + random.below(300));
    for (auto& value : values) value = static_cast<std::int64_t>(random.below(200'000'000)) - 20'000'000;
    std::map<std::int32_t, std::uint64_t> counted;
    for (const auto value : values) ++counted[bucket_of(value)];
    std::vector<std::int32_t> buckets;
    std::vector<std::uint64_t> counts;
    for (const auto& [bucket, count] : counted) {
      buckets.push_back(bucket);
      counts.push_back(count);
    }
    std::ranges::sort(values);
    for (const auto share : {0u, 10u, 50u, 85u, 90u, 95u, 100u}) {
      const auto rank = std::max<std::size_t>(1, (values.size() * share + 99) / 100);
      const auto exact = values[rank - 1];
      const auto found = quantile(buckets, counts, share, values.front(), values.back());
      RC_ASSERT(found.has_value());
      RC_ASSERT(std::abs(static_cast<double>(*found - exact)) <= std::abs(static_cast<double>(exact)) / 100);
    }
  }));
}

TEST(Distribution, NothingHasNoQuantile) {
  EXPECT_FALSE(quantile({}, {}, 50, 0, 0));
  const std::vector<std::int32_t> buckets{1};
  EXPECT_FALSE(quantile(buckets, std::vector<std::uint64_t>{0}, 50, 0, 0));
  EXPECT_EQ(quantile(buckets, std::vector<std::uint64_t>{7}, 50, 0, 5), 1);
  EXPECT_EQ(quantile(buckets, std::vector<std::uint64_t>{7}, 50, 2, 5), 2) << "never outside of what was seen";
}

}  // namespace
}  // namespace lenne::base
