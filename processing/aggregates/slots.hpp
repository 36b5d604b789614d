#pragma once
// Coverage of gauges: which slots of the nominal interval have a sample. Slot k of an interval of n seconds is
// [k·n, (k+1)·n) since the Unix epoch; a pane keeps one bit for each slot that it touches.

#include <cstdint>
#include <span>
#include <string>

#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

/// Marks the slot of `time_us`, which lies inside the pane. Nothing for an unknown interval (0).
void mark_slot(std::string& slots, const PaneFrame& frame, std::int64_t time_us);

/// Union of two bit masks of one pane and interval.
void merge_slots(std::string& into, const std::string& other);

/// The time inside `window` that is in any marked slot. A slot counts with the whole part of it that is inside the
/// window, wherever in the window its sample lies.
[[nodiscard]] std::int64_t covered_us(const Window& window, std::span<const PaneShare> shares);

}  // namespace lenne::processing::aggregates
