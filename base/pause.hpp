#pragma once
// A rest that a stop ends.

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/time.hpp"

namespace lenne::base {

/// Waits for `time`, or until stop is requested. Any thread.
inline void pause(Duration time, const std::stop_token& stop) {
  if (time <= Duration::zero()) return;
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any wake;
  wake.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace lenne::base
