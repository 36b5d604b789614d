#pragma once
// Limits of the air's quality and how often they were exceeded in a year. By sensors that are no reference instruments
// all of it is indicative: it proves no compliance.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "processing/derived/air_quality.hpp"

namespace lenne::processing::derived {

/// What a limit is compared with.
enum class AirMean : std::uint8_t {
  hour,
  three_hours,  ///< each of three hours in a row: thresholds of alerts
  day,
  highest_8h,  ///< of a day: the highest mean of eight hours that ends on it
  year,
};
/// "hour", "three_hours", "day", "highest_8h", "year".
[[nodiscard]] std::string_view name_of(AirMean mean) noexcept;

/// A limit of years [from_year, until_year). Means of hours, days and years are compared in whole ug/m3, rounded half
/// up.
struct AirLimit {
  std::string_view pollutant;
  AirMean mean;
  int from_year;
  int until_year;
  std::int64_t limit;       ///< ug/m3; what is above it exceeds it
  int allowed;              ///< hours, days or stretches of hours of a year that may exceed it
  int capture_thousandths;  ///< of the possible hours or days that a year must have; of highest_8h each month from
                            ///< April to September, but for one
  std::uint32_t version;
  std::string_view source;
};
/// By pollutant, kind of mean and year.
[[nodiscard]] std::span<const AirLimit> air_limits() noexcept;
/// The one of a year; null where there is none. Any thread.
[[nodiscard]] const AirLimit* air_limit(std::string_view pollutant, AirMean mean, std::chrono::year year) noexcept;

/// Years and days of air are those of Central European Time (UTC+1) the whole year.
inline constexpr std::chrono::hours kCet{1};
/// The year to which what begins then belongs.
[[nodiscard]] std::chrono::year air_year_of(std::int64_t start_us) noexcept;

/// A limit and what was measured in a year.
struct AirCheck {
  const AirLimit* limit = nullptr;
  int possible = 0;                             ///< hours, days, or of a year's mean hours, that are over
  int counted = 0;                              ///< of which there is a mean
  std::vector<std::int64_t> exceeded = {};      ///< when those hours, days or stretches begin, ascending; of a year's
                                                ///< mean none
  std::optional<std::int64_t> mean_micro = {};  ///< of all counted hours, ug/m3, steps of 10^-6; of a year's mean
  bool kept = true;  ///< as far as it is known: no more than allowed, no mean above the limit
  /// At least capture_thousandths of the possible ones are counted; or it is not kept, which no missing hour or day
  /// could change (a mean it could). Nothing: the coverage of an hour is unknown.
  std::optional<bool> valid = {};
};

/// Checks one limit by the hours of a year that are over at `now_us`. `hours`: of the limit's pollutant, ascending;
/// those that are not valid do not count. A day's mean is that of its hours' means, of at least 18 of 24; a year's that
/// of all its hours' (39. BImSchV, annexes 7 and 11). Any thread.
[[nodiscard]] AirCheck check_year(const AirLimit& limit, std::span<const HourMean> hours, std::chrono::year year,
                                  std::int64_t now_us);

/// Ozone's target is one of the mean over three years (39. BImSchV, § 9; 2008/50/EC, annex VII).
inline constexpr int kOzoneYears = 3;
struct OzoneOverYears {
  int years = 0;                ///< that count: at most three; one is enough (2008/50/EC, annex VII)
  int days = 0;                 ///< in these, on which the highest mean of 8 h was above the target
  std::int64_t mean_micro = 0;  ///< days of a year, steps of 10^-6, rounded half away from zero
  bool kept = true;             ///< the mean is at most AirLimit::allowed
  std::optional<bool> valid;    ///< true; nothing: the coverage of an hour is unknown
};
/// `years`: checks of AirMean::highest_8h against one limit, of years that are over; those that are not valid do not
/// count. Nothing when none does. Any thread.
[[nodiscard]] std::optional<OzoneOverYears> ozone_over_years(std::span<const AirCheck> years);

}  // namespace lenne::processing::derived
