#include "processing/derived/wind.hpp"

#include <cmath>
#include <numbers>

#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

std::optional<WindExtreme> highest_of(const v1::Aggregate& result) {
  const auto& gauge = result.gauge();
  if (gauge.count() == 0) return std::nullopt;
  const auto micro = to_micro(gauge.max().value(), result.exponent());
  if (!micro) return std::nullopt;
  return WindExtreme{*micro, gauge.max().time_us()};
}

std::optional<WindVector> vector_of(const v1::Aggregate* eastward, const v1::Aggregate* northward,
                                    std::int64_t mean_speed) {
  if (eastward == nullptr || northward == nullptr) return std::nullopt;
  // Both come from one pair of samples. Where one of them was left out, what is left is no vector.
  if (eastward->gauge().count() != northward->gauge().count()) return std::nullopt;
  const auto east = mean_micro(*eastward);
  const auto north = mean_micro(*northward);
  if (!east || !north) return std::nullopt;
  WindVector vector;
  vector.speed_micro = std::llround(std::hypot(static_cast<double>(*east), static_cast<double>(*north)));
  if (mean_speed <= 0) return vector;
  vector.steadiness_thousandths =
      static_cast<std::int64_t>(base::divide_rounded(base::Int128{vector.speed_micro} * 1000, mean_speed));
  if (vector.steadiness_thousandths < kLeastSteadiness) return vector;
  constexpr std::int64_t kCircle = 360 * kMicro;
  const auto from = std::atan2(-static_cast<double>(*east), -static_cast<double>(*north)) / kDegree;
  vector.direction_micro = (std::llround(from * static_cast<double>(kMicro)) + kCircle) % kCircle;
  return vector;
}

}  // namespace

double eastward_wind(double speed, double direction) noexcept { return -speed * std::sin(direction * kDegree); }

double northward_wind(double speed, double direction) noexcept { return -speed * std::cos(direction * kDegree); }

std::optional<Wind> wind_of(const v1::Aggregate& speed, const v1::Aggregate* eastward, const v1::Aggregate* northward,
                            const v1::Aggregate* gust) {
  const auto mean = mean_micro(speed);
  const auto highest = highest_of(speed);
  if (!mean || !highest) return std::nullopt;
  return Wind{.mean_micro = *mean,
              .vector = vector_of(eastward, northward, *mean),
              .highest = *highest,
              .gust = gust == nullptr ? std::nullopt : highest_of(*gust),
              .valid = covered(speed, kHourCoverage)};
}

}  // namespace lenne::processing::derived
