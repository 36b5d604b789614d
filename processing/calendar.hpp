#pragma once
// Days that are no tumbling windows of 24 h: where they begin is a matter of a time zone or of a trade.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lenne::processing {

/// Numbers are part of the stored format (keys of corrected results): never reuse one.
enum class Calendar : std::uint8_t {
  none = 0,       ///< a tumbling or hopping window
  day_local = 1,  ///< from midnight of the settings' time zone
  day_cet = 2,    ///< from midnight UTC+1, all the year: reports on air quality (39. BImSchV, 2008/50/EC)
  rain_day = 3,   ///< from 06:00 UTC: precipitation (DWD)
  gas_day = 4,    ///< from 06:00 of the settings' time zone: gas (GasNZV)
};

struct CalendarInfo {
  Calendar calendar;
  std::string_view setting;    ///< its name among the sizes of windows
  std::string_view window;     ///< its name in results
  std::string_view time_zone;  ///< in the database; empty: the settings'
  int start_hour;              ///< of the day, by that zone's clock
};

inline constexpr std::array kCalendars{
    CalendarInfo{Calendar::day_local, "day_local", "P1D", "", 0},
    CalendarInfo{Calendar::day_cet, "day_cet", "P1D-CET", "Etc/GMT-1", 0},
    CalendarInfo{Calendar::rain_day, "rain_day", "P1D-RAIN", "Etc/UTC", 6},
    CalendarInfo{Calendar::gas_day, "gas_day", "P1D-GAS", "", 6},
};

[[nodiscard]] constexpr std::size_t index_of(Calendar calendar) noexcept {
  return static_cast<std::size_t>(calendar) - 1;
}
/// `calendar` is not none.
[[nodiscard]] constexpr const CalendarInfo& info_of(Calendar calendar) noexcept {
  return kCalendars[index_of(calendar)];
}

}  // namespace lenne::processing
