#include "processing/meters/night_flow.hpp"

#include <algorithm>

namespace lenne::processing::meters {
Night night_of(std::int64_t day_start_us, std::int64_t day_end_us) {
  const auto hours = (day_end_us - day_start_us) / kHourUs;
  const auto length = std::clamp<std::int64_t>(hours - 22, 1, 3);  // 23 h, 24 h, 25 h: one, two, three
  return {day_start_us + 2 * kHourUs, day_start_us + (2 + length) * kHourUs, hours != 24};
}

std::optional<base::Int128> minimum_flow(std::span<const Slice> inflow, const Night& night) {
  std::optional<base::Int128> least;
  for (std::size_t first = 0; first < inflow.size(); ++first) {
    const auto start = inflow[first].start_us;
    if (start < night.start_us || start + kHourUs > night.end_us) continue;
    base::Int128 sum = 0;
    auto end = start;
    for (auto i = first; i < inflow.size() && end < start + kHourUs; ++i) {
      const auto& slice = inflow[i];
      if (slice.start_us != end || slice.measured_us != slice.length_us()) break;
      sum += slice.amount;
      end = slice.end_us;
    }
    if (end == start + kHourUs) least = least ? std::min(*least, sum) : sum;
  }
  return least;
}

std::optional<base::Int128> net_night_flow(const std::optional<base::Int128>& minimum, std::size_t connections,
                                           base::Int128 use_per_connection) {
  if (!minimum) return std::nullopt;
  return *minimum - use_per_connection * static_cast<std::int64_t>(connections);
}

}  // namespace lenne::processing::meters
