#include "processing/window_processor.hpp"

#include <gtest/gtest.h>

#include "processing/aggregates/gauge.hpp"
#include "processing/fold.hpp"
#include "processing/keys.hpp"
#include "processing/rules.hpp"
#include "processing/states.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

constexpr std::int64_t kQuarterUs = 15 * kMinute;

std::vector<std::string> keys_of(const std::vector<Output>& outputs) {
  std::vector<std::string> keys;
  for (const auto& output : outputs) keys.push_back(output.key);
  return keys;
}

TEST(WindowProcessor, HandsOverHoursAndHowFarItIs) {
  Windows windows(plain_settings());
  windows.feed(gauge(1, kStart + kMinute, kStart + kMinute, 20, 1));
  windows.commit();
  windows.tick(kStart + kMinute + 30 * kSecond);
  EXPECT_TRUE(windows.handed_over().empty()) << "in the same minute";
  windows.tick(kStart + kHour + 5 * kMinute);
  const auto handed = windows.handed_over();
  ASSERT_EQ(handed.size(), 2u) << "not the quarter of an hour";
  EXPECT_EQ(handed[0].member().window(), "PT1H");
  EXPECT_EQ(handed[0].member().gauge().count(), 1u);
  EXPECT_EQ(handed[1].time().watermark_us(), kStart + kHour + 5 * kMinute) << "after all that was due";
  windows.commit();
  auto elsewhere = gauge(2, kStart + 2 * kHour, kStart + 2 * kHour, 20, 1);
  elsewhere.clear_site();
  windows.feed(elsewhere);
  windows.tick(kStart + 4 * kHour);
  for (const auto& input : windows.handed_over()) EXPECT_TRUE(input.has_time()) << "it has no site";
}

TEST(WindowProcessor, FinalExactlyAtEndPlusGrace) {
  Windows windows(plain_settings());
  EXPECT_TRUE(windows.feed(gauge(1, kStart + kMinute, kStart + kMinute, 21'500'000, 1)).empty());
  EXPECT_TRUE(windows.tick(kStart + kQuarterUs + 5 * kMinute - 1).empty());
  const auto finals = windows.tick(kStart + kQuarterUs + 5 * kMinute);
  ASSERT_EQ(finals.size(), 1u);
  EXPECT_EQ(finals[0].window(), "PT15M");
  EXPECT_EQ(finals[0].start_us(), kStart);
  EXPECT_EQ(finals[0].end_us(), kStart + kQuarterUs);
  EXPECT_TRUE(finals[0].final());
  EXPECT_EQ(finals[0].revision(), 0u);
  EXPECT_EQ(finals[0].emitted_us(), kStart + kQuarterUs + 5 * kMinute);
  EXPECT_EQ(finals[0].gauge().count(), 1u);
  EXPECT_EQ(from_proto(finals[0].gauge().sum()), 21'500'000);
  EXPECT_EQ(finals[0].covered_us(), 600 * kSecond);
  EXPECT_EQ(finals[0].tenant(), "menden");
  EXPECT_EQ(finals[0].rule_version(), kRuleVersion);
  EXPECT_TRUE(windows.tick(kStart + kQuarterUs + 6 * kMinute).empty()) << "once";
}

TEST(WindowProcessor, WatermarkIsDelayedAndOnlyReceiveTimeMovesIt) {
  auto settings = plain_settings();
  settings.watermark_delay = std::chrono::seconds{30};
  Windows windows(settings);
  windows.feed(gauge(1, kStart + kMinute, kStart, 1, 1));
  EXPECT_TRUE(windows.tick(kStart + 20 * kMinute + 29 * kSecond).empty());
  // An older receive time does not move anything backwards.
  EXPECT_TRUE(windows.tick(kStart).empty());
  EXPECT_EQ(windows.tick(kStart + 20 * kMinute + 30 * kSecond).size(), 1u);
}

TEST(WindowProcessor, ASampleCountsUntilExactlyEndPlusGrace) {
  for (const bool in_time : {true, false}) {
    Windows windows(plain_settings());
    windows.feed(gauge(1, kStart + kMinute, kStart + kMinute, 1, 1));
    const auto now = kStart + kQuarterUs + 5 * kMinute - (in_time ? 1 : 0);
    const auto outputs = windows.feed(gauge(1, now, kStart + 2 * kMinute, 1, 2));
    const auto late = Windows::late(outputs);
    auto finals = Windows::aggregates(outputs);
    if (in_time) finals = windows.tick(now + 1);
    ASSERT_EQ(finals.size(), 1u);
    EXPECT_EQ(finals[0].gauge().count(), in_time ? 2u : 1u);
    // Too late for the quarter, in time for the hour.
    ASSERT_EQ(late.size(), in_time ? 0u : 1u);
    const auto hour = windows.tick(kStart + kHour + 5 * kMinute);
    ASSERT_EQ(hour.size(), 1u);
    EXPECT_EQ(hour[0].window(), "PT1H");
    EXPECT_EQ(hour[0].gauge().count(), 2u);
    if (in_time) continue;
    EXPECT_EQ(late[0].window(), "PT15M");
    EXPECT_EQ(late[0].reason(), "late");
    EXPECT_EQ(late[0].watermark_us(), now);
    ASSERT_EQ(late[0].measurement().samples_size(), 1);
    EXPECT_EQ(windows.counters.value("windows.late"), 1u);
  }
}

TEST(WindowProcessor, ParkingIsFinalEarlier) {
  Windows windows(plain_settings());
  windows.feed(bay(1, kStart + 14 * kMinute, true, 1, 60));
  EXPECT_EQ(windows.tick(kStart + 17 * kMinute - 1).size(), 0u);
  const auto finals = windows.tick(kStart + 17 * kMinute);
  ASSERT_EQ(finals.size(), 1u);
  EXPECT_EQ(finals[0].duration().occupied_us(), kMinute);
  EXPECT_EQ(finals[0].duration().known_us(), kMinute);
}

TEST(WindowProcessor, StatesGoOnOverQuietWindowsUntilTheHoldTime) {
  auto settings = plain_settings();
  settings.windows_s = {900};
  Windows windows(settings);
  windows.feed(bay(1, kStart + 10 * kMinute, true, 1, 15 * 60));  // held until :40
  std::vector<v1::Aggregate> finals;
  for (std::int64_t minute = 11; minute < 120; ++minute) {
    for (auto& final : windows.tick(kStart + minute * kMinute)) finals.push_back(std::move(final));
  }
  ASSERT_EQ(finals.size(), 3u);
  const std::vector<std::int64_t> known{5 * kMinute, 15 * kMinute, 10 * kMinute};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(finals[i].start_us(), kStart + static_cast<std::int64_t>(i) * kQuarterUs);
    EXPECT_EQ(finals[i].duration().known_us(), known[i]);
    EXPECT_EQ(finals[i].duration().occupied_us(), known[i]);
    EXPECT_EQ(finals[i].duration().count(), i == 0 ? 1u : 0u);
  }
}

TEST(WindowProcessor, ALongPauseIsClosedInPortions) {
  constexpr std::size_t kPortion = 20'000;
  Windows windows(plain_settings(), {.portion_bytes = kPortion});
  for (std::uint64_t device = 1; device <= 20; ++device) {
    auto r = record(device, kStart, 1);
    add_sample(r, v1::KIND_COUNTER, kStart, 5);
    windows.feed(r);
  }
  windows.commit();
  v1::Measurement tick;
  tick.set_tick(true);
  tick.set_received_us(kStart + 12 * 24 * kHour);
  std::size_t portions = 0;
  std::size_t outputs = 0;
  for (auto progress = Progress::more; progress == Progress::more; ++portions) {
    progress = windows.feed_part(tick.SerializeAsString());
    const auto made = windows.uncommitted().size() - outputs;
    EXPECT_GT(made, 0u);
    EXPECT_LT(made * 150, kPortion);
    windows.commit();
    outputs = windows.uncommitted().size();
    windows.restart();
  }
  EXPECT_GT(portions, 100u);
  std::set<std::string> keys;
  for (const auto& output : windows.committed) EXPECT_TRUE(keys.insert(output.key).second) << output.key;
  EXPECT_EQ(keys.size(), 20u * (7 * 24 + 7 * 96)) << "a week of quarters and hours";
}

TEST(WindowProcessor, AJumpOfTimeClosesEverythingInOrder) {
  Windows windows(plain_settings());
  windows.feed(bay(9, kStart + 10 * kMinute, true, 1, 15 * 60));
  auto both = record(3, kStart + 10 * kMinute, 1);
  add_sample(both, v1::KIND_STATE, kStart + 10 * kMinute, 1);
  add_sample(both, v1::KIND_GAUGE, kStart + 10 * kMinute, 20);
  windows.feed(both);
  v1::Measurement tick;
  tick.set_tick(true);
  tick.set_received_us(kStart + 30 * kHour);
  const auto outputs = windows.feed(tick);
  const Window q0{kStart, 900};
  const Window q1{kStart + kQuarterUs, 900};
  const Window q2{kStart + 2 * kQuarterUs, 900};
  const Window hour{kStart, 3600};
  EXPECT_EQ(keys_of(outputs), (std::vector<std::string>{
                                  aggregate_key(3, "parking_occupied", q0), aggregate_key(9, "parking_occupied", q0),
                                  aggregate_key(3, "temperature", q0), aggregate_key(3, "parking_occupied", q1),
                                  aggregate_key(9, "parking_occupied", q1), aggregate_key(9, "parking_occupied", q2),
                                  aggregate_key(3, "parking_occupied", hour),
                                  aggregate_key(9, "parking_occupied", hour), aggregate_key(3, "temperature", hour)}));
}

TEST(WindowProcessor, AnHourIsItsFourQuarters) {
  Windows windows(plain_settings());
  std::uint32_t f_cnt = 0;
  std::vector<v1::Aggregate> finals;
  const auto take = [&](const std::vector<Output>& outputs) {
    for (auto& a : Windows::aggregates(outputs)) finals.push_back(std::move(a));
  };
  for (std::int64_t minute = 0; minute < 60; minute += 4) {
    auto r = record(1, kStart + minute * kMinute, ++f_cnt, 240);
    add_sample(r, v1::KIND_GAUGE, kStart + minute * kMinute, minute * 7 % 31);
    add_sample(r, v1::KIND_STATE, kStart + minute * kMinute, minute / 4 % 3);
    take(windows.feed(r));
  }
  for (auto& a : windows.tick(kStart + 2 * kHour)) finals.push_back(std::move(a));
  GaugeState sum;
  std::int64_t covered = 0, occupied = 0, known = 0;
  std::uint64_t on = 0, count = 0;
  std::optional<v1::Aggregate> gauge_hour, state_hour;
  for (const auto& a : finals) {
    if (a.window() == "PT1H" && a.start_us() == kStart) {
      (a.has_gauge() ? gauge_hour : state_hour) = a;
    } else if (a.window() == "PT15M" && a.start_us() < kStart + kHour) {
      if (a.has_gauge()) {
        aggregates::merge(sum, from_proto(a.gauge()));
        covered += a.covered_us();
      }
      occupied += a.duration().occupied_us();
      known += a.duration().known_us();
      on += a.duration().transitions_on();
      count += a.duration().count();
    }
  }
  ASSERT_TRUE(gauge_hour && state_hour);
  EXPECT_EQ(from_proto(gauge_hour->gauge()), sum);
  EXPECT_EQ(gauge_hour->covered_us(), kHour);
  EXPECT_EQ(state_hour->duration().occupied_us(), occupied);
  EXPECT_EQ(state_hour->duration().known_us(), known);
  EXPECT_EQ(state_hour->duration().known_us(), kHour);
  EXPECT_EQ(state_hour->duration().transitions_on(), on);
  EXPECT_EQ(state_hour->duration().count(), count);
  EXPECT_LE(covered, kHour);
}

// Changes within quarters, and over their edges: the hour is exact, although nobody is told of the quarters.
TEST(WindowProcessor, WhatADeviceSaysOfItselfHasHoursAndDaysAlone) {
  auto settings = plain_settings();
  settings.windows_s = {900, 3600, 86'400};
  settings.horizon = std::nullopt;
  Windows windows(settings);
  std::vector<v1::Aggregate> results;
  const auto take = [&](std::vector<v1::Aggregate> made) {
    for (auto& a : made) results.push_back(std::move(a));
  };
  std::uint32_t f_cnt = 0;
  const auto said = [&](std::int64_t received, std::int64_t minute, bool low) {
    auto r = bay(1, kStart + minute * kMinute, low, ++f_cnt, 15 * 60);  // held for half an hour
    r.set_received_us(kStart + received * kMinute);
    r.mutable_samples(0)->set_measure("low_battery");
    return r;
  };
  const auto say = [&](std::int64_t received, std::int64_t minute, bool low) {
    take(Windows::aggregates(windows.feed(said(received, minute, low))));
  };
  say(10, 10, true);
  say(20, 20, false);
  say(40, 40, true);
  windows.commit();
  windows.restart();
  const auto open = provisional(windows.state, 0, settings, base::DevEui{1}, base::from_us(kStart),
                                base::from_us(kStart + kHour), {});
  ASSERT_TRUE(open);
  for (const auto& a : *open) EXPECT_NE(a.window(), "PT15M") << "nor before they are final";
  EXPECT_EQ(open->size(), 2U);
  for (std::int64_t minute = 41; minute < 80; ++minute) take(windows.tick(kStart + minute * kMinute));
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].window(), "PT1H");
  EXPECT_EQ(results[0].duration().known_us(), 50 * kMinute);
  EXPECT_EQ(results[0].duration().occupied_us(), 30 * kMinute);
  EXPECT_EQ(results[0].duration().transitions_on(), 1U);
  EXPECT_EQ(results[0].duration().transitions_off(), 1U);
  EXPECT_EQ(results[0].duration().count(), 3U);
  // What comes late corrects the hour alone, also beside what has quarters.
  auto late = said(80, 30, true);
  add_sample(late, v1::KIND_GAUGE, kStart + 30 * kMinute, 20);
  take(Windows::aggregates(windows.feed(late)));
  std::erase_if(results, [](const auto& a) { return a.measure() == "temperature"; });
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1].window(), "PT1H");
  EXPECT_EQ(results[1].revision(), 1U);
  EXPECT_EQ(results[1].duration().occupied_us(), 40 * kMinute);
  take(windows.tick(kStart + 48 * kHour));
  std::erase_if(results, [](const auto& a) { return a.measure() == "temperature"; });
  ASSERT_EQ(results.size(), 4U) << "the hour into which it is held, and the day";
  EXPECT_EQ(results[2].start_us(), kStart + kHour);
  EXPECT_EQ(results[2].duration().known_us(), 10 * kMinute);
  EXPECT_EQ(results[3].window(), "PT24H");
  EXPECT_EQ(results[3].duration().known_us(), 60 * kMinute);
  EXPECT_EQ(results[3].duration().occupied_us(), 50 * kMinute);
}

TEST(WindowProcessor, AQuarterHasWhatIsMeasuredWithoutItsDevicesCondition) {
  Windows windows(plain_settings());
  auto r = gauge(1, kStart + kMinute, kStart + kMinute, 21, 1);
  add_sample(r, v1::KIND_GAUGE, kStart + kMinute, 3);
  r.mutable_samples(1)->set_measure("battery_voltage");
  windows.feed(r);
  const auto names = [](const std::vector<v1::Aggregate>& finals) {
    std::string text;
    for (const auto& a : finals) text += a.measure() + " " + a.window() + ";";
    return text;
  };
  EXPECT_EQ(names(windows.tick(kStart + 20 * kMinute)), "temperature PT15M;");
  auto late = gauge(1, kStart + 21 * kMinute, kStart + 2 * kMinute, 3, 2);
  late.mutable_samples(0)->set_measure("battery_voltage");
  EXPECT_TRUE(windows.feed(late).empty()) << "it is late for no window that it has";
  EXPECT_EQ(names(windows.tick(kStart + 2 * kHour)), "battery_voltage PT1H;temperature PT1H;");
}

TEST(WindowProcessor, ARepeatedRecordCountsOnce) {
  Windows windows(plain_settings());
  auto r = record(1, kStart + kMinute, 1);
  add_sample(r, v1::KIND_GAUGE, kStart + kMinute, 5);
  add_sample(r, v1::KIND_STATE, kStart + kMinute, 1);
  windows.feed(r);
  windows.commit();
  windows.feed(r);
  windows.feed(r);
  const auto finals = windows.tick(kStart + 25 * kMinute);
  ASSERT_EQ(finals.size(), 2u);
  for (const auto& a : finals) EXPECT_EQ(a.has_gauge() ? a.gauge().count() : a.duration().count(), 1u);
  EXPECT_EQ(windows.counters.value("windows.duplicates"), 4u);
}

TEST(WindowProcessor, AClockTenYearsAheadChangesNobodysWindows) {
  Windows windows(plain_settings());
  const auto outputs = windows.feed(gauge(1, kStart + kMinute, kStart + 87'600 * kHour, 1, 1));
  const auto late = Windows::late(outputs);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].reason(), "future");
  EXPECT_EQ(windows.counters.value("windows.future"), 1u);
  windows.commit();
  EXPECT_EQ(windows.state.size(storage::Store::pane), 0u);
  windows.feed(gauge(2, kStart + kMinute, kStart + kMinute, 5, 1));
  EXPECT_EQ(windows.tick(kStart + 20 * kMinute).size(), 1u);
  // One minute ahead is still believed.
  EXPECT_TRUE(windows.feed(gauge(3, kStart + 30 * kMinute, kStart + 31 * kMinute, 1, 1)).empty());
  EXPECT_EQ(Windows::late(windows.feed(gauge(4, kStart + 30 * kMinute, kStart + 31 * kMinute + 1, 1, 1))).size(), 1u);
}

TEST(WindowProcessor, FlaggedSamplesAreLeftOut) {
  Windows windows(plain_settings());
  auto r = gauge(1, kStart + kMinute, kStart + kMinute, 5, 1);
  add_sample(r, v1::KIND_GAUGE, kStart + kMinute, 9'999, v1::SAMPLE_FLAG_OUT_OF_RANGE);
  add_sample(r, v1::KIND_GAUGE, kStart + kMinute, (std::int64_t{1} << 52) + 1);
  windows.feed(r);
  windows.feed(gauge(2, kStart + kMinute, kStart + kMinute, 5, 1));
  const auto finals = windows.tick(kStart + 20 * kMinute);
  ASSERT_EQ(finals.size(), 2u);
  EXPECT_EQ(finals[0].gauge().count(), 1u);
  EXPECT_EQ(finals[0].left_out(), 2u);
  EXPECT_EQ(finals[1].left_out(), 0u);
}

TEST(WindowProcessor, LaterDataInsideTheHorizonMakesRevisions) {
  auto settings = plain_settings();
  settings.horizon = std::chrono::hours{24};
  Windows windows(settings);
  windows.feed(gauge(1, kStart + kMinute, kStart + kMinute, 5, 1));
  EXPECT_EQ(windows.tick(kStart + 20 * kMinute).size(), 1u);
  EXPECT_EQ(windows.tick(kStart + 2 * kHour).size(), 1u);
  windows.commit();
  windows.restart();
  auto revised = Windows::aggregates(windows.feed(gauge(1, kStart + 3 * kHour, kStart + 2 * kMinute, 7, 2)));
  ASSERT_EQ(revised.size(), 2u);
  for (const auto& a : revised) {
    EXPECT_EQ(a.revision(), 1u);
    EXPECT_TRUE(a.final());
    EXPECT_EQ(a.gauge().count(), 2u);
    EXPECT_EQ(a.emitted_us(), kStart + 3 * kHour);
  }
  windows.commit();
  windows.restart();
  revised = Windows::aggregates(windows.feed(gauge(1, kStart + 4 * kHour, kStart + 16 * kMinute, 7, 3)));
  ASSERT_EQ(revised.size(), 2u);
  EXPECT_EQ(revised[0].window(), "PT1H");
  EXPECT_EQ(revised[0].revision(), 2u);
  EXPECT_EQ(revised[1].window(), "PT15M");
  EXPECT_EQ(revised[1].revision(), 0u) << "that quarter had no result before";
  // A repeat changes nothing, so it makes no revision.
  EXPECT_TRUE(windows.feed(gauge(1, kStart + 4 * kHour, kStart + 16 * kMinute, 7, 3)).empty());
  // At the horizon's end: kept, never dropped.
  const auto too_late = windows.feed(gauge(1, kStart + 25 * kHour, kStart + 3 * kMinute, 7, 4));
  EXPECT_TRUE(Windows::aggregates(too_late).empty());
  ASSERT_EQ(Windows::late(too_late).size(), 1u);
  EXPECT_EQ(Windows::late(too_late)[0].window(), "PT15M,PT1H");
}

TEST(WindowProcessor, ALateStateCorrectsTheWindowsThatItReaches) {
  auto settings = plain_settings();
  settings.windows_s = {900};
  settings.horizon = std::chrono::hours{24};
  Windows windows(settings);
  windows.feed(bay(1, kStart + kMinute, false, 1, 15 * 60));  // free until :31
  EXPECT_EQ(windows.tick(kStart + kHour).size(), 3u);
  auto late = record(1, kStart + 2 * kHour, 2, 15 * 60);
  add_sample(late, v1::KIND_STATE, kStart + 10 * kMinute, 1);  // occupied until :40
  const auto revised = Windows::aggregates(windows.feed(late));
  ASSERT_EQ(revised.size(), 3u);
  EXPECT_EQ(revised[0].duration().occupied_us(), 5 * kMinute);
  EXPECT_EQ(revised[0].duration().transitions_on(), 1u);
  EXPECT_EQ(revised[1].duration().occupied_us(), 15 * kMinute);
  EXPECT_EQ(revised[2].duration().occupied_us(), 10 * kMinute);
  for (const auto& a : revised) EXPECT_EQ(a.revision(), 1u);
}

TEST(WindowProcessor, ALateStateEndsWhatWasHeldBeforeIt) {
  auto settings = plain_settings();
  settings.windows_s = {900};
  settings.horizon = std::chrono::hours{24};
  Windows windows(settings);
  windows.feed(bay(1, kStart + kMinute, true, 1, 45 * 60));  // occupied until 1:31
  EXPECT_EQ(windows.tick(kStart + 2 * kHour).size(), 7u);
  // What came in between, from a device that reported more often by then, is held until :36 only.
  auto late = record(1, kStart + 2 * kHour, 2, 10 * 60);
  add_sample(late, v1::KIND_STATE, kStart + 16 * kMinute, 0);
  const auto revised = Windows::aggregates(windows.feed(late));
  ASSERT_EQ(revised.size(), 6u) << "all windows after :15";
  for (const auto& a : revised) EXPECT_EQ(a.revision(), 1u) << a.start_us();
  EXPECT_EQ(revised[0].duration().occupied_us(), kMinute);
  EXPECT_EQ(revised[1].duration().known_us(), 6 * kMinute);
  EXPECT_EQ(revised[2].duration().known_us(), 0);
  EXPECT_EQ(revised[5].duration().known_us(), 0);
}

TEST(WindowProcessor, AnotherKindInBetweenDoesNotEndAStateThatIsHeld) {
  auto settings = plain_settings();
  settings.windows_s = {900};
  // Told at every start, and never: results are the same.
  for (const bool restarts : {false, true}) {
    Windows windows(settings);
    windows.feed(bay(1, kStart + kMinute, true, 1, 20 * 60));   // occupied until :41
    auto other = record(1, kStart + 16 * kMinute, 2, 20 * 60);  // a new schema: the same measure as a gauge
    add_sample(other, v1::KIND_GAUGE, kStart + 16 * kMinute, 5);
    other.mutable_samples(0)->set_measure("parking_occupied");
    windows.feed(other);
    if (restarts) {
      windows.commit();
      windows.restart();
    }
    auto finals = windows.tick(kStart + 32 * kMinute + 1);
    const auto rest = windows.tick(kStart + kHour);
    finals.insert(finals.end(), rest.begin(), rest.end());
    ASSERT_EQ(finals.size(), 3u) << restarts;
    EXPECT_TRUE(finals[1].has_gauge());
    EXPECT_EQ(finals[2].start_us(), kStart + 30 * kMinute);
    EXPECT_EQ(finals[2].duration().occupied_us(), 11 * kMinute);
  }
}

TEST(WindowProcessor, StateIsDeletedWhenNothingNeedsIt) {
  Windows windows(plain_settings());
  for (std::uint64_t eui = 1; eui <= 5; ++eui) {
    auto r = record(eui, kStart + kMinute, 1, 45 * 60);
    add_sample(r, v1::KIND_GAUGE, kStart + kMinute, 1);
    if (eui == 5) add_sample(r, v1::KIND_STATE, kStart + kMinute, 1);
    windows.feed(r);
  }
  windows.commit();
  EXPECT_EQ(windows.state.size(storage::Store::pane), 5u);
  EXPECT_EQ(windows.tick(kStart + kHour + 5 * kMinute).size() > 0, true);
  windows.tick(kStart + kHour + 21 * kMinute);
  windows.commit();
  EXPECT_EQ(windows.state.size(storage::Store::pane), 1u) << "a state may be held for a week";
  windows.restart();
  windows.tick(kStart + (7 * 24 + 3) * kHour);
  windows.commit();
  EXPECT_EQ(windows.state.size(storage::Store::pane), 0u);
  EXPECT_EQ(windows.state.size(storage::Store::window), 2u) << "the time stays, and how far rows are deleted";
}

TEST(WindowProcessor, MoreOldRowsThanOneRecordMayDeleteGoWithTheNextOnes) {
  Windows windows(plain_settings());
  constexpr std::size_t kDevices = 10'000;
  for (std::uint64_t eui = 1; eui <= kDevices; ++eui) windows.feed(gauge(eui, kStart + 1, kStart + 1, 1, 1));
  windows.commit();
  EXPECT_EQ(windows.state.size(storage::Store::pane), kDevices);
  for (std::int64_t second = 0; windows.state.size(storage::Store::pane) > 0; ++second) {
    ASSERT_LT(second, 5);
    const auto before = windows.state.size(storage::Store::pane);
    windows.tick(kStart + 2 * kHour + second * kSecond);
    windows.commit();
    EXPECT_LT(windows.state.size(storage::Store::pane), before);
    EXPECT_GE(windows.state.size(storage::Store::pane) + 5'000, before) << "a commit stays small";
    windows.restart();
  }
}

TEST(WindowProcessor, AnotherTenantNeverEntersAPane) {
  Windows windows(plain_settings());
  windows.feed(bay(1, kStart + kMinute, true, 1));
  auto moved = bay(1, kStart + 2 * kMinute, false, 2);
  moved.set_tenant("olpe");
  const auto late = Windows::late(windows.feed(moved));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].reason(), "tenant_changed");
  // Nor does the former tenant's state go on in the new one's windows.
  auto next = bay(1, kStart + 16 * kMinute, false, 3);
  next.set_tenant("olpe");
  windows.feed(next);
  const auto finals = windows.tick(kStart + kHour + 20 * kMinute);
  bool seen = false;
  for (const auto& a : finals) {
    if (a.start_us() != kStart + kQuarterUs || a.window() != "PT15M") continue;
    seen = true;
    EXPECT_EQ(a.tenant(), "olpe");
    EXPECT_EQ(a.duration().known_us(), 14 * kMinute);
    EXPECT_EQ(a.duration().transitions_off(), 0u);
  }
  EXPECT_TRUE(seen);
}

TEST(WindowProcessor, BoundsOfAPaneAreKeptAndCounted) {
  Windows windows(plain_settings());
  for (int i = 0; i < kMaxSources + 3; ++i)
    windows.feed(gauge(1, kStart + kMinute, kStart + i, 1, static_cast<std::uint32_t>(i)));
  EXPECT_EQ(windows.counters.value("windows.refused.pane_full"), 3u);
  auto r = record(2, kStart + kMinute, 1);
  for (int i = 0; i < kMaxSeries + 2; ++i) {
    add_sample(r, v1::KIND_GAUGE, kStart + kMinute, 1);
    r.mutable_samples(i)->set_measure("m" + std::to_string(i));
  }
  EXPECT_EQ(Windows::late(windows.feed(r)).size(), 1u);
  EXPECT_EQ(windows.counters.value("windows.refused.too_many_series"), 2u);
  auto sequence = record(3, kStart + kMinute, 1, 60);
  for (int i = 0; i < kMaxSequence; ++i) add_sample(sequence, v1::KIND_STATE, kStart, i % 2);
  windows.feed(sequence);
  windows.feed(bay(3, kStart + kMinute, true, 2, 60));
  EXPECT_EQ(windows.counters.value("windows.sequence_overflow"), 1u);
  const auto finals = windows.tick(kStart + 20 * kMinute);
  ASSERT_FALSE(finals.empty());
  for (const auto& a : finals) {
    if (a.dev_eui() == 1) {
      EXPECT_EQ(a.gauge().count(), static_cast<std::uint64_t>(kMaxSources));
    }
    if (a.dev_eui() == 3) {
      EXPECT_EQ(a.left_out(), 1u) << "an overflow is visible in the result";
    }
  }
  auto many = record(4, kStart + 20 * kMinute, 1);
  for (int i = 0; i <= kMaxSamplesPerRecord; ++i) add_sample(many, v1::KIND_GAUGE, kStart + 20 * kMinute, 1);
  const auto refused = windows.feed(many);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].topic, storage::Topic::dead_letter);
}

TEST(WindowProcessor, WhatCannotBeUsedIsKept) {
  Windows windows(plain_settings());
  const auto garbage = windows.feed_bytes("\xff\xff\xff garbage");
  ASSERT_EQ(garbage.size(), 1u);
  EXPECT_EQ(garbage[0].topic, storage::Topic::dead_letter);
  v1::DeadLetter letter;
  ASSERT_TRUE(letter.ParseFromString(garbage[0].value));
  EXPECT_EQ(letter.reason(), "windows.malformed");
  EXPECT_EQ(letter.record(), "\xff\xff\xff garbage");
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    auto r = gauge(1, time, kStart, 1, 1);
    ASSERT_EQ(windows.feed(r).size(), 1u) << time;
  }
  windows.feed(gauge(1, kStart, kStart, 1, 1));
  for (const std::int64_t time : {std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(Windows::late(windows.feed(gauge(1, kStart, time, 1, 2))).size(), 1u) << time;
  }
  auto other = gauge(1, kStart, kStart, 1, 3);
  other.mutable_samples(0)->set_unit("K");
  ASSERT_EQ(Windows::late(windows.feed(other)).size(), 1u);
  EXPECT_EQ(windows.counters.value("windows.refused.series_changed"), 1u);
  other.mutable_samples(0)->set_exponent(400);
  EXPECT_EQ(Windows::late(windows.feed(other)).size(), 1u);
  other.mutable_samples(0)->set_kind(v1::KIND_INFO);
  EXPECT_TRUE(windows.feed(other).empty());
  EXPECT_EQ(windows.counters.value("windows.no_engine"), 1u);
}

TEST(WindowProcessor, AStateThatCannotBeReadIsAFault) {
  Windows windows(plain_settings());
  windows.feed(gauge(1, kStart, kStart, 1, 1));
  windows.commit();
  windows.state.broken = true;
  windows.feed(gauge(1, kStart, kStart + 1, 1, 2));
  EXPECT_FALSE(windows.processor->fault()) << "what it wrote itself, it remembers";
  windows.feed(gauge(2, kStart, kStart - kHour, 1, 2));
  EXPECT_FALSE(windows.processor->fault()) << "it is too late for all windows";
  windows.settings.horizon = 3 * std::chrono::hours{1};
  windows.state.broken = false;
  windows.restart();
  windows.state.broken = true;
  windows.feed(gauge(2, kStart, kStart - 2 * kHour, 1, 2));
  ASSERT_TRUE(windows.processor->fault());
  EXPECT_EQ(windows.processor->fault()->code, "log_read");
  EXPECT_FALSE(WindowProcessor(plain_settings(), windows.counters).assigned(0, windows.state));
}

TEST(WindowProcessor, NextDueIsInTheTimeOfTheLog) {
  auto settings = plain_settings();
  settings.watermark_delay = std::chrono::seconds{30};
  Windows windows(settings);
  EXPECT_FALSE(windows.processor->next_due(0));
  EXPECT_FALSE(windows.processor->next_due(1));
  windows.feed(gauge(1, kStart, kStart, 1, 1));
  EXPECT_EQ(windows.processor->next_due(0), base::from_us(kStart + 20 * kMinute + 30 * kSecond));
  windows.commit();
  windows.restart();
  EXPECT_EQ(windows.processor->next_due(0), base::from_us(kStart + 20 * kMinute + 30 * kSecond));
  windows.tick(kStart + 20 * kMinute + 30 * kSecond);
  EXPECT_EQ(windows.processor->next_due(0), base::from_us(kStart + 65 * kMinute + 30 * kSecond));
}

TEST(WindowProcessor, SpreadDelaysByDeviceAndChangesNoNumber) {
  auto settings = plain_settings();
  settings.spread = true;
  Windows windows(settings);
  for (std::uint64_t eui = 1; eui <= 60; ++eui) windows.feed(gauge(eui, kStart, kStart, 1, 1));
  std::size_t total = 0;
  std::size_t most = 0;
  for (std::int64_t second = 0; second <= 60; ++second) {
    const auto finals = windows.tick(kStart + 20 * kMinute + second * kSecond);
    total += finals.size();
    most = std::max(most, finals.size());
  }
  EXPECT_EQ(total, 60u);
  EXPECT_LT(most, 10u);
}

TEST(Provisional, IsTheFinalBeforeItsTime) {
  auto settings = plain_settings();
  Windows windows(settings);
  auto r = record(1, kStart + kMinute, 1, 600);
  add_sample(r, v1::KIND_GAUGE, kStart + kMinute, 20);
  add_sample(r, v1::KIND_STATE, kStart + kMinute, 1);
  windows.feed(r);
  windows.tick(kStart + 4 * kMinute);
  windows.commit();
  const auto read = [&] {
    return *provisional(windows.state, 0, settings, base::DevEui{1}, base::from_us(kStart),
                        base::from_us(kStart + 24 * kHour));
  };
  auto rows = read();
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].measure(), "parking_occupied");
  EXPECT_EQ(rows[0].window(), "PT15M");
  EXPECT_FALSE(rows[0].final());
  EXPECT_EQ(rows[0].duration().known_us(), 3 * kMinute) << "nothing is said about the time after now";
  EXPECT_EQ(rows[0].emitted_us(), kStart + 4 * kMinute);
  EXPECT_EQ(rows[1].gauge().count(), 1u);
  EXPECT_EQ(rows[3].window(), "PT1H");
  EXPECT_TRUE(
      provisional(windows.state, 0, settings, base::DevEui{2}, base::from_us(0), base::from_us(INT64_MAX))->empty());
  windows.tick(kStart + 19 * kMinute);
  windows.commit();
  rows = read();
  // The bay's first quarter is final (parking's grace); its second and the gauge's are not.
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].measure(), "temperature");
  EXPECT_EQ(rows[1].start_us(), kStart + kQuarterUs);
  const auto before = rows[0].gauge().SerializeAsString();
  const auto finals = windows.tick(kStart + 20 * kMinute);
  ASSERT_EQ(finals.size(), 1u);
  EXPECT_EQ(finals[0].gauge().SerializeAsString(), before);
  windows.state.broken = true;
  EXPECT_FALSE(provisional(windows.state, 0, settings, base::DevEui{1}, base::from_us(0), base::from_us(kStart)));
}

std::map<std::int64_t, std::pair<std::int64_t, std::uint32_t>> amounts(const std::vector<Output>& outputs) {
  std::map<std::int64_t, std::pair<std::int64_t, std::uint32_t>> found;  // start -> amount, revision
  for (const auto& a : Windows::aggregates(outputs))
    found[a.start_us() - kStart] = {static_cast<std::int64_t>(a.counter().amount().low()), a.revision()};
  return found;
}

TEST(Meters, AWindowWithoutReadingsHasItsShareOnceTheNextOneIsThere) {
  auto settings = plain_settings();
  settings.windows_s = {900};
  settings.grace = base::Duration{kHour};
  Windows windows(settings);
  windows.feed(meter(1, kStart, kStart, 100, 1));
  windows.feed(meter(1, kStart + 45 * kMinute, kStart + 45 * kMinute, 106, 2));
  windows.commit();
  windows.restart();  // timers follow from the rows
  std::map<std::int64_t, std::int64_t> finals;
  for (const auto& a : windows.tick(kStart + 110 * kMinute))
    finals[(a.start_us() - kStart) / kMinute] = static_cast<std::int64_t>(a.counter().amount().low());
  EXPECT_EQ(finals, (std::map<std::int64_t, std::int64_t>{{0, 2}, {15, 2}, {30, 2}}));
}

TEST(Meters, ALateReadingCorrectsAllWindowsBetweenItsNeighbours) {
  auto settings = plain_settings();
  settings.windows_s = {900};
  settings.grace = base::Duration{0};
  settings.horizon = base::Duration{24 * kHour};
  Windows windows(settings);
  windows.feed(meter(1, kStart, kStart, 100, 1));
  windows.feed(meter(1, kStart + 15 * kMinute, kStart + 15 * kMinute, 100, 2));
  auto closed = amounts(windows.feed(meter(1, kStart + 75 * kMinute, kStart + 75 * kMinute, 124, 3)));
  // Each quarter closed without the next reading, which then made its share known.
  const auto quarter = 15 * kMinute;
  EXPECT_EQ(closed[quarter], (std::pair<std::int64_t, std::uint32_t>{6, 1}));
  EXPECT_EQ(closed[4 * quarter], (std::pair<std::int64_t, std::uint32_t>{6, 1}));
  EXPECT_FALSE(closed.contains(0));
  const auto late = amounts(windows.feed(meter(1, kStart + 76 * kMinute, kStart + 45 * kMinute, 120, 4)));
  const std::map<std::int64_t, std::pair<std::int64_t, std::uint32_t>> expected{
      {quarter, {10, 2}}, {2 * quarter, {10, 2}}, {3 * quarter, {2, 2}}, {4 * quarter, {2, 2}}};
  EXPECT_EQ(late, expected);
}

TEST(Meters, ASilentOneSaysSoForAWeek) {
  auto settings = plain_settings();
  settings.windows_s = {3600};
  settings.grace = base::Duration{0};
  Windows windows(settings);
  windows.feed(meter(1, kStart, kStart, 100, 1));
  std::size_t silent = 0;
  for (const auto& a : windows.tick(kStart + 30 * 24 * kHour)) {
    EXPECT_EQ(a.covered_us(), 0);
    silent += a.counter().count() == 0;
  }
  EXPECT_EQ(silent, 7u * 24 - 1);
  EXPECT_EQ(windows.counters.value("windows.finals"), 7u * 24);
}

TEST(Meters, AreCorrectedForFortyFiveDaysAndOthersForAWeek) {
  auto settings = plain_settings();
  settings.windows_s = {3600};
  settings.horizon = std::nullopt;
  Windows windows(settings);
  const auto start_with = [&](std::uint32_t f_cnt, std::int64_t at) {
    windows.feed(meter(1, at, at, 100 * f_cnt, f_cnt));
    windows.feed(gauge(2, at, at, 5, f_cnt));
    windows.feed(bay(3, at, true, f_cnt));
  };
  start_with(1, kStart);
  start_with(3, kStart + 2 * kHour);
  constexpr auto day = 24 * kHour;
  windows.tick(kStart + 6 * day);
  windows.commit();
  EXPECT_EQ(windows.state.size(storage::Store::pane), 6u);
  EXPECT_EQ(Windows::aggregates(windows.feed(gauge(2, kStart + 6 * day, kStart + kHour, 5, 2))).size(), 1u);
  windows.tick(kStart + 8 * day);
  EXPECT_EQ(Windows::late(windows.feed(gauge(2, kStart + 8 * day, kStart + kMinute, 5, 4)))[0].reason(), "late");
  windows.tick(kStart + 16 * day);
  windows.commit();
  windows.restart();
  EXPECT_EQ(windows.state.size(storage::Store::pane), 2u) << "the meter's";
  const auto corrected = amounts(windows.feed(meter(1, kStart + 44 * day, kStart + kHour, 250, 2)));
  const std::map<std::int64_t, std::pair<std::int64_t, std::uint32_t>> expected{{0, {150, 1}}, {kHour, {50, 1}}};
  EXPECT_EQ(corrected, expected);
  windows.tick(kStart + 45 * day + 4 * kHour);
  EXPECT_EQ(Windows::late(windows.feed(meter(1, kStart + 46 * day, kStart + kMinute, 100, 4)))[0].reason(), "late");
  windows.tick(kStart + 53 * day);
  windows.commit();
  EXPECT_EQ(windows.state.size(storage::Store::pane), 0u);
}

TEST(Meters, AReadingWithoutAWindowIsCounted) {
  auto settings = plain_settings();
  settings.windows_s = {60, 300};
  Windows windows(settings);
  EXPECT_TRUE(windows.feed(meter(1, kStart, kStart, 100, 1)).empty());
  EXPECT_EQ(windows.counters.value("windows.no_window"), 1u);
  EXPECT_EQ(windows.state.size(storage::Store::pane), 0u);
}

TEST(Meters, OnlyCountersAreReadings) {
  Windows windows(plain_settings());
  auto wrong = meter(1, kStart, kStart, 100, 1);
  wrong.mutable_samples(0)->set_kind(v1::KIND_GAUGE);
  const auto late = Windows::late(windows.feed(wrong));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].reason(), "bad_kind");
  EXPECT_EQ(windows.state.size(storage::Store::pane), 0u);
}

}  // namespace
}  // namespace lenne::processing::test
