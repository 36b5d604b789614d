#include "processing/derived/noise.hpp"

#include <array>
#include <cmath>

#include "base/fixed_point.hpp"
#include "base/int128.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::array kNoiseHours = std::to_array<NoiseHours>({
    {"de", 6, 18, 22, 1, "34. BImSchV, § 2"},
    {"eu", 7, 19, 23, 1, "2002/49/EC, annex I"},
});

double energy_of(std::int64_t micro, double more_db) {
  return std::pow(10, (static_cast<double>(micro) / static_cast<double>(kMicro) + more_db) / 10);
}
std::int64_t level_of_energy(double energy) {
  return std::llround(10 * std::log10(energy) * static_cast<double>(kMicro));
}

// Each hour counts once, however many samples it has.
std::optional<NoiseLevel> level_in(std::span<const v1::Aggregate> hours, std::int64_t from_us, std::int64_t to_us) {
  NoiseLevel level;
  level.possible_hours = static_cast<int>((to_us - from_us) / kHourUs);
  double energy = 0;
  bool known = true;
  for (const auto& hour : rows_in(hours, from_us, to_us)) {
    const auto valid = covered(hour, kHourCoverage);
    const auto& gauge = hour.gauge();
    if (valid == false || gauge.count() == 0 || !base::is_exponent(hour.exponent())) continue;
    energy += base::to_double(base::int128_of(gauge.sum().high(), gauge.sum().low()), hour.exponent()) /
              static_cast<double>(gauge.count());
    known = known && valid.has_value();
    ++level.hours;
  }
  if (level.hours == 0 || !(energy > 0)) return std::nullopt;
  level.micro = level_of_energy(energy / level.hours);
  const bool enough = level.hours * 4 >= level.possible_hours * 3;
  level.valid = !enough ? std::optional(false) : known ? std::optional(true) : std::nullopt;
  return level;
}

}  // namespace

std::span<const NoiseHours> noise_hours() noexcept { return kNoiseHours; }

std::int64_t lden(std::int64_t day, std::int64_t evening, std::int64_t night) {
  constexpr double kEveningMore = 5, kNightMore = 10;
  return level_of_energy(
      (12 * energy_of(day, 0) + 4 * energy_of(evening, kEveningMore) + 8 * energy_of(night, kNightMore)) / 24);
}

NoiseDay noise_of(std::span<const v1::Aggregate> hours, const LocalDay& day, const LocalDay& next,
                  const NoiseHours& table) {
  const auto day_us = clock_us(day, table.day * 60);
  const auto evening_us = clock_us(day, table.evening * 60);
  const auto night_us = clock_us(day, table.night * 60);
  NoiseDay noise{.day = level_in(hours, day_us, evening_us),
                 .evening = level_in(hours, evening_us, night_us),
                 .night = level_in(hours, night_us, clock_us(next, table.day * 60)),
                 .lden = {},
                 .valid = false};
  if (!noise.day || !noise.evening || !noise.night) return noise;
  noise.lden = lden(noise.day->micro, noise.evening->micro, noise.night->micro);
  noise.valid = true;
  for (const auto& part : {noise.day, noise.evening, noise.night}) {
    if (noise.valid != false && part->valid != true) noise.valid = part->valid;
  }
  return noise;
}

}  // namespace lenne::processing::derived
