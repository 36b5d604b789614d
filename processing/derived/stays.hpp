#pragma once
// How long something was occupied without a break, from a state's results: stays in parking bays and rooms.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// A stay that has ended.
struct Stay {
  std::int64_t end_us = 0;
  std::int64_t length_us = 0;
  friend bool operator==(const Stay&, const Stay&) = default;
};

struct Stays {
  std::vector<Stay> ended;     ///< whose length is known exactly, by their end
  std::uint64_t unknown = 0;   ///< ended, too, but not known how long they were
  std::uint64_t arrivals = 0;  ///< changes from free to occupied
  std::int64_t occupied_us = 0;
  std::int64_t known_us = 0;
};

/// `windows`: one series' results of a state, ascending and of one length, tumbling. Of the stays those count that end
/// in [from_us, to_us); earlier windows say when they began. Results hold no list of changes, but how long the state
/// was occupied and how often it changed: so a stay's begin and end are exact where a window has one change, or one
/// stay in it, or where its first sample is the end of the stay. Others are counted as unknown, as are those that a
/// time of unknown state cuts. Any thread.
[[nodiscard]] Stays stays_of(std::span<const v1::Aggregate> windows, std::int64_t from_us, std::int64_t to_us);

/// The length that at least `share` percent of the stays do not exceed (nearest rank), µs; nothing without stays.
[[nodiscard]] std::optional<std::int64_t> stay_percentile(std::span<const Stay> stays, unsigned share);
/// Their mean, half away from zero, µs.
[[nodiscard]] std::optional<std::int64_t> mean_stay(std::span<const Stay> stays);
/// How many lasted longer than `most_us`.
[[nodiscard]] std::uint64_t longer_stays(std::span<const Stay> stays, std::int64_t most_us);

}  // namespace lenne::processing::derived
