// Laws of the cumulative sum over a meter's least hours.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "processing/meters/slow_leak.hpp"

namespace lenne::processing::meters {
namespace {

using base::Int128;
using Least = std::vector<std::optional<Int128>>;

Least arbitrary_days() {
  Least days;
  const auto count = *rc::gen::inRange(21, 60);
  for (int i = 0; i < count; ++i) {
    if (*rc::gen::inRange(0, 8) == 0) {
      days.emplace_back();
    } else {
      days.emplace_back(*rc::gen::inRange(0, i < 30 ? 40 : 120));
    }
  }
  return days;
}

RC_GTEST_PROP(SlowLeakProperty, WhatRunsAlwaysSaysNothing, (std::int32_t more)) {
  const auto days = arbitrary_days();
  auto shifted = days;
  for (auto& day : shifted) {
    if (day) *day += 2 * Int128{more};  // the median of fourteen days is rounded
  }
  if (std::ranges::all_of(shifted, [](const auto& day) { return !day || *day >= 0; }))
    RC_ASSERT(find_slow_leak(shifted, 20) == find_slow_leak(days, 20));
}

RC_GTEST_PROP(SlowLeakProperty, MoreFlowAfterTheReferenceNeverHidesALeak, ()) {
  auto days = arbitrary_days();
  const auto before = find_slow_leak(days, 20);
  std::size_t known = 0;
  for (auto& day : days) {
    if (day && ++known > kReferenceDays) *day += *rc::gen::inRange(0, 50);
  }
  const auto after = find_slow_leak(days, 20);
  RC_ASSERT(before == after || (before == Finding::no && after == Finding::yes));
}

RC_GTEST_PROP(SlowLeakProperty, TheUnitChangesNothing, ()) {
  auto days = arbitrary_days();
  for (auto& day : days) {
    if (day) *day *= 10'000;  // so that no median is rounded
  }
  const auto before = find_slow_leak(days, 200'000);
  for (auto& day : days) {
    if (day) *day *= 1'000'000;
  }
  RC_ASSERT(find_slow_leak(days, Int128{200'000} * 1'000'000) == before);
}

}  // namespace
}  // namespace lenne::processing::meters
