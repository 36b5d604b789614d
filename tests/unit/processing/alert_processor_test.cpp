// A flood, from samples to what is told; and all that must not raise or end an alert.

#include <gtest/gtest.h>

#include "alerts_support.hpp"

namespace lenne::processing::test {
namespace {

constexpr std::int64_t kStep = 10 * kMinute;

/// Alerts that know the flood rules, and a gauge that reports each 10 min.
struct Flood {
  Flood() { EXPECT_EQ(words(alerts.feed(definition(kStart, flood_use_case()))), ""); }

  std::vector<v1::Alert> measure(std::int64_t mm, std::uint32_t flags = 0) {
    const auto before = now;
    now = kStart + kStep * ++n;
    auto told = alerts.wait(before, now - 1);
    for (auto& alert : alerts.feed(level(now, now, mm, static_cast<std::uint32_t>(n), flags)))
      told.push_back(std::move(alert));
    return told;
  }
  /// Without what the rule of the rate says.
  std::string of_levels(std::int64_t mm, std::uint32_t flags = 0) {
    auto told = measure(mm, flags);
    std::erase_if(told, [](const v1::Alert& alert) { return !alert.rule().starts_with("level"); });
    return words(told);
  }

  Alerts alerts;
  std::int64_t n = 0;
  std::int64_t now = kStart;
};

TEST(AlertProcessor, AFloodRaisesOneLevelAfterTheOther) {
  Flood flood;
  EXPECT_EQ(flood.of_levels(900), "");
  EXPECT_EQ(flood.of_levels(1100), "level-1 pending");
  const auto first = flood.measure(1300);
  ASSERT_EQ(words(first), "level-1 firing, rising firing");
  const auto& alert = first.front();
  EXPECT_EQ(alert.tenant(), "menden");
  EXPECT_EQ(alert.device_name(), "sensor");
  EXPECT_EQ(alert.use_case(), "flood-level");
  EXPECT_EQ(alert.use_case_version(), 1u);
  EXPECT_EQ(alert.revision(), 2u);
  EXPECT_EQ(alert.severity(), v1::SEVERITY_INFO);
  EXPECT_EQ(alert.first().value(), 1100);
  EXPECT_EQ(alert.last().value(), 1300);
  EXPECT_EQ(alert.extreme().value(), 1300);
  EXPECT_EQ(alert.observations(), 2u);
  EXPECT_EQ(alert.threshold().value(), 110);
  EXPECT_EQ(alert.firing_since_us(), flood.now);
  EXPECT_EQ(alert.changed_us(), flood.now);
  // 20 cm in 10 min: 1.2 m/h, so 1.6 m is reached in 15 min.
  EXPECT_EQ(alert.trend().over_60min(), 1200);
  EXPECT_EQ(alert.forecast().rule(), "level-2");
  EXPECT_EQ(alert.forecast().after_s(), 900u);
  EXPECT_EQ(flood.of_levels(1600), "level-2 pending");
  EXPECT_EQ(flood.of_levels(1600), "level-2 firing");
  EXPECT_EQ(flood.of_levels(2200), "level-3 pending");
  EXPECT_EQ(flood.of_levels(2300), "level-3 firing");
  // It falls: level-3 ends below 2.05 m for half an hour.
  EXPECT_EQ(flood.of_levels(2060), "");
  EXPECT_EQ(flood.of_levels(2040), "");
  EXPECT_EQ(flood.of_levels(2040), "");
  EXPECT_EQ(flood.of_levels(2040), "");
  const auto last = flood.measure(2040);
  ASSERT_NE(words(last).find("level-3 resolved"), std::string::npos);
}

TEST(AlertProcessor, WhatIsFlaggedNeitherFiresNorEnds) {
  Flood flood;
  for (const auto flag : {v1::SAMPLE_FLAG_OUT_OF_RANGE, v1::SAMPLE_FLAG_CLOCK_SUSPECT, v1::SAMPLE_FLAG_IMPLAUSIBLE,
                          v1::SAMPLE_FLAG_STEP, v1::SAMPLE_FLAG_FLAT})
    EXPECT_EQ(flood.of_levels(5000, flag).find("level"), std::string::npos);
  EXPECT_EQ(flood.of_levels(1200), "level-1 pending");
  EXPECT_EQ(flood.of_levels(1200), "level-1 firing");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(flood.of_levels(100, v1::SAMPLE_FLAG_FLAT), "");
  EXPECT_EQ(flood.alerts.counters.value("alerts.flagged"), 11u);
}

TEST(AlertProcessor, WhatComesLateDoesNotMakeItFlap) {
  Flood flood;
  flood.measure(1200);
  EXPECT_EQ(flood.of_levels(1200), "level-1 firing");
  const auto at = flood.now;
  for (int i = 1; i <= 5; ++i)
    EXPECT_EQ(words(flood.alerts.feed(level(at + i, at - i * kMinute, 100, static_cast<std::uint32_t>(100 + i)))), "");
  EXPECT_EQ(words(flood.alerts.feed(level(at + 9, at, 100, 200))), "") << "of the same time";
  EXPECT_GE(flood.alerts.counters.value("alerts.late"), 18u);
  EXPECT_EQ(flood.of_levels(1200), "") << "it still fires, and tells nothing new";
}

TEST(AlertProcessor, SamplesOfOneRecordAreJudgedByTheirTimes) {
  Flood flood;
  auto log = level(kStart + kHour, kStart + 30 * kMinute, 1300, 1);
  for (const auto& [minute, mm] : {std::pair{20, 1200}, std::pair{10, 900}, std::pair{40, 1400}}) {
    auto& sample = *log.add_samples();
    sample = log.samples(0);
    sample.set_time_us(kStart + minute * kMinute);
    sample.set_value(mm);
    sample.set_index(static_cast<std::uint32_t>(log.samples_size() - 1));
  }
  const auto told = flood.alerts.feed(log);
  ASSERT_EQ(words(told), "level-1 pending, level-1 firing, rising firing");
  EXPECT_EQ(told[1].first().time_us(), kStart + 20 * kMinute);
  EXPECT_EQ(told[1].firing_since_us(), kStart + 30 * kMinute);
}

TEST(AlertProcessor, ASilentDeviceIsAnAlertOfItsOwnAndEndsNoOther) {
  Flood flood;
  flood.measure(1200);
  flood.measure(1200);
  const auto heard = flood.now;
  EXPECT_EQ(words(flood.alerts.wait(heard, heard + 30 * kMinute - 1)), "");
  const auto told = flood.alerts.tick(heard + 30 * kMinute);
  ASSERT_EQ(words(told), "stale firing");
  EXPECT_EQ(told[0].severity(), v1::SEVERITY_WARNING);
  EXPECT_EQ(told[0].measure(), "water_level");
  EXPECT_EQ(told[0].last().time_us(), heard);
  EXPECT_EQ(told[0].silent_after_s(), 1800u);
  EXPECT_EQ(words(flood.alerts.wait(heard + 30 * kMinute, heard + 4 * kHour)), "") << "told once; level-1 still fires";
  flood.now = heard + 4 * kHour;
  flood.n = 4 * 6 + 2;
  const auto again = flood.measure(1200);
  EXPECT_EQ(words(again), "stale resolved");
}

TEST(AlertProcessor, FlaggedSamplesAreSilence) {
  Flood flood;
  flood.measure(900);
  EXPECT_EQ(words(flood.measure(900, v1::SAMPLE_FLAG_FLAT)), "");
  EXPECT_EQ(words(flood.measure(900, v1::SAMPLE_FLAG_FLAT)), "");
  EXPECT_EQ(words(flood.measure(900, v1::SAMPLE_FLAG_FLAT)), "stale firing");
}

TEST(AlertProcessor, WhenLenneWasAwaySilenceIsCountedAnew) {
  Flood flood;
  flood.measure(900);
  EXPECT_EQ(words(flood.alerts.tick(flood.now + 3 * kHour)), "") << "it was Lenne that did not listen";
  const auto back = flood.now + 3 * kHour;
  EXPECT_EQ(words(flood.alerts.wait(back, back + 30 * kMinute - 1)), "");
  EXPECT_EQ(words(flood.alerts.tick(back + 30 * kMinute)), "stale firing");
}

TEST(AlertProcessor, AWindowsResultIsJudgedWhenItIsFinal) {
  Flood flood;
  std::vector<v1::Alert> told;
  for (int i = 0; i < 13; ++i) {
    for (auto& alert : flood.measure(2300)) told.push_back(alert);
  }
  std::erase_if(told, [](const v1::Alert& alert) { return alert.rule() != "high-hour"; });
  ASSERT_EQ(words(told), "high-hour firing") << "the first hour has five samples of six, which is enough";
  EXPECT_EQ(told[0].window(), "PT1H");
  EXPECT_EQ(told[0].statistic(), "mean");
  EXPECT_EQ(told[0].last().value(), 2300);
  EXPECT_EQ(told[0].since_us(), kStart + kHour) << "the end of the window";
  EXPECT_EQ(told[0].changed_us(), kStart + kHour + 5 * kMinute) << "end and grace";
}

TEST(AlertProcessor, AResultOfTooLittleSaysNothing) {
  Flood flood;
  flood.measure(2300);
  EXPECT_EQ(words(flood.alerts.wait(flood.now, kStart + 70 * kMinute)).find("high-hour"), std::string::npos);
  EXPECT_EQ(flood.alerts.counters.value("alerts.incomplete"), 1u);
}

TEST(AlertProcessor, AnOperatorAcknowledgesTheEpisodeThatIsMeant) {
  Flood flood;
  flood.measure(1200);
  const auto fired = flood.measure(1200).front();
  auto& alerts = flood.alerts;
  EXPECT_EQ(words(alerts.feed(acknowledgement(flood.now + 1, fired, fired.firing_since_us() - 1))), "");
  const auto told = alerts.feed(acknowledgement(flood.now + 2, fired, fired.firing_since_us()));
  ASSERT_EQ(words(told), "level-1 acknowledged");
  EXPECT_EQ(told[0].actor(), "fire brigade");
  EXPECT_EQ(told[0].note(), "sandbags are on their way");
  EXPECT_EQ(told[0].reason(), v1::ALERT_REASON_OPERATOR);
  EXPECT_EQ(words(alerts.feed(acknowledgement(flood.now + 3, fired, fired.firing_since_us()))), "") << "it is already";
  EXPECT_EQ(alerts.counters.value("alerts.refused.acknowledgement"), 2u);
  EXPECT_EQ(flood.of_levels(1300), "") << "it stays acknowledged";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(flood.of_levels(900), "");
  EXPECT_EQ(flood.of_levels(900), "level-1 resolved");
  flood.measure(1200);
  const auto again = flood.measure(1200);
  ASSERT_EQ(again.front().rule(), "level-1");
  EXPECT_EQ(again.front().state(), v1::ALERT_STATE_FIRING) << "nobody takes care of the next one yet";
  EXPECT_TRUE(again.front().actor().empty());
}

TEST(AlertProcessor, AChangedRuleIsJudgedAnewAndARemovedOneEnds) {
  Flood flood;
  flood.measure(1200);
  flood.measure(1200);
  auto changed = flood_use_case();
  changed.set_version(2);
  changed.mutable_alerts(0)->mutable_text()->Add()->set_text("other words");
  EXPECT_EQ(words(flood.alerts.feed(definition(flood.now + 1, changed))), "") << "other words are no other rule";
  changed.mutable_alerts(0)->clear_parameter();
  *changed.mutable_alerts(0)->mutable_threshold() = decimal(115, -2);
  const auto stays = flood.alerts.feed(definition(flood.now + 2, changed));
  ASSERT_EQ(words(stays), "level-1 firing");
  EXPECT_EQ(stays[0].reason(), v1::ALERT_REASON_RULE_CHANGED);
  EXPECT_EQ(stays[0].threshold().value(), 115);
  EXPECT_EQ(stays[0].use_case_version(), 2u);
  *changed.mutable_alerts(0)->mutable_threshold() = decimal(150, -2);
  const auto ended = flood.alerts.feed(definition(flood.now + 3, changed));
  ASSERT_EQ(words(ended), "level-1 resolved");
  EXPECT_EQ(ended[0].reason(), v1::ALERT_REASON_RULE_CHANGED);

  EXPECT_EQ(flood.of_levels(1700), "level-1 pending, level-2 pending");
  EXPECT_EQ(flood.of_levels(1700), "level-1 firing, level-2 firing");
  changed.mutable_alerts()->DeleteSubrange(0, 1);
  const auto removed = flood.alerts.feed(definition(flood.now + 4, changed));
  ASSERT_EQ(words(removed), "level-1 resolved");
  EXPECT_EQ(removed[0].reason(), v1::ALERT_REASON_RULE_REMOVED);

  v1::Measurement gone;
  gone.set_received_us(flood.now + 5);
  gone.set_removed_definition("flood-level");
  ASSERT_NE(words(flood.alerts.feed(gone)).find("level-2 resolved"), std::string::npos);
  flood.alerts.commit();
  EXPECT_EQ(flood.alerts.rows().size(), 1u) << "only the time stays";
}

// More than one record takes over: the next ones go on, also in another process.
TEST(AlertProcessor, AChangeReachesAllDevicesHoweverManyTheyAre) {
  constexpr std::uint64_t kDevices = 600;
  Alerts alerts;
  alerts.feed(definition(kStart, flood_use_case()));
  for (std::uint64_t i = 0; i < kDevices; ++i) {
    for (std::uint32_t n = 1; n <= 2; ++n) {
      auto high = level(kStart + n * kSecond, kStart + n * kSecond, 1200, n);
      high.set_dev_eui(kGauge + i);
      alerts.feed(high);
    }
  }
  auto changed = flood_use_case();
  changed.mutable_alerts()->DeleteSubrange(0, 1);
  const auto now = kStart + 3 * kSecond;
  auto ended = alerts.feed(definition(now, changed)).size();
  EXPECT_LT(ended, kDevices);
  EXPECT_LE(alerts.processor->next_due(0), base::from_us(now)) << "it wants a tick";
  alerts.commit();
  alerts.restart();
  for (int i = 0; i < 3; ++i) ended += alerts.tick(now + i).size();
  EXPECT_EQ(ended, kDevices);
  EXPECT_GT(alerts.processor->next_due(0), base::from_us(now + kSecond));
}

// What a row is that goes with its definition does not depend on whether it was read again in between.
TEST(AlertProcessor, AnAcknowledgementWithoutADefinitionIsKeptUntilTheDeviceIsDropped) {
  constexpr std::uint64_t kDevices = 600;  // so that the last one is not dropped at once
  for (const bool commits : {false, true}) {
    for (const auto bytes : {std::size_t{0}, alerts::kDeviceRowBytes}) {
      Alerts alerts(plain_settings(), bytes);
      alerts.feed(definition(kStart, flood_use_case()));
      v1::Alert fired;
      for (std::uint64_t i = 0; i < kDevices; ++i) {
        for (std::uint32_t n = 1; n <= 2; ++n) {
          auto high = level(kStart + n * kSecond, kStart + n * kSecond, 1200, n);
          high.set_dev_eui(kGauge + i);
          for (auto& alert : alerts.feed(high)) fired = std::move(alert);
        }
      }
      const auto now = kStart + 3 * kSecond;
      v1::Measurement gone;
      gone.set_received_us(now);
      gone.set_removed_definition("flood-level");
      std::vector<std::pair<v1::AlertState, std::uint32_t>> told;  // with the revision
      for (const auto& record : {gone, acknowledgement(now + 1, fired, fired.firing_since_us()),
                                 acknowledgement(now + 2, fired, fired.firing_since_us())}) {
        for (const auto& alert : alerts.feed(record)) {
          if (alert.dev_eui() == fired.dev_eui()) told.emplace_back(alert.state(), alert.revision());
        }
        if (commits) alerts.commit();
      }
      alerts.commit();
      EXPECT_EQ(told, (std::vector<std::pair<v1::AlertState, std::uint32_t>>{
                          {v1::ALERT_STATE_ACKNOWLEDGED, fired.revision() + 1},
                          {v1::ALERT_STATE_RESOLVED, fired.revision() + 2}}));
      EXPECT_EQ(alerts.counters.value("alerts.refused.acknowledgement"), 1u) << "it is already";
      EXPECT_EQ(alerts.rows().size(), 1u) << "the time";
    }
  }
}

TEST(AlertProcessor, RowsOfDevicesStayInMemoryAfterTheirCommit) {
  for (const auto bytes : {std::size_t{0}, alerts::kDeviceRowBytes}) {
    Alerts alerts(plain_settings(), bytes);
    alerts.feed(definition(kStart, flood_use_case()));
    alerts.feed(level(kStart + kStep, kStart + kStep, 900, 1));
    EXPECT_GT(alerts.processor->pending_bytes(), 100u);
    alerts.commit();
    storage::Batch damage;  // whoever reads the row again falls over it
    for (const auto& [key, value] : alerts.rows()) damage.put(storage::Store::alert, 0, key, "\xff\xff");
    alerts.state.apply(damage);
    storage::Batch out;
    const auto next = level(kStart + 2 * kStep, kStart + 2 * kStep, 900, 2).SerializeAsString();
    while (alerts.processor->step({storage::Topic::measurement, 0, 9, base::from_us(0), {}, {}, next, false}, out) ==
           Progress::more) {
    }
    const auto fault = alerts.processor->fault();
    EXPECT_EQ(fault.has_value(), bytes == 0);
    if (fault) {
      EXPECT_EQ(fault->code, "state_damaged");
    }
  }
}

TEST(AlertProcessor, ADeviceThatLeavesLeavesNoAlert) {
  Flood flood;
  flood.measure(1200);
  flood.measure(1200);
  v1::Measurement removed;
  removed.set_received_us(flood.now + 1);
  removed.set_dev_eui(kGauge);
  removed.set_removed(true);
  const auto told = flood.alerts.feed(removed);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].reason(), v1::ALERT_REASON_DEVICE_REMOVED);
  EXPECT_EQ(words(flood.alerts.wait(flood.now, flood.now + 2 * kHour)), "") << "it is not silent, it is gone";
}

TEST(AlertProcessor, AnotherTenantOrPurposeBeginsAnew) {
  Flood flood;
  flood.measure(1200);
  flood.measure(1200);
  auto moved = level(flood.now + kStep, flood.now + kStep, 1200, 50);
  moved.set_tenant("olpe");
  const auto told = flood.alerts.feed(moved);
  ASSERT_GE(told.size(), 2u);
  EXPECT_EQ(told.front().tenant(), "menden");
  EXPECT_EQ(told.front().reason(), v1::ALERT_REASON_USE_CASE_CHANGED);
  EXPECT_EQ(told.front().state(), v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(told.back().tenant(), "olpe");
  EXPECT_EQ(told.back().state(), v1::ALERT_STATE_PENDING);
}

TEST(AlertProcessor, AnotherUnitEndsWhatWasMeasuredInTheFormer) {
  Flood flood;
  flood.measure(1200);
  flood.measure(1200);
  auto in_cm = level(flood.now + kStep, flood.now + kStep, 120, 50);
  in_cm.mutable_samples(0)->set_exponent(-2);
  const auto told = flood.alerts.feed(in_cm);
  ASSERT_GE(told.size(), 2u);
  EXPECT_EQ(told[0].reason(), v1::ALERT_REASON_SERIES_CHANGED);
  EXPECT_EQ(told[1].state(), v1::ALERT_STATE_PENDING);
}

TEST(AlertProcessor, ADeviceWithoutAUseCaseLeavesNoTrace) {
  Alerts alerts;
  auto plain = level(kStart, kStart, 5000, 1);
  plain.clear_use_case();
  alerts.feed(plain);
  alerts.commit();
  EXPECT_TRUE(alerts.rows().empty());
  auto unknown = level(kStart + 1, kStart + 1, 5000, 2);
  alerts.feed(definition(kStart, flood_use_case()));
  unknown.set_use_case("nobody defined it");
  alerts.feed(unknown);
  alerts.commit();
  EXPECT_EQ(alerts.rows().size(), 2u) << "the definition and the time";
  EXPECT_EQ(alerts.counters.value("alerts.unknown_use_case"), 1u);
}

TEST(AlertProcessor, RulesThatSayNothingAreCountedAndLeftOut) {
  auto use_case = flood_use_case();
  auto* rules = use_case.mutable_alerts();
  const auto add = [&](auto&& change) {
    auto rule = level_rule("extra", "w1", v1::SEVERITY_INFO);
    change(rule);
    *rules->Add() = rule;
  };
  add([](v1::AlertRule& r) { r.set_name("stale"); });
  add([](v1::AlertRule& r) { r.set_name(""); });
  add([](v1::AlertRule& r) { r.set_name("level-1"); });
  add([](v1::AlertRule& r) { r.set_name(std::string(65, 'x')); });
  add([](v1::AlertRule& r) { r.clear_parameter(); });
  add([](v1::AlertRule& r) { r.set_statistic("median"); });
  add([](v1::AlertRule& r) { r.set_window("PT1H"); });
  add([](v1::AlertRule& r) { r.set_comparison(v1::COMPARISON_UNSPECIFIED); });
  add([](v1::AlertRule& r) { *r.mutable_hysteresis() = decimal(-1, 0); });
  add([](v1::AlertRule& r) { *r.mutable_threshold() = decimal(1, 19); });
  Alerts alerts;
  alerts.feed(definition(kStart, use_case));
  EXPECT_EQ(alerts.counters.value("alerts.refused.rule"), 10u);
}

TEST(AlertProcessor, ADeviceWithoutItsOwnThresholdIsNotMeant) {
  Flood flood;
  auto without = level(kStart + kStep, kStart + kStep, 9000, 1);
  without.mutable_parameters()->DeleteSubrange(0, 2);
  EXPECT_EQ(words(flood.alerts.feed(without)), "level-3 pending") << "w3 is all that it has";
}

TEST(AlertProcessor, WhatADeviceSaysOfItselfIsJudgedAtOnceAlthoughItHasNoQuarters) {
  Alerts alerts;
  auto use_case = flood_use_case();
  use_case.clear_alerts();
  const auto add = [&](const std::string& name, const std::string& window) {
    auto& rule = *use_case.add_alerts();
    rule.set_name(name);
    rule.set_measure("low_battery");
    rule.set_window(window);
    if (!window.empty()) rule.set_statistic("count");
    rule.set_comparison(v1::COMPARISON_ABOVE);
    *rule.mutable_threshold() = decimal(1, 0);
    rule.set_severity(v1::SEVERITY_INFO);
  };
  add("battery", {});
  add("quarter", "PT15M");
  add("hour", "PT1H");
  alerts.feed(definition(kStart, use_case));
  auto low = bay(kGauge, kStart + kMinute, true, 1, 3600);
  low.set_use_case("flood-level");
  low.mutable_samples(0)->set_measure("low_battery");
  EXPECT_EQ(words(alerts.feed(low)), "battery firing");
  EXPECT_EQ(words(alerts.wait(kStart + kMinute, kStart + 64 * kMinute)), "");
  EXPECT_EQ(words(alerts.wait(kStart + 64 * kMinute, kStart + 66 * kMinute)), "hour firing");
}

TEST(AlertProcessor, RowsThatCannotBeReadAreAFault) {
  Flood flood;
  flood.measure(1200);
  flood.alerts.commit();
  storage::Batch damage;
  damage.put(storage::Store::alert, 0, flood.alerts.rows().front().first, "\xff\xff");
  flood.alerts.state.apply(damage);
  alerts::AlertProcessor again(std::make_unique<WindowProcessor>(plain_settings(), flood.alerts.counters),
                               flood.alerts.counters);
  EXPECT_FALSE(again.assigned(0, flood.alerts.state));
}

TEST(AlertProcessor, NextDueIsWhenADeviceIsSilent) {
  Alerts alerts;
  auto use_case = flood_use_case();
  use_case.clear_alerts();
  alerts.feed(definition(kStart, use_case));
  EXPECT_FALSE(alerts.processor->next_due(0));
  alerts.feed(level(kStart + 1, kStart + 1, 900, 1));
  // The quarter of an hour is due before: its end and grace.
  EXPECT_EQ(alerts.processor->next_due(0), base::from_us(kStart + 20 * kMinute));
  alerts.wait(kStart + 1, kStart + 25 * kMinute);
  EXPECT_EQ(alerts.processor->next_due(0), base::from_us(kStart + 1 + 30 * kMinute));
}

}  // namespace
}  // namespace lenne::processing::test
