#pragma once
// The only door to the machine's time. Everything below `app` takes a Clock or a Timestamp as an argument.

#include <atomic>

#include "base/time.hpp"

namespace lenne::base {

/// A source of time. Any thread may call it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Civil time; may jump when the machine's clock is set.
  [[nodiscard]] virtual Timestamp now() const = 0;
  /// Never goes backwards; its zero is arbitrary.
  [[nodiscard]] virtual Duration monotonic() const = 0;
};

/// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
  [[nodiscard]] Duration monotonic() const override;
};

/// A clock that stands still until it is told otherwise: for tests and the simulator. One thread sets it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start) : now_(start) {}
  [[nodiscard]] Timestamp now() const override { return now_; }
  [[nodiscard]] Duration monotonic() const override { return now().time_since_epoch(); }
  void advance(Duration by) { now_ = now() + by; }
  void advance_to(Timestamp t) {
    if (t > now()) now_ = t;
  }

 private:
  std::atomic<Timestamp> now_;
};

}  // namespace lenne::base
