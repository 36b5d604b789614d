#pragma once
// What is due when, in an order that does not depend on when it was entered: so a restart changes nothing.

#include <compare>
#include <cstdint>
#include <optional>
#include <set>

namespace lenne::network {

enum class TimerKind : std::uint8_t { window = 0, downlink = 1, class_c = 2 };

struct Timer {
  std::int64_t due_us;
  std::uint64_t dev_eui;
  std::uint64_t input_offset;  ///< names the transmission; 0 for class_c
  TimerKind kind;

  friend auto operator<=>(const Timer&, const Timer&) = default;
};

/// Timers of one partition. One that is no longer wanted may stay: whoever fires it looks whether it still means
/// anything.
class TimerQueue {
 public:
  void add(const Timer& timer) { timers_.insert(timer); }
  void remove(const Timer& timer) { timers_.erase(timer); }
  /// Takes the first timer that is due at `now_us`.
  [[nodiscard]] std::optional<Timer> take_due(std::int64_t now_us) {
    if (timers_.empty() || timers_.begin()->due_us > now_us) return std::nullopt;
    const auto timer = *timers_.begin();
    timers_.erase(timers_.begin());
    return timer;
  }
  [[nodiscard]] std::optional<std::int64_t> next_due_us() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->due_us;
  }
  [[nodiscard]] std::size_t size() const noexcept { return timers_.size(); }

 private:
  std::set<Timer> timers_;
};

}  // namespace lenne::network
