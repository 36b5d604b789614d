#include "processing/derived/indoor_air.hpp"

#include <algorithm>

#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {
namespace {

constexpr std::int64_t kQuarterUs = kHourUs / 4;

struct Quarter {
  std::int64_t start_us;
  std::int64_t micro;
};

void highest_45(IndoorAir& air, std::span<const Quarter> means) {
  for (std::size_t i = 0; i + 2 < means.size(); ++i) {
    if (means[i + 2].start_us - means[i].start_us != 2 * kQuarterUs) continue;
    const auto sum = base::Int128{means[i].micro} + means[i + 1].micro + means[i + 2].micro;
    const auto mean = static_cast<std::int64_t>(base::divide_rounded(sum, 3));
    if (air.highest_45_micro && mean <= *air.highest_45_micro) continue;
    air.highest_45_micro = mean;
    air.highest_45_us = means[i].start_us;
  }
}

}  // namespace

IndoorAir indoor_air(std::span<const v1::Aggregate> quarters, const OpenSpan& open) {
  IndoorAir air;
  // Whole quarters of the clock: those that the opening hours cut do not count.
  const auto from_us = (open.from_us + kQuarterUs - 1) / kQuarterUs * kQuarterUs;
  air.possible_quarters = static_cast<int>(std::max<std::int64_t>(0, open.to_us - from_us) / kQuarterUs);
  std::vector<Quarter> means;
  bool known = true;
  for (const auto& row : quarters) {
    if (row.start_us() < from_us || row.end_us() > open.to_us) continue;
    const auto valid = covered(row, kQuarterCoverage);
    const auto mean = mean_micro(row);
    if (valid == false || !mean) continue;
    known = known && valid.has_value();
    means.push_back({row.start_us(), *mean});
    ++air.by_class[std::min(co2_levels().level_of(*mean), kCo2Classes - 1)];
  }
  air.quarters = static_cast<int>(means.size());
  const bool enough = air.possible_quarters > 0 && air.quarters * 4 >= air.possible_quarters * 3;
  air.valid = !enough ? std::optional(false) : known ? std::optional(true) : std::nullopt;
  const auto above = std::ranges::find_if(means, [](const Quarter& q) { return q.micro > kCo2LimitPpm * kMicro; });
  const auto before = above - means.begin();
  if (above != means.end()) air.first_above_us = above->start_us;
  air.first_valid =
      above != means.end() ? (above->start_us - from_us) / kQuarterUs == before : air.quarters == air.possible_quarters;
  highest_45(air, means);
  return air;
}

}  // namespace lenne::processing::derived
