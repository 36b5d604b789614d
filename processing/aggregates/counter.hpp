#pragma once
// Counters (a water meter): how much was counted in a window. A sequence: readings are kept in order, and what lies
// between two of them is spread evenly over their time. An interval's share of a window is the difference of two values
// of one rounded function, so the shares of windows that tile it add up to the difference of its readings exactly,
// whatever their lengths (domain rule: interpolation at window edges with exact sums).

#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

[[nodiscard]] const Engine& counter_engine() noexcept;

}  // namespace lenne::processing::aggregates
