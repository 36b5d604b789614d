#include <gtest/gtest.h>

#include "processing/aggregates/counter.hpp"
#include "processing/aggregates/gauge.hpp"
#include "processing/aggregates/held.hpp"
#include "processing/aggregates/slots.hpp"
#include "processing/aggregates/state_duration.hpp"
#include "processing/rules.hpp"
#include "support.hpp"

namespace lenne::processing::aggregates {
namespace {

using test::kMinute;
using test::kSecond;
using test::kStart;

Entry entry(std::int64_t time_us, std::int64_t value, std::uint32_t f_cnt = 0, std::uint32_t index = 0) {
  return {time_us, 1, f_cnt, index, value};
}

struct PaneOf {
  PaneFrame frame;
  SeriesPane series;
  [[nodiscard]] PaneShare share() const { return {frame, &series}; }
};

PaneOf pane(const Engine& engine, const Window& window, std::uint32_t nominal_s, const std::vector<Entry>& entries) {
  PaneOf made{{window, nominal_s}, {}};
  for (const auto& e : entries) engine.add(made.series, made.frame, e);
  return made;
}

Folded fold(const Engine& engine, const Window& window, const std::vector<PaneOf>& panes,
            const std::optional<Carry>& carry = {}, std::optional<std::int64_t> until = {}) {
  std::vector<PaneShare> shares;
  for (const auto& p : panes) shares.push_back(p.share());
  return engine.fold({window, until.value_or(window.end_us()), shares, carry});
}

const GaugeState& gauge(const Folded& folded) { return std::get<GaugeState>(folded.state); }
const HeldState& held(const Folded& folded) { return std::get<HeldState>(folded.state); }
const DurationState& duration(const Folded& folded) { return std::get<DurationState>(folded.state); }
const CounterState& counter(const Folded& folded) { return std::get<CounterState>(folded.state); }

const Window kQuarter{kStart, 900};

TEST(Engines, EveryKindOnce) {
  std::set<v1::Kind> kinds;
  for (const auto* engine : engines()) EXPECT_TRUE(kinds.insert(engine->kind()).second) << engine->name();
  EXPECT_EQ(engine_of(v1::KIND_INFO), nullptr);
}

TEST(Gauge, SumsExactlyAndKeepsTheEarliestExtreme) {
  const auto p = pane(gauge_engine(), kQuarter, 300,
                      {entry(kStart + 9, -5), entry(kStart + 3, 7), entry(kStart + 1, 7), entry(kStart + 5, -5)});
  const auto out = fold(gauge_engine(), kQuarter, {p});
  EXPECT_EQ(gauge(out).count, 4u);
  EXPECT_EQ(gauge(out).sum, 4);
  EXPECT_EQ(gauge(out).sum_squares, 148);
  EXPECT_EQ(gauge(out).min.time_us, kStart + 5);
  EXPECT_EQ(gauge(out).max.time_us, kStart + 1);
}

TEST(Gauge, HoldsTheLargestSamples) {
  const std::int64_t most = std::int64_t{1} << 52;
  const auto p =
      pane(gauge_engine(), kQuarter, 300, {entry(kStart, most), entry(kStart + 1, most), entry(kStart + 2, -most)});
  const auto out = fold(gauge_engine(), kQuarter, {p});
  EXPECT_EQ(gauge(out).sum, most);
  EXPECT_EQ(gauge(out).sum_squares, 3 * (static_cast<base::Int128>(1) << 104));
}

// Each line: nominal interval, sample times in s from the window's start, covered seconds of the quarter.
TEST(Slots, CoverageVectors) {
  struct Vector {
    std::uint32_t nominal_s;
    std::vector<std::int64_t> at_s;
    std::int64_t covered_s;
  };
  const std::vector<Vector> vectors{
      {300, {0}, 300},         {300, {0, 299}, 300}, {300, {0, 300, 600}, 900},
      {300, {299, 300}, 600},  {600, {0}, 600},      {600, {600}, 300},
      {600, {0, 899}, 900},    {900, {899}, 900},    {3600, {17}, 900},
      {0, {0, 300, 600}, 0},   {7, {0}, 3},          {7, {2, 3}, 10},
      {60, {0, 1, 2, 59}, 60}, {600, {}, 0},         {1, {0, 1, 898, 899}, 4},
  };
  static_assert(kStart / kSecond % 7 == 4, "7 s does not divide a day: the quarter begins 3 s before a slot's end");
  for (const auto& v : vectors) {
    std::vector<Entry> entries;
    for (const auto at : v.at_s) entries.push_back(entry(kStart + at * kSecond, 1, static_cast<std::uint32_t>(at)));
    const auto p = pane(gauge_engine(), kQuarter, v.nominal_s, entries);
    EXPECT_EQ(fold(gauge_engine(), kQuarter, {p}).covered_us, v.covered_s * kSecond) << v.nominal_s;
  }
}

TEST(Slots, ASlotAcrossPanesCountsWholeInTheLongerWindow) {
  const Window hour{kStart, 3600};
  const Window second{kStart + 900 * kSecond, 900};
  const auto p = pane(gauge_engine(), second, 3600, {entry(kStart + 1000 * kSecond, 1)});
  EXPECT_EQ(fold(gauge_engine(), second, {p}).covered_us, 900 * kSecond);
  EXPECT_EQ(fold(gauge_engine(), hour, {p}).covered_us, 3600 * kSecond);
}

TEST(Slots, AChangedNominalIntervalCountsTimeOnce) {
  const Window hour{kStart, 3600};
  const auto a = pane(gauge_engine(), kQuarter, 1800, {entry(kStart, 1)});
  const auto b = pane(gauge_engine(), {kStart + 900 * kSecond, 900}, 600, {entry(kStart + 900 * kSecond, 1)});
  EXPECT_EQ(fold(gauge_engine(), hour, {a, b}).covered_us, 1800 * kSecond);
}

// A plug: 2,000 W for a minute in which it sends ten times, 0 W for the rest of a quarter. The mean of the samples
// would be 1,818 W.
TEST(Held, AMeanByTimeAndNotBySamples) {
  std::vector<Entry> entries;
  for (std::uint32_t i = 0; i < 10; ++i) entries.push_back(entry(kStart + i * 6 * kSecond, 2'000, i));
  for (const auto minutes : {1, 2}) entries.push_back(entry(kStart + minutes * kMinute, 0, 10));
  const auto out = fold(held_engine(), kQuarter, {pane(held_engine(), kQuarter, 900, entries)});
  EXPECT_EQ(held(out).samples, 12u);
  EXPECT_EQ(held(out).known_us, 15 * kMinute);
  EXPECT_EQ(held(out).integral, static_cast<base::Int128>(2'000) * kMinute) << "133.3 W of a quarter of an hour";
  EXPECT_EQ(held(out).highest, (Point{2'000, kStart}));
  EXPECT_EQ(held(out).lowest, (Point{0, kStart + kMinute})) << "the earlier of equal ones";
}

TEST(Held, WhatWasBeforeCountsUntilItIsHeldNoMore) {
  const auto& engine = held_engine();
  const Carry before{entry(kStart - 5 * kMinute, 7), 8 * kMinute};
  const auto out = fold(engine, kQuarter, {}, before);
  EXPECT_FALSE(out.empty);
  EXPECT_EQ(held(out),
            (HeldState{0, 3 * kMinute, static_cast<base::Int128>(7) * 3 * kMinute, {7, kStart}, {7, kStart}}));
  EXPECT_EQ(out.covered_us, 3 * kMinute);
  EXPECT_TRUE(fold(engine, kQuarter, {}, Carry{entry(kStart - 5 * kMinute, 7), 5 * kMinute}).empty);
  const auto now = fold(engine, kQuarter, {}, before, kStart + kMinute);
  EXPECT_EQ(held(now).known_us, kMinute) << "nobody knows the future yet";
}

TEST(Held, AnHourIsWhatItsQuartersAddUpTo) {
  const auto& engine = held_engine();
  std::vector<PaneOf> panes;
  HeldState sum;
  std::optional<Carry> carry;
  for (std::int64_t i = 0; i < 4; ++i) {
    const Window quarter{kStart + i * 15 * kMinute, 900};
    panes.push_back(pane(engine, quarter, 600, {entry(quarter.start_us + (i + 1) * kMinute, i * i - 3)}));
    const auto part = held(fold(engine, quarter, {panes.back()}, carry));
    sum.samples += part.samples;
    sum.known_us += part.known_us;
    sum.integral += part.integral;
    carry = Carry{panes.back().series.sequence.back(), 1'200 * kSecond};
  }
  const auto whole = held(fold(engine, {kStart, 3'600}, panes));
  EXPECT_EQ(whole.samples, sum.samples);
  EXPECT_EQ(whole.known_us, sum.known_us);
  EXPECT_EQ(whole.integral, sum.integral);
  EXPECT_EQ(whole.known_us, 59 * kMinute) << "all but the minute before the first sample";
}

TEST(StateDuration, HoldsUntilTheNextSampleOrTheHoldTime) {
  const auto& engine = state_duration_engine();
  const auto p = pane(engine, kQuarter, 120, {entry(kStart + 60 * kSecond, 1), entry(kStart + 100 * kSecond, 0)});
  const auto out = fold(engine, kQuarter, {p});
  EXPECT_EQ(duration(out).occupied_us, 40 * kSecond);
  EXPECT_EQ(duration(out).known_us, 280 * kSecond) << "40 s occupied, then free for the hold time of 240 s";
  EXPECT_EQ(duration(out).transitions_on, 0u) << "nobody knows what was before";
  EXPECT_EQ(duration(out).transitions_off, 1u);
  EXPECT_EQ(out.covered_us, 280 * kSecond);
}

TEST(StateDuration, CarryEndsWithTheHoldTime) {
  const auto& engine = state_duration_engine();
  const Carry carry{entry(kStart - 100 * kSecond, 1), 400 * kSecond};
  const auto held = fold(engine, kQuarter, {}, carry);
  EXPECT_EQ(duration(held).occupied_us, 300 * kSecond);
  EXPECT_EQ(duration(held).known_us, 300 * kSecond);
  EXPECT_EQ(duration(held).count, 0u);
  EXPECT_FALSE(duration(held).first.has_value());
  const auto freed = fold(engine, kQuarter, {pane(engine, kQuarter, 200, {entry(kStart + 300 * kSecond, 0)})}, carry);
  EXPECT_EQ(duration(freed).transitions_off, 1u) << "still known at exactly the end of the hold time";
  const auto lost =
      fold(engine, kQuarter, {pane(engine, kQuarter, 200, {entry(kStart + 300 * kSecond + 1, 0)})}, carry);
  EXPECT_EQ(duration(lost).transitions_off, 0u);
  EXPECT_EQ(duration(lost).occupied_us, 300 * kSecond);
}

TEST(StateDuration, SamplesOfOneMomentCountInTheirOrder) {
  const auto& engine = state_duration_engine();
  const auto p = pane(engine, kQuarter, 600, {entry(kStart, 1, 5, 1), entry(kStart, 0, 5, 0), entry(kStart, 0, 6, 0)});
  const auto out = fold(engine, kQuarter, {p});
  EXPECT_EQ(duration(out).count, 3u);
  EXPECT_EQ(duration(out).transitions_on, 1u);
  EXPECT_EQ(duration(out).transitions_off, 1u);
  EXPECT_EQ(duration(out).occupied_us, 0);
  EXPECT_EQ(duration(out).known_us, 900 * kSecond);
}

TEST(StateDuration, NothingIsSaidAboutTheFuture) {
  const auto& engine = state_duration_engine();
  const auto p = pane(engine, kQuarter, 600, {entry(kStart, 0), entry(kStart + 100 * kSecond, 1)});
  const auto out = fold(engine, kQuarter, {p}, {}, kStart + 130 * kSecond);
  EXPECT_EQ(duration(out).known_us, 130 * kSecond);
  EXPECT_EQ(duration(out).occupied_us, 30 * kSecond);
  EXPECT_EQ(duration(out).transitions_on, 1u);
}

TEST(StateDuration, KeepsTheEarliestWhenThereAreTooMany) {
  const auto& engine = state_duration_engine();
  PaneOf forward{{kQuarter, 600}, {}};
  PaneOf backward = forward;
  const int most = kMaxSequence + 10;
  for (int i = 0; i < most; ++i) {
    engine.add(forward.series, forward.frame, entry(kStart + i, i % 2, static_cast<std::uint32_t>(i)));
    engine.add(backward.series, backward.frame,
               entry(kStart + most - 1 - i, (most - 1 - i) % 2, static_cast<std::uint32_t>(most - 1 - i)));
  }
  EXPECT_EQ(forward.series.sequence.size(), kMaxSequence);
  EXPECT_EQ(forward.series.sequence_overflow, 10u);
  EXPECT_EQ(forward.series.sequence.back().time_us, kStart + kMaxSequence - 1);
  EXPECT_EQ(forward.series, backward.series);
}

/// What a window gets from readings, of which those outside it come as the entries around it.
Folded counted(const Window& window, const std::vector<Entry>& readings, std::uint64_t rollover_at = 0) {
  PaneOf inside{{window, 0}, {}};
  std::vector<Reading> before;
  std::vector<Reading> after;
  for (const auto& reading : readings) {
    if (reading.time_us < window.start_us) {
      before.push_back({reading});
    } else if (reading.time_us < window.end_us()) {
      counter_engine().add(inside.series, inside.frame, reading);
    } else {
      after.push_back({reading});
    }
  }
  const auto share = inside.share();
  FoldInput input{window, window.end_us(), std::span(&share, 1)};
  input.before = before;
  input.after = after;
  input.rollover_at = rollover_at;
  return counter_engine().fold(input);
}

std::int64_t amount(const Folded& folded) { return static_cast<std::int64_t>(counter(folded).amount); }

TEST(Counter, IsInterpolatedAtTheEdgesOfWindows) {
  // 7 steps in 20 minutes: a quarter gets 5.25 of them, i.e. 5, and the next one the other 2.
  const std::vector readings{entry(kStart, 1000), entry(kStart + 20 * kMinute, 1007)};
  const auto first = counted(kQuarter, readings);
  EXPECT_EQ(amount(first), 5);
  EXPECT_EQ(first.covered_us, 15 * kMinute);
  EXPECT_EQ(counter(first).count, 1u);
  const auto second = counted({kStart + 15 * kMinute, 900}, readings);
  EXPECT_EQ(amount(second), 2);
  EXPECT_EQ(second.covered_us, 5 * kMinute);
  EXPECT_EQ(counter(second).last->value, 1007);
  EXPECT_EQ(amount(counted({kStart, 3600}, readings)), 7);
}

TEST(Counter, ARegisterThatRollsOverIsNoReset) {
  const std::vector readings{entry(kStart, 995), entry(kStart + kMinute, 3)};
  const auto rolled = counted(kQuarter, readings, 1000);
  EXPECT_EQ(amount(rolled), 8);
  EXPECT_EQ(counter(rolled).rollovers, 1u);
  EXPECT_EQ(counter(rolled).resets, 0u);
  // The register's size is unknown; or it was not near its end; or it is not near its beginning; or it is larger.
  EXPECT_EQ(counter(counted(kQuarter, readings)).resets, 1u);
  EXPECT_EQ(counter(counted(kQuarter, {entry(kStart, 899), entry(kStart + kMinute, 3)}, 1000)).resets, 1u);
  EXPECT_EQ(counter(counted(kQuarter, {entry(kStart, 900), entry(kStart + kMinute, 100)}, 1000)).rollovers, 1u);
  EXPECT_EQ(counter(counted(kQuarter, {entry(kStart, 900), entry(kStart + kMinute, 101)}, 1000)).resets, 1u);
  EXPECT_EQ(counter(counted(kQuarter, {entry(kStart, 1000), entry(kStart + kMinute, 3)}, 1000)).resets, 1u);
  EXPECT_EQ(counter(counted(kQuarter, {entry(kStart, 995), entry(kStart + kMinute, -1)}, 1000)).resets, 1u);
}

TEST(Counter, WhatWasCountedAroundAResetIsUnknown) {
  const auto a = counted(kQuarter, {entry(kStart, 50), entry(kStart + kMinute, 60), entry(kStart + 3 * kMinute, 2),
                                    entry(kStart + 4 * kMinute, 6)});
  EXPECT_EQ(amount(a), 14) << "10 before it and 4 after it";
  EXPECT_EQ(counter(a).resets, 1u);
  EXPECT_EQ(a.covered_us, 2 * kMinute);
}

TEST(Counter, LongGapsAreEstimatesAndLongerOnesUnknown) {
  const auto day = 24 * test::kHour;
  const auto gap = [&](std::int64_t length) {
    return counted({kStart + test::kHour, 3600}, {entry(kStart, 0), entry(kStart + length, length / kMinute)});
  };
  const auto measured = gap(day);
  EXPECT_EQ(amount(measured), 60);
  EXPECT_EQ(counter(measured).estimated, 0);
  EXPECT_EQ(measured.covered_us, test::kHour);
  const auto estimated = gap(day + kSecond);
  EXPECT_EQ(amount(estimated), 60);
  EXPECT_EQ(counter(estimated).estimated, 60);
  EXPECT_EQ(estimated.covered_us, 0);
  EXPECT_EQ(amount(gap(7 * day)), 60);
  EXPECT_EQ(amount(gap(7 * day + kSecond)), 0);
}

TEST(Counter, TwoReadingsOfOneMoment) {
  const auto a = counted(kQuarter, {entry(kStart + kMinute, 5, 1), entry(kStart + kMinute, 9, 2)});
  EXPECT_EQ(amount(a), 4);
  EXPECT_EQ(a.covered_us, 0);
}

TEST(Counter, TheLargestValuesDoNotOverflow) {
  const auto a = counted(kQuarter,
                         {entry(kStart, INT64_MIN), entry(kStart + kMinute, INT64_MAX),
                          entry(kStart + 2 * kMinute, INT64_MIN), entry(kStart + 3 * kMinute, INT64_MAX)},
                         UINT64_MAX);
  EXPECT_EQ(counter(a).amount, 2 * static_cast<base::Int128>(UINT64_MAX));
}

}  // namespace
}  // namespace lenne::processing::aggregates
