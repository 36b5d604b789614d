#pragma once
// How many hours of a day were hot: what towns plan shade and water by.

#include <cstdint>
#include <optional>
#include <span>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

/// °C of an hour's mean from which on it counts. The two of the heat index are those numbers at which Deutscher
/// Wetterdienst warns by its perceived temperature, which needs radiation and wind and is another measure.
inline constexpr std::int64_t kHotHour = 30;
inline constexpr std::int64_t kStrongHeat = 32;
inline constexpr std::int64_t kExtremeHeat = 38;

/// Hours of a local day that are covered to 75 %.
struct HeatHours {
  int hours = 0;  ///< with a temperature
  int hot = 0;    ///< of at least kHotHour
  int heat_index_hours = 0;
  int strong = 0;   ///< of the heat index, at least kStrongHeat
  int extreme = 0;  ///< at least kExtremeHeat: they are strong, too
  int possible_hours = 0;
  std::optional<bool> valid;  ///< 87.5 % have a temperature; nothing: the coverage of one is unknown
};
/// `temperature`, `heat_index`: results of 1 h of one device, ascending. Nothing without an hour of either. Any thread.
[[nodiscard]] std::optional<HeatHours> heat_hours(std::span<const v1::Aggregate> temperature,
                                                  std::span<const v1::Aggregate> heat_index, const LocalDay& day);

}  // namespace lenne::processing::derived
