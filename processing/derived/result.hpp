#pragma once
// What a result says of itself, whatever its kind.

#include <cstdint>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// Whether nobody knows how many samples there should have been: the device of a gauge or event does not say how often
/// it sends. States, counters and values that hold know how much of the time they speak of.
[[nodiscard]] inline bool has_unknown_coverage(const v1::Aggregate& result) noexcept {
  return result.has_gauge() && result.kind() != v1::KIND_HELD && result.nominal_interval_s() == 0;
}

/// How many samples lie inside.
[[nodiscard]] inline std::uint64_t samples_of(const v1::Aggregate& result) noexcept {
  if (result.has_duration()) return result.duration().count();
  if (result.has_counter()) return result.counter().count();
  return result.kind() == v1::KIND_HELD ? result.gauge().samples() : result.gauge().count();
}

/// Whether its mean is what is looked at, and which values there were.
[[nodiscard]] constexpr bool has_mean(v1::Kind kind) noexcept {
  return kind == v1::KIND_GAUGE || kind == v1::KIND_HELD;
}

}  // namespace lenne::processing::derived
