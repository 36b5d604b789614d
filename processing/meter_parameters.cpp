#include "processing/meter_parameters.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/fixed_point.hpp"
#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

const v1::Decimal* parameter_named(const v1::Measurement& measurement, std::string_view name) {
  const auto& all = measurement.parameters();
  const auto found = std::ranges::find(all, name, &v1::Parameter::name);
  return found == all.end() ? nullptr : &found->value();
}

const v1::Decimal* find_for(const v1::Measurement& measurement, std::string_view measure, std::string_view name) {
  if (measurement.parameters().empty()) return nullptr;
  const auto* own = parameter_named(measurement, std::string(measure) + "." + std::string(name));
  return own != nullptr ? own : parameter_named(measurement, name);
}

/// In steps of 10^exponent, rounded half away from zero; nothing beyond 2^52 of them.
std::optional<std::int64_t> steps_of(const v1::Decimal& value, int exponent) {
  if (!base::is_exponent(value.exponent()) || !base::is_exponent(exponent)) return std::nullopt;
  if (value.value() > base::kMaxSteps || value.value() < -base::kMaxSteps) return std::nullopt;
  const auto shift = value.exponent() - exponent;
  if (value.value() == 0 || shift < -base::kMaxExponent) return 0;
  if (shift > base::kMaxExponent) return std::nullopt;
  const auto scale = base::power_of_ten(std::abs(shift));
  const auto steps = shift >= 0 ? base::Int128{value.value()} * scale : base::divide_rounded(value.value(), scale);
  if (steps > base::kMaxSteps || steps < -base::kMaxSteps) return std::nullopt;
  return static_cast<std::int64_t>(steps);
}

std::optional<std::int64_t> parameter(const v1::Measurement& measurement, std::string_view measure,
                                      std::string_view name, int exponent) {
  const auto* value = find_for(measurement, measure, name);
  return value != nullptr ? steps_of(*value, exponent) : std::nullopt;
}

/// 10^digits of the unit; nothing that a sample cannot reach.
std::optional<std::int64_t> register_of(const v1::Measurement& measurement, const v1::Sample& sample) {
  const auto digits = parameter(measurement, sample.measure(), "digits", 0);
  if (!digits || *digits < 1 || *digits > base::kMaxExponent) return std::nullopt;
  v1::Decimal size;
  size.set_value(1);
  size.set_exponent(static_cast<int>(*digits));
  return steps_of(size, sample.exponent());
}

/// Readings of an exchange have no place of their own in a record: behind all others, whose indexes count up from 0.
constexpr std::uint32_t kExchangeIndex = std::numeric_limits<std::uint32_t>::max() - 1;

v1::Sample exchange_reading(const v1::Sample& like, std::int64_t time_us, std::int64_t value, v1::ReadingMark mark) {
  v1::Sample reading;
  reading.set_measure(like.measure());
  reading.set_unit(like.unit());
  reading.set_kind(like.kind());
  reading.set_exponent(like.exponent());
  reading.set_rollover_at(like.rollover_at());
  reading.set_time_us(time_us);
  reading.set_value(value);
  reading.set_mark(mark);
  reading.set_index(kExchangeIndex + (mark == v1::READING_MARK_FIRST_OF_METER ? 1 : 0));
  return reading;
}

/// Adds the readings of an exchange, for the series of `like`.
void add_exchange(v1::Measurement& measurement, const v1::Sample& like, std::int64_t oldest_us) {
  const auto at_us = parameter(measurement, like.measure(), "exchanged_at", -6);
  if (!at_us || *at_us <= oldest_us || *at_us < 0 || *at_us > measurement.received_us() + kFutureUs) return;
  if (const auto last = parameter(measurement, like.measure(), "final_reading", like.exponent())) {
    *measurement.add_samples() = exchange_reading(like, *at_us, *last, v1::READING_MARK_LAST_OF_METER);
  }
  const auto first = parameter(measurement, like.measure(), "initial_reading", like.exponent());
  *measurement.add_samples() = exchange_reading(like, *at_us, first.value_or(0), v1::READING_MARK_FIRST_OF_METER);
}

}  // namespace

FlowLimits limits_of(const v1::Measurement& measurement, const v1::Sample& sample) {
  const auto limit = [&](std::string_view name) {
    return std::max<std::int64_t>(0, parameter(measurement, sample.measure(), name, sample.exponent()).value_or(0));
  };
  return {limit("q_max"), limit("backflow")};
}

void complete_readings(v1::Measurement& measurement, std::int64_t oldest_us) {
  std::int64_t serial = 0;
  for (const auto& sample : measurement.samples()) {
    if (sample.measure() == kMeterSerial && sample.flags() == 0) serial = sample.value();
  }
  if (serial == 0 && measurement.parameters().empty()) return;
  std::vector<v1::Sample> series;  // one sample of each
  for (auto& sample : *measurement.mutable_samples()) {
    if (sample.kind() != v1::KIND_COUNTER) continue;
    if (sample.meter() == 0) sample.set_meter(serial);
    if (const auto size = register_of(measurement, sample)) sample.set_rollover_at(static_cast<std::uint64_t>(*size));
    if (std::ranges::find(series, sample.measure(), &v1::Sample::measure) == series.end()) series.push_back(sample);
  }
  for (const auto& sample : series) add_exchange(measurement, sample, oldest_us);
}

}  // namespace lenne::processing
