// What is made of a meter's readings: which of them are believed, what lies between them, and how good it is.

#include <gtest/gtest.h>

#include <vector>

#include "processing/aggregates/counter.hpp"
#include "processing/aggregates/intervals.hpp"
#include "processing/meter_parameters.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

using aggregates::judge;
using aggregates::Reading;
using aggregates::Verdict;

Reading shown(std::int64_t at, std::int64_t value, FlowLimits limits = {}) { return {{at, 1, 0, 0, value}, limits}; }

struct Line {
  std::int64_t amount;
  Verdict verdict;
  friend bool operator==(const Line&, const Line&) = default;
};
std::vector<Line> lines(const std::vector<Reading>& readings, std::uint64_t rollover_at = 0) {
  std::vector<Line> all;
  for (const auto& i : judge(readings, rollover_at).intervals)
    all.push_back({static_cast<std::int64_t>(i.amount), i.verdict});
  return all;
}

constexpr FlowLimits kLimits{600, 5};  // ten steps a minute; a fall of 5 runs backwards
constexpr auto kM = kMinute;

TEST(ReadingIntervals, ASmallFallRunsBackwards) {
  EXPECT_EQ(lines({shown(0, 100, kLimits), shown(kM, 95, kLimits)}), (std::vector<Line>{{-5, Verdict::counted}}));
  EXPECT_EQ(lines({shown(0, 100, kLimits), shown(kM, 94, kLimits)}), (std::vector<Line>{{0, Verdict::reset}}));
  EXPECT_EQ(lines({shown(0, 100), shown(kM, 99)}), (std::vector<Line>{{0, Verdict::reset}})) << "without tolerance";
}

/// The meter says that it ran backwards before this reading.
Reading backwards(Reading reading) {
  reading.entry.reverse = true;
  return reading;
}

TEST(ReadingIntervals, AFallThatTheMeterCallsBackwardsIsNoReset) {
  EXPECT_EQ(lines({shown(0, 700, kLimits), backwards(shown(kM, 94, kLimits))}),
            (std::vector<Line>{{-606, Verdict::counted}}))
      << "whatever its size";
  EXPECT_EQ(lines({shown(0, 100), backwards(shown(kM, 99)), shown(2 * kM, 90)}),
            (std::vector<Line>{{-1, Verdict::counted}, {0, Verdict::reset}}))
      << "the next reading says nothing of it";
  EXPECT_EQ(lines({backwards(shown(0, 100)), shown(kM, 99)}), (std::vector<Line>{{0, Verdict::reset}}))
      << "that it did so before the first reading says nothing of the time after it";
  EXPECT_EQ(lines({shown(0, 100), backwards(shown(kM, 103))}), (std::vector<Line>{{3, Verdict::counted}}))
      << "more ran forwards";
}

TEST(ReadingIntervals, AFallThatTheMeterCallsBackwardsIsNoRollover) {
  EXPECT_EQ(lines({shown(0, 995, kLimits), backwards(shown(kM, 5, kLimits))}, 1000),
            (std::vector<Line>{{-990, Verdict::counted}}));
  auto other = backwards(shown(kM, 5));
  auto first = shown(0, 995);
  std::tie(first.entry.meter, other.entry.meter) = std::pair(11, 12);
  EXPECT_EQ(lines({first, other}, 1000), (std::vector<Line>{{0, Verdict::exchange}})) << "another meter goes first";
}

TEST(ReadingIntervals, WhatTheMeterSaysOfItsDirectionConfirmsNoSpike) {
  const auto first = shown(0, 100, kLimits);
  for (const auto value : {104, 90}) {
    const std::vector spike{first, shown(kM, 500, kLimits), backwards(shown(2 * kM, value, kLimits))};
    EXPECT_EQ(lines(spike), (std::vector<Line>{{value - 100, Verdict::counted}})) << value;
    EXPECT_EQ(judge(spike, 0).spikes.size(), 1u) << value;
  }
  EXPECT_EQ(lines({first, shown(kM, 500, kLimits), backwards(shown(2 * kM, 495, kLimits))}),
            (std::vector<Line>{{400, Verdict::counted}, {-5, Verdict::counted}}))
      << "the register stays there, but for what runs backwards unnoticed";
  EXPECT_EQ(lines({first, backwards(shown(kM, 500, kLimits)), shown(2 * kM, 104, kLimits)}),
            (std::vector<Line>{{4, Verdict::counted}}))
      << "a wrong reading is one, whatever comes with it";
  EXPECT_EQ(lines({first, shown(kM, 995, kLimits), backwards(shown(2 * kM, 5, kLimits))}, 1000),
            (std::vector<Line>{{-95, Verdict::counted}}))
      << "no rollover would confirm it";
  EXPECT_EQ(
      lines({first, shown(kM, 9000, kLimits), shown(2 * kM, 5000, kLimits), backwards(shown(3 * kM, 4900, kLimits))}),
      (std::vector<Line>{{0, Verdict::unconfirmed}, {-100, Verdict::counted}}))
      << "a fall confirms nothing";
}

TEST(ReadingIntervals, AReturnFromWhatRanBackwardsIsCounted) {
  EXPECT_EQ(lines({shown(0, 9000, kLimits), backwards(shown(kM, 5, kLimits)), shown(2 * kM, 9001, kLimits),
                   shown(3 * kM, 9002, kLimits)}),
            (std::vector<Line>{{-8995, Verdict::counted}, {8996, Verdict::counted}, {1, Verdict::counted}}));
}

TEST(ReadingIntervals, ARolloverRunsNoFasterThanTheMeter) {
  EXPECT_EQ(lines({shown(0, 995, kLimits), shown(kM, 5, kLimits)}, 1000), (std::vector<Line>{{10, Verdict::rollover}}));
  EXPECT_EQ(lines({shown(0, 995, kLimits), shown(kM, 6, kLimits)}, 1000), (std::vector<Line>{{0, Verdict::reset}}));
}

TEST(ReadingIntervals, WhatIsTooFastWaitsForTheNextReading) {
  const auto first = shown(0, 100, kLimits);
  EXPECT_EQ(lines({first, shown(kM, 112, kLimits)}), (std::vector<Line>{{12, Verdict::counted}})) << "1.2 times";
  EXPECT_EQ(lines({first, shown(kM, 113, kLimits)}), (std::vector<Line>{{0, Verdict::unconfirmed}}));
  EXPECT_EQ(lines({first, shown(kM, 500, kLimits), shown(2 * kM, 500, kLimits)}),
            (std::vector<Line>{{400, Verdict::counted}, {0, Verdict::counted}}))
      << "the register stays there";
  const std::vector spike{first, shown(kM, 500, kLimits), shown(2 * kM, 104, kLimits)};
  EXPECT_EQ(lines(spike), (std::vector<Line>{{4, Verdict::counted}}));
  EXPECT_EQ(judge(spike, 0).spikes.size(), 1u);
  EXPECT_EQ(lines({first, shown(kM, 500, kLimits), shown(kM + kMaxHoldUs, 104, kLimits)}).front().verdict,
            Verdict::unconfirmed)
      << "a week later nothing is confirmed or refuted";
}

TEST(ReadingIntervals, AReturnFromAFallIsNotCounted) {
  EXPECT_EQ(lines({shown(0, 9000, kLimits), shown(kM, 5, kLimits), shown(2 * kM, 9001, kLimits),
                   shown(3 * kM, 9002, kLimits)}),
            (std::vector<Line>{{0, Verdict::reset}, {0, Verdict::unconfirmed}, {1, Verdict::counted}}));
}

TEST(ReadingIntervals, TwoWrongOnesInARow) {
  EXPECT_EQ(lines({shown(0, 100, kLimits), shown(kM, 9000, kLimits), shown(2 * kM, 5000, kLimits),
                   shown(3 * kM, 101, kLimits)}),
            (std::vector<Line>{{0, Verdict::unconfirmed}, {0, Verdict::reset}}));
}

TEST(ReadingIntervals, AnotherMeterIsNoReset) {
  auto old_one = shown(0, 900);
  auto new_one = shown(kM, 3);
  old_one.entry.meter = 11;
  new_one.entry.meter = 12;
  EXPECT_EQ(lines({old_one, new_one}), (std::vector<Line>{{0, Verdict::exchange}}));
  new_one.entry.meter = 0;
  EXPECT_EQ(lines({old_one, new_one}), (std::vector<Line>{{0, Verdict::reset}})) << "nobody says so";
  auto last = shown(kM, 907);
  auto first = shown(kM, 1);
  last.entry.mark = v1::READING_MARK_LAST_OF_METER;
  first.entry.mark = v1::READING_MARK_FIRST_OF_METER;
  EXPECT_EQ(lines({old_one, last, first, shown(2 * kM, 4)}),
            (std::vector<Line>{{7, Verdict::counted}, {0, Verdict::exchange}, {3, Verdict::counted}}));
}

v1::Measurement with_parameters(v1::Measurement measurement,
                                const std::vector<std::tuple<const char*, std::int64_t, int>>& parameters) {
  for (const auto& [name, value, exponent] : parameters) {
    auto& parameter = *measurement.add_parameters();
    parameter.set_name(name);
    parameter.mutable_value()->set_value(value);
    parameter.mutable_value()->set_exponent(exponent);
  }
  return measurement;
}

TEST(MeterParameters, AreStepsOfTheSeries) {
  auto m = with_parameters(meter(1, kStart, kStart, 5, 1),
                           {{"q_max", 25, -1}, {"heat_energy.q_max", 9, 0}, {"backflow", 5, -3}, {"digits", 5, 0}});
  EXPECT_EQ(limits_of(m, m.samples(0)), (FlowLimits{2'500'000, 5'000}));
  auto heat = m.samples(0);
  heat.set_measure("heat_energy");
  heat.set_exponent(-3);
  EXPECT_EQ(limits_of(m, heat), (FlowLimits{9'000, 5}));
  complete_readings(m, 0);
  EXPECT_EQ(m.samples(0).rollover_at(), 100'000'000'000u) << "100 000 m3";
  EXPECT_EQ(m.samples_size(), 1);
  m = with_parameters(meter(1, kStart, kStart, 5, 1),
                      {{"q_max", -1, 0}, {"backflow", INT64_MAX, 0}, {"digits", 18, 0}});
  EXPECT_EQ(limits_of(m, m.samples(0)), FlowLimits{});
  complete_readings(m, 0);
  EXPECT_EQ(m.samples(0).rollover_at(), static_cast<std::uint64_t>(kRegister));
  m = with_parameters(meter(1, kStart, kStart, 5, 1), {{"q_max", 1, 400}, {"backflow", 1, -400}});
  EXPECT_EQ(limits_of(m, m.samples(0)), FlowLimits{});
}

/// The quarters' amounts, in order.
std::vector<std::int64_t> quarters(const std::vector<v1::Aggregate>& results) {
  std::vector<std::int64_t> amounts;
  for (const auto& r : results) {
    if (r.window() == "PT15M") amounts.push_back(static_cast<std::int64_t>(r.counter().amount().low()));
  }
  return amounts;
}

TEST(MeterParameters, TellOfAnExchangeInEveryRecordButItHappensOnce) {
  Windows windows(plain_settings());
  windows.feed(meter(1, kStart, kStart, 700, 1));
  const std::vector<std::tuple<const char*, std::int64_t, int>> exchange{
      {"exchanged_at", (kStart + 15 * kMinute) / kSecond, 0}, {"final_reading", 715, -6}, {"initial_reading", 2, -6}};
  windows.feed(with_parameters(meter(1, kStart + 30 * kMinute, kStart + 30 * kMinute, 12, 2), exchange));
  windows.feed(with_parameters(meter(1, kStart + 45 * kMinute, kStart + 45 * kMinute, 27, 3), exchange));
  windows.feed(with_parameters(meter(1, kStart + 60 * kMinute, kStart + 60 * kMinute, 28, 4), exchange));
  const auto results = windows.tick(kStart + 60 * kMinute + 48 * kHour);
  EXPECT_EQ(quarters(results), (std::vector<std::int64_t>{15, 10, 15, 1}));
  const auto hour = std::ranges::find(results, "PT1H", &v1::Aggregate::window);
  ASSERT_NE(hour, results.end());
  EXPECT_EQ(hour->counter().exchanges(), 1u);
  EXPECT_EQ(hour->counter().resets(), 0u);
  EXPECT_EQ(hour->counter().count(), 5u) << "three uplinks' and the two of the exchange";
  EXPECT_EQ(hour->covered_us(), kHour);
  EXPECT_EQ(windows.counters.value("windows.duplicates"), 0u) << "what every record says again is no news";
}

TEST(MeterParameters, AnExchangeOfLongAgoIsNoNews) {
  auto settings = plain_settings();
  settings.grace = settings.horizon = base::Duration{kHour};
  Windows windows(settings);
  windows.tick(kStart + 2 * kHour);
  const auto outputs = windows.feed(with_parameters(meter(1, kStart + 2 * kHour, kStart + 2 * kHour, 12, 2),
                                                    {{"exchanged_at", kStart / kSecond, 0}}));
  EXPECT_TRUE(outputs.empty()) << "it is not even late";
}

TEST(Meters, OneReadingInTwoUplinksCountsOnce) {
  Windows windows(plain_settings());
  windows.feed(meter(1, kStart, kStart, 100, 1));
  auto second = meter(1, kStart + kMinute, kStart, 100, 2);
  add_sample(second, v1::KIND_COUNTER, kStart + kMinute, 101);
  windows.feed(second);
  auto third = meter(1, kStart + 2 * kMinute, kStart, 90, 3);  // contradicts the first
  add_sample(third, v1::KIND_COUNTER, kStart + 2 * kMinute, 102);
  windows.feed(third);
  EXPECT_EQ(windows.counters.value("windows.repeated_readings"), 1u);
  EXPECT_EQ(windows.counters.value("windows.conflicting_readings"), 1u);
  const auto results = windows.tick(kStart + 15 * kMinute + 48 * kHour);
  ASSERT_FALSE(results.empty());
  EXPECT_EQ(results[0].counter().count(), 3u);
  EXPECT_EQ(results[0].counter().amount().low(), 2u);
  EXPECT_EQ(results[0].counter().first().value(), 100);
  EXPECT_EQ(results[0].left_out(), 1u);
}

v1::Measurement backwards(v1::Measurement measurement) {
  for (auto& sample : *measurement.mutable_samples()) sample.set_reverse(true);
  return measurement;
}

TEST(Meters, OfEqualReadingsAnyMaySayThatItRanBackwards) {
  const auto at = kStart + 10 * kMinute;
  for (const auto& [first, second] : {std::pair(1u, 2u), std::pair(2u, 1u)}) {  // by place, and against it
    for (const bool first_says : {true, false}) {
      Windows windows(plain_settings());
      windows.feed(meter(1, kStart, kStart, 700, 9));
      const auto plain = meter(1, at, at, 100, first_says ? second : first);
      const auto says = backwards(meter(1, at, at, 100, first_says ? first : second));
      windows.feed(first_says ? says : plain);
      windows.feed(first_says ? plain : says);
      windows.feed(first_says ? plain : says);
      windows.commit();
      windows.restart();
      const auto results = windows.tick(kStart + 15 * kMinute + 48 * kHour);
      ASSERT_FALSE(results.empty());
      EXPECT_EQ(static_cast<std::int64_t>(results[0].counter().amount().low()), -600);
      EXPECT_EQ(results[0].counter().reverse().low(), 600u);
      EXPECT_EQ(results[0].counter().resets(), 0u);
      EXPECT_TRUE(results[0].counter().last().reverse());
      EXPECT_EQ(results[0].counter().last().f_cnt(), 1u);
      EXPECT_EQ(results[0].left_out(), 0u) << "it is no flag that leaves a reading out";
    }
  }
}

TEST(Meters, ALateWordThatItRanBackwardsCorrectsTheWindowsBeforeIt) {
  auto settings = plain_settings();
  settings.horizon = std::nullopt;
  Windows windows(settings);
  windows.feed(meter(1, kStart, kStart, 700, 1));
  windows.feed(meter(1, kStart + 30 * kMinute, kStart + 30 * kMinute, 100, 2));
  const auto finals = windows.tick(kStart + 60 * kHour);
  ASSERT_FALSE(finals.empty());
  EXPECT_EQ(finals[0].counter().amount().low(), 0u);
  const auto now = kStart + 60 * kHour;
  std::map<std::string, v1::CounterState> revised;
  for (const auto& r : Windows::aggregates(windows.feed(backwards(meter(1, now, kStart + 30 * kMinute, 100, 3)))))
    revised[r.window() + " " + std::to_string((r.start_us() - kStart) / kMinute)] = r.counter();
  for (const auto* quarter : {"PT15M 0", "PT15M 15"}) EXPECT_EQ(revised[quarter].reverse().low(), 300u) << quarter;
  EXPECT_EQ(revised["PT1H 0"].reverse().low(), 600u);
  EXPECT_EQ(revised["PT1H 0"].resets(), 0u);
}

/// All that is kept of panes.
std::string pane_rows(const Windows& windows) {
  std::string all;
  EXPECT_TRUE(windows.state.scan(storage::Store::pane, 0, {}, {}, [&](std::string_view key, std::string_view value) {
    all.append(key).append(value);
    return true;
  }));
  return all;
}

TEST(Meters, ReadingsThatAreToldAgainTouchNoPane) {
  Windows windows(plain_settings());
  const auto with_log = [](std::int64_t now, std::uint32_t f_cnt) {
    auto record = meter(1, now, kStart, 100, f_cnt);
    add_sample(record, v1::KIND_COUNTER, kStart + 20 * kMinute, 101);
    return record;
  };
  windows.feed(with_log(kStart + 25 * kMinute, 1));
  windows.commit();
  const auto before = pane_rows(windows);
  windows.feed(with_log(kStart + 26 * kMinute, 2));
  windows.commit();
  EXPECT_EQ(windows.counters.value("windows.repeated_readings"), 2u);
  windows.feed(with_log(kStart + 25 * kMinute, 1));  // the first record again: its readings name it
  windows.commit();
  EXPECT_EQ(windows.counters.value("windows.duplicates"), 2u);
  EXPECT_EQ(pane_rows(windows), before);

  auto contradicts = meter(1, kStart + 27 * kMinute, kStart, 90, 3);
  windows.feed(contradicts);
  windows.feed(contradicts);
  const auto results = windows.tick(kStart + 15 * kMinute + 48 * kHour);
  ASSERT_FALSE(results.empty());
  EXPECT_EQ(results[0].left_out(), 1u) << "what is left out names no uplink: the pane does";
}

TEST(Meters, ALateReadingConfirmsWhatLiesThreeReadingsBeforeIt) {
  auto settings = plain_settings();
  settings.horizon = std::nullopt;
  Windows windows(settings);
  const auto send = [&](std::int64_t hour, std::int64_t value, std::uint32_t f_cnt, std::int64_t received) {
    return windows.feed(with_parameters(meter(1, received, kStart + hour * kHour, value, f_cnt), {{"q_max", 100, -6}}));
  };
  // The second one is taken back by the third, which is too fast itself, and which only the fourth confirms.
  for (const auto& [hour, value] : {std::pair(0, 100), std::pair(1, 9000), std::pair(2, 5000)})
    send(hour, value, static_cast<std::uint32_t>(hour), kStart + hour * kHour);
  const auto hour_of = [](const std::vector<v1::Aggregate>& results, std::int64_t hour) {
    const auto found = std::ranges::find_if(
        results, [&](const v1::Aggregate& r) { return r.window() == "PT1H" && r.start_us() == kStart + hour * kHour; });
    return found == results.end() ? v1::Aggregate{} : *found;
  };
  const auto finals = windows.tick(kStart + 60 * kHour);
  EXPECT_EQ(hour_of(finals, 0).counter().amount().low(), 0u);
  EXPECT_EQ(hour_of(finals, 2).counter().quarantined(), 1u);
  const auto revisions = Windows::aggregates(send(3, 5000, 3, kStart + 60 * kHour));
  EXPECT_EQ(hour_of(revisions, 0).revision(), 1u);
  EXPECT_EQ(hour_of(revisions, 0).counter().amount().low(), 2450u);
  EXPECT_EQ(hour_of(revisions, 1).counter().amount().low(), 2450u);
  EXPECT_EQ(hour_of(revisions, 2).counter().quarantined(), 0u);
}

TEST(Meters, SayHowGoodAWindowIs) {
  Windows windows(plain_settings());
  // Readings at 0:00, 0:15 (a minute late), 1:00 and, too far away for a measured value, 26:00.
  for (const auto& [at, value, f_cnt] : {std::tuple(std::int64_t{0}, 0, 1u), std::tuple(16 * kMinute, 16, 2u),
                                         std::tuple(kHour, 60, 3u), std::tuple(26 * kHour, 160, 4u)})
    windows.feed(meter(1, kStart + at, kStart + at, value, f_cnt));
  std::map<std::string, v1::CounterState> found;
  std::map<std::string, std::int64_t> covered;
  for (const auto& r : windows.tick(kStart + 100 * kHour)) {
    const auto key = r.window() + " " + std::to_string((r.start_us() - kStart) / kMinute);
    found[key] = r.counter();
    covered[key] = r.covered_us();
  }
  EXPECT_EQ(found["PT15M 0"].interpolated_us(), 0) << "both edges are within two minutes of a reading";
  EXPECT_EQ(found["PT15M 15"].interpolated_us(), 14 * kMinute);
  EXPECT_EQ(found["PT15M 15"].interpolated().low(), found["PT15M 15"].amount().low() - 1) << "one step is measured";
  EXPECT_EQ(found["PT1H 0"].interpolated_us(), 0);
  EXPECT_EQ(covered["PT1H 0"], kHour);
  EXPECT_EQ(found["PT1H 60"].estimated_us(), kHour);
  EXPECT_EQ(found["PT1H 60"].estimated().low(), 4u);
  EXPECT_EQ(covered["PT1H 60"], 0);
  EXPECT_EQ(found["PT1H 60"].interpolated_us(), 0) << "an estimate is nothing better";
}

TEST(Meters, ElectricityIsMeasuredForTwoHours) {
  EXPECT_EQ(measured_gap_us("energy.export"), 2 * kHour);
  EXPECT_EQ(measured_gap_us("heat_energy"), 24 * kHour);
  Windows windows(plain_settings());
  for (const auto& [at, f_cnt] : {std::pair(std::int64_t{0}, 1u), std::pair(3 * kHour, 2u)}) {
    auto m = meter(1, kStart + at, kStart + at, at / kHour * 30, f_cnt);
    m.mutable_samples(0)->set_measure("energy");
    windows.feed(m);
  }
  const auto results = windows.tick(kStart + 60 * kHour);
  const auto hour = std::ranges::find(results, "PT1H", &v1::Aggregate::window);
  ASSERT_NE(hour, results.end());
  EXPECT_EQ(hour->counter().estimated().low(), 30u);
}

}  // namespace
}  // namespace lenne::processing::test
