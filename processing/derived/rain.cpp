#include "processing/derived/rain.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {

std::optional<RainSum> rain_sum(std::span<const v1::Aggregate> hours, std::int64_t end_us, int length_h) {
  const auto* table = rain_levels(length_h);
  if (table == nullptr) return std::nullopt;
  const auto start = [](const v1::Aggregate& row) { return row.start_us(); };
  const auto from = std::ranges::lower_bound(hours, end_us - length_h * kHourUs, {}, start);
  RainSum sum;
  bool known = true;
  bool whole = true;
  for (const auto& hour : std::span(from, hours.end())) {
    if (hour.end_us() > end_us) break;
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
