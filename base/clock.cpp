#include "base/clock.hpp"

namespace lenne::base {

Timestamp SystemClock::now() const { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

Duration SystemClock::monotonic() const {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace lenne::base
