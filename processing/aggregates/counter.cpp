#include "processing/aggregates/counter.hpp"

#include <algorithm>
#include <vector>

#include "processing/aggregates/intervals.hpp"
#include "processing/aggregates/sequence.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

using base::Int128;

bool contains(const Window& window, const Entry& entry) {
  return entry.time_us >= window.start_us && entry.time_us < window.end_us();
}

/// How much of an interval's amount, counted evenly over it, was counted until `at_us` inside it: rounded towards zero.
Int128 counted_until(const Interval& interval, std::int64_t at_us) {
  return interval.amount * (at_us - interval.from->time_us) / interval.length_us();
}

/// Whether the edge of a window cuts an interval far from both of its readings.
bool cuts(const Interval& interval, std::int64_t edge_us) {
  return edge_us - interval.from->time_us > kTrueEdgeUs && interval.to->time_us - edge_us > kTrueEdgeUs;
}

void count_verdict(Verdict verdict, CounterState& counted) {
  counted.rollovers += verdict == Verdict::rollover;
  counted.resets += verdict == Verdict::reset;
  counted.exchanges += verdict == Verdict::exchange;
  counted.quarantined += verdict == Verdict::unconfirmed;
}

/// Adds what an interval says about a window.
void add_interval(const Interval& interval, const FoldInput& input, CounterState& counted, std::int64_t& covered_us) {
  const auto& window = input.window;
  const auto length = interval.length_us();
  const bool ends_inside = contains(window, *interval.to);
  if (ends_inside) count_verdict(interval.verdict, counted);
  if (!interval.is_known()) return;
  const auto from = std::max(interval.from->time_us, window.start_us);
  const auto to = std::min(interval.to->time_us, window.end_us());
  if (to <= from && !(length == 0 && ends_inside)) return;
  // Two readings of one moment have no time to be spread over.
  const auto share = length == 0 ? interval.amount : counted_until(interval, to) - counted_until(interval, from);
  counted.amount += share;
  if (share < 0) counted.reverse -= share;
  if (length > input.measured_gap_us) {
    counted.estimated += share;
    counted.estimated_us += to - from;
    return;
  }
  covered_us += to - from;
  if (cuts(interval, window.start_us) || cuts(interval, window.end_us())) {
    counted.interpolated += share;
    counted.interpolated_us += to - from;
  }
}

class CounterEngine final : public SequenceEngine {
 public:
  [[nodiscard]] v1::Kind kind() const noexcept override { return v1::KIND_COUNTER; }
  [[nodiscard]] std::string_view name() const noexcept override { return "counter"; }

  [[nodiscard]] Folded fold(const FoldInput& input) const override {
    CounterState state;
    std::vector<Reading> readings(input.before.begin(), input.before.end());
    for (const auto& share : input.shares) {
      for (const auto& entry : share.series->sequence) {
        readings.push_back({entry, share.series->limits});
        if (state.count == 0) state.first = entry;
        state.last = entry;
        ++state.count;
      }
    }
    readings.insert(readings.end(), input.after.begin(), input.after.end());
    const auto judged = judge(readings, input.rollover_at);
    std::int64_t covered_us = 0;
    for (const auto& interval : judged.intervals) add_interval(interval, input, state, covered_us);
    for (const auto* spike : judged.spikes) state.quarantined += contains(input.window, *spike);
    const bool carried =
        !input.before.empty() && input.before.back().entry.time_us + kMaxHoldUs > input.window.start_us;
    return {state.count == 0 && !carried, covered_us, state};
  }
};

}  // namespace

const Engine& counter_engine() noexcept {
  static const CounterEngine engine;
  return engine;
}

}  // namespace lenne::processing::aggregates
