#include "storage/views/buckets.hpp"

#include <algorithm>

namespace lenne::storage::views {
namespace {

// The index of a bucket's count, or -1.
int index_of(const v1::BucketCounts& counts, std::int64_t bucket) noexcept {
  const auto from_end = counts.newest() - bucket;
  if (from_end < 0 || from_end >= counts.counts_size()) return -1;
  return counts.counts_size() - 1 - static_cast<int>(from_end);
}

}  // namespace

void add_to_bucket(v1::BucketCounts& counts, std::int64_t bucket, int most) {
  if (counts.counts_size() == 0) counts.set_newest(bucket);
  if (bucket > counts.newest() && counts.counts_size() > 0) {
    const auto step = std::min<std::int64_t>(bucket - counts.newest(), most);
    for (std::int64_t i = 0; i < step; ++i) counts.add_counts(0);
    counts.set_newest(bucket);
  }
  if (bucket <= counts.newest() - most) return;
  if (counts.counts_size() < most) {  // fill up on the old side
    v1::BucketCounts full;
    for (int i = counts.counts_size(); i < most; ++i) full.add_counts(0);
    full.mutable_counts()->MergeFrom(counts.counts());
    counts.mutable_counts()->Swap(full.mutable_counts());
  }
  if (const int extra = counts.counts_size() - most; extra > 0)
    counts.mutable_counts()->ExtractSubrange(0, extra, nullptr);
  const int at = index_of(counts, bucket);
  counts.set_counts(at, counts.counts(at) + 1);
}

void take_from_bucket(v1::BucketCounts& counts, std::int64_t bucket, int most) {
  if (bucket <= counts.newest() - most) return;
  const int at = index_of(counts, bucket);
  if (at >= 0 && counts.counts(at) > 0) counts.set_counts(at, counts.counts(at) - 1);
}

std::uint64_t count_recent(const v1::BucketCounts& counts, std::int64_t last, int buckets) {
  std::uint64_t sum = 0;
  for (std::int64_t bucket = last - buckets + 1; bucket <= last; ++bucket) {
    if (const int at = index_of(counts, bucket); at >= 0) sum += counts.counts(at);
  }
  return sum;
}

}  // namespace lenne::storage::views
