#pragma once
// Virtual time: what happens when. Equal times keep the order in which they were entered, so that a seed is a universe.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace lenne::sim {

/// One thread. The clock stands still while an action runs.
class EventQueue {
 public:
  using Action = std::function<void()>;

  explicit EventQueue(base::Timestamp start) : clock_(start) {}

  [[nodiscard]] const base::Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] base::Timestamp now() const { return clock_.now(); }

  /// Something that is late happens now.
  void at(base::Timestamp when, Action action) {
    heap_.push_back({std::max(when, now()), number_++, std::move(action)});
    std::ranges::push_heap(heap_, later);
  }
  void after(base::Duration pause, Action action) { at(now() + pause, std::move(action)); }

  [[nodiscard]] std::optional<base::Timestamp> next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().when);
  }

  /// Moves the clock and does everything that is due by then, what it leads to at the same time included.
  void advance_to(base::Timestamp when) {
    clock_.advance_to(when);
    while (!heap_.empty() && heap_.front().when <= now()) {
      std::ranges::pop_heap(heap_, later);
      const auto action = std::move(heap_.back().action);
      heap_.pop_back();
      action();
    }
  }

 private:
  struct Entry {
    base::Timestamp when;
    std::uint64_t number;
    Action action;
  };
  static bool later(const Entry& a, const Entry& b) { return a.when != b.when ? a.when > b.when : a.number > b.number; }

  base::ManualClock clock_;
  std::uint64_t number_ = 0;
  std::vector<Entry> heap_;
};

}  // namespace lenne::sim
