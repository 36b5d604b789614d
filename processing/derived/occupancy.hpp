#pragma once
// Several places of one kind together: how many were taken at once, in bays of a car park or rooms of a house.

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// What places did in one stretch of time, in µs of place and time: occupied + free + unknown = capacity times time.
struct PlaceTime {
  std::int64_t occupied_us = 0;
  std::int64_t free_us = 0;
  std::int64_t unknown_us = 0;
  void add(const PlaceTime& more) noexcept;
  friend bool operator==(const PlaceTime&, const PlaceTime&) = default;
};
/// A state's result; a window without one is unknown.
[[nodiscard]] PlaceTime place_time(const v1::Aggregate& result) noexcept;

/// The windows of all places, added up one place after the other.
class PlacesTogether {
 public:
  /// `windows`: a place's results of a state, tumbling windows of one length. Those that lie inside of [from, to)
  /// count.
  void add_place(std::span<const v1::Aggregate> windows, std::int64_t from_us, std::int64_t to_us);

  struct Peak {
    std::int64_t start_us = 0;
    std::int64_t occupied_us = 0;
    std::int64_t length_us = 0;  ///< occupied_us / length_us = places taken, on average over the window
  };
  /// The first window with the most places taken; nothing when none was known.
  [[nodiscard]] std::optional<Peak> peak() const;

 private:
  struct Sum {
    std::int64_t occupied_us = 0;
    std::int64_t length_us = 0;
  };
  std::map<std::int64_t, Sum> windows_;  // by start
};

}  // namespace lenne::processing::derived
