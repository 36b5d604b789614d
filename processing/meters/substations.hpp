#pragma once
// District heating: which substations cool worst what they get. Pure functions; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/int128.hpp"

namespace lenne::processing::meters {

/// By what substations are ranked.
enum class Cooling : std::uint8_t {
  return_temperature,      ///< the warmest is the worst
  temperature_difference,  ///< the smallest is the worst
  specific_volume,         ///< the largest is the worst
};
/// That of the name, e.g. "specific_volume"; nothing for another one.
[[nodiscard]] std::optional<Cooling> cooling_named(std::string_view name) noexcept;

/// One substation's heat and water over the days on which both are known.
struct Substation {
  base::Int128 energy_wh = 0;
  base::Int128 volume_ml = 0;
  std::optional<base::Int128> return_ukel = {};  ///< mean return temperature, see mean_return()
  base::Int128 return_volume_ml = 0;             ///< of the volume the part whose temperature is known
  bool has_volume = true;                        ///< it measures the water at all
  unsigned days = 0;                             ///< on which both are known
};

/// Why a substation has no place.
enum class LeftOut : std::uint8_t {
  no_volume,              ///< it does not measure the water
  too_few_days,           ///< both are known on less than 75 % of the days
  nothing_ran,            ///< no heat, or no water
  no_return_temperature,  ///< known of less than 75 % of the water
};
/// "no_volume" …
[[nodiscard]] std::string_view name_of(LeftOut why) noexcept;

struct Ranking {
  std::vector<std::size_t> worst_first;  ///< places in the input; equal ones in its order
  struct Without {
    std::size_t place = 0;
    LeftOut why = LeftOut::no_volume;
  };
  std::vector<Without> left_out;  ///< in the order of the input
};

/// `possible_days`: how many days both could be known on. Own rule: heat and water of the same days alone are compared,
/// for one that is known longer than the other would move their ratio.
[[nodiscard]] Ranking rank_substations(std::span<const Substation> all, Cooling by, unsigned possible_days);

}  // namespace lenne::processing::meters
