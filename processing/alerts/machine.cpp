#include "processing/alerts/machine.hpp"

#include <algorithm>

namespace lenne::processing::alerts {

Side side_of(const Threshold& threshold, Decimal value) noexcept {
  const bool above = threshold.comparison != v1::COMPARISON_BELOW;
  const auto to_threshold = compare(value, threshold.at);
  if (above ? to_threshold >= 0 : to_threshold <= 0) return Side::bad;
  const auto edge = above ? difference(threshold.at, threshold.hysteresis) : sum(threshold.at, threshold.hysteresis);
  const auto to_edge = compare(value, edge);
  return (above ? to_edge < 0 : to_edge > 0) ? Side::good : Side::between;
}

Track observe(Track track, Side side, std::int64_t time_us, const Persistence& persistence) noexcept {
  track.judged_us = time_us;
  if (is_open(track.state)) {
    if (side != Side::good) {
      track.good_since_us = 0;
      return track;
    }
    if (track.good_since_us == 0) track.good_since_us = time_us;
    if (time_us - track.good_since_us < persistence.clear_after_us) return track;
    track.state = v1::ALERT_STATE_RESOLVED;
    track.good_since_us = 0;
    return track;
  }
  if (side != Side::bad) {
    if (track.state == v1::ALERT_STATE_PENDING) track.state = v1::ALERT_STATE_OK;
    track.in_a_row = 0;
    return track;
  }
  ++track.in_a_row;
  const bool fires = track.in_a_row >= std::max<std::uint32_t>(1, persistence.consecutive);
  track.state = fires ? v1::ALERT_STATE_FIRING : v1::ALERT_STATE_PENDING;
  if (fires) track.in_a_row = 0;
  return track;
}

}  // namespace lenne::processing::alerts
