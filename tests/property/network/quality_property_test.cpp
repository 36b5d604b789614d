// Laws of the rules of credible samples, against a model that keeps all samples and looks back.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <optional>
#include <vector>

#include "base/counters.hpp"
#include "network/quality.hpp"

namespace lenne::network {
namespace {

struct Seen {
  std::int64_t value;  // tenths
  std::int64_t second;
  std::uint32_t flags = 0;
};

struct Rules {
  std::int64_t min, max, step;  // whole units
  std::uint32_t flat_after;
};

v1::UseCase use_case_of(const Rules& rules) {
  v1::UseCase use_case;
  auto& rule = *use_case.add_quality();
  rule.set_measure("m");
  rule.mutable_min()->set_value(rules.min);
  rule.mutable_max()->set_value(rules.max);
  rule.mutable_step_per_minute()->set_value(rules.step);
  rule.set_flat_after(rules.flat_after);
  return use_case;
}

// Looks back over everything that came before, in the order of the log.
std::vector<std::uint32_t> by_looking_back(const Rules& rules, std::vector<Seen> all) {
  std::vector<std::uint32_t> flags;
  std::vector<Seen> newer;  // those that were newer than all before them
  for (auto& seen : all) {
    const bool implausible = seen.value < rules.min * 10 || seen.value > rules.max * 10;
    seen.flags = implausible ? v1::SAMPLE_FLAG_IMPLAUSIBLE : 0;
    if (newer.empty() || seen.second > newer.back().second) {
      const auto near = [&](const Seen& other) {
        // |change| in tenths, over seconds of at least a minute.
        return std::abs(seen.value - other.value) * 60 <=
               rules.step * 10 * std::max<std::int64_t>(60, seen.second - other.second);
      };
      std::optional<Seen> good;
      for (const auto& before : newer) {
        if (before.flags == 0) good = before;
      }
      const bool confirmed = !newer.empty() && (newer.back().flags & v1::SAMPLE_FLAG_STEP) != 0 && near(newer.back());
      if (!implausible && good && !near(*good) && !confirmed) seen.flags |= v1::SAMPLE_FLAG_STEP;
      std::uint32_t run = 1;
      for (auto before = newer.rbegin(); before != newer.rend() && before->value == seen.value; ++before) ++run;
      if (rules.flat_after != 0 && run >= rules.flat_after) seen.flags |= v1::SAMPLE_FLAG_FLAT;
      newer.push_back(seen);
    }
    flags.push_back(seen.flags);
  }
  return flags;
}

// In records of the given sizes, one after the other; what is remembered goes over the disk in between.
std::vector<std::uint32_t> by_the_step(const v1::UseCase& use_case, const std::vector<Seen>& all,
                                       const std::vector<std::size_t>& sizes) {
  google::protobuf::RepeatedPtrField<v1::NetworkQuality> memory;
  base::Counters counters;
  std::vector<std::uint32_t> flags;
  for (std::size_t done = 0, record = 0; done < all.size(); ++record) {
    v1::Measurement measurement;
    const auto size = sizes.empty() ? 1 : 1 + sizes[record % sizes.size()];
    for (std::size_t i = 0; i < size && done < all.size(); ++i, ++done) {
      auto& sample = *measurement.add_samples();
      sample.set_measure("m");
      sample.set_value(all[done].value);
      sample.set_exponent(-1);
      sample.set_time_us(all[done].second * 1'000'000);
    }
    judge_quality(&use_case, memory, measurement, 0, counters);
    for (const auto& sample : measurement.samples()) flags.push_back(sample.flags());
    v1::NetworkDevice row, read;
    *row.mutable_quality() = memory;
    RC_ASSERT(read.ParseFromString(row.SerializeAsString()));
    memory = read.quality();
  }
  return flags;
}

std::vector<Seen> arbitrary_samples() {
  const auto each = rc::gen::map(rc::gen::pair(rc::gen::inRange(-30, 130), rc::gen::inRange(1, 2'000)),
                                 [](const auto& pair) { return Seen{pair.first, pair.second}; });
  auto all = *rc::gen::container<std::vector<Seen>>(each);
  // Mostly in order, as devices send.
  if (*rc::gen::arbitrary<bool>())
    std::ranges::stable_sort(all, [](const Seen& a, const Seen& b) { return a.second < b.second; });
  return all;
}

Rules arbitrary_rules() {
  return {*rc::gen::inRange<std::int64_t>(-2, 2), *rc::gen::inRange<std::int64_t>(5, 12),
          *rc::gen::inRange<std::int64_t>(1, 4), *rc::gen::element(0U, 2U, 3U)};
}

RC_GTEST_PROP(QualityProperty, RemembersEnoughToLookBack, ()) {
  const auto rules = arbitrary_rules();
  const auto all = arbitrary_samples();
  RC_ASSERT(by_the_step(use_case_of(rules), all, {}) == by_looking_back(rules, all));
}

RC_GTEST_PROP(QualityProperty, HowSamplesLieInRecordsChangesNothing, ()) {
  const auto rules = arbitrary_rules();
  const auto all = arbitrary_samples();
  const auto sizes =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 5)));
  RC_ASSERT(by_the_step(use_case_of(rules), all, sizes) == by_the_step(use_case_of(rules), all, {}));
}

RC_GTEST_PROP(QualityProperty, StepsDoNotDependOnTheZero, (std::int16_t shift)) {
  auto rules = arbitrary_rules();
  const auto all = arbitrary_samples();
  auto use_case = use_case_of(rules);
  use_case.mutable_quality(0)->clear_min();
  use_case.mutable_quality(0)->clear_max();
  auto moved = all;
  for (auto& each : moved) each.value = -(each.value + shift);
  RC_ASSERT(by_the_step(use_case, all, {}) == by_the_step(use_case, moved, {}));
}

}  // namespace
}  // namespace lenne::network
