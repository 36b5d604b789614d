#include "processing/derived/waste.hpp"

#include <algorithm>

#include "base/robust_slope.hpp"
#include "base/time.hpp"
#include "processing/derived/indicators.hpp"
#include "processing/derived/level_rise.hpp"

namespace lenne::processing::derived {
namespace {

struct Fill {
  base::TimedValue at;  // the hour's end
  std::int64_t hold_us;
};

std::vector<Fill> fills_of(std::span<const v1::Aggregate> hours) {
  std::vector<Fill> fills;
  for (const auto& hour : hours) {
    const auto mean = mean_micro(hour);
    if (!mean) continue;
    const auto held = std::int64_t{hour.nominal_interval_s()} * 2 * base::kSecondUs;
    fills.push_back({{hour.end_us(), *mean}, std::max(held, hour.end_us() - hour.start_us())});
  }
  return fills;
}

}  // namespace

std::optional<Filling> filling_of(std::span<const v1::Aggregate> hours) {
  const auto fills = fills_of(hours);
  if (fills.empty()) return std::nullopt;
  Filling filling{.fill_micro = fills.back().at.value,
                  .time_us = fills.back().at.time_us,
                  .emptyings = {},
                  .slope_micro = {},
                  .due_us = {},
                  .full_us = 0};
  std::vector<base::TimedValue> since{fills.front().at};
  for (std::size_t i = 1; i < fills.size(); ++i) {
    const auto& before = fills[i - 1];
    const auto& now = fills[i];
    if (before.at.value >= kFullFill * kMicro)
      filling.full_us += std::min(before.hold_us, now.at.time_us - before.at.time_us);
    if (before.at.value - now.at.value >= kEmptyingDrop * kMicro) {
      filling.emptyings.push_back({now.at.time_us, before.at.value});
      since.clear();
    }
    since.push_back(now.at);
  }
  const auto newest = std::span(since).last(std::min(since.size(), kFillPoints));
  if (newest.size() >= kFillPointsLeast && newest.back().time_us - newest.front().time_us >= kFillLeastUs)
    filling.slope_micro = base::median_slope_per_hour(newest);
  filling.due_us = reaches_us(filling.fill_micro, filling.time_us, filling.slope_micro, kDueFill * kMicro);
  return filling;
}

}  // namespace lenne::processing::derived
