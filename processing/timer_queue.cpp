#include "processing/timer_queue.hpp"

#include <algorithm>
#include <functional>

#include "base/time.hpp"

namespace lenne::processing {

void TimerQueue::add(const Timer& timer) {
  auto& second = seconds_[timer.due_us / base::kSecondUs];
  auto& timers = second.timers;
  // The same ones again shall not make it grow: room is made before it is taken.
  if (timers.size() == timers.capacity()) {
    sort(second);
    timers.reserve(std::max<std::size_t>(4, 2 * timers.size()));
  }
  timers.push_back(timer);
  second.sorted = false;
  second.earliest_us = std::min(second.earliest_us, timer.due_us);
}

const Timer& TimerQueue::first() {
  auto& second = seconds_.begin()->second;
  sort(second);
  return second.timers.back();
}

Timer TimerQueue::take() {
  const auto timer = first();
  auto& second = seconds_.begin()->second;
  second.timers.pop_back();
  if (second.timers.empty()) {
    seconds_.erase(seconds_.begin());
  } else {
    second.earliest_us = second.timers.back().due_us;
  }
  return timer;
}

void TimerQueue::sort(Second& second) {
  if (second.sorted) return;
  auto& timers = second.timers;
  std::ranges::sort(timers, std::ranges::greater{});
  timers.erase(std::ranges::unique(timers).begin(), timers.end());
  second.sorted = true;
}

}  // namespace lenne::processing
