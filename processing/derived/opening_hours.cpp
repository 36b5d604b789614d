#include "processing/derived/opening_hours.hpp"

#include <algorithm>
#include <string>

#include "base/int128.hpp"
#include "processing/derived/holidays.hpp"
#include "processing/derived/levels.hpp"
#include "processing/derived/parameters.hpp"

namespace lenne::processing::derived {
namespace {

base::Result<int> minutes_parameter(const v1::Device& device, std::string_view name, int absent) {
  const auto micro = parameter_micro(device, name);
  if (!micro) return absent;
  if (*micro < 0 || *micro > 24 * kMicro)
    return base::fail("bad_parameter", std::string(name) + " is an hour from 0 to 24");
  return static_cast<int>(base::divide_rounded(base::Int128{*micro} * 60, kMicro));
}

}  // namespace

base::Result<OpeningHours> opening_hours_of(const v1::Device& device) {
  OpeningHours hours;
  auto from = minutes_parameter(device, "open_from", hours.from_minute);
  if (!from) return std::unexpected(from.error());
  auto to = minutes_parameter(device, "open_to", hours.to_minute);
  if (!to) return std::unexpected(to.error());
  auto days = whole_parameter(device, "open_days", hours.days, 5, 7);
  if (!days) return std::unexpected(days.error());
  auto holidays = whole_parameter(device, "open_holidays", 0, 0, 1);
  if (!holidays) return std::unexpected(holidays.error());
  if (*from >= *to) return base::fail("bad_parameter", "open_from is not before open_to");
  return OpeningHours{*from, *to, *days, *holidays == 1};
}

std::optional<OpenSpan> open_on(const OpeningHours& hours, const LocalDay& day) {
  if (std::chrono::weekday{day.date}.iso_encoding() > static_cast<unsigned>(hours.days)) return std::nullopt;
  if (!hours.holidays && !holiday(day.date).empty()) return std::nullopt;
  return OpenSpan{clock_us(day, hours.from_minute), clock_us(day, hours.to_minute)};
}

}  // namespace lenne::processing::derived
