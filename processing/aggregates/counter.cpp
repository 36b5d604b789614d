#include "processing/aggregates/counter.hpp"

#include <algorithm>

#include "processing/aggregates/int128.hpp"
#include "processing/aggregates/sequence.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

using base::Int128;

/// From one reading to the next.
struct Interval {
  const v1::SequenceEntry& from;
  const v1::SequenceEntry& to;

  [[nodiscard]] std::int64_t length_us() const { return to.time_us() - from.time_us(); }
  [[nodiscard]] bool ends_in(const Window& window) const {
    return to.time_us() >= window.start_us && to.time_us() < window.end_us();
  }
};

/// What a window knows, before it is written.
struct Counted {
  Int128 amount = 0;
  Int128 estimated = 0;
  std::int64_t covered_us = 0;
  std::uint64_t rollovers = 0;
  std::uint64_t resets = 0;
};

/// A fall is a rollover if the register was in its last tenth and is in its first one.
bool rolled_over(const Interval& interval, std::uint64_t rollover_at) {
  const auto largest = static_cast<Int128>(rollover_at);
  const auto tenth = largest / 10;
  return interval.from.value() >= largest - tenth && interval.from.value() < largest && interval.to.value() >= 0 &&
         interval.to.value() <= tenth;
}

/// How much of `amount`, counted evenly over an interval, was counted until `at_us` inside it: rounded down.
Int128 counted_until(const Interval& interval, Int128 amount, std::int64_t at_us) {
  return amount * (at_us - interval.from.time_us()) / interval.length_us();
}

/// Adds what an interval says about a window.
void add_interval(const Interval& interval, const Window& window, std::uint64_t rollover_at, Counted& counted) {
  const auto length = interval.length_us();
  if (length > kMaxHoldUs) return;
  const bool ends_inside = interval.ends_in(window);
  auto amount = static_cast<Int128>(interval.to.value()) - interval.from.value();
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
  const auto from = std::max(interval.from.time_us(), window.start_us);
  const auto to = std::min(interval.to.time_us(), window.end_us());
  if (to <= from) return;
  const auto share = counted_until(interval, amount, to) - counted_until(interval, amount, from);
  counted.amount += share;
  if (length > kMeasuredGapUs) {
    counted.estimated += share;
  } else {
    counted.covered_us += to - from;
  }
}

class CounterEngine final : public SequenceEngine {
 public:
  [[nodiscard]] v1::Kind kind() const noexcept override { return v1::KIND_COUNTER; }
  [[nodiscard]] std::string_view name() const noexcept override { return "counter"; }

  [[nodiscard]] Folded fold(const FoldInput& input, v1::Aggregate& out) const override {
    auto& state = *out.mutable_counter();
    Counted counted;
    const auto* earlier = input.carry ? &input.carry->entry : nullptr;
    const auto reach = [&](const v1::SequenceEntry& entry) {
      if (earlier != nullptr) add_interval({*earlier, entry}, input.window, input.rollover_at, counted);
      earlier = &entry;
    };
    for (const auto& share : input.shares) {
      for (const auto& entry : share.series->sequence()) {
        reach(entry);
        if (state.count() == 0) *state.mutable_first() = entry;
        *state.mutable_last() = entry;
        state.set_count(state.count() + 1);
      }
    }
    if (input.next) reach(*input.next);
    to_proto(counted.amount, *state.mutable_amount());
    to_proto(counted.estimated, *state.mutable_estimated());
    state.set_rollovers(counted.rollovers);
    state.set_resets(counted.resets);
    out.set_covered_us(counted.covered_us);
    const bool carried = input.carry && input.carry->entry.time_us() + input.carry->hold_us > input.window.start_us;
    return {.empty = state.count() == 0 && !carried};
  }
};

}  // namespace

const Engine& counter_engine() noexcept {
  static const CounterEngine engine;
  return engine;
}

}  // namespace lenne::processing::aggregates
