#pragma once
// Wind of a window: how fast, from where by the mean vector, and its highest gust, from results of the wind's speed and
// of its two components.

#include <cstdint>
#include <optional>
#include <string_view>

#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

/// The measures that a window's wind is made of; that of gusts only where the device tells of them.
inline constexpr std::string_view kWindSpeed = "wind_speed";
inline constexpr std::string_view kWindGust = "wind_speed.gust";
inline constexpr std::string_view kEastwardWind = "eastward_wind";
inline constexpr std::string_view kNorthwardWind = "northward_wind";

/// What wind from `direction` degrees (0 is north, 90 is east) blows towards the east and towards the north, in the
/// unit of `speed` (WMO-No. 8: the direction is the one that the wind comes from; names as those of CF conventions).
[[nodiscard]] double eastward_wind(double speed, double direction) noexcept;
[[nodiscard]] double northward_wind(double speed, double direction) noexcept;

/// Below this share of the mean speed the mean vector says no direction: the wind came from everywhere. Own rule, in
/// thousandths.
inline constexpr std::int64_t kLeastSteadiness = 100;

struct WindVector {
  std::int64_t speed_micro = 0;                 ///< of the mean vector, m/s, steps of 10^-6
  std::int64_t steadiness_thousandths = 0;      ///< of the mean speed; 1,000 is a wind from one direction
  std::optional<std::int64_t> direction_micro;  ///< degrees in [0, 360), steps of 10^-6; nothing: not steady enough
};

struct WindExtreme {
  std::int64_t micro = 0;  ///< m/s, steps of 10^-6
  std::int64_t time_us = 0;
};

struct Wind {
  std::int64_t mean_micro = 0;       ///< m/s, steps of 10^-6
  std::optional<WindVector> vector;  ///< nothing: the components are not there, or are of other samples
  WindExtreme highest;               ///< of the samples of the speed
  std::optional<WindExtreme> gust;   ///< of the gusts that the device tells of
  std::optional<bool> valid;         ///< speed is covered to 75 %; nothing: the coverage is unknown
};

/// Results of one device and one window; null: there is none. Nothing without a sample of the speed. The vector is that
/// of all samples that have a direction, each with the same weight. Any thread.
[[nodiscard]] std::optional<Wind> wind_of(const v1::Aggregate& speed, const v1::Aggregate* eastward,
                                          const v1::Aggregate* northward, const v1::Aggregate* gust);

}  // namespace lenne::processing::derived
