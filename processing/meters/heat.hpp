#pragma once
// District heat: how well a substation cools what it gets. All from a heat meter's energy and volume.

#include <cstdint>
#include <optional>
#include <span>

#include "base/int128.hpp"

namespace lenne::processing::meters {

/// What ran through in one window, and how warm it left.
struct ReturnFlow {
  base::Int128 volume_ml = 0;
  std::int64_t return_ukel = 0;  ///< mean return temperature, 10^-6 °C
};

/// Mean return temperature weighted by volume: sum(V * T) / sum(V), in 10^-6 °C. Nothing if nothing ran.
[[nodiscard]] std::optional<base::Int128> mean_return(std::span<const ReturnFlow> flow);

/// Mean temperature difference E / (1.163 kWh/(m3 K) * V), in 10^-6 K. Nothing if nothing ran.
[[nodiscard]] std::optional<base::Int128> temperature_difference(base::Int128 energy_wh, base::Int128 volume_ml);

/// Volume for each unit of heat, in ml per MWh. Nothing without heat.
[[nodiscard]] std::optional<base::Int128> specific_volume(base::Int128 energy_wh, base::Int128 volume_ml);

/// Heat for each degree day, in Wh per (K d), of `degree_days` in thousandths (Gt20/15, VDI 2067). Nothing without
/// them.
[[nodiscard]] std::optional<base::Int128> heat_per_degree_day(base::Int128 energy_wh, std::int64_t degree_days);

/// For how long the connection's nominal power would have had to run for that heat, in thousandths of an hour. Nothing
/// without a power.
[[nodiscard]] std::optional<base::Int128> full_load_hours(base::Int128 energy_wh, std::int64_t nominal_power_w);

}  // namespace lenne::processing::meters
