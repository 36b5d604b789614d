// Whatever is added and taken in whichever order, the queue of timers is a set of them.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "base/time.hpp"
#include "processing/timer_queue.hpp"

namespace lenne::processing {
namespace {

RC_GTEST_PROP(TimerQueueProperty, IsASetOfTimers, ()) {
  TimerQueue queue;
  std::set<Timer> model;
  const auto steps = *rc::gen::inRange(0, 400);
  for (int i = 0; i < steps; ++i) {
    if (model.empty() || *rc::gen::inRange(0, 3) != 0) {
      // Few different ones, so that many come twice, in seconds that are also met again.
      const Timer timer{*rc::gen::inRange<std::int64_t>(0, 6) * base::kSecondUs / 2,
                        *rc::gen::inRange<std::uint64_t>(0, 4),
                        {*rc::gen::inRange<std::int64_t>(0, 2), 900},
                        *rc::gen::inRange<std::int64_t>(0, 2)};
      queue.add(timer);
      model.insert(timer);
    } else {
      RC_ASSERT(queue.first() == *model.begin());
      RC_ASSERT(queue.take() == *model.begin());
      model.erase(model.begin());
    }
    RC_ASSERT(queue.empty() == model.empty());
    if (!model.empty()) RC_ASSERT(queue.next_due_us() == model.begin()->due_us);
  }
}

}  // namespace
}  // namespace lenne::processing
