#include "processing/derived/uv.hpp"

#include "processing/derived/indicators.hpp"

namespace lenne::processing::derived {

std::optional<UvDay> uv_day(std::span<const v1::Aggregate> quarters, const LocalDay& day) {
  UvDay uv;
  uv.possible_quarters = static_cast<int>((day.end_us - day.start_us) / (kHourUs / 4));
  bool any = false;
  bool known = true;
  for (const auto& row : quarters) {
    if (row.start_us() < day.start_us || row.end_us() > day.end_us) continue;
    const auto mean = mean_micro(row);
    const auto max = to_micro(row.gauge().max().value(), row.exponent());
    if (!mean || !max) continue;
    if (!any || *max > uv.highest_micro) {
      uv.highest_micro = *max;
      uv.highest_us = row.gauge().max().time_us();
    }
    any = true;
    const auto valid = covered(row, kQuarterCoverage);
    if (valid == false) continue;
    known = known && valid.has_value();
    ++uv.quarters;
    if (*mean >= kProtectionFrom * kMicro) ++uv.protection_quarters;
  }
  if (!any) return std::nullopt;
  if (uv.quarters * 4 < uv.possible_quarters * 3) {
    uv.valid = false;
  } else if (known) {
    uv.valid = true;
  }
  return uv;
}

}  // namespace lenne::processing::derived
