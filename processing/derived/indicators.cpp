#include "processing/derived/indicators.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "base/fixed_point.hpp"
#include "base/int128.hpp"
#include "base/time.hpp"
#include "processing/derived/air_limits.hpp"
#include "processing/derived/result.hpp"

namespace lenne::processing::derived {
namespace {

using base::Int128;

constexpr int kMicroExponent = -6;
constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 3600;
constexpr WindowsFor kDays{23 * kHour, 25 * kHour, WindowsFor::Begin::midnight, "days"};
constexpr WindowsFor kAirDays{24 * kHour, 24 * kHour, WindowsFor::Begin::midnight_cet, "days of CET"};
constexpr WindowsFor kHours{kHour, kHour, WindowsFor::Begin::any, "1 h"};
constexpr WindowsFor kUpToHours{kMinute, kHour, WindowsFor::Begin::any, "up to 1 h"};
constexpr WindowsFor kUpToDays{kMinute, 25 * kHour, WindowsFor::Begin::any, "up to a day"};

bool begins(WindowsFor::Begin begin, std::string_view window) {
  switch (begin) {
    case WindowsFor::Begin::any:
      return true;
    case WindowsFor::Begin::midnight:
      return window == "P1D" || window == "PT24H";
    case WindowsFor::Begin::midnight_cet:
      return window == "P1D-CET";
  }
  return false;
}

Judged yes_or_no(bool yes, bool decided) { return {yes ? kMicro : 0, nullptr, decided}; }

Judged class_of(const LevelTable& table, std::int64_t micro, bool only_rises = false) {
  const auto place = table.level_of(micro);
  return {static_cast<std::int64_t>(place) * kMicro, &table, only_rises && place + 1 == table.levels.size()};
}

std::optional<std::int64_t> max_micro(const v1::Aggregate& result) {
  return to_micro(result.gauge().max().value(), result.exponent());
}
std::optional<std::int64_t> min_micro(const v1::Aggregate& result) {
  return to_micro(result.gauge().min().value(), result.exponent());
}

// One warm moment makes a summer day: yes needs no other sample, no needs the whole day.
template <std::int64_t kFrom>
std::optional<Judged> warm_day(const v1::Aggregate& result) {
  const auto max = max_micro(result);
  if (!max) return std::nullopt;
  const bool yes = *max >= kFrom;
  return yes_or_no(yes, yes);
}
std::optional<Judged> frost_day(const v1::Aggregate& result) {
  const auto min = min_micro(result);
  if (!min) return std::nullopt;
  return yes_or_no(*min < 0, *min < 0);
}
std::optional<Judged> ice_day(const v1::Aggregate& result) {
  const auto max = max_micro(result);
  if (!max) return std::nullopt;
  return yes_or_no(*max < 0, *max >= 0);
}

// Kd: how far the day's mean is below `kIndoor`, on days whose mean is below `kLimit`.
template <std::int64_t kIndoor, std::int64_t kLimit>
std::optional<Judged> heating(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  if (!mean) return std::nullopt;
  return Judged{*mean < kLimit * kMicro ? kIndoor * kMicro - *mean : 0};
}
template <std::int64_t kBase>
std::optional<Judged> growing(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  if (!mean) return std::nullopt;
  constexpr std::int64_t kTop = 30 * kMicro;
  return Judged{std::max<std::int64_t>(0, std::min(*mean, kTop) - kBase * kMicro)};
}
std::optional<Judged> grassland(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  if (!mean) return std::nullopt;
  // The middle of a day has the same date in UTC and in the zones of Europe.
  const auto middle = base::from_us(result.start_us() / 2 + result.end_us() / 2);
  const auto month = std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(middle)}.month();
  const std::int64_t percent = month == std::chrono::January ? 50 : month == std::chrono::February ? 75 : 100;
  return Judged{
      static_cast<std::int64_t>(base::divide_rounded(Int128{std::max<std::int64_t>(0, *mean)} * percent, 100))};
}

std::optional<Judged> rain(const v1::Aggregate& result) {
  const auto sum = sum_micro(result);
  const auto* table = rain_levels(static_cast<int>((result.end_us() - result.start_us()) / base::kSecondUs / kHour));
  if (!sum || table == nullptr) return std::nullopt;
  return class_of(*table, *sum, true);
}

template <const LevelTable& (*kTable)() noexcept>
std::optional<Judged> class_of_mean(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  if (!mean) return std::nullopt;
  return class_of(kTable(), *mean);
}
template <const LevelTable& (*kTable)() noexcept>
std::optional<Judged> class_of_max(const v1::Aggregate& result) {
  const auto max = max_micro(result);
  if (!max) return std::nullopt;
  return class_of(kTable(), *max, true);
}
std::optional<Judged> air_quality(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  const std::string_view measure = result.measure();
  const auto* table = air_quality_levels(measure.substr(0, measure.find('.')));
  if (!mean || table == nullptr) return std::nullopt;
  return class_of(*table, *mean);
}

// A mean beyond a limit, both in whole ug/m3.
template <AirMean kMean>
std::optional<Judged> beyond(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  const std::string_view measure = result.measure();
  const auto* limit = air_limit(measure.substr(0, measure.find('.')), kMean, air_year_of(result.start_us()));
  if (!mean || limit == nullptr) return std::nullopt;
  return yes_or_no(round_half_up(*mean) > limit->limit, false);
}

std::optional<Judged> irrigation(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  if (!mean) return std::nullopt;
  return yes_or_no(*mean < 30 * kMicro, false);
}
std::optional<Judged> mould(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  if (!mean) return std::nullopt;
  return yes_or_no(*mean >= 80 * kMicro, false);
}
// The level whose energy is the mean of the samples'.
std::optional<Judged> equivalent_level(const v1::Aggregate& result) {
  const auto& gauge = result.gauge();
  if (gauge.count() == 0) return std::nullopt;
  const auto sum = base::to_double(base::int128_of(gauge.sum().high(), gauge.sum().low()), result.exponent());
  if (!(sum > 0)) return std::nullopt;
  const auto level = 10 * std::log10(sum / static_cast<double>(gauge.count()));
  return Judged{std::llround(level * static_cast<double>(kMicro))};
}
// kWh/m2: mean W/m2 over the window's hours.
std::optional<Judged> radiation(const v1::Aggregate& result) {
  const auto mean = mean_micro(result);
  if (!mean) return std::nullopt;
  const auto seconds = (result.end_us() - result.start_us()) / base::kSecondUs;
  return Judged{static_cast<std::int64_t>(base::divide_rounded(Int128{*mean} * seconds, Int128{kHour} * 1000))};
}

constexpr std::string_view kClimate = "Deutscher Wetterdienst, climatological days";
constexpr std::string_view kUba = "Umweltbundesamt, Luftqualitätsindex";
constexpr std::string_view kHeating = "VDI 2067, VDI 4710";

constexpr IndicatorSpec air_quality_of(std::string_view pollutant) {
  return {"air_quality_class",
          pollutant,
          kHours,
          "",
          kHourCoverage,
          1,
          true,
          "class of the hour's mean, rounded to whole ug/m3",
          kUba,
          air_quality};
}
constexpr IndicatorSpec rain_of(std::int64_t hours, std::string_view text) {
  return {"heavy_rain_level",
          "precipitation",
          {hours * kHour, hours * kHour, WindowsFor::Begin::any, text},
          "",
          kSumCoverage,
          1,
          false,
          "class of the sum",
          "Deutscher Wetterdienst, criteria of weather warnings",
          rain};
}

constexpr IndicatorSpec day_limit_of(std::string_view pollutant, std::string_view text) {
  return {
      "day_limit_exceeded", pollutant, kAirDays, "", kHourCoverage, 1, true, text, "2008/50/EC; from 2030 on 2024/2881",
      beyond<AirMean::day>};
}

constexpr IndicatorSpec hour_limit_of(std::string_view pollutant, std::string_view text) {
  return {"hour_limit_exceeded", pollutant, kHours, "", kHourCoverage, 1, true, text, "2008/50/EC",
          beyond<AirMean::hour>};
}

constexpr std::array kSpecs = std::to_array<IndicatorSpec>({
    {"summer_day", "temperature", kDays, "", kDayCoverage, 1, false, "max >= 25.0 °C", kClimate, warm_day<25 * kMicro>},
    {"hot_day", "temperature", kDays, "", kDayCoverage, 1, false, "max >= 30.0 °C", kClimate, warm_day<30 * kMicro>},
    {"frost_day", "temperature", kDays, "", kDayCoverage, 1, false, "min < 0.0 °C", kClimate, frost_day},
    {"ice_day", "temperature", kDays, "", kDayCoverage, 1, false, "max < 0.0 °C", kClimate, ice_day},
    {"heating_degree_days_20_15", "temperature", kDays, "Kd", kDayCoverage, 1, false,
     "20 - mean where the mean is below 15 °C (Gt20/15)", kHeating, heating<20, 15>},
    {"heating_degree_days_15", "temperature", kDays, "Kd", kDayCoverage, 1, false,
     "15 - mean where the mean is below 15 °C (HGT15)", kHeating, heating<15, 15>},
    {"growing_degree_days_5", "temperature", kDays, "Kd", kDayCoverage, 1, false, "max(0, min(mean, 30) - 5)",
     "growing degree days, base 5 °C", growing<5>},
    {"growing_degree_days_10", "temperature", kDays, "Kd", kDayCoverage, 1, false, "max(0, min(mean, 30) - 10)",
     "growing degree days, base 10 °C", growing<10>},
    {"grassland_temperature", "temperature", kDays, "Kd", kDayCoverage, 1, false,
     "max(0, mean), times 0.5 in January and 0.75 in February", "Grünlandtemperatursumme (Ernst and Loeper 1976)",
     grassland},
    rain_of(1, "1 h"),
    rain_of(6, "6 h"),
    rain_of(12, "12 h"),
    rain_of(24, "24 h"),
    rain_of(48, "48 h"),
    rain_of(72, "72 h"),
    {"co2_class", "co2", kUpToHours, "", kHourCoverage, 1, false, "class of the mean",
     "Umweltbundesamt, Ausschuss für Innenraumrichtwerte", class_of_mean<co2_levels>},
    {"soil_water_class", "soil_water_share", kUpToDays, "", kHourCoverage, 1, false, "class of the mean",
     "Deutscher Wetterdienst, scale of the usable field capacity", class_of_mean<soil_water_levels>},
    {"irrigation_needed", "soil_water_share", kDays, "", kDayCoverage, 1, false, "mean < 30 % nFK",
     "Deutscher Wetterdienst, scale of the usable field capacity", irrigation},
    air_quality_of("pm10"),
    air_quality_of("pm2_5"),
    air_quality_of("o3"),
    air_quality_of("no2"),
    air_quality_of("so2"),
    day_limit_of("pm10", "mean > 50 ug/m3, from 2030 on > 45"),
    day_limit_of("pm2_5", "from 2030 on mean > 25 ug/m3"),
    day_limit_of("no2", "from 2030 on mean > 50 ug/m3"),
    day_limit_of("so2", "until 2029 mean > 125 ug/m3"),
    hour_limit_of("no2", "mean > 200 ug/m3"),
    hour_limit_of("so2", "until 2029 mean > 350 ug/m3"),
    {"ozone_threshold", "o3", kHours, "", kHourCoverage, 1, true, "class of the mean", "39. BImSchV, § 9",
     class_of_mean<ozone_levels>},
    {"uv_class", "uv_index", kUpToDays, "", kHourCoverage, 1, false, "class of the maximum",
     "WHO 2002, Global Solar UV Index", class_of_max<uv_levels>},
    {"humidex_class", "humidex", kUpToDays, "", kHourCoverage, 1, false, "class of the maximum",
     "Environment Canada, degrees of comfort", class_of_max<humidex_levels>},
    {"heat_index_class", "heat_index", kUpToDays, "", kHourCoverage, 1, false, "class of the maximum",
     "US National Weather Service", class_of_max<heat_index_levels>},
    {"mould_critical", "mould_humidity", kHours, "", kHourCoverage, 1, false, "mean >= 80 % at the surface",
     "DIN 4108-2", mould},
    {"sound_level_eq", "sound_energy", kUpToDays, "dB", kHourCoverage, 1, true,
     "LAeq = 10 lg of the mean of 10^(sound_level / 10)", "ISO 1996-1", equivalent_level},
    {"global_radiation", "global_irradiance", kDays, "kWh/m2", kDayCoverage, 1, false, "mean times the window's hours",
     "definition", radiation},
});

bool is_of(const IndicatorSpec& spec, const v1::Aggregate& result) {
  const std::string_view measure = result.measure();
  if (!measure.starts_with(spec.measure)) return false;
  return measure.size() == spec.measure.size() || measure[spec.measure.size()] == '.';
}

bool is_for(const WindowsFor& windows, const v1::Aggregate& result) {
  const auto length = base::Int128{result.end_us()} - result.start_us();
  if (length < base::Int128{windows.shortest_s} * base::kSecondUs ||
      length > base::Int128{windows.longest_s} * base::kSecondUs) {
    return false;
  }
  return begins(windows.begin, result.window());
}

bool has_samples(const v1::Aggregate& result) { return result.gauge().count() > 0 || result.has_counter(); }

}  // namespace

std::optional<std::int64_t> to_micro(Int128 value, int exponent) {
  if (!base::is_exponent(exponent)) return std::nullopt;
  // What no credible value exceeds, so that nothing below can overflow.
  constexpr auto kMost = Int128{1} << 62;
  if (value > kMost || value < -kMost) return std::nullopt;
  const int shift = exponent - kMicroExponent;
  if (shift > base::kMaxExponent) return std::nullopt;
  const auto scaled =
      shift >= 0 ? value * base::power_of_ten(shift) : base::divide_rounded(value, base::power_of_ten(-shift));
  if (scaled > kMost || scaled < -kMost) return std::nullopt;
  return static_cast<std::int64_t>(scaled);
}

std::optional<std::int64_t> mean_micro(const v1::Aggregate& result) {
  const auto& gauge = result.gauge();
  // No measure that is judged has steps larger than its unit.
  if (gauge.count() == 0 || !base::is_exponent(result.exponent()) || result.exponent() > 0) return std::nullopt;
  const auto sum = base::int128_of(gauge.sum().high(), gauge.sum().low());
  constexpr auto kMost = Int128{1} << 100;
  if (sum > kMost || sum < -kMost) return std::nullopt;
  const int shift = result.exponent() - kMicroExponent;
  const auto up = base::power_of_ten(std::max(shift, 0));
  const auto down = base::power_of_ten(std::max(-shift, 0));
  return to_micro(base::divide_rounded(sum * up, Int128{gauge.count()} * down), kMicroExponent);
}

std::optional<std::int64_t> sum_micro(const v1::Aggregate& result) {
  if (result.has_counter()) {
    const auto& amount = result.counter().amount();
    return to_micro(base::int128_of(amount.high(), amount.low()), result.exponent());
  }
  if (result.gauge().count() == 0 || result.kind() == v1::KIND_HELD) return std::nullopt;
  return to_micro(base::int128_of(result.gauge().sum().high(), result.gauge().sum().low()), result.exponent());
}

std::optional<bool> covered(const v1::Aggregate& result, std::int64_t thousandths) {
  const auto length = Int128{result.end_us()} - result.start_us();
  if (length <= 0 || has_unknown_coverage(result)) return std::nullopt;
  return Int128{result.covered_us()} * 1000 >= length * thousandths;
}

std::span<const IndicatorSpec> indicator_specs() noexcept { return kSpecs; }

std::vector<Indicator> indicators_of(const v1::Aggregate& result) {
  std::vector<Indicator> found;
  if (!has_samples(result)) return found;
  for (const auto& spec : kSpecs) {
    if (!is_of(spec, result) || !is_for(spec.windows, result)) continue;
    const auto judged = spec.judge(result);
    if (!judged) continue;
    Indicator indicator{&spec, judged->micro, {}, spec.version, std::nullopt};
    if (judged->table != nullptr) {
      indicator.level = judged->table->levels[static_cast<std::size_t>(judged->micro / kMicro)].name;
      indicator.version = judged->table->version;
    }
    indicator.valid = judged->decided ? std::optional(true) : covered(result, spec.least_coverage);
    found.push_back(indicator);
  }
  return found;
}

}  // namespace lenne::processing::derived
