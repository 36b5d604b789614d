// Laws of substitutes: what ran between two readings is never more and never less, and nothing else changes.
#include "processing/meters/substitute.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace lenne::processing::meters {
namespace {

using base::Int128;

struct Filled {
  std::vector<Hour> hours;
  std::vector<Day> days;
};

/// Three weeks of hours; readings at full hours, some of them too far apart. One day may have 23 or 25 hours.
Filled arbitrary_profile(int fewest_gaps = 0) {
  Filled all;
  const auto odd = *rc::gen::inRange(0, 30);
  const auto odd_hours = *rc::gen::element(23, 24, 25);
  std::int64_t at = 0;
  for (int i = 0; i < 21; ++i) {
    const auto end = at + (i == odd ? odd_hours : 24) * kHourUs;
    all.days.push_back({at, end,
                        i % 7 == 5   ? DayClass::saturday
                        : i % 7 == 6 ? DayClass::sunday
                                     : DayClass::working_day});
    at = end;
  }
  const auto count = static_cast<std::size_t>(at / kHourUs);
  const auto flows = *rc::gen::container<std::vector<std::uint32_t>>(count, rc::gen::inRange<std::uint32_t>(0, 2000));
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = static_cast<std::int64_t>(i) * kHourUs;
    all.hours.push_back({{start, start + kHourUs, flows[i], 0, kHourUs, 0, 0}, 0, true, false});
  }
  const auto gaps = *rc::gen::inRange(fewest_gaps, 5);
  for (int g = 0; g < gaps; ++g) {
    const auto first = *rc::gen::inRange<std::size_t>(0, count - 1);
    const auto length = std::min(*rc::gen::inRange<std::size_t>(25, 160), count - first);
    if (std::ranges::any_of(all.hours.begin() + static_cast<std::ptrdiff_t>(first),
                            all.hours.begin() + static_cast<std::ptrdiff_t>(first + length),
                            [](const Hour& hour) { return hour.estimated > 0 || !hour.reading_at_start; }))
      continue;
    for (std::size_t i = 0; i < length; ++i) {
      auto& hour = all.hours[first + i];
      hour.estimated = hour.slice.amount;
      hour.slice.measured_us = 0;
      hour.slice.estimated_us = kHourUs;
      hour.reading_at_start = i == 0;
    }
  }
  return all;
}

RC_GTEST_PROP(SubstituteProperty, WhatRanBetweenTwoReadingsStaysExact, ()) {
  const auto [hours, days] = arbitrary_profile();
  StandardProfile standard;
  if (*rc::gen::arbitrary<bool>()) {
    const auto others = arbitrary_profile();
    for (const auto& hour : others.hours) standard.hours.push_back(hour.slice);
    standard.days = others.days;
  }
  const auto found = substitute(hours, days, standard);
  RC_ASSERT(found.size() == hours.size());
  Int128 before = 0, after = 0;
  for (std::size_t i = 0; i < hours.size(); ++i) {
    if (hours[i].reading_at_start) {
      RC_ASSERT(before == after);
      before = after = 0;
    }
    before += hours[i].estimated;
    after += found[i].estimated;
    RC_ASSERT(found[i].estimated >= 0);
    RC_ASSERT((found[i].method == Method::none) == (hours[i].slice.estimated_us == 0));
    if (found[i].method == Method::none || found[i].method == Method::even)
      RC_ASSERT(found[i].estimated == hours[i].estimated);
  }
  RC_ASSERT(before == after);
}

RC_GTEST_PROP(SubstituteProperty, WhatComesLaterOrLongBeforeSaysNothing, ()) {
  auto [hours, days] = arbitrary_profile(1);
  const auto first = std::ranges::find_if(hours, [](const Hour& hour) { return hour.slice.estimated_us > 0; });
  const auto whole = substitute(hours, days);
  const auto place = static_cast<std::size_t>(first - hours.begin());
  auto end = place + 1;
  while (end < hours.size() && hours[end].slice.estimated_us > 0 && !hours[end].reading_at_start) ++end;
  // More and other flow after the first gap.
  for (auto i = end; i < hours.size(); ++i) hours[i].slice.amount += 7 * static_cast<std::int64_t>(i % 5);
  const auto again = substitute(hours, days);
  for (auto i = place; i < end; ++i) RC_ASSERT(again[i].estimated == whole[i].estimated);
  // The same profile with a stretch of time before it that is too old.
  std::vector<Hour> more{{{-40 * kDayUs, -40 * kDayUs + kHourUs, 99, 0, kHourUs, 0, 0}, 0, true, false}};
  more.insert(more.end(), hours.begin(), hours.end());
  const auto longer = substitute(more, days);
  for (std::size_t i = 0; i < again.size(); ++i) RC_ASSERT(longer[i + 1].estimated == again[i].estimated);
}

RC_GTEST_PROP(SubstituteProperty, TwiceAsMuchFlowHasTheSameShape, ()) {
  auto [hours, days] = arbitrary_profile();
  const auto flow_times = [&](std::int64_t factor) {
    for (auto& hour : hours) {
      if (hour.slice.estimated_us == 0) hour.slice.amount *= factor;
    }
  };
  flow_times(360'360);  // the least common multiple of 1 to 15 days, so that no mean is rounded
  const auto once = substitute(hours, days);
  flow_times(2);
  const auto twice = substitute(hours, days);
  for (std::size_t i = 0; i < once.size(); ++i) RC_ASSERT(once[i].estimated == twice[i].estimated);
}

}  // namespace
}  // namespace lenne::processing::meters
