#include "processing/day_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "processing/rules.hpp"

namespace lenne::processing {
namespace {

constexpr std::int64_t kShortestDayS = 3600;
constexpr std::int64_t kLongestDayS = 2 * 86400;

}  // namespace

base::Result<DayTable> DayTable::from_starts(std::string time_zone, std::vector<std::int64_t> starts_s) {
  // Windows also reach beyond the latest receive time: as far as the newest credible sample, and as a state is held.
  constexpr auto kLatestS = (kLatestTimeUs + kFutureUs + kMaxHoldUs) / kSecondUs;
  if (starts_s.size() < 2 || starts_s.front() > 0 || starts_s.back() <= kLatestS)
    return base::fail("bad_time_zone", fmt::format("the days of {} do not reach from 1970 to 2200", time_zone));
  for (std::size_t i = 1; i < starts_s.size(); ++i) {
    const auto length = starts_s[i] - starts_s[i - 1];
    if (length < kShortestDayS || length > kLongestDayS)
      return base::fail("bad_time_zone", fmt::format("a day of {} has {} s", time_zone, length));
  }
  return DayTable(std::move(time_zone), std::move(starts_s));
}

Day DayTable::at(std::int64_t time_us) const noexcept {
  const auto second = time_us / kSecondUs - (time_us % kSecondUs < 0 ? 1 : 0);
  const auto inner = std::ranges::upper_bound(starts_s_.begin() + 1, starts_s_.end() - 1, second);
  return {*std::prev(inner) * kSecondUs, *inner * kSecondUs};
}

bool DayTable::is_multiple_of(std::uint32_t pane_s) const noexcept {
  return std::ranges::all_of(starts_s_, [=](std::int64_t start) { return start % pane_s == 0; });
}

}  // namespace lenne::processing
