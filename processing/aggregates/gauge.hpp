#pragma once
// Gauges (temperature, level) and events (motions, people, millimetres of rain since the last report): count, sum, sum
// of squares, minimum and maximum with their first time. A bag. Of gauges the mean is looked at, of events the sum.

#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

[[nodiscard]] const Engine& gauge_engine() noexcept;
[[nodiscard]] const Engine& event_engine() noexcept;

/// Merges two gauge states of disjoint samples.
void merge(GaugeState& into, const GaugeState& other);

}  // namespace lenne::processing::aggregates
