#include "processing/derived/occupancy.hpp"

namespace lenne::processing::derived {

void PlaceTime::add(const PlaceTime& more) noexcept {
  occupied_us += more.occupied_us;
  free_us += more.free_us;
  unknown_us += more.unknown_us;
}

PlaceTime place_time(const v1::Aggregate& result) noexcept {
  const auto& state = result.duration();
  return {state.occupied_us(), state.known_us() - state.occupied_us(),
          result.end_us() - result.start_us() - state.known_us()};
}

void PlacesTogether::add_place(std::span<const v1::Aggregate> windows, std::int64_t from_us, std::int64_t to_us) {
  for (const auto& row : windows) {
    if (row.start_us() < from_us || row.end_us() > to_us || row.duration().known_us() == 0) continue;
    auto& sum = windows_[row.start_us()];
    sum.occupied_us += row.duration().occupied_us();
    sum.length_us = row.end_us() - row.start_us();
  }
}

std::optional<PlacesTogether::Peak> PlacesTogether::peak() const {
  std::optional<Peak> peak;
  for (const auto& [start_us, sum] : windows_) {
    if (!peak || sum.occupied_us > peak->occupied_us) peak = Peak{start_us, sum.occupied_us, sum.length_us};
  }
  return peak;
}

}  // namespace lenne::processing::derived
