#pragma once
// How long it will take until the state that is wanted is here.

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace lenne::storage::kafka {

/// By the mean rate since something was wanted that was not here. One thread.
class RestoreProgress {
 public:
  /// `copied` records more are here, `behind` are still to come. `now`: a monotonic time.
  void note(std::uint64_t copied, std::uint64_t behind, base::Duration now) {
    if (behind == 0) {
      began_.reset();
      return;
    }
    if (!began_) {
      began_ = now;
      copied_ = 0;
    } else {
      copied_ += copied;
    }
    behind_ = behind;
    now_ = now;
  }

  /// Whole seconds, rounded up; 0 when nothing is behind, or as long as nothing is known about the rate.
  [[nodiscard]] std::uint64_t eta_s() const {
    if (!began_ || copied_ == 0) return 0;
    const auto took_s = std::chrono::duration<double>(now_ - *began_).count();
    return static_cast<std::uint64_t>(took_s * static_cast<double>(behind_) / static_cast<double>(copied_)) + 1;
  }

 private:
  std::optional<base::Duration> began_;
  base::Duration now_{};
  std::uint64_t copied_ = 0;
  std::uint64_t behind_ = 0;
};

}  // namespace lenne::storage::kafka
