#include "processing/meters/findings.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lenne::processing::meters {
namespace {

using base::Int128;

bool lies_in(const Slice& slice, std::int64_t until_us, std::int64_t back_us) {
  return slice.start_us >= until_us - back_us && slice.end_us <= until_us && slice.length_us() > 0;
}

/// Goes through the windows that lie in the `back_us` before `until_us`, in runs without a gap of those of which
/// `counts` says so. Returns the longest run, and how much time all windows of which `known` says so have.
struct Run {
  std::int64_t longest_us = 0;
  std::int64_t known_us = 0;
};
Run run_of(std::span<const Slice> profile, std::int64_t until_us, std::int64_t back_us, auto known, auto counts) {
  Run run;
  std::int64_t length = 0;
  std::int64_t end = 0;
  for (const auto& slice : profile) {
    if (!lies_in(slice, until_us, back_us)) continue;
    if (slice.start_us != end) length = 0;
    end = slice.end_us;
    if (known(slice)) run.known_us += slice.length_us();
    length = known(slice) && counts(slice) ? length + slice.length_us() : 0;
    run.longest_us = std::max(run.longest_us, length);
  }
  return run;
}

bool is_whole(const Slice& slice) { return slice.measured_us == slice.length_us(); }
bool stands_still(const Slice& slice) { return slice.amount == 0 && slice.reverse == 0; }

/// The windows that say of themselves whether there was a burst: the sharp ones, and those without readings at their
/// edges that follow each other, if all that ran in them together is too little for one.
std::vector<bool> tell_of_bursts(std::span<const Slice> profile, Int128 limit_per_hour, std::int64_t burst_us) {
  std::vector<bool> tells(profile.size());
  for (std::size_t from = 0, to = 0; from < profile.size(); from = std::max(to, from + 1)) {
    Int128 forwards = 0;
    for (to = from; to < profile.size() && is_whole(profile[to]) && !profile[to].is_sharp(); ++to) {
      forwards += profile[to].amount + profile[to].reverse;
    }
    if (to == from)
      tells[from] = profile[from].is_sharp();
    else if (forwards * kHourUs <= limit_per_hour * burst_us)
      std::fill(tells.begin() + static_cast<std::ptrdiff_t>(from), tells.begin() + static_cast<std::ptrdiff_t>(to),
                true);
  }
  return tells;
}

}  // namespace

Finding find_leak(std::span<const Slice> profile, std::int64_t until_us, const FindingRules& rules) {
  if (rules.standstill_us == 0) return Finding::not_judged;
  const auto run = run_of(profile, until_us, kDayUs, [](const Slice& s) { return s.is_sharp(); }, stands_still);
  if (run.longest_us >= rules.standstill_us) return Finding::no;
  return run.known_us == kDayUs ? Finding::yes : Finding::unknown;
}

Finding find_burst(std::span<const Slice> profile, Int128 limit_per_hour, std::int64_t until_us,
                   const FindingRules& rules) {
  if (rules.burst_us == 0) return Finding::not_judged;
  if (limit_per_hour <= 0) return Finding::unknown;
  const auto above = run_of(profile, until_us, kDayUs, is_whole, [&](const Slice& slice) {
    return slice.amount * kHourUs > limit_per_hour * slice.length_us();
  });
  if (above.longest_us >= rules.burst_us) return Finding::yes;
  const auto tells = tell_of_bursts(profile, limit_per_hour, rules.burst_us);
  std::int64_t told_us = 0;
  for (std::size_t i = 0; i < profile.size(); ++i) {
    if (tells[i] && lies_in(profile[i], until_us, kDayUs)) told_us += profile[i].length_us();
  }
  return told_us == kDayUs ? Finding::no : Finding::unknown;
}

Finding find_dry(std::span<const Slice> profile, std::int64_t until_us, const FindingRules& rules) {
  if (rules.dry_us == 0) return Finding::not_judged;
  const auto run = run_of(profile, until_us, rules.dry_us, is_whole, stands_still);
  if (run.longest_us == rules.dry_us) return Finding::yes;
  // Any flow says that it is not dry, whatever is missing beside it.
  const auto flow = run_of(profile, until_us, rules.dry_us, is_whole, [](const Slice& s) { return !stands_still(s); });
  return flow.longest_us > 0 ? Finding::no : Finding::unknown;
}

Finding find_reverse(std::span<const Slice> profile, Int128 tolerance, std::int64_t until_us) {
  Int128 reverse = 0;
  const auto run = run_of(profile, until_us, kDayUs, is_whole, [&](const Slice& slice) {
    reverse += slice.reverse;
    return true;
  });
  if (reverse > tolerance) return Finding::yes;
  return run.known_us == kDayUs ? Finding::no : Finding::unknown;
}

Finding find_tamper(std::span<const Contact> days) noexcept {
  bool known = !days.empty();
  for (const auto& day : days) {
    if (day.open_us > 0) return Finding::yes;
    known = known && day.known_us >= day.length_us;
  }
  return known ? Finding::no : Finding::unknown;
}

}  // namespace lenne::processing::meters
