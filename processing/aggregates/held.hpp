#pragma once
// Gauges whose value holds until the next sample (a valve, the power of a plug that reports its changes): the mean and
// the extremes by time. A sequence: a pane keeps its samples in order, and is folded when read.
//
// A sample says that the value is its own from its time until the next sample, but no longer than the hold time. After
// that nothing is known. So the sample before a window counts in it, and a device that sends more often in a part of a
// window counts no more there.

#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

[[nodiscard]] const Engine& held_engine() noexcept;

}  // namespace lenne::processing::aggregates
