#include "processing/result.hpp"

#include <algorithm>
#include <cmath>

#include "base/fixed_point.hpp"
#include "processing/aggregates/gauge.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

using base::Int128;

double scale(double steps, int exponent) {
  return exponent < 0 ? steps / static_cast<double>(base::power_of_ten(-exponent))
                      : steps * static_cast<double>(base::power_of_ten(exponent));
}

/// Whole part and rest apart, so that min <= mean <= max holds for the doubles too.
double quotient(Int128 sum, std::uint64_t count) {
  const auto n = static_cast<Int128>(count);
  return static_cast<double>(sum / n) + static_cast<double>(sum % n) / static_cast<double>(count);
}

/// Population deviation in steps: sqrt(n·Σx² − (Σx)²) / n, the difference in whole numbers where it fits.
double deviation_steps(Int128 sum, Int128 sum_squares, std::uint64_t count) {
  const auto n = static_cast<Int128>(count);
  const auto mean = sum / n;
  // Around the whole mean m: Σ(x−m)² = Σx² − m·(2·Σx − n·m); every term fits for 2^20 samples of 2^52 steps.
  const auto around = sum_squares - mean * (2 * sum - n * mean);
  const auto rest = static_cast<double>(sum - n * mean);
  const auto variance =
      (static_cast<double>(around) - rest * rest / static_cast<double>(count)) / static_cast<double>(count);
  return std::sqrt(std::max(0.0, variance));
}

void gauge(const v1::Aggregate& aggregate, AggregateResult& out) {
  const auto& state = aggregate.gauge();
  const int exponent = aggregate.exponent();
  out.count = state.count();
  if (state.count() == 0) return;
  const auto sum = aggregates::from_proto(state.sum());
  out.sum = base::to_double(sum, exponent);
  out.mean = scale(quotient(sum, state.count()), exponent);
  out.deviation = scale(deviation_steps(sum, aggregates::from_proto(state.sum_squares()), state.count()), exponent);
  out.min = base::to_double(state.min().value(), exponent);
  out.max = base::to_double(state.max().value(), exponent);
  out.min_time_us = state.min().time_us();
  out.max_time_us = state.max().time_us();
}

void duration(const v1::DurationState& state, AggregateResult& out) {
  out.count = state.count();
  out.occupied_s = static_cast<double>(state.occupied_us()) / static_cast<double>(kSecondUs);
  out.known_s = static_cast<double>(state.known_us()) / static_cast<double>(kSecondUs);
  out.transitions = state.transitions_on() + state.transitions_off();
  if (state.known_us() > 0)
    out.occupied_share = static_cast<double>(state.occupied_us()) / static_cast<double>(state.known_us());
}

}  // namespace

AggregateResult result_of(const v1::Aggregate& aggregate) {
  AggregateResult out;
  if (aggregate.has_gauge()) gauge(aggregate, out);
  if (aggregate.has_duration()) duration(aggregate.duration(), out);
  const auto length = aggregate.end_us() - aggregate.start_us();
  if (length > 0 && (aggregate.has_duration() || aggregate.nominal_interval_s() != 0)) {
    out.coverage = static_cast<double>(aggregate.covered_us()) / static_cast<double>(length);
    out.valid = is_valid(aggregate.covered_us(), length);
  }
  return out;
}

}  // namespace lenne::processing
