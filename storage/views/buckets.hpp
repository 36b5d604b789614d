#pragma once
// Counts over the last few equal stretches of time.

#include <cstdint>

#include "lenne/v1/view.pb.h"

namespace lenne::storage::views {

/// Counts one in `bucket` (time divided by the bucket's length) and keeps the newest `most`. What is older is dropped.
void add_to_bucket(v1::BucketCounts& counts, std::int64_t bucket, int most);
/// Takes one back, if that bucket is still kept.
void take_from_bucket(v1::BucketCounts& counts, std::int64_t bucket, int most);
/// The sum of `buckets` buckets of which `last` is the newest.
[[nodiscard]] std::uint64_t count_recent(const v1::BucketCounts& counts, std::int64_t last, int buckets);

}  // namespace lenne::storage::views
