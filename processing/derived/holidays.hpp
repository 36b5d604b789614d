#pragma once
// Public holidays of North Rhine-Westphalia, by the calendar alone.

#include <chrono>
#include <string_view>

namespace lenne::processing::derived {

/// Easter Sunday in the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8: the method of Jones and
/// Butcher).
[[nodiscard]] std::chrono::sys_days easter(std::chrono::year year) noexcept;

/// The name of the holiday (Feiertagsgesetz NW, § 2: eleven a year, as they are since 1995); empty when it is none. 31
/// October 2017, a holiday once, is not among them. Any thread.
[[nodiscard]] std::string_view holiday(std::chrono::sys_days date) noexcept;

/// Monday to Friday and no holiday.
[[nodiscard]] bool is_working_day(std::chrono::sys_days date) noexcept;

}  // namespace lenne::processing::derived
