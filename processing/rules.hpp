#pragma once
// The numbers of the rules that results depend on, in one place. docs/internals/processing.md explains them;
// whoever changes one raises kRuleVersion, so that results of different rules can be told apart.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"
#include "lenne/v1/measurement.pb.h"

namespace lenne::processing {

inline constexpr std::uint32_t kRuleVersion = 3;

using base::kSecondUs;

/// Times beyond the year 2200 are no receive times, and would make sums of times overflow.
inline constexpr std::int64_t kLatestTimeUs = 7'258'118'400LL * kSecondUs;

/// How long a state is held after its sample: two nominal intervals, i.e. until two reports were missed.
/// Devices without a nominal interval report changes only; they are believed for two hours.
inline constexpr std::int64_t kHoldWithoutIntervalUs = 2 * 3600 * kSecondUs;
inline constexpr std::int64_t kMaxHoldUs = 7 * 86400 * kSecondUs;
/// Counters are interpolated between readings that are at most kMaxHoldUs apart; beyond this they are estimates.
inline constexpr std::int64_t kMeasuredGapUs = 86400 * kSecondUs;
inline constexpr std::int64_t kMeasuredGapOfElectricityUs = 2 * 3600 * kSecondUs;
/// The same for a measure: electricity has a profile of the day, of which an average over hours says little.
[[nodiscard]] constexpr std::int64_t measured_gap_us(std::string_view measure) noexcept {
  return measure.substr(0, measure.find('.')) == "energy" ? kMeasuredGapOfElectricityUs : kMeasuredGapUs;
}
/// An edge of a window that is so near to a reading cuts nothing off: what it gets is measured.
inline constexpr std::int64_t kTrueEdgeUs = 120 * kSecondUs;
/// More than so many tenths of what can run through a meter is not believed without another reading.
inline constexpr std::int64_t kBelievedTenths = 12;

/// Kinds of which a sample says what is until the next one.
[[nodiscard]] constexpr bool holds(v1::Kind kind) noexcept { return kind == v1::KIND_STATE || kind == v1::KIND_HELD; }
/// Kinds of which a pane keeps every sample, in order.
[[nodiscard]] constexpr bool is_sequence(v1::Kind kind) noexcept { return holds(kind) || kind == v1::KIND_COUNTER; }
/// How long an entry of a sequence says something about the time after it.
[[nodiscard]] constexpr std::int64_t hold_of(v1::Kind kind, std::uint32_t nominal_interval_s) noexcept {
  if (kind == v1::KIND_COUNTER) return kMaxHoldUs;
  if (nominal_interval_s == 0) return kHoldWithoutIntervalUs;
  return std::min(2 * static_cast<std::int64_t>(nominal_interval_s) * kSecondUs, kMaxHoldUs);
}

/// A sample newer than its record's receive time plus this is not credible.
inline constexpr std::int64_t kFutureUs = 60 * kSecondUs;

/// Bounds of one pane row. What exceeds them is refused or flagged, and counted.
inline constexpr int kMaxSequence = 1024;
inline constexpr int kMaxSources = 1024;
inline constexpr int kMaxSeries = 64;
inline constexpr std::size_t kMaxMeasureLength = 64;
inline constexpr int kMaxSamplesPerRecord = 1024;

}  // namespace lenne::processing
