#include "processing/derived/air_limits.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/int128.hpp"
#include "base/time.hpp"
#include "processing/derived/ozone_days.hpp"

namespace lenne::processing::derived {
namespace {

constexpr int kEver = 0;
constexpr int kAlways = 10'000;
constexpr int kNewYear = 2030;  // from which on the directive of 2024 holds
constexpr std::string_view k2008 = "2008/50/EC, annex XI; 39. BImSchV";
constexpr std::string_view k2024 = "2024/2881, annex I (not read in its final form)";

constexpr AirLimit until_2030(std::string_view pollutant, AirMean mean, std::int64_t limit, int allowed) {
  return {pollutant, mean, kEver, kNewYear, limit, allowed, 900, 1, k2008};
}
// An hour's mean above it in three hours in a row is a danger to be warned of.
constexpr AirLimit alert_until_2030(std::string_view pollutant, std::int64_t threshold, std::string_view source) {
  return {pollutant, AirMean::three_hours, kEver, kNewYear, threshold, 0, 900, 1, source};
}
constexpr AirLimit from_2030(std::string_view pollutant, AirMean mean, std::int64_t limit, int allowed) {
  return {pollutant, mean, kNewYear, kAlways, limit, allowed, 850, 1, k2024};
}

constexpr std::array kLimits = std::to_array<AirLimit>({
    until_2030("no2", AirMean::hour, 200, 18),
    from_2030("no2", AirMean::hour, 200, 3),
    alert_until_2030("no2", 400, "2008/50/EC, annex XII; 39. BImSchV, § 3"),
    from_2030("no2", AirMean::day, 50, 18),
    until_2030("no2", AirMean::year, 40, 0),
    from_2030("no2", AirMean::year, 20, 0),
    // A target, as a mean over three years: ozone_over_years().
    {"o3", AirMean::highest_8h, kEver, kNewYear, kOzoneTarget, 25, 900, 1,
     "2008/50/EC, annex VII; 39. BImSchV, § 9 and annex 7"},
    until_2030("pm10", AirMean::day, 50, 35),
    from_2030("pm10", AirMean::day, 45, 18),
    until_2030("pm10", AirMean::year, 40, 0),
    from_2030("pm10", AirMean::year, 20, 0),
    from_2030("pm2_5", AirMean::day, 25, 18),
    until_2030("pm2_5", AirMean::year, 25, 0),
    from_2030("pm2_5", AirMean::year, 10, 0),
    until_2030("so2", AirMean::hour, 350, 24),
    alert_until_2030("so2", 500, "2008/50/EC, annex XII; 39. BImSchV, § 2"),
    until_2030("so2", AirMean::day, 125, 3),
});

constexpr int kDayHours = 24;

std::int64_t begin_of(std::chrono::year year) {
  return base::to_us(base::Timestamp{std::chrono::sys_days{year / std::chrono::January / 1}} - kCet);
}

bool exceeds(const AirLimit& limit, std::int64_t micro) { return round_half_up(micro) > limit.limit; }

/// Hours, or days of 24 of them.
void count_means(AirCheck& check, std::span<const HourMean> hours, std::int64_t begin_us, std::int64_t end_us,
                 int length_h, bool& known) {
  const auto length_us = length_h * kHourUs;
  for (auto start_us = begin_us; start_us + length_us <= end_us; start_us += length_us) {
    ++check.possible;
    const auto mean = running_mean(hours, start_us + length_us, length_h);
    if (!mean) continue;
    ++check.counted;
    known = known && mean->valid.has_value();
    if (exceeds(*check.limit, mean->micro)) check.exceeded.push_back(start_us);
  }
  check.kept = std::cmp_less_equal(check.exceeded.size(), check.limit->allowed);
}

/// Hours, and stretches of at least three in a row that are all above. An hour that is missing ends one.
void count_stretches(AirCheck& check, std::span<const HourMean> hours, std::int64_t begin_us, std::int64_t end_us,
                     bool& known) {
  constexpr int kInARow = 3;
  int above = 0;
  for (auto start_us = begin_us; start_us + kHourUs <= end_us; start_us += kHourUs) {
    ++check.possible;
    const auto mean = running_mean(hours, start_us + kHourUs, 1);
    above = mean && exceeds(*check.limit, mean->micro) ? above + 1 : 0;
    if (!mean) continue;
    ++check.counted;
    known = known && mean->valid.has_value();
    if (above == kInARow) check.exceeded.push_back(start_us - (kInARow - 1) * kHourUs);
  }
  check.kept = std::cmp_less_equal(check.exceeded.size(), check.limit->allowed);
}

/// How many days of a month there are.
struct Month {
  int possible = 0;
  int counted = 0;
};

std::size_t month_of(std::int64_t start_us) {
  const auto day = std::chrono::floor<std::chrono::days>(base::from_us(start_us) + kCet);
  return static_cast<unsigned>(std::chrono::year_month_day{day}.month()) - 1;
}

/// Whether enough days are counted in all of summer's months but one. A month that has not begun has enough.
bool count_ozone_days(AirCheck& check, std::span<const HourMean> hours, std::int64_t begin_us, std::int64_t end_us,
                      bool& known) {
  std::array<Month, 12> months;
  for (auto start_us = begin_us; start_us + kDayHours * kHourUs <= end_us; start_us += kDayHours * kHourUs) {
    auto& month = months[month_of(start_us)];
    ++check.possible;
    ++month.possible;
    const auto day = ozone_day(hours, start_us);
    if (!day || day->valid == false) continue;
    ++check.counted;
    ++month.counted;
    known = known && day->valid.has_value();
    if (day->exceeded) check.exceeded.push_back(start_us);
  }
  check.kept = std::cmp_less_equal(check.exceeded.size(), check.limit->allowed);
  constexpr std::size_t kApril = 3;
  constexpr std::size_t kSummerMonths = 6;
  return std::ranges::count_if(std::span(months).subspan(kApril, kSummerMonths), [&](const Month& month) {
           return month.counted * 1000 < month.possible * check.limit->capture_thousandths;
         }) <= 1;
}

void take_mean(AirCheck& check, std::span<const HourMean> hours, std::int64_t begin_us, std::int64_t end_us,
               bool& known) {
  check.possible = static_cast<int>((end_us - begin_us) / kHourUs);
  base::Int128 sum = 0;
  for (const auto& hour : hours) {
    if (hour.start_us < begin_us || hour.start_us + kHourUs > end_us || hour.valid == false) continue;
    sum += hour.micro;
    ++check.counted;
    known = known && hour.valid.has_value();
  }
  if (check.counted == 0) return;
  check.mean_micro = static_cast<std::int64_t>(base::divide_rounded(sum, base::Int128{check.counted}));
  check.kept = !exceeds(*check.limit, *check.mean_micro);
}

}  // namespace

std::string_view name_of(AirMean mean) noexcept {
  constexpr std::array<std::string_view, 5> kNames{"hour", "three_hours", "day", "highest_8h", "year"};
  return kNames[static_cast<std::size_t>(mean)];
}

std::span<const AirLimit> air_limits() noexcept { return kLimits; }

const AirLimit* air_limit(std::string_view pollutant, AirMean mean, std::chrono::year year) noexcept {
  const auto found = std::ranges::find_if(kLimits, [&](const AirLimit& limit) {
    return limit.pollutant == pollutant && limit.mean == mean && limit.from_year <= static_cast<int>(year) &&
           static_cast<int>(year) < limit.until_year;
  });
  return found == kLimits.end() ? nullptr : &*found;
}

std::chrono::year air_year_of(std::int64_t start_us) noexcept {
  return std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(base::from_us(start_us) + kCet)}.year();
}

AirCheck check_year(const AirLimit& limit, std::span<const HourMean> hours, std::chrono::year year,
                    std::int64_t now_us) {
  AirCheck check{.limit = &limit};
  const auto begin_us = begin_of(year);
  const auto end_us = std::clamp(now_us, begin_us, begin_of(year + std::chrono::years{1}));
  bool known = true;
  std::optional<bool> by_months;
  switch (limit.mean) {
    case AirMean::hour:
      count_means(check, hours, begin_us, end_us, 1, known);
      break;
    case AirMean::three_hours:
      count_stretches(check, hours, begin_us, end_us, known);
      break;
    case AirMean::day:
      count_means(check, hours, begin_us, end_us, kDayHours, known);
      break;
    case AirMean::highest_8h:
      by_months = count_ozone_days(check, hours, begin_us, end_us, known);
      break;
    case AirMean::year:
      take_mean(check, hours, begin_us, end_us, known);
      break;
  }
  const bool decided = !check.kept && limit.mean != AirMean::year;
  const bool captured = by_months.value_or(check.counted * std::int64_t{1000} >=
                                           std::int64_t{check.possible} * limit.capture_thousandths);
  const bool enough = check.counted > 0 && captured;
  check.valid = false;
  if (decided || enough) check.valid = known ? std::optional(true) : std::nullopt;
  return check;
}

std::optional<OzoneOverYears> ozone_over_years(std::span<const AirCheck> years) {
  OzoneOverYears all;
  bool known = true;
  int allowed = 0;
  for (const auto& check : years) {
    if (check.valid == false) continue;
    ++all.years;
    all.days += static_cast<int>(check.exceeded.size());
    allowed += check.limit->allowed;
    known = known && check.valid.has_value();
  }
  if (all.years == 0) return std::nullopt;
  all.mean_micro = static_cast<std::int64_t>(base::divide_rounded(base::Int128{all.days} * kMicro, all.years));
  all.kept = all.days <= allowed;
  if (known) all.valid = true;
  return all;
}

}  // namespace lenne::processing::derived
