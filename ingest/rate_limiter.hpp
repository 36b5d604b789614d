#pragma once
// Token buckets for many keys in bounded memory. Pure: the caller brings the time.

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/time.hpp"

namespace lenne::ingest {

/// `rate` a second on average, `burst` at once. 0 for the rate = no limit.
struct RateLimit {
  std::uint32_t rate = 0;
  std::uint32_t burst = 0;
};

/// One bucket a key, at most `capacity` of them. Keys that do not fit share one bucket of the same size, so that a
/// flood of invented sources is held to what one source may send. One thread.
class RateLimiter {
 public:
  RateLimiter(RateLimit limit, std::size_t capacity) : limit_(limit), capacity_(capacity) {}

  /// Takes one token of `key`; false = over the limit. `now` is monotonic.
  [[nodiscard]] bool allow(std::uint64_t key, base::Duration now);
  [[nodiscard]] std::size_t size() const noexcept { return buckets_.size(); }
  /// How often a key had to share the common bucket.
  [[nodiscard]] std::uint64_t shared() const noexcept { return shared_; }

 private:
  struct Bucket {
    double tokens = 0;
    base::Duration filled{};
  };
  [[nodiscard]] bool take(Bucket& bucket, base::Duration now) const noexcept;
  void forget_full(base::Duration now);

  RateLimit limit_;
  std::size_t capacity_;
  std::unordered_map<std::uint64_t, Bucket> buckets_;
  Bucket common_;
  bool common_used_ = false;
  base::Duration swept_{};
  std::uint64_t shared_ = 0;
};

}  // namespace lenne::ingest
