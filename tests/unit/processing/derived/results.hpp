#pragma once
// Results as the windows write them, for tests of what is made of them.

#include <string>

#include "base/int128.hpp"
#include "lenne/v1/aggregate.pb.h"

namespace lenne::processing::derived {

inline constexpr std::int64_t kTestHourUs = 3'600'000'000;
inline constexpr std::int64_t kTestDayUs = 24 * kTestHourUs;

inline void put(v1::Int128& into, base::Int128 value) {
  into.set_high(base::high_of(value));
  into.set_low(base::low_of(value));
}

/// A gauge's result of hundredths of the unit: least, mean (of two samples that sum to twice it) and largest value.
inline v1::Aggregate result_of(const std::string& measure, const std::string& window, std::int64_t start_us,
                               std::int64_t length_us, std::int64_t min, std::int64_t mean, std::int64_t max,
                               std::int64_t covered_thousandths = 1000) {
  v1::Aggregate row;
  row.set_tenant("menden");
  row.set_dev_eui(1);
  row.set_measure(measure);
  row.set_window(window);
  row.set_kind(v1::KIND_GAUGE);
  row.set_exponent(-2);
  row.set_start_us(start_us);
  row.set_end_us(start_us + length_us);
  row.set_nominal_interval_s(600);
  row.set_covered_us(length_us / 1000 * covered_thousandths);
  row.set_final(true);
  auto& gauge = *row.mutable_gauge();
  gauge.set_count(2);
  put(*gauge.mutable_sum(), base::Int128{mean} * 2);
  gauge.mutable_min()->set_value(min);
  gauge.mutable_min()->set_time_us(start_us);
  gauge.mutable_max()->set_value(max);
  gauge.mutable_max()->set_time_us(start_us);
  return row;
}

inline v1::Aggregate hour_of(const std::string& measure, std::int64_t start_us, std::int64_t mean,
                             std::int64_t covered_thousandths = 1000) {
  return result_of(measure, "PT1H", start_us, kTestHourUs, mean, mean, mean, covered_thousandths);
}

/// Rain of one window: hundredths of a millimetre in all.
inline v1::Aggregate rain_of(const std::string& window, std::int64_t start_us, std::int64_t length_us, std::int64_t sum,
                             std::int64_t covered_thousandths = 1000) {
  auto row = result_of("precipitation", window, start_us, length_us, 0, 0, sum, covered_thousandths);
  row.set_kind(v1::KIND_EVENT);
  put(*row.mutable_gauge()->mutable_sum(), sum);
  return row;
}

}  // namespace lenne::processing::derived
