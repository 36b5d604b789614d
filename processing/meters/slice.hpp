#pragma once
// One window of a meter's load profile, as its result says it.

#include <cstdint>

#include "base/int128.hpp"

namespace lenne::processing::meters {

inline constexpr std::int64_t kHourUs = 3'600'000'000;
inline constexpr std::int64_t kDayUs = 24 * kHourUs;

struct Slice {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  base::Int128 amount = 0;           ///< steps; forwards less backwards
  base::Int128 reverse = 0;          ///< steps that ran backwards, positive
  std::int64_t measured_us = 0;      ///< time between readings that are near enough to each other
  std::int64_t interpolated_us = 0;  ///< the part of it that an edge of the window cuts off
  std::int64_t estimated_us = 0;     ///< time between readings that are too far apart

  [[nodiscard]] constexpr std::int64_t length_us() const noexcept { return end_us - start_us; }
  /// Readings at both edges: what ran, ran in this window.
  [[nodiscard]] constexpr bool is_sharp() const noexcept { return measured_us == length_us() && interpolated_us == 0; }
};

}  // namespace lenne::processing::meters
