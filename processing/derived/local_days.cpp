#include "processing/derived/local_days.hpp"

#include <algorithm>

#include "processing/derived/levels.hpp"

namespace lenne::processing::derived {

std::int64_t clock_us(const LocalDay& day, int minutes) noexcept {
  constexpr std::int64_t kMinuteUs = kHourUs / 60;
  constexpr std::int64_t kChanged = 3 * kHourUs;
  const auto longer = day.end_us - day.start_us - 24 * kHourUs;
  const auto shown = minutes * kMinuteUs;
  if (shown >= kChanged) return day.start_us + shown + longer;
  return day.start_us + std::min(shown, kChanged + std::min<std::int64_t>(longer, 0));
}

}  // namespace lenne::processing::derived
