// Which rules a result is made by.
#include "processing/applied_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "processing/pane_rows.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

v1::Measurement judged(v1::Measurement measurement, std::uint32_t version, std::uint32_t fingerprint = 7) {
  measurement.set_use_case("school-air");
  measurement.set_use_case_version(version);
  measurement.set_use_case_fingerprint(fingerprint);
  return measurement;
}

std::vector<std::uint32_t> versions(const v1::Aggregate& result) {
  std::vector<std::uint32_t> all;
  for (const auto& rules : result.rules()) {
    EXPECT_EQ(rules.use_case(), "school-air");
    all.push_back(rules.version());
  }
  return all;
}

const v1::Aggregate& of_window(const std::vector<v1::Aggregate>& results, std::string_view window, std::int64_t start) {
  const auto found = std::ranges::find_if(
      results, [&](const auto& result) { return result.window() == window && result.start_us() == start; });
  EXPECT_NE(found, results.end()) << window;
  return found == results.end() ? v1::Aggregate::default_instance() : *found;
}

constexpr std::int64_t kQuarter = 15 * kMinute;
using Versions = std::vector<std::uint32_t>;

TEST(AppliedRules, AResultSaysByWhichRulesItWasMade) {
  Windows windows(plain_settings());
  std::vector<v1::Aggregate> results;
  const auto feed = [&](std::int64_t time_us, std::uint32_t f_cnt, std::uint32_t version) {
    auto measurement = gauge(1, time_us, time_us, 20, f_cnt);
    if (version != 0) measurement = judged(std::move(measurement), version);
    for (auto& result : Windows::aggregates(windows.feed(measurement))) results.push_back(std::move(result));
  };
  feed(kStart + kMinute, 1, 1);
  feed(kStart + kQuarter, 2, 1);
  windows.commit();
  windows.restart();  // what a pane knows of its rules is in its row
  feed(kStart + 2 * kQuarter - kMinute, 3, 2);
  feed(kStart + 2 * kQuarter, 4, 2);
  feed(kStart + 3 * kQuarter, 5, 0);  // it has no use case any more
  for (auto& result : windows.tick(kStart + 2 * kHour)) results.push_back(std::move(result));
  EXPECT_EQ(versions(of_window(results, "PT15M", kStart)), Versions{1});
  EXPECT_EQ(versions(of_window(results, "PT15M", kStart + kQuarter)), (Versions{1, 2})) << "it changed inside";
  EXPECT_EQ(versions(of_window(results, "PT15M", kStart + 2 * kQuarter)), Versions{2});
  EXPECT_EQ(versions(of_window(results, "PT15M", kStart + 3 * kQuarter)), Versions{});
  EXPECT_EQ(versions(of_window(results, "PT1H", kStart)), (Versions{1, 2}));
}

TEST(AppliedRules, WhatIsLeftOutWasJudgedTooAndASeriesHasItsOwn) {
  Windows windows(plain_settings());
  auto first = record(1, kStart + kMinute, 1);
  add_sample(first, v1::KIND_GAUGE, kStart + kMinute, 20);
  add_sample(first, v1::KIND_STATE, kStart + kMinute, 1);
  windows.feed(judged(first, 1));
  auto second = record(1, kStart + 2 * kMinute, 2);
  add_sample(second, v1::KIND_GAUGE, kStart + 2 * kMinute, 900, v1::SAMPLE_FLAG_IMPLAUSIBLE);
  windows.feed(judged(second, 2));
  const auto results = windows.tick(kStart + 2 * kHour);
  for (const auto& result : results) {
    if (result.start_us() != kStart || result.window() != "PT15M") continue;
    EXPECT_EQ(versions(result), (result.measure() == "temperature" ? Versions{1, 2} : Versions{1}));
  }
}

TEST(AppliedRules, WhatADeviceSaysOfItselfIsJudgedByThemWhatTheNetworkMeasuresIsNot) {
  Windows windows(plain_settings());
  auto both = record(1, kStart, 1);
  add_sample(both, v1::KIND_GAUGE, kStart, 3);
  both.mutable_samples(0)->set_measure("battery_voltage");
  add_sample(both, v1::KIND_EVENT, kStart, 0);
  both.mutable_samples(1)->set_measure("uplinks_lost");
  windows.feed(judged(both, 1));
  const auto results = windows.tick(kStart + 2 * kHour);
  ASSERT_EQ(results.size(), 2U);
  for (const auto& result : results)
    EXPECT_EQ(versions(result), (result.measure() == "battery_voltage" ? Versions{1} : Versions{})) << result.measure();
}

TEST(AppliedRules, TheSameVersionWithOtherRulesOrParametersIsToldApart) {
  Windows windows(plain_settings());
  auto first = judged(gauge(1, kStart, kStart, 20, 1), 1);
  auto& height = *first.add_parameters();
  height.set_name("sensor_height");
  height.mutable_value()->set_value(3);
  windows.feed(first);
  auto second = first;
  second.set_f_cnt(2);
  second.mutable_samples(0)->set_time_us(kStart + kMinute);
  second.mutable_parameters(0)->mutable_value()->set_value(4);
  windows.feed(second);
  auto third = second;
  third.set_f_cnt(3);
  third.set_received_us(kStart + 2 * kMinute);
  third.mutable_samples(0)->set_time_us(kStart + 2 * kMinute);
  third.set_use_case_fingerprint(8);
  windows.feed(third);
  EXPECT_EQ(versions(of_window(windows.tick(kStart + 2 * kHour), "PT15M", kStart)), (Versions{1, 1, 1}));
}

TEST(AppliedRules, ALateSampleByOtherRulesIsACorrection) {
  auto settings = plain_settings();
  settings.horizon = std::chrono::hours{24};
  Windows windows(settings);
  windows.feed(judged(gauge(1, kStart, kStart, 20, 1), 1));
  EXPECT_EQ(versions(of_window(windows.tick(kStart + kHour), "PT15M", kStart)), Versions{1});
  auto late = judged(gauge(1, kStart + kHour, kStart + kMinute, 900, 2), 2);
  late.mutable_samples(0)->set_flags(v1::SAMPLE_FLAG_IMPLAUSIBLE);
  const auto corrected = Windows::aggregates(windows.feed(late));
  EXPECT_EQ(versions(of_window(corrected, "PT15M", kStart)), (Versions{1, 2}));
  EXPECT_EQ(of_window(corrected, "PT15M", kStart).revision(), 1U);
}

TEST(AppliedRules, MergingIsTheSameInAnyOrderAndBounded) {
  std::vector<AppliedRules> all;
  for (std::uint32_t i = 0; i < 12; ++i) all.push_back({"school-air", i, i * 31});
  RuleSet forwards;
  RuleSet backwards;
  for (std::size_t i = 0; i < all.size(); ++i) {
    forwards.merge(RuleSet(all[i]));
    forwards.merge(RuleSet(all[i / 2]));
    backwards.merge(RuleSet(all[all.size() - 1 - i]));
  }
  EXPECT_EQ(forwards, backwards);
  EXPECT_TRUE(std::ranges::equal(forwards.all(), std::span(all).first(RuleSet::kMost)));
}

TEST(AppliedRules, ARowThatNamesRulesThatItDoesNotHaveIsNone) {
  Pane pane;
  pane.window = {kStart, 900};
  pane.dev_eui = 1;
  Definitions definitions;
  SeriesPane series;
  series.definition = definitions.of("temperature", "Cel", v1::KIND_GAUGE, -6, 0);
  series.rules = RuleSet({{"a", 1, 1}, {"b", 2, 2}});
  pane.series = {series};
  std::string value;
  write_pane(pane, value);
  const auto read = parse_pane(value, pane.window, 1, definitions);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->series, pane.series);
  v1::DevicePane row;
  ASSERT_TRUE(row.ParseFromString(value));
  row.mutable_series(0)->set_rules(1, 2);
  EXPECT_FALSE(parse_pane(row.SerializeAsString(), pane.window, 1, definitions));
  row.mutable_series(0)->set_rules(1, 0);
  EXPECT_FALSE(parse_pane(row.SerializeAsString(), pane.window, 1, definitions)) << "twice the same";
}

}  // namespace
}  // namespace lenne::processing::test
