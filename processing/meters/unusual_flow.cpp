#include "processing/meters/unusual_flow.hpp"

#include <algorithm>

namespace lenne::processing::meters {
namespace {

Finding is_above(std::span<const UsualHour> hours, std::int64_t start_us) {
  const auto hour = std::ranges::lower_bound(hours, start_us, {}, &UsualHour::start_us);
  if (hour == hours.end() || hour->start_us != start_us || !hour->amount || !hour->usual) return Finding::unknown;
  return *hour->amount > *hour->usual ? Finding::yes : Finding::no;
}

}  // namespace

Finding find_unusual_flow(std::span<const UsualHour> hours, std::int64_t start_us, std::int64_t end_us,
                          const FindingRules& rules) {
  if (rules.unusual_hours == 0) return Finding::not_judged;
  int above = 0;     // hours on end
  int possible = 0;  // the same, if all that is not known were above
  auto found = Finding::no;
  // So early that the first hours which are enough end in the day.
  for (auto at = start_us - (rules.unusual_hours - 1) * kHourUs; at < end_us; at += kHourUs) {
    const auto hour = is_above(hours, at);
    above = hour == Finding::yes ? above + 1 : 0;
    possible = hour == Finding::no ? 0 : possible + 1;
    if (above >= rules.unusual_hours) return Finding::yes;
    if (possible >= rules.unusual_hours) found = Finding::unknown;
  }
  return found;
}

}  // namespace lenne::processing::meters
