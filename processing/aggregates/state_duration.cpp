#include "processing/aggregates/state_duration.hpp"

#include <algorithm>

#include "processing/aggregates/sequence.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

/// Adds what `held` says about [from, to).
void hold(DurationState& state, const Carry& held, std::int64_t from_us, std::int64_t to_us) {
  const auto known = std::min(to_us, held.entry.time_us + held.hold_us) - std::max(from_us, held.entry.time_us);
  if (known <= 0) return;
  state.known_us += known;
  if (held.entry.value != 0) state.occupied_us += known;
}

/// Counts the change from `held` to `next`, if the state was still known.
void change(DurationState& state, const Carry& held, const Entry& next) {
  if (next.time_us > held.entry.time_us + held.hold_us) return;
  const bool before = held.entry.value != 0;
  const bool after = next.value != 0;
  if (!before && after) ++state.transitions_on;
  if (before && !after) ++state.transitions_off;
}

class StateDurationEngine final : public SequenceEngine {
 public:
  [[nodiscard]] v1::Kind kind() const noexcept override { return v1::KIND_STATE; }
  [[nodiscard]] std::string_view name() const noexcept override { return "state_duration"; }

  [[nodiscard]] Folded fold(const FoldInput& input) const override {
    Segment all = carried(input.window.start_us, input.carry);
    for (const auto& share : input.shares) {
      if (all.end_us < share.frame.pane.start_us) all = join(all, empty_segment(all.end_us, share.frame.pane.start_us));
      all = join(all, segment_of(share.frame.pane, hold_of(kind(), share.frame.nominal_interval_s), *share.series));
    }
    if (all.end_us < input.window.end_us()) all = join(all, empty_segment(all.end_us, input.window.end_us()));
    if (input.until_us < all.end_us) retract(all, input.until_us);
    return {all.state.count == 0 && all.state.known_us == 0, all.state.known_us, all.state};
  }

 private:
  /// Takes back what the last entry says about the time after `until`: nobody knows the future yet.
  static void retract(Segment& all, std::int64_t until_us) {
    if (!all.last) return;
    DurationState future;
    hold(future, *all.last, std::max(until_us, all.start_us), all.end_us);
    all.state.known_us -= future.known_us;
    all.state.occupied_us -= future.occupied_us;
  }
};

}  // namespace

Segment empty_segment(std::int64_t start_us, std::int64_t end_us) {
  Segment segment;
  segment.start_us = start_us;
  segment.end_us = end_us;
  return segment;
}

Segment carried(std::int64_t at_us, const std::optional<Carry>& carry) {
  Segment segment = empty_segment(at_us, at_us);
  segment.last = carry;
  return segment;
}

Segment segment_of(const Window& pane, std::int64_t hold_us, const SeriesPane& series) {
  Segment segment = empty_segment(pane.start_us, pane.end_us());
  for (const auto& entry : series.sequence) {
    if (segment.last) {
      hold(segment.state, *segment.last, segment.start_us, entry.time_us);
      change(segment.state, *segment.last, entry);
    } else {
      segment.state.first = entry;
    }
    segment.last = Carry{entry, hold_us};
    ++segment.state.count;
  }
  if (segment.last) {
    segment.state.last = segment.last->entry;
    hold(segment.state, *segment.last, segment.start_us, segment.end_us);
  }
  return segment;
}

Segment join(const Segment& earlier, const Segment& later) {
  Segment all = earlier;
  all.end_us = later.end_us;
  auto& state = all.state;
  if (earlier.last) {
    const bool followed = later.state.first.has_value();
    hold(state, *earlier.last, earlier.end_us, followed ? later.state.first->time_us : later.end_us);
    if (followed) change(state, *earlier.last, *later.state.first);
  }
  state.count += later.state.count;
  state.occupied_us += later.state.occupied_us;
  state.known_us += later.state.known_us;
  state.transitions_on += later.state.transitions_on;
  state.transitions_off += later.state.transitions_off;
  if (!state.first) state.first = later.state.first;
  if (later.state.last) state.last = later.state.last;
  if (later.last) all.last = later.last;
  return all;
}

const Engine& state_duration_engine() noexcept {
  static const StateDurationEngine engine;
  return engine;
}

}  // namespace lenne::processing::aggregates
