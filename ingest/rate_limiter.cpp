#include "ingest/rate_limiter.hpp"

#include <algorithm>

namespace lenne::ingest {
namespace {

constexpr base::Duration kSweepInterval = std::chrono::seconds{1};

/// Tokens that a rate gives in a while: exact for whole numbers of tokens.
double tokens_in(base::Duration d, std::uint32_t rate) {
  return d > base::Duration{} ? static_cast<double>(d.count()) * rate / 1e6 : 0.0;
}

}  // namespace

bool RateLimiter::take(Bucket& bucket, base::Duration now) const noexcept {
  const double gained = tokens_in(now - bucket.filled, limit_.rate);
  bucket.tokens = std::min(bucket.tokens + gained, static_cast<double>(limit_.burst));
  bucket.filled = std::max(now, bucket.filled);
  if (bucket.tokens < 1.0) return false;
  bucket.tokens -= 1.0;
  return true;
}

void RateLimiter::forget_full(base::Duration now) {
  if (now - swept_ < kSweepInterval && swept_ != base::Duration{}) return;
  swept_ = now;
  // A bucket that has filled up again is like a new one.
  std::erase_if(buckets_, [&](const auto& entry) {
    const auto& bucket = entry.second;
    return bucket.tokens + tokens_in(now - bucket.filled, limit_.rate) >= limit_.burst;
  });
}

bool RateLimiter::allow(std::uint64_t key, base::Duration now) {
  if (limit_.rate == 0) return true;
  auto found = buckets_.find(key);
  if (found == buckets_.end() && buckets_.size() >= capacity_) forget_full(now);
  if (found == buckets_.end() && buckets_.size() < capacity_) {
    found = buckets_.emplace(key, Bucket{static_cast<double>(limit_.burst), now}).first;
  }
  if (found != buckets_.end()) return take(found->second, now);
  ++shared_;
  if (!common_used_) common_ = Bucket{static_cast<double>(limit_.burst), now};
  common_used_ = true;
  return take(common_, now);
}

}  // namespace lenne::ingest
