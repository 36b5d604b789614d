// Laws of the members of groups: whatever is in memory and whenever it is written, the same members have the same rows.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "processing/rollup/open_groups.hpp"
#include "tests/unit/processing/rollups_support.hpp"

namespace lenne::processing::rollup {
namespace {

struct Step {
  enum class What : std::uint8_t { put, take, commit, restart } what;
  int hour;
  std::uint64_t dev_eui;
  std::int64_t mean;
};

Step arbitrary_step() {
  using What = Step::What;
  const auto what = *rc::gen::inRange(0, 8);
  return {what < 5    ? What::put
          : what == 5 ? What::take
          : what == 6 ? What::commit
                      : What::restart,
          *rc::gen::inRange(0, 3), *rc::gen::inRange(std::uint64_t{0}, std::uint64_t{80}),
          *rc::gen::inRange(0, 4) == 0 ? 1'000'000 : *rc::gen::inRange(-1, 3)};
}

v1::Aggregate result_of(const Step& step) {
  return test::hour_of(step.dev_eui, "menden", "school", step.mean, test::kStart + step.hour * test::kHour);
}

using Rows = std::map<std::string, std::string>;

/// What is stored in the end. What each call says is what a map of members would say.
Rows run(const std::vector<Step>& steps, std::size_t most_members, bool commits) {
  test::MapState state;
  Overlay rows(state, kPartition);
  OpenGroups open(most_members);
  std::map<Group, std::map<std::uint64_t, std::string>> model;
  const auto commit = [&] {
    storage::Batch batch;
    open.write(rows);
    rows.flush(batch);
    state.apply(batch);
  };
  for (const auto& step : steps) {
    const auto result = result_of(step);
    const auto group = group_of(result);
    if (step.what == Step::What::put) {
      auto member = member_of(result).value();
      const auto text = member.SerializeAsString();
      auto& known = model[group][step.dev_eui];
      RC_ASSERT(open.put(group, std::move(member), rows).value() == (known != text));
      known = text;
    } else if (step.what == Step::What::take) {
      std::map<std::uint64_t, std::string> taken;
      const auto members = open.take(group, rows).value();
      for (const auto* member : members.all) taken[member->dev_eui()] = member->SerializeAsString();
      RC_ASSERT(taken == model[group]);
    } else if (commits) {
      commit();
      if (step.what == Step::What::restart) open.clear();
    }
  }
  commit();
  RC_ASSERT(open.pending_bytes() == 0U);
  Rows stored;
  EXPECT_TRUE(state.scan(storage::Store::rollup, kPartition, {}, {}, [&](std::string_view key, std::string_view value) {
    stored.emplace(key, value);
    return true;
  }));
  return stored;
}

RC_GTEST_PROP(OpenGroupsProperty, MemoryCommitsAndRestartsChangeNoRow, ()) {
  std::vector<Step> steps;
  const auto more = *rc::gen::inRange(0, 300);
  for (int i = 0; i < more; ++i) steps.push_back(arbitrary_step());
  const auto plain = run(steps, 100'000, false);
  RC_ASSERT(run(steps, 100'000, true) == plain);
  RC_ASSERT(run(steps, *rc::gen::inRange<std::size_t>(0, 60), *rc::gen::arbitrary<bool>()) == plain);
}

}  // namespace
}  // namespace lenne::processing::rollup
