#pragma once
// Integers counted in buckets whose width grows with the value, to read quantiles from: exact below 128, and within
// 1/128 of the value beyond. Which bucket a value falls into is integer arithmetic alone, so that whoever counts the
// same values has the same buckets, in any order. (The scheme of logarithms with linear parts: G. Tene, HdrHistogram.)

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

namespace lenne::base {

/// A bucket has 1/64 of the power of two that its values begin with.
inline constexpr int kBucketBits = 6;

/// Buckets are in the order of their values; that of 0 is 0, that of -x is the negative of that of x. Between -3776 and
/// 3776.
[[nodiscard]] constexpr std::int32_t bucket_of(std::int64_t value) noexcept {
  const auto size = value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  const int shift = std::max(0, static_cast<int>(std::bit_width(size)) - kBucketBits - 1);
  const auto bucket = (shift << kBucketBits) + static_cast<std::int32_t>(size >> shift);
  return value < 0 ? -bucket : bucket;
}

/// The value that stands for all of a bucket: their middle, towards zero. Any number is a bucket's; none overflows.
[[nodiscard]] constexpr std::int64_t middle_of(std::int32_t bucket) noexcept {
  constexpr std::int64_t kHalf = std::int64_t{1} << kBucketBits;
  const auto index = bucket < 0 ? -std::int64_t{bucket} : std::int64_t{bucket};
  std::int64_t middle = index;
  if (index >= 2 * kHalf) {
    const auto shift = index / kHalf - 1;
    if (shift > 62 - kBucketBits) {
      middle = std::numeric_limits<std::int64_t>::max();
    } else {
      middle = ((index % kHalf + kHalf) << shift) + (((std::int64_t{1} << shift) - 1) / 2);
    }
  }
  return bucket < 0 ? -middle : middle;
}

/// The smallest value that at least `share` percent of all values do not exceed (nearest rank), as its bucket tells it,
/// within [min, max]. `buckets` ascending, with their `counts`; 0 <= share <= 100. Nothing without a value.
[[nodiscard]] constexpr std::optional<std::int64_t> quantile(std::span<const std::int32_t> buckets,
                                                             std::span<const std::uint64_t> counts, unsigned share,
                                                             std::int64_t min, std::int64_t max) noexcept {
  std::uint64_t total = 0;
  for (const auto count : counts) total += count;
  if (total == 0 || buckets.size() != counts.size() || min > max) return std::nullopt;
  const auto rank = std::max<std::uint64_t>(1, total / 100 * share + (total % 100 * share + 99) / 100);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seen += counts[i];
    if (seen >= rank) return std::clamp(middle_of(buckets[i]), min, max);
  }
  return max;
}

}  // namespace lenne::base
