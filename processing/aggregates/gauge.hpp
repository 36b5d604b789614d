#pragma once
// Gauges (temperature, level): count, sum, sum of squares, minimum and maximum with their first time. A bag.

#include "base/int128.hpp"
#include "processing/aggregates/engine.hpp"

namespace lenne::processing::aggregates {

[[nodiscard]] const Engine& gauge_engine() noexcept;

[[nodiscard]] inline base::Int128 from_proto(const v1::Int128& x) noexcept {
  return base::int128_of(x.high(), x.low());
}
void to_proto(base::Int128 x, v1::Int128& out);

/// Merges two gauge states of disjoint samples.
void merge(v1::GaugeState& into, const v1::GaugeState& other);

}  // namespace lenne::processing::aggregates
