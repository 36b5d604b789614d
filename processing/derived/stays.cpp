#include "processing/derived/stays.hpp"

#include <algorithm>

#include "base/int128.hpp"

namespace lenne::processing::derived {
namespace {

// What a window says of the stay that it begins with, and of the one that it ends with. A part of unknown length is
// nothing.
struct StayWindow {
  bool starts_occupied = false;
  bool ends_occupied = false;
  std::optional<std::int64_t> first_part_us;  // until the first stay ended; only where it starts occupied and changes
  std::optional<std::int64_t> last_part_us;   // since the last one began; only where it ends occupied and changes
  std::optional<std::int64_t> inner_us;       // the one stay inside
  std::uint64_t inner = 0;                    // stays that begin and end in it
};

StayWindow read_stay_window(const v1::Aggregate& row) {
  const auto& state = row.duration();
  const auto on = state.transitions_on();
  const auto off = state.transitions_off();
  StayWindow window;
  if (on + off == 0) {
    window.starts_occupied = window.ends_occupied = state.occupied_us() > 0;
    return window;
  }
  // A change is a sample, so there is a last one; its state holds until the end.
  window.ends_occupied = state.last().value() != 0;
  window.starts_occupied = off > on || (off == on && window.ends_occupied);
  window.inner = off - (window.starts_occupied && off > 0 ? 1 : 0);
  if (on + off == 1) {
    (on == 1 ? window.last_part_us : window.first_part_us) = state.occupied_us();
  } else if (on == 1 && off == 1 && !window.starts_occupied) {
    window.inner_us = state.occupied_us();
  } else if (on == 1 && off == 1 && state.first().value() == 0) {
    window.first_part_us = state.first().time_us() - row.start_us();
    window.last_part_us = state.occupied_us() - *window.first_part_us;
  }
  return window;
}

bool is_whole(const v1::Aggregate& row) { return row.duration().known_us() == row.end_us() - row.start_us(); }

// The stay that goes on; nothing: there is none, or nobody knows when it began.
class RunningStay {
 public:
  explicit RunningStay(Stays& stays, std::int64_t from_us, std::int64_t to_us)
      : stays_(stays), from_us_(from_us), to_us_(to_us) {}

  void lost() { length_us_.reset(); }
  void take(const v1::Aggregate& row) {
    const auto window = read_stay_window(row);
    const auto& state = row.duration();
    if (state.transitions_on() + state.transitions_off() == 0) {
      if (length_us_ && window.starts_occupied) *length_us_ += row.end_us() - row.start_us();
      if (!window.starts_occupied) length_us_.reset();
      return;
    }
    const bool counts = row.start_us() >= from_us_ && row.start_us() < to_us_;
    if (window.starts_occupied && counts) {
      if (length_us_ && window.first_part_us)
        stays_.ended.push_back({row.start_us() + *window.first_part_us, *length_us_ + *window.first_part_us});
      else
        ++stays_.unknown;
    }
    if (counts && window.inner_us) {
      // Where in the window it was is not known; that it ended in it is.
      stays_.ended.push_back({state.last().time_us(), *window.inner_us});
    } else if (counts) {
      stays_.unknown += window.inner;
    }
    length_us_ = window.ends_occupied ? window.last_part_us : std::nullopt;
  }

 private:
  Stays& stays_;
  std::int64_t from_us_;
  std::int64_t to_us_;
  std::optional<std::int64_t> length_us_;
};

}  // namespace

Stays stays_of(std::span<const v1::Aggregate> windows, std::int64_t from_us, std::int64_t to_us) {
  Stays stays;
  RunningStay running(stays, from_us, to_us);
  std::optional<std::int64_t> end_us;
  for (const auto& row : windows) {
    const auto& state = row.duration();
    if (end_us != row.start_us()) running.lost();
    end_us = row.end_us();
    if (row.start_us() >= from_us && row.start_us() < to_us) {
      stays.arrivals += state.transitions_on();
      stays.occupied_us += state.occupied_us();
      stays.known_us += state.known_us();
    }
    if (is_whole(row)) {
      running.take(row);
      continue;
    }
    running.lost();
    if (row.start_us() >= from_us && row.start_us() < to_us) stays.unknown += state.transitions_off();
  }
  return stays;
}

std::optional<std::int64_t> stay_percentile(std::span<const Stay> stays, unsigned share) {
  if (stays.empty()) return std::nullopt;
  std::vector<std::int64_t> lengths;
  lengths.reserve(stays.size());
  for (const auto& stay : stays) lengths.push_back(stay.length_us);
  const auto rank = std::max<std::size_t>(1, (lengths.size() * share + 99) / 100);
  const auto at = lengths.begin() + static_cast<std::ptrdiff_t>(std::min(rank, lengths.size()) - 1);
  std::ranges::nth_element(lengths, at);
  return *at;
}

std::optional<std::int64_t> mean_stay(std::span<const Stay> stays) {
  if (stays.empty()) return std::nullopt;
  base::Int128 sum = 0;
  for (const auto& stay : stays) sum += stay.length_us;
  return static_cast<std::int64_t>(base::divide_rounded(sum, static_cast<std::int64_t>(stays.size())));
}

std::uint64_t longer_stays(std::span<const Stay> stays, std::int64_t most_us) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(stays, [&](const Stay& stay) { return stay.length_us > most_us; }));
}

}  // namespace lenne::processing::derived
