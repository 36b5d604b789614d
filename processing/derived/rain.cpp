#include "processing/derived/rain.hpp"

#include "base/time.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/rows_by_start.hpp"

namespace lenne::processing::derived {

std::optional<RainSum> rain_sum(std::span<const v1::Aggregate> hours, std::int64_t end_us, int length_h) {
  const auto* table = rain_levels(length_h);
  if (table == nullptr) return std::nullopt;
  RainSum sum;
  bool known = true;
  bool whole = true;
  for (const auto& hour : rows_in(hours, end_us - length_h * kHourUs, end_us)) {
    const auto amount = sum_micro(hour);
    if (!amount) continue;
    sum.micro += *amount;
    ++sum.hours;
    const auto covers = covered(hour, kSumCoverage);
    known = known && covers.has_value();
    whole = whole && covers != false;
  }
  if (sum.hours == 0) return std::nullopt;
  sum.place = table->level_of(sum.micro);
  whole = whole && sum.hours == length_h;
  if (sum.place + 1 == table->levels.size()) {
    sum.valid = true;
  } else if (!whole) {
    sum.valid = false;
  } else if (known) {
    sum.valid = true;
  }
  return sum;
}

}  // namespace lenne::processing::derived
