#include "processing/derived/holidays.hpp"

#include <array>

namespace lenne::processing::derived {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

struct FixedHoliday {
  std::chrono::month_day date;
  std::string_view name;
};
constexpr std::array kFixed = std::to_array<FixedHoliday>({
    {std::chrono::January / 1, "Neujahr"},
    {std::chrono::May / 1, "Tag der Arbeit"},
    {std::chrono::October / 3, "Tag der Deutschen Einheit"},
    {std::chrono::November / 1, "Allerheiligen"},
    {std::chrono::December / 25, "Erster Weihnachtstag"},
    {std::chrono::December / 26, "Zweiter Weihnachtstag"},
});

struct MovableHoliday {
  days after_easter;
  std::string_view name;
};
constexpr std::array kMovable = std::to_array<MovableHoliday>({
    {days{-2}, "Karfreitag"},
    {days{1}, "Ostermontag"},
    {days{39}, "Christi Himmelfahrt"},
    {days{50}, "Pfingstmontag"},
    {days{60}, "Fronleichnam"},
});

}  // namespace

sys_days easter(std::chrono::year year) noexcept {
  const int y = static_cast<int>(year);
  const int golden = y % 19;
  const int century = y / 100;
  const int of_century = y % 100;
  const int moon_shift = (century - (century + 8) / 25 + 1) / 3;
  const int epact = (19 * golden + century - century / 4 - moon_shift + 15) % 30;
  const int weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
  const int late = (golden + 11 * epact + 22 * weekday) / 451;
  const int day_of_march = epact + weekday - 7 * late + 22;  // 32 is 1 April
  return sys_days{year / std::chrono::March / 1} + days{day_of_march - 1};
}

std::string_view holiday(sys_days date) noexcept {
  const year_month_day ymd{date};
  for (const auto& [fixed, name] : kFixed) {
    if (fixed.month() == ymd.month() && fixed.day() == ymd.day()) return name;
  }
  const auto after = date - easter(ymd.year());
  for (const auto& [days_after, name] : kMovable) {
    if (after == days_after) return name;
  }
  return {};
}

bool is_working_day(sys_days date) noexcept {
  return std::chrono::weekday{date}.iso_encoding() <= 5 && holiday(date).empty();
}

}  // namespace lenne::processing::derived
