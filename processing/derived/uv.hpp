#pragma once
// The sun of a local day: its highest UV index, and how long it asked for protection.

#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

inline constexpr std::int64_t kProtectionFrom = 3;  ///< WHO 2002, Global Solar UV Index: protection is needed

struct UvDay {
  std::int64_t highest_micro = 0;  ///< of the samples
  std::int64_t highest_us = 0;
  int protection_quarters = 0;  ///< quarter hours whose mean is at least 3
  int quarters = 0;             ///< covered to 75 %, or of unknown coverage
  int possible_quarters = 0;
  std::optional<bool> valid;  ///< at least 75 % of them; nothing: the coverage is unknown
};
/// `quarters`: one series' results of 15 min of uv_index, ascending. Nothing without one on that day. Any thread.
[[nodiscard]] std::optional<UvDay> uv_day(std::span<const v1::Aggregate> quarters, const LocalDay& day);

}  // namespace lenne::processing::derived
