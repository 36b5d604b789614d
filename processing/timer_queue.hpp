#pragma once
// What is due when, of one partition. Internal to this folder.

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "processing/window_settings.hpp"

namespace lenne::processing {

/// One device's results of one window and grace are to be emitted.
struct Timer {
  std::int64_t due_us;
  std::uint64_t dev_eui;
  Window window;
  std::int64_t grace_us;
  friend constexpr auto operator<=>(const Timer&, const Timer&) = default;
};

/// A set of timers, first in first out of their order. Most are added often and long before they are due: so a second's
/// are kept as they come, and put in order when the first of them is asked for. One thread.
class TimerQueue {
 public:
  void add(const Timer& timer);
  [[nodiscard]] bool empty() const noexcept { return seconds_.empty(); }
  /// When the first one is due. Not of an empty queue.
  [[nodiscard]] std::int64_t next_due_us() const noexcept { return seconds_.begin()->second.earliest_us; }
  /// Takes the first one out. Not of an empty queue.
  [[nodiscard]] Timer take();
  /// The same without taking it.
  [[nodiscard]] const Timer& first();

 private:
  struct Second {
    std::vector<Timer> timers = {};  ///< sorted: the first one last, none twice
    std::int64_t earliest_us = INT64_MAX;
    bool sorted = false;
  };
  static void sort(Second& second);

  std::map<std::int64_t, Second> seconds_;  ///< by due time in whole seconds, none empty
};

}  // namespace lenne::processing
