#pragma once
// A queue between threads with a fixed number of places. What does not fit is refused, and the caller counts it.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace lenne::base {

/// Many producers, many consumers. `close` wakes everybody; what is inside can still be taken.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// False when full or closed; the value is then untouched.
  [[nodiscard]] bool try_push(T&& value) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= capacity_) return false;
      items_.push_back(std::move(value));
    }
    filled_.notify_one();
    return true;
  }

  /// Everything that is queued, at most `most`; waits up to `patience` for the first. Empty: nothing came, or closed.
  [[nodiscard]] std::vector<T> take(std::size_t most, Duration patience) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, patience, [&] { return closed_ || !items_.empty(); });
    std::vector<T> taken;
    for (; !items_.empty() && taken.size() < most; items_.pop_front()) taken.push_back(std::move(items_.front()));
    return taken;
  }

  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
  }

  [[nodiscard]] bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace lenne::base
