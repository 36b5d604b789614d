#pragma once
// Tables of classes: which name a number has. Versioned, because authorities change them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lenne::processing::derived {

/// All numbers that indicators judge are whole steps of 10^-6 of their unit.
inline constexpr std::int64_t kMicro = 1'000'000;
inline constexpr std::int64_t kHourUs = 3600 * std::int64_t{1'000'000};

/// What the air quality index judges (Umweltbundesamt), in the order of publication.
inline constexpr std::array<std::string_view, 5> kPollutants{"pm10", "pm2_5", "o3", "no2", "so2"};

/// From `from` on, or, with `beyond`, above it.
struct Level {
  std::string_view name;
  std::int64_t from;  ///< steps of 10^-6
  bool beyond = false;
};

/// Ascending; the first level holds below all others, whatever its `from`.
struct LevelTable {
  std::string_view name;
  std::string_view unit;
  std::span<const Level> levels;
  std::string_view source;
  std::uint32_t version = 1;
  bool whole = false;  ///< judged after rounding to whole units, half up, as the authority publishes it

  /// The level's place, 0 for the first one.
  [[nodiscard]] std::size_t level_of(std::int64_t micro) const noexcept;
};

/// Half up, not away from zero: -0.5 becomes 0.
[[nodiscard]] std::int64_t round_half_up(std::int64_t micro) noexcept;

[[nodiscard]] const LevelTable& co2_levels() noexcept;
[[nodiscard]] const LevelTable& soil_water_levels() noexcept;
[[nodiscard]] const LevelTable& uv_levels() noexcept;
[[nodiscard]] const LevelTable& humidex_levels() noexcept;
[[nodiscard]] const LevelTable& heat_index_levels() noexcept;
/// Sums of an hour, of six hours, and of 12, 24, 48 and 72 hours; null for other lengths.
[[nodiscard]] const LevelTable* rain_levels(int hours) noexcept;
/// Thresholds of ozone's hours: information and alert.
[[nodiscard]] const LevelTable& ozone_levels() noexcept;
/// The sub-index of a pollutant, worse to the end; null for what has none.
[[nodiscard]] const LevelTable* air_quality_levels(std::string_view pollutant) noexcept;

/// Each table, for the docs.
[[nodiscard]] std::span<const LevelTable> level_tables() noexcept;

}  // namespace lenne::processing::derived
