#pragma once
// The states of one alert as a pure function of what is observed: ok -> pending -> firing -> acknowledged -> resolved.
// docs/internals/alerts.md has the rules.

#include <cstdint>

#include "lenne/v1/alert.pb.h"
#include "lenne/v1/control.pb.h"
#include "processing/alerts/decimal.hpp"

namespace lenne::processing::alerts {

/// Where an observation lies: at or beyond the threshold, back beyond the hysteresis, or in between.
enum class Side : std::uint8_t { good, between, bad };

struct Threshold {
  v1::Comparison comparison = v1::COMPARISON_ABOVE;
  Decimal at = {};
  Decimal hysteresis = {};  ///< not negative
};

/// bad: value >= threshold (above), value <= threshold (below). good: value < threshold - hysteresis, or
/// value > threshold + hysteresis.
[[nodiscard]] Side side_of(const Threshold& threshold, Decimal value) noexcept;

/// How long a state must last.
struct Persistence {
  std::uint32_t consecutive = 1;    ///< observations on the bad side in a row, until it fires; at least 1
  std::int64_t clear_after_us = 0;  ///< between the first and the last observation in a row on the good side
};

/// What the machine remembers. Times are event times in µs.
struct Track {
  v1::AlertState state = v1::ALERT_STATE_OK;
  std::uint32_t in_a_row = 0;
  std::int64_t good_since_us = 0;
  std::int64_t judged_us = 0;
  friend bool operator==(const Track&, const Track&) = default;
};

[[nodiscard]] constexpr bool is_open(v1::AlertState state) noexcept {
  return state == v1::ALERT_STATE_FIRING || state == v1::ALERT_STATE_ACKNOWLEDGED;
}

/// Whether an observation of this time is judged. One that is not newer than the newest judged one never is: what comes
/// late or twice cannot make an alert flap.
[[nodiscard]] constexpr bool is_judged(const Track& track, std::int64_t time_us) noexcept {
  return time_us > track.judged_us;
}

/// The state after an observation that is_judged. Only an observation ends an alert: without one nobody knows that it
/// is over.
[[nodiscard]] Track observe(Track track, Side side, std::int64_t time_us, const Persistence& persistence) noexcept;

}  // namespace lenne::processing::alerts
