#pragma once
// States (a parking bay): how long occupied, how long known, how often changed. A sequence: a pane keeps its samples in
// order, and is folded when read.
//
// A sample says that the state is its value from its time until the next sample, but no longer than the hold time.
// After that the state is unknown. A change between two samples counts where the later one lies, and only if the state
// was still known then.

#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

[[nodiscard]] const Engine& state_duration_engine() noexcept;

/// What happened in a stretch of time: the mergeable summary of a sequence. Neighbours join in time order, with what
/// the earlier one's last entry says about the beginning of the later one; join is associative.
struct Segment {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  DurationState state;                       ///< of this stretch alone; first and last lie inside it
  std::optional<Carry> last = std::nullopt;  ///< the newest entry at or before the end, wherever it lies
  friend bool operator==(const Segment&, const Segment&) = default;
};

/// Nothing is known of [start, end).
[[nodiscard]] Segment empty_segment(std::int64_t start_us, std::int64_t end_us);
/// A point at `at_us` before which `carry` was the newest entry.
[[nodiscard]] Segment carried(std::int64_t at_us, const std::optional<Carry>& carry);
/// The summary of a pane's ordered entries.
[[nodiscard]] Segment segment_of(const Window& pane, std::int64_t hold_us, const SeriesPane& series);
/// Two stretches of which the second starts where the first ends.
[[nodiscard]] Segment join(const Segment& earlier, const Segment& later);

}  // namespace lenne::processing::aggregates
