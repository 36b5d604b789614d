// Results of the past by other rules: what they are, what stands beside them, and what is refused.
#include "app/backfill/backfill.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "app/backfill/rejudge.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "network/quality.hpp"
#include "processing/derived/derive.hpp"
#include "processing/keys.hpp"
#include "processing/window_processor.hpp"
#include "storage/memory/memory_log.hpp"

namespace lenne::app {
namespace {

using storage::Topic;

constexpr std::int64_t kSecondsUs = 1'000'000;
constexpr std::int64_t kMinutesUs = 60 * kSecondsUs;
constexpr std::int64_t kHoursUs = 60 * kMinutesUs;
constexpr std::int64_t kBegin = 1'792'886'400 * kSecondsUs;  // 2026-10-25T00:00:00Z
constexpr std::uint64_t kSensor = 0x70b3d5499a3d1c02;

/// A temperature of at most so many °C is credible, of which dew points are derived.
v1::UseCase rules_of(std::uint32_t version, std::int64_t most) {
  v1::UseCase rules;
  rules.set_name("school-air");
  rules.set_version(version);
  rules.add_derive()->set_measure("dew_point");
  auto& quality = *rules.add_quality();
  quality.set_measure("temperature");
  quality.mutable_max()->set_value(most);
  quality.mutable_step_per_minute()->set_value(2);
  quality.set_flat_after(4);
  return rules;
}

/// 20 to 26 °C, a degree a minute: no step.
std::int64_t wave(int minute) { return 20 + std::abs(minute % 12 - 6); }

/// What the network step and the windows made of a sensor, in a log.
class Backfilled : public ::testing::Test {
 protected:
  Backfilled() {
    for (std::uint32_t p = 0; p < 2; ++p) EXPECT_TRUE(windows.assigned(p, rows.state()));
  }

  /// An uplink a minute after the one before, judged by the rules as they are now.
  void uplink(std::int64_t temperature, std::uint64_t device = kSensor) {
    now_us += kMinutesUs;
    v1::Measurement measurement;
    measurement.set_dev_eui(device);
    measurement.set_tenant("menden");
    measurement.set_received_us(now_us);
    measurement.set_session(1);
    measurement.set_f_cnt(++f_cnt);
    measurement.set_nominal_interval_s(60);
    measurement.set_use_case(rules.name());
    measurement.set_use_case_version(rules.version());
    measurement.set_use_case_fingerprint(processing::derived::fingerprint_of(rules));
    const auto add = [&](const char* measure, const char* unit, std::int64_t value) {
      auto& sample = *measurement.add_samples();
      sample.set_measure(measure);
      sample.set_unit(unit);
      sample.set_kind(v1::KIND_GAUGE);
      sample.set_value(value);
      sample.set_index(static_cast<std::uint32_t>(measurement.samples_size() - 1));
      sample.set_time_us(now_us);
    };
    add("temperature", "Cel", temperature);
    add("relative_humidity", "%RH", 50);
    sent.push_back({now_us, temperature});
    network::judge_quality(&rules, memory[device], measurement, 0, counters);
    EXPECT_EQ(processing::derived::derive(rules, measurement).no_parameter, 0U);
    add("uplinks_lost", "count", 0);
    measurement.mutable_samples(measurement.samples_size() - 1)->set_kind(v1::KIND_EVENT);
    record(measurement);
  }
  void tick(std::int64_t at_us) {
    now_us = at_us;
    v1::Measurement measurement;
    measurement.set_received_us(now_us);
    measurement.set_tick(true);
    record(measurement);
  }
  void record(const v1::Measurement& measurement) {
    const auto value = measurement.SerializeAsString();
    storage::Batch batch;
    const auto partition = static_cast<std::uint32_t>(measurement.dev_eui() % 2);
    batch.append(Topic::measurement, partition, measurement.tenant(), {}, value);
    ASSERT_TRUE(log.append(batch));
    batch.clear();
    ASSERT_EQ(windows.step({Topic::measurement, partition, 0, {}, {}, {}, value, false}, batch),
              processing::Progress::done);
    storage::Batch results;
    for (std::size_t i = 0; i < batch.appends(); ++i) {
      const auto one = batch.append_at(i);
      if (one.topic == Topic::aggregate) results.append(one.topic, one.partition, one.tenant, one.key, one.value);
    }
    if (!results.empty()) {
      ASSERT_TRUE(log.append(results));
    }
  }

  base::Result<Backfill> fill(const v1::UseCase& by, bool write = true) {
    return backfill(settings, log, {by, base::from_us(kBegin), base::from_us(kBegin + 2 * kHoursUs), write});
  }
  /// The last result of each key; of a backfill or those that stand.
  std::map<std::string, v1::Aggregate> results(bool backfilled) const {
    std::map<std::string, v1::Aggregate> found;
    const auto reader = log.reader({Topic::aggregate}).value();
    EXPECT_TRUE(reader->seek({storage::SeekTo::Where::beginning}));
    for (auto poll = reader->poll_to_end(1000).value(); !poll.records.empty();
         poll = reader->poll_to_end(1000).value()) {
      for (const auto& one : poll.records) {
        const std::string key(one.key);
        if (processing::is_backfilled(key) != backfilled) continue;
        if (one.tombstone) {
          found.erase(key);
        } else {
          EXPECT_TRUE(found[key].ParseFromString(std::string(one.value)));
        }
      }
    }
    return found;
  }
  v1::Aggregate hour_of(const std::map<std::string, v1::Aggregate>& all, const std::string& measure) const {
    const auto found = all.find(processing::aggregate_key(kSensor, measure, {kBegin, 3600}));
    EXPECT_NE(found, all.end()) << measure;
    return found == all.end() ? v1::Aggregate() : found->second;
  }
  /// How many of the first hour's temperatures are at most that, by what was sent alone.
  std::uint64_t credible(std::int64_t most) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(
        sent, [&](const auto& one) { return one.first < kBegin + kHoursUs && one.second <= most; }));
  }

  base::ManualClock clock{base::from_us(kBegin)};
  mutable storage::MemoryLog log{2, clock};
  storage::MemoryLog rows{2, clock};
  processing::WindowSettings settings{
      .watermark_delay = base::Duration{0}, .spread = false, .horizon = base::Duration{0}};
  base::Counters counters;
  processing::WindowProcessor windows{settings, counters};
  v1::UseCase rules = rules_of(1, 30);
  std::map<std::uint64_t, google::protobuf::RepeatedPtrField<v1::NetworkQuality>> memory;
  std::vector<std::pair<std::int64_t, std::int64_t>> sent;  ///< time and temperature
  std::int64_t now_us = kBegin;
  std::uint32_t f_cnt = 0;
};

TEST_F(Backfilled, TheSameRulesUnderANewVersionSayTheSame) {
  for (int i = 0; i < 90; ++i) uplink(wave(i) + (i % 11 == 0 ? 40 : 0));
  tick(kBegin + 3 * kHoursUs);
  const auto before = results(false);
  const auto done = fill(rules_of(2, 30));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->records, 90U);
  EXPECT_GT(done->equal, 20U);
  EXPECT_EQ(done->changed + done->added + done->missing, 0U) << done->first.front();
  EXPECT_EQ(done->written, done->equal);
  const auto made = results(true);
  EXPECT_EQ(made.size(), done->written);
  for (const auto& [key, result] : made) {
    ASSERT_EQ(result.rules_size(), 1) << key;
    EXPECT_EQ(result.rules(0).version(), 2U);
    EXPECT_TRUE(result.backfill().starts_with("school-air@2/")) << result.backfill();
    EXPECT_TRUE(result.measure().ends_with("@2")) << key;
  }
  const auto after = results(false);
  ASSERT_EQ(after.size(), before.size());
  for (const auto& [key, result] : before) EXPECT_EQ(after.at(key).SerializeAsString(), result.SerializeAsString());
  EXPECT_EQ(fill(rules_of(2, 30))->written, 0U) << "once more changes nothing";
}

TEST_F(Backfilled, OtherRulesSayWhatTheyWouldHaveSaid) {
  for (int i = 0; i < 90; ++i) uplink(wave(i));
  tick(kBegin + 3 * kHoursUs);
  EXPECT_EQ(hour_of(results(false), "temperature").gauge().count(), credible(30));
  const auto looked = fill(rules_of(2, 23), false);
  ASSERT_TRUE(looked);
  EXPECT_EQ(looked->written, 0U);
  EXPECT_TRUE(results(true).empty());
  const auto done = fill(rules_of(2, 23));
  ASSERT_TRUE(done);
  EXPECT_EQ(std::tuple(done->changed, done->equal), std::tuple(looked->changed, looked->equal));
  EXPECT_GT(done->changed, 0U);
  EXPECT_GT(done->equal, 0U) << "humidity has no rule";
  const auto made = results(true);
  EXPECT_EQ(hour_of(made, "temperature@2").gauge().count(), credible(23));
  EXPECT_LT(credible(23), credible(30));
  EXPECT_EQ(hour_of(made, "dew_point@2").gauge().count(), credible(23))
      << "what is derived of a flagged one is flagged";
  EXPECT_EQ(hour_of(made, "relative_humidity@2").gauge().count(),
            hour_of(results(false), "relative_humidity").gauge().count());
  EXPECT_FALSE(made.contains(processing::aggregate_key(kSensor, "uplinks_lost@2", {kBegin, 3600}))) << "no rule's";
}

TEST_F(Backfilled, AWindowThatIsHalfByEachRuleBecomesWholeBesideIt) {
  for (int i = 0; i < 30; ++i) uplink(wave(i));
  rules = rules_of(2, 23);
  for (int i = 0; i < 40; ++i) uplink(wave(i));
  tick(kBegin + 3 * kHoursUs);
  EXPECT_EQ(hour_of(results(false), "temperature").rules_size(), 2) << "it says so";
  const auto done = fill(rules_of(2, 23));
  ASSERT_TRUE(done) << done.error().message;
  const auto hour = hour_of(results(true), "temperature@2");
  ASSERT_EQ(hour.rules_size(), 1);
  EXPECT_EQ(hour.gauge().count(), credible(23));
}

TEST_F(Backfilled, WhatStandsOnlyBeforeOrOnlyNowIsCounted) {
  for (int i = 0; i < 70; ++i) uplink(40 + i % 7);  // above all bounds: no results of temperature
  tick(kBegin + 3 * kHoursUs);
  EXPECT_FALSE(results(false).contains(processing::aggregate_key(kSensor, "temperature", {kBegin, 3600})));
  EXPECT_GT(fill(rules_of(2, 60), false)->added, 0U);
  auto without_dew_point = rules_of(3, 60);
  without_dew_point.clear_derive();
  EXPECT_EQ(fill(without_dew_point, false)->missing, 0U);
  rules = rules_of(4, 60);
  for (int i = 0; i < 10; ++i) uplink(40 + i);
  tick(kBegin + 9 * kHoursUs);
  without_dew_point.set_version(5);
  const auto done =
      backfill(settings, log, {without_dew_point, base::from_us(kBegin), base::from_us(kBegin + 8 * kHoursUs), false});
  ASSERT_TRUE(done);
  EXPECT_GT(done->missing, 0U);
}

TEST_F(Backfilled, AFailedWriteLeavesNothingAndTheNextOneAll) {
  for (int i = 0; i < 70; ++i) uplink(wave(i));
  tick(kBegin + 3 * kHoursUs);
  log.disk().fail_write(1);
  EXPECT_FALSE(fill(rules_of(2, 23)));
  EXPECT_TRUE(results(true).empty());
}

TEST_F(Backfilled, DroppedAsAWhole) {
  for (int i = 0; i < 70; ++i) uplink(wave(i));
  tick(kBegin + 3 * kHoursUs);
  const auto stand = results(false).size();
  ASSERT_TRUE(fill(rules_of(2, 23)));
  const auto third = fill(rules_of(3, 24));
  ASSERT_TRUE(third);
  EXPECT_EQ(drop_backfill(log, "school-air", 9).value(), 0U);
  EXPECT_GT(drop_backfill(log, "school-air", 2).value(), 0U);
  EXPECT_EQ(results(true).size(), third->written);
  EXPECT_EQ(results(false).size(), stand);
  EXPECT_EQ(drop_backfill(log, "school-air", 2).value(), 0U);
  const auto again = fill(rules_of(2, 25));
  ASSERT_TRUE(again);
  EXPECT_GT(again->written, 0U) << "a version that was dropped may be others'";
}

TEST_F(Backfilled, OneVersionIsOneSetOfRules) {
  for (int i = 0; i < 70; ++i) uplink(wave(i));
  tick(kBegin + 3 * kHoursUs);
  const auto as_live = fill(rules_of(1, 23));
  ASSERT_FALSE(as_live) << "version 1 means others";
  EXPECT_EQ(as_live.error().code, "backfill_version");
  ASSERT_TRUE(fill(rules_of(2, 23)));
  const auto other = fill(rules_of(2, 24));
  ASSERT_FALSE(other) << "half of them would be by the one, half by the other";
  EXPECT_EQ(other.error().code, "backfill_version");
  EXPECT_EQ(hour_of(results(true), "temperature@2").gauge().count(), credible(23));
}

TEST_F(Backfilled, RecordsThatDoNotSayWhatWasDerivedAreRefused) {
  uplink(20);
  v1::Measurement old;
  old.set_dev_eui(kSensor);
  old.set_tenant("menden");
  old.set_received_us(now_us + 1);
  old.set_use_case("school-air");
  record(old);
  const auto done = fill(rules_of(2, 23));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "backfill_records");
}

TEST(Rejudge, IsWhatTheNetworkStepWouldHaveDone) {
  const auto first = rules_of(1, 30);
  auto second = rules_of(2, 26);
  second.mutable_quality(0)->mutable_step_per_minute()->set_value(1);
  second.mutable_quality(0)->set_flat_after(2);
  Rejudge again(second);
  base::Counters counters;
  google::protobuf::RepeatedPtrField<v1::NetworkQuality> by_first;
  google::protobuf::RepeatedPtrField<v1::NetworkQuality> by_second;
  std::uint32_t flagged = 0;
  for (int i = 0; i < 200; ++i) {
    v1::Measurement sent;
    sent.set_dev_eui(kSensor);
    sent.set_use_case("school-air");
    for (const auto& [measure, value] : {std::pair("temperature", 20 + i * i % 9), {"relative_humidity", 40}}) {
      auto& sample = *sent.add_samples();
      sample.set_measure(measure);
      sample.set_kind(v1::KIND_GAUGE);
      sample.set_value(value);
      sample.set_index(static_cast<std::uint32_t>(sent.samples_size() - 1));
      sample.set_time_us(kBegin + i * kMinutesUs);
      if (i % 17 == 0) sample.set_flags(v1::SAMPLE_FLAG_CLOCK_SUSPECT);
    }
    const auto judged = [&](const v1::UseCase& rules, auto& memory) {
      auto record = sent;
      record.set_use_case_version(rules.version());
      record.set_use_case_fingerprint(processing::derived::fingerprint_of(rules));
      network::judge_quality(&rules, memory, record, 0, counters);
      const auto count = record.samples_size();
      EXPECT_EQ(processing::derived::derive(rules, record).no_parameter, 0U);
      network::judge_quality(&rules, memory, record, count, counters);
      return record;
    };
    auto record = judged(first, by_first);
    const auto wanted = judged(second, by_second);
    ASSERT_TRUE(again.apply(record));
    ASSERT_EQ(record.SerializeAsString(), wanted.SerializeAsString()) << i;
    flagged |= record.samples(0).flags();
  }
  EXPECT_EQ(flagged & (v1::SAMPLE_FLAG_IMPLAUSIBLE | v1::SAMPLE_FLAG_STEP | v1::SAMPLE_FLAG_FLAT),
            v1::SAMPLE_FLAG_IMPLAUSIBLE | v1::SAMPLE_FLAG_STEP | v1::SAMPLE_FLAG_FLAT);
}

}  // namespace
}  // namespace lenne::app
