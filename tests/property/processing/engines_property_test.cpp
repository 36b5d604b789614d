// Laws that every engine keeps: whoever adds one to the list gets these tests.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "processing/aggregates/counter.hpp"
#include "processing/aggregates/engine.hpp"
#include "processing/aggregates/gauge.hpp"
#include "processing/aggregates/state_duration.hpp"
#include "processing/rules.hpp"

namespace lenne::processing::aggregates {
namespace {

constexpr std::int64_t kPaneStart = 1'792'886'400 * kSecondUs;
const PaneFrame kFrame{{kPaneStart, 900}, 60};

/// Different samples of one pane; often at the same time, often of the same value.
std::vector<Entry> samples(base::Random& random, std::size_t count) {
  std::vector<Entry> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    all[i].time_us = kPaneStart + static_cast<std::int64_t>(random.below(90)) * 10 * kSecondUs;
    all[i].session = random.below(2);
    all[i].f_cnt = static_cast<std::uint32_t>(i / 2);
    all[i].index = static_cast<std::uint32_t>(i % 2);
    all[i].value = static_cast<std::int64_t>(random.below(5)) - 2;
    all[i].reverse = random.chance(0.2);
  }
  return all;
}

/// Of noise, of which percentiles are asked for too.
SeriesPane empty_pane() {
  static const auto definition = [] {
    Definition noise;
    noise.measure = "sound_level";
    noise.has_percentiles = has_percentiles(noise.measure);
    return std::make_shared<const Definition>(noise);
  }();
  SeriesPane pane;
  pane.definition = definition;
  return pane;
}

SeriesPane state_of(const Engine& engine, const std::vector<Entry>& entries) {
  auto pane = empty_pane();
  for (const auto& entry : entries) engine.add(pane, kFrame, entry);
  return pane;
}

SeriesPane merged(const Engine& engine, SeriesPane a, const SeriesPane& b) {
  engine.merge(a, b);
  return a;
}

Folded result(const Engine& engine, const SeriesPane& pane) {
  const PaneShare share{kFrame, &pane};
  return engine.fold({kFrame.pane, kFrame.pane.end_us(), std::span(&share, 1)});
}

template <typename Law>
void for_every_engine(const std::string& what, Law law) {
  for (const auto* engine : engines()) {
    const auto name = std::string(engine->name()) + ": " + what;
    EXPECT_TRUE(rc::check(name, [&](std::uint64_t seed) {
      base::Random random(seed);
      law(*engine, random);
    }));
  }
}

/// Deals samples to three hands.
std::array<SeriesPane, 3> deal(const Engine& engine, base::Random& random, const std::vector<Entry>& all) {
  std::array<std::vector<Entry>, 3> hands;
  for (const auto& sample : all) hands[random.below(3)].push_back(sample);
  return {state_of(engine, hands[0]), state_of(engine, hands[1]), state_of(engine, hands[2])};
}

TEST(EngineLaws, IdentityCommutativityAssociativity) {
  for_every_engine("merge is a commutative monoid", [](const Engine& engine, base::Random& random) {
    const auto all = samples(random, random.below(40));
    const auto [a, b, c] = deal(engine, random, all);
    const auto whole = state_of(engine, all);
    RC_ASSERT(merged(engine, a, empty_pane()) == a);
    RC_ASSERT(merged(engine, empty_pane(), a) == a);
    RC_ASSERT(merged(engine, a, b) == merged(engine, b, a));
    RC_ASSERT(merged(engine, merged(engine, a, b), c) == whole);
    RC_ASSERT(merged(engine, a, merged(engine, b, c)) == whole);
    RC_ASSERT(engine.count(state_of(engine, all)) == all.size());
  });
}

TEST(EngineLaws, AnyOrderOfSamples) {
  for_every_engine("any permutation gives the same state", [](const Engine& engine, base::Random& random) {
    auto all = samples(random, random.below(40));
    const auto before = state_of(engine, all);
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random.below(i)]);
    const auto after = state_of(engine, all);
    RC_ASSERT(after == before);
    RC_ASSERT(result(engine, after) == result(engine, before));
  });
}

TEST(EngineLaws, BucketsCountEachSampleOnce) {
  EXPECT_TRUE(rc::check("the counts of all buckets are the count", [](std::uint64_t seed) {
    base::Random random(seed);
    const auto pane = state_of(gauge_engine(), samples(random, random.below(60)));
    std::uint64_t counted = 0;
    for (const auto& bucket : pane.gauge.buckets) counted += bucket.count;
    RC_ASSERT(counted == pane.gauge.count);
  }));
}

TEST(EngineLaws, CoverageIsAShare) {
  for_every_engine("0 <= covered <= length", [](const Engine& engine, base::Random& random) {
    const auto pane = state_of(engine, samples(random, random.below(40)));
    const auto covered_us = result(engine, pane).covered_us;
    RC_ASSERT(covered_us >= 0);
    RC_ASSERT(covered_us <= kFrame.pane.length_us());
  });
}

TEST(EngineLaws, SequencesCountARepeatedSampleOnce) {
  EXPECT_TRUE(rc::check("a sequence merged with a part of itself", [](std::uint64_t seed) {
    base::Random random(seed);
    for (const auto* engine : engines()) {
      if (!is_sequence(engine->kind())) continue;
      const auto all = samples(random, random.below(40));
      const auto whole = state_of(*engine, all);
      RC_ASSERT(merged(*engine, whole, deal(*engine, random, all)[0]) == whole);
    }
  }));
}

TEST(EngineLaws, OfOneSampleEitherMaySayThatItRanBackwards) {
  EXPECT_TRUE(rc::check("a sequence merged with what says less of it", [](std::uint64_t seed) {
    base::Random random(seed);
    auto all = samples(random, random.below(40));
    const auto whole = state_of(counter_engine(), all);
    for (auto& reading : all) reading.reverse = reading.reverse && random.chance(0.5);
    const auto less = state_of(counter_engine(), all);
    RC_ASSERT(merged(counter_engine(), whole, less) == whole);
    RC_ASSERT(merged(counter_engine(), less, whole) == whole);
  }));
}

TEST(CounterLaws, AmountsAddUpHoweverWindowsTile) {
  EXPECT_TRUE(rc::check("the sum over windows is the difference of the readings", [](std::uint64_t seed) {
    base::Random random(seed);
    const auto& engine = counter_engine();
    std::vector<Entry> readings(2 + random.below(8));
    auto at = kPaneStart;
    std::int64_t value = 0;
    for (std::size_t i = 0; i < readings.size(); ++i) {
      readings[i].time_us = at;
      readings[i].f_cnt = static_cast<std::uint32_t>(i);
      readings[i].value = value;
      if (i > 0 && random.chance(0.2)) {  // the meter says that it ran backwards, by anything
        readings[i].reverse = true;
        readings[i].value = value = static_cast<std::int64_t>(random.below(3'000));
      }
      at += static_cast<std::int64_t>(random.below(20'000'000'000));
      value += static_cast<std::int64_t>(random.below(1'000));
    }
    const auto end = readings.back().time_us + 1;
    base::Int128 sum = 0;
    base::Int128 backwards = 0;
    for (auto start = kPaneStart; start < end;) {
      const Window window{start, static_cast<std::uint32_t>(1 + random.below(30'000))};
      SeriesPane pane;
      std::vector<Reading> before;
      std::vector<Reading> after;
      for (const auto& reading : readings) {
        if (reading.time_us < window.start_us) before.push_back({reading});
        if (reading.time_us >= window.end_us()) after.push_back({reading});
        if (reading.time_us >= window.start_us && reading.time_us < window.end_us())
          engine.add(pane, {window, 0}, reading);
      }
      const PaneShare share{{window, 0}, &pane};
      FoldInput input{window, window.end_us(), std::span(&share, 1)};
      input.before = before;
      input.after = after;
      input.rollover_at = 3'000;
      const auto state = std::get<CounterState>(engine.fold(input).state);
      RC_ASSERT(state.resets == 0 && state.rollovers == 0);
      sum += state.amount;
      backwards += state.reverse;
      start = window.end_us();
    }
    RC_ASSERT(sum == readings.back().value - readings.front().value);
    for (std::size_t i = 1; i < readings.size(); ++i)
      backwards -= std::max<std::int64_t>(0, readings[i - 1].value - readings[i].value);
    RC_ASSERT(backwards == 0);
  }));
}

TEST(Segments, JoinIsAssociativeAndEqualsTheWhole) {
  EXPECT_TRUE(rc::check("segments of neighbouring panes join to the segment of all", [](std::uint64_t seed) {
    base::Random random(seed);
    const auto all = samples(random, random.below(30));
    const auto hold = static_cast<std::int64_t>(random.below(400)) * kSecondUs;
    const auto whole = segment_of(kFrame.pane, hold, state_of(state_duration_engine(), all));
    std::vector<Segment> parts;
    for (std::int64_t i = 0; i < 15; ++i) {
      const Window part{kPaneStart + i * 60 * kSecondUs, 60};
      std::vector<Entry> inside;
      for (const auto& e : all) {
        if (e.time_us >= part.start_us && e.time_us < part.end_us()) inside.push_back(e);
      }
      parts.push_back(segment_of(part, hold, state_of(state_duration_engine(), inside)));
    }
    while (parts.size() > 1) {  // in any order of brackets
      const auto at = static_cast<std::ptrdiff_t>(random.below(parts.size() - 1));
      parts[static_cast<std::size_t>(at)] =
          join(parts[static_cast<std::size_t>(at)], parts[static_cast<std::size_t>(at) + 1]);
      parts.erase(parts.begin() + at + 1);
    }
    RC_ASSERT(parts[0] == whole);
    const auto nothing = empty_segment(kPaneStart, kPaneStart);
    RC_ASSERT(join(nothing, whole) == whole);
  }));
}

}  // namespace
}  // namespace lenne::processing::aggregates
