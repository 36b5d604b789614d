#pragma once
// What energy means for the climate, and how much of it a building needs for each degree day.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"
#include "processing/derived/local_days.hpp"

namespace lenne::processing::derived {

/// kg of CO2 for a kWh of a carrier, from the beginning of a year on until the carrier's next row.
struct EmissionFactor {
  std::string_view carrier;
  int from_year;       ///< 0: from ever on
  std::int64_t micro;  ///< kg/kWh, steps of 10^-6
  std::uint32_t version;
  std::string_view source;
};
/// By carrier and year. What the Umweltbundesamt says of another year's electricity is another row.
[[nodiscard]] std::span<const EmissionFactor> emission_factors() noexcept;
/// The one of a year; null when there is none. Of years after the newest row that one holds.
[[nodiscard]] const EmissionFactor* emission_factor(std::string_view carrier, std::chrono::year year) noexcept;
[[nodiscard]] bool is_carrier(std::string_view carrier) noexcept;

/// A building's energy and the weather of the same days.
struct HeatUse {
  std::int64_t energy_micro = 0;              ///< kWh, steps of 10^-6
  std::int64_t degree_days_micro = 0;         ///< Gt20/15, Kd
  std::optional<std::int64_t> co2_micro = 0;  ///< kg; day by day by the year's factor, nothing where one has none
  int days = 0;  ///< of which both are known: energy and temperature, each covered to 87.5 %
  int possible_days = 0;
  std::optional<bool> valid;  ///< all of them; nothing: the coverage of one is unknown
};
/// `energy`: one counter's local days in kWh; `temperature`: one place's; both ascending. Days on which one of the two
/// is missing count in neither. `carrier`: is_carrier. Any thread.
[[nodiscard]] HeatUse heat_use(std::span<const v1::Aggregate> energy, std::span<const v1::Aggregate> temperature,
                               std::span<const LocalDay> days, std::string_view carrier);

/// E / Gt in steps of 10^-6 kWh/Kd; nothing without degree days.
[[nodiscard]] std::optional<std::int64_t> signature_micro(const HeatUse& use);
/// What was saved when the weather is taken out: 1 - (E / Gt) / (E0 / Gt0), in steps of 10^-6; below 0 more was used.
/// Nothing when one of the two has no degree days, or the first one used nothing. (VDI 2067, VDI 4710 for the degree
/// days; the comparison is an own rule.)
[[nodiscard]] std::optional<std::int64_t> saving_micro(const HeatUse& before, const HeatUse& now);

}  // namespace lenne::processing::derived
