#pragma once
// Substitutes: where readings are too far apart, what ran between them is placed by days that are like the gap's, and
// not evenly. What is known to have run between two readings stays exact. Near readings evenly, others by comparable
// days, then by a standard profile: that is the order of the Austrian ElWG, § 55. Pure functions; any thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/int128.hpp"
#include "processing/meters/slice.hpp"

namespace lenne::processing::meters {

/// Days of a class are comparable (as in German standard load profiles). Public holidays are Sundays.
enum class DayClass : std::uint8_t { working_day, saturday, sunday };

struct Day {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  DayClass of = DayClass::working_day;
};

/// What the day's clock shows at the full hour that begins at `time_us`: 0 to 23. For zones whose clocks change between
/// 02:00 and 04:00, as night_of().
[[nodiscard]] int clock_hour(const Day& day, std::int64_t time_us) noexcept;

/// One hour of a load profile, with the part of its amount that comes from readings too far apart.
struct Hour {
  Slice slice;
  base::Int128 estimated = 0;     ///< steps
  bool reading_at_start = false;  ///< exactly
  bool reading_inside = false;    ///< after its start
};

/// What many meters use, as a stand-in for one whose own days do not say: only its shape counts.
struct StandardProfile {
  std::vector<Slice> hours;  ///< in time order; amounts in a unit of their own, the same of all
  std::vector<Day> days;     ///< the local days that they lie in, in time order
};

/// How what is estimated got its place in time, from good to bad.
enum class Method : std::uint8_t { none, comparable_days, standard_profile, even };
/// "", "comparable_days", "standard_profile", "even".
[[nodiscard]] constexpr std::string_view name_of(Method method) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"", "comparable_days", "standard_profile", "even"};
  return kNames[static_cast<std::size_t>(method)];
}

struct Substitute {
  base::Int128 estimated = 0;  ///< instead of Hour::estimated
  Method method = Method::none;
};

/// Comparable days lie at most so long before a gap.
inline constexpr std::int64_t kComparableUs = 28 * kDayUs;

/// One for each hour. `hours`: in time order; `days`: the local days that they lie in, in time order, at least those of
/// kComparableUs before the first gap. A gap lies between two readings. Each of its hours gets a share of what is
/// estimated in all of them by the mean of the same hour of the clock on comparable days: those of the same class that
/// end before the gap, with 24 h that are all measured. Its edges count by their estimated part. Rounded so that the
/// shares add up exactly. Where one of its hours has no comparable day, or nothing ran on them, the comparable days of
/// `standard` are taken for all of the gap, by the same rule; where it says nothing either, the gap stays even. So does
/// what readings on both sides estimate within one hour.
[[nodiscard]] std::vector<Substitute> substitute(std::span<const Hour> hours, std::span<const Day> days,
                                                 const StandardProfile& standard = {});

}  // namespace lenne::processing::meters
