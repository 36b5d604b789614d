#include "processing/derived/ozone_days.hpp"

namespace lenne::processing::derived {

std::optional<OzoneDay> ozone_day(std::span<const HourMean> hours, std::int64_t start_us) {
  constexpr int kMeans = 24, kLeastMeans = 18, kLength = 8;
  OzoneDay day;
  bool known = true;
  for (int i = 1; i <= kMeans; ++i) {
    const auto end_us = start_us + i * kHourUs;
    const auto mean = running_mean(hours, end_us, kLength);
    if (!mean) continue;
    known = known && mean->valid.has_value();
    if (day.means == 0 || mean->micro > day.micro) {
      day.micro = mean->micro;
      day.end_us = end_us;
    }
    ++day.means;
  }
  if (day.means == 0) return std::nullopt;
  day.exceeded = day.micro > kOzoneTarget * kMicro;
  if (!known) return day;
  day.valid = day.exceeded || day.means >= kLeastMeans;
  return day;
}

}  // namespace lenne::processing::derived
