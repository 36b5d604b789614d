#include "processing/aggregates/counter.hpp"

#include <algorithm>

#include "processing/aggregates/sequence.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

using base::Int128;

/// From one reading to the next.
struct Interval {
  const Entry& from;
  const Entry& to;

  [[nodiscard]] std::int64_t length_us() const { return to.time_us - from.time_us; }
  [[nodiscard]] bool ends_in(const Window& window) const {
    return to.time_us >= window.start_us && to.time_us < window.end_us();
  }
};

/// A fall is a rollover if the register was in its last tenth and is in its first one.
bool rolled_over(const Interval& interval, std::uint64_t rollover_at) {
  const auto largest = static_cast<Int128>(rollover_at);
  const auto tenth = largest / 10;
  return interval.from.value >= largest - tenth && interval.from.value < largest && interval.to.value >= 0 &&
         interval.to.value <= tenth;
}

/// How much of `amount`, counted evenly over an interval, was counted until `at_us` inside it: rounded down.
Int128 counted_until(const Interval& interval, Int128 amount, std::int64_t at_us) {
  return amount * (at_us - interval.from.time_us) / interval.length_us();
}

/// Adds what an interval says about a window.
void add_interval(const Interval& interval, const Window& window, std::uint64_t rollover_at, CounterState& counted,
                  std::int64_t& covered_us) {
  const auto length = interval.length_us();
  if (length > kMaxHoldUs) return;
  const bool ends_inside = interval.ends_in(window);
  auto amount = static_cast<Int128>(interval.to.value) - interval.from.value;
  if (amount < 0) {
    if (!rolled_over(interval, rollover_at)) {
      counted.resets += ends_inside;
      return;
    }
    amount += static_cast<Int128>(rollover_at);
    counted.rollovers += ends_inside;
  }
  if (length == 0) {  // two readings of one moment
    if (ends_inside) counted.amount += amount;
    return;
  }
  const auto from = std::max(interval.from.time_us, window.start_us);
  const auto to = std::min(interval.to.time_us, window.end_us());
  if (to <= from) return;
  const auto share = counted_until(interval, amount, to) - counted_until(interval, amount, from);
  counted.amount += share;
  if (length > kMeasuredGapUs) {
    counted.estimated += share;
  } else {
    covered_us += to - from;
  }
}

class CounterEngine final : public SequenceEngine {
 public:
  [[nodiscard]] v1::Kind kind() const noexcept override { return v1::KIND_COUNTER; }
  [[nodiscard]] std::string_view name() const noexcept override { return "counter"; }

  [[nodiscard]] Folded fold(const FoldInput& input) const override {
    CounterState state;
    std::int64_t covered_us = 0;
    const auto* earlier = input.carry ? &input.carry->entry : nullptr;
    const auto reach = [&](const Entry& entry) {
      if (earlier != nullptr) add_interval({*earlier, entry}, input.window, input.rollover_at, state, covered_us);
      earlier = &entry;
    };
    for (const auto& share : input.shares) {
      for (const auto& entry : share.series->sequence) {
        reach(entry);
        if (state.count == 0) state.first = entry;
        state.last = entry;
        ++state.count;
      }
    }
    if (input.next) reach(*input.next);
    const bool carried = input.carry && input.carry->entry.time_us + input.carry->hold_us > input.window.start_us;
    return {state.count == 0 && !carried, covered_us, state};
  }
};

}  // namespace

const Engine& counter_engine() noexcept {
  static const CounterEngine engine;
  return engine;
}

}  // namespace lenne::processing::aggregates
