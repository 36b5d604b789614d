// Which samples are credible: bounds, steps, stuck sensors.
#include "network/quality.hpp"

#include <gtest/gtest.h>

#include "base/decimal_order.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

constexpr std::int64_t kMinuteUs = 60 * kSecond;
constexpr auto kGood = std::uint32_t{v1::SAMPLE_FLAG_NONE};
constexpr auto kImplausible = std::uint32_t{v1::SAMPLE_FLAG_IMPLAUSIBLE};
constexpr auto kStep = std::uint32_t{v1::SAMPLE_FLAG_STEP};
constexpr auto kFlat = std::uint32_t{v1::SAMPLE_FLAG_FLAT};

v1::QualityRule& add_rule(v1::UseCase& use_case, const std::string& measure) {
  auto& rule = *use_case.add_quality();
  rule.set_measure(measure);
  return rule;
}

void set_decimal(v1::Decimal& decimal, std::int64_t value, int exponent) {
  decimal.set_value(value);
  decimal.set_exponent(exponent);
}

// One device, and one sample after the other.
struct Judged {
  v1::UseCase use_case;
  google::protobuf::RepeatedPtrField<v1::NetworkQuality> memory;
  base::Counters counters;

  // Value in hundredths, time in minutes. What is remembered goes over the disk each time.
  std::uint32_t sample(std::int64_t hundredths, double minute, const std::string& measure = "level",
                       std::uint32_t flags = 0) {
    v1::Measurement measurement;
    auto& added = *measurement.add_samples();
    added.set_measure(measure);
    added.set_kind(v1::KIND_GAUGE);
    added.set_value(hundredths);
    added.set_exponent(-2);
    added.set_time_us(kStart + static_cast<std::int64_t>(minute * static_cast<double>(kMinuteUs)));
    added.set_flags(flags);
    judge_quality(&use_case, memory, measurement, 0, counters);
    v1::NetworkDevice row, read;
    *row.mutable_quality() = memory;
    EXPECT_TRUE(read.ParseFromString(row.SerializeAsString()));
    memory = read.quality();
    EXPECT_EQ(measurement.samples(0).value(), hundredths) << "values stay";
    return measurement.samples(0).flags();
  }
};

TEST(Quality, BoundsAreCredible) {
  Judged device;
  auto& rule = add_rule(device.use_case, "level");
  set_decimal(*rule.mutable_min(), -5, -1);
  set_decimal(*rule.mutable_max(), 8, 0);
  EXPECT_EQ(device.sample(-50, 0), kGood);
  EXPECT_EQ(device.sample(800, 1), kGood);
  EXPECT_EQ(device.sample(-51, 2), kImplausible);
  EXPECT_EQ(device.sample(801, 3), kImplausible);
  EXPECT_EQ(device.sample(99'999, 4, "distance"), kGood) << "no rule, no judgement";
  EXPECT_TRUE(device.memory.empty()) << "bounds need no memory";
  EXPECT_EQ(device.counters.value("network.quality.implausible.gauge"), 2U);
}

TEST(Quality, AStepWaitsForTheNextSample) {
  Judged device;
  set_decimal(*add_rule(device.use_case, "level").mutable_step_per_minute(), 20, -2);
  EXPECT_EQ(device.sample(1'000, 0), kGood) << "nothing is known before";
  EXPECT_EQ(device.sample(1'020, 1), kGood) << "as fast as is allowed";
  EXPECT_EQ(device.sample(1'041, 2), kStep) << "one hundredth faster";
  EXPECT_EQ(device.sample(1'060, 3), kGood) << "it is there again within what is allowed since the last good one";
  EXPECT_EQ(device.sample(5'000, 4), kStep) << "a spike";
  EXPECT_EQ(device.sample(1'065, 5), kGood) << "and back";
  EXPECT_EQ(device.sample(5'000, 6), kStep);
  EXPECT_EQ(device.sample(5'020, 7), kGood) << "the new level is confirmed";
  EXPECT_EQ(device.sample(5'021, 8), kGood) << "and counts from here on";
  EXPECT_EQ(device.sample(1'065, 9), kStep) << "the old level is the step now";
  EXPECT_EQ(device.sample(9'000, 10), kStep) << "another one confirms nothing";
  EXPECT_EQ(device.sample(9'000, 1'000), kGood) << "much may happen in a day";
  EXPECT_EQ(device.counters.value("network.quality.step.gauge"), 5U);
}

TEST(Quality, SecondsApartAMinutesChangeIsAllowed) {
  Judged device;
  set_decimal(*add_rule(device.use_case, "level").mutable_step_per_minute(), 20, -2);
  EXPECT_EQ(device.sample(1'000, 0), kGood);
  EXPECT_EQ(device.sample(1'020, 1.0 / 60), kGood);
  EXPECT_EQ(device.sample(1'041, 2.0 / 60), kStep);
}

TEST(Quality, WhatIsImplausibleConfirmsNothing) {
  Judged device;
  auto& rule = add_rule(device.use_case, "level");
  set_decimal(*rule.mutable_max(), 90, 0);
  set_decimal(*rule.mutable_step_per_minute(), 20, -2);
  EXPECT_EQ(device.sample(1'000, 0), kGood);
  EXPECT_EQ(device.sample(9'001, 1), kImplausible);
  EXPECT_EQ(device.sample(9'000, 2), kStep);
  EXPECT_EQ(device.sample(9'000, 3), kGood);
}

TEST(Quality, EqualValuesAreAStuckSensor) {
  Judged device;
  add_rule(device.use_case, "level").set_flat_after(3);
  std::vector<std::uint32_t> flags;
  for (const auto value : {5, 5, 5, 5, 6, 6, 5, 5, 5}) {
    flags.push_back(device.sample(value, static_cast<double>(flags.size())));
  }
  EXPECT_EQ(flags, (std::vector{kGood, kGood, kFlat, kFlat, kGood, kGood, kGood, kGood, kFlat}));
  EXPECT_EQ(device.memory.Get(0).run(), 3U) << "counted as far as it matters";
}

TEST(Quality, WhatIsNotNewIsJudgedByItsBoundsAlone) {
  Judged device;
  auto& rule = add_rule(device.use_case, "level");
  set_decimal(*rule.mutable_max(), 90, 0);
  set_decimal(*rule.mutable_step_per_minute(), 20, -2);
  rule.set_flat_after(2);
  EXPECT_EQ(device.sample(1'000, 10), kGood);
  const auto before = device.memory.Get(0).SerializeAsString();
  EXPECT_EQ(device.sample(5'000, 5), kGood) << "of a log";
  EXPECT_EQ(device.sample(1'000, 10), kGood) << "the same time";
  EXPECT_EQ(device.sample(9'001, 5), kImplausible);
  EXPECT_EQ(device.sample(5'000, 11, "level", v1::SAMPLE_FLAG_CLOCK_SUSPECT),
            std::uint32_t{v1::SAMPLE_FLAG_CLOCK_SUSPECT});
  EXPECT_EQ(device.memory.Get(0).SerializeAsString(), before) << "and not remembered";
  EXPECT_EQ(device.sample(1'000, 12), kFlat);
}

TEST(Quality, ARuleHoldsForNumberedMeasures) {
  Judged device;
  set_decimal(*add_rule(device.use_case, "temperature").mutable_max(), 50, 0);
  set_decimal(*add_rule(device.use_case, "temperature.3").mutable_max(), 80, 0);
  EXPECT_EQ(device.sample(6'000, 0, "temperature"), kImplausible);
  EXPECT_EQ(device.sample(6'000, 0, "temperature.2"), kImplausible);
  EXPECT_EQ(device.sample(6'000, 0, "temperature.3"), kGood) << "its own goes before";
  EXPECT_EQ(device.sample(6'000, 0, "temperature.soil"), kGood) << "that is something else";
  EXPECT_EQ(device.sample(6'000, 0, "temperature."), kGood);
}

TEST(Quality, WhatIsRememberedIsBounded) {
  Judged device;
  add_rule(device.use_case, "level").set_flat_after(2);
  for (int i = 0; i <= kQualityMeasures; ++i) device.sample(1, 0, "level." + std::to_string(i));
  EXPECT_EQ(device.memory.size(), kQualityMeasures);
  EXPECT_EQ(device.counters.value("network.quality.no_room"), 1U);
  EXPECT_TRUE(std::ranges::is_sorted(device.memory, {}, &v1::NetworkQuality::measure));
  v1::Measurement nothing;
  device.use_case.mutable_quality(0)->set_measure("level.7");
  EXPECT_TRUE(judge_quality(&device.use_case, device.memory, nothing, 0, device.counters));
  ASSERT_EQ(device.memory.size(), 1) << "what no rule asks for is forgotten";
  EXPECT_EQ(device.memory.Get(0).measure(), "level.7");
  EXPECT_TRUE(judge_quality(nullptr, device.memory, nothing, 0, device.counters));
  EXPECT_TRUE(device.memory.empty());
  EXPECT_FALSE(judge_quality(nullptr, device.memory, nothing, 0, device.counters)) << "nothing to write";
}

TEST(Quality, AnotherResolutionBeginsAnew) {
  Judged device;
  set_decimal(*add_rule(device.use_case, "level").mutable_step_per_minute(), 20, -2);
  EXPECT_EQ(device.sample(1'000, 0), kGood);
  device.memory.Mutable(0)->set_exponent(-6);
  EXPECT_EQ(device.sample(9'000, 1), kGood);
  EXPECT_EQ(device.sample(5'000, 2), kStep);
}

TEST(Quality, IsPartOfTheStep) {
  Rig rig;
  Sensor sensor;
  sensor.address = {0x01020304};
  sensor.keys.f_nwk_s_int_key.bytes.fill(9);
  sensor.keys.s_nwk_s_int_key = sensor.keys.nwk_s_enc_key = sensor.keys.f_nwk_s_int_key;
  sensor.keys.app_s_key.bytes.fill(8);
  auto device = sensor.abp(rig.vault);
  device.set_use_case("level");
  v1::Object object;
  object.mutable_use_case()->set_name("level");
  auto& rule = add_rule(*object.mutable_use_case(), "temperature");
  set_decimal(*rule.mutable_step_per_minute(), 1, 0);
  set_decimal(*rule.mutable_max(), 100, 0);
  rig.feed(put(object, kStart));
  rig.feed(put(device, kStart));
  const auto flags = [&](std::uint32_t minute, const char* value) {
    rig.forget_outputs();
    rig.feed(hear(sensor.uplink(minute, value), kStart + minute * kMinuteUs));
    rig.commit();
    return rig.measurements().at(0).samples(0).flags();
  };
  EXPECT_EQ(flags(1, "\x10"), kGood);
  EXPECT_EQ(flags(2, "\x7f"), kImplausible);
  EXPECT_EQ(flags(3, "\x30"), kStep);
  ASSERT_EQ(rig.row(sensor.eui).quality_size(), 1) << "kept in the device's row";
  rig.restart_processor();
  EXPECT_EQ(flags(4, "\x31"), kGood) << "a restart forgets nothing";
  EXPECT_EQ(rig.counter("network.quality.step.unspecified"), 1U);
  device.set_use_case("");
  rig.feed(put(device, kStart + 5 * kMinuteUs));
  EXPECT_EQ(flags(6, "\x7f"), kGood);
  EXPECT_EQ(rig.row(sensor.eui).quality_size(), 0) << "a device without rules costs nothing";
}

// A level that is computed from a distance: both may have rules, and what follows from a flagged sample is flagged.
TEST(Quality, JudgesWhatIsDerivedAsWell) {
  Rig rig;
  Sensor sensor;
  sensor.address = {0x01020304};
  sensor.keys.f_nwk_s_int_key.bytes.fill(9);
  sensor.keys.s_nwk_s_int_key = sensor.keys.nwk_s_enc_key = sensor.keys.f_nwk_s_int_key;
  sensor.keys.app_s_key.bytes.fill(8);
  auto device = sensor.abp(rig.vault);
  device.set_use_case("air");
  v1::Object object;
  object.mutable_use_case()->set_name("air");
  object.mutable_use_case()->add_derive()->set_measure("dew_point");
  set_decimal(*add_rule(*object.mutable_use_case(), "dew_point").mutable_step_per_minute(), 1, 0);
  set_decimal(*add_rule(*object.mutable_use_case(), "temperature").mutable_max(), 50, 0);
  rig.feed(put(object, kStart));
  rig.feed(put(device, kStart));
  const auto flags = [&](std::uint32_t minute, std::uint8_t temperature, std::uint8_t humidity) {
    rig.forget_outputs();
    const std::string payload{static_cast<char>(temperature), '\0', static_cast<char>(humidity)};
    rig.feed(hear(sensor.uplink(minute, payload), kStart + minute * kMinuteUs));
    const auto measurement = rig.measurements().at(0);
    EXPECT_EQ(measurement.samples(2).measure(), "dew_point");
    return std::pair(measurement.samples(0).flags(), measurement.samples(2).flags());
  };
  EXPECT_EQ(flags(1, 20, 50), std::pair(kGood, kGood));
  EXPECT_EQ(flags(2, 20, 90), std::pair(kGood, kStep)) << "9.3 to 18.3 °C in a minute";
  EXPECT_EQ(flags(3, 20, 90), std::pair(kGood, kGood));
  EXPECT_EQ(flags(4, 60, 90), std::pair(kImplausible, kImplausible)) << "it inherits the flag";
  EXPECT_EQ(flags(5, 20, 90), std::pair(kGood, kGood)) << "and was not remembered";
}

TEST(DecimalOrder, IsExactAcrossResolutions) {
  using base::compare;
  EXPECT_EQ(compare(11, -1, 110, -2), std::strong_ordering::equal);
  EXPECT_EQ(compare(1'100'001, -6, 11, -1), std::strong_ordering::greater);
  EXPECT_EQ(compare(-1'100'001, -6, -11, -1), std::strong_ordering::less);
  EXPECT_EQ(compare(base::Int128{1} << 119, 18, 1, -18), std::strong_ordering::greater);
  EXPECT_EQ(compare(-(base::Int128{1} << 119), 18, base::Int128{1} << 119, -18), std::strong_ordering::less);
  EXPECT_EQ(compare(1, -18, base::Int128{1} << 119, 18), std::strong_ordering::less);
  EXPECT_EQ(compare(0, 18, 0, -18), std::strong_ordering::equal);
  EXPECT_EQ(compare(1, 18, 1'000'000'000'000'000'000, 0), std::strong_ordering::equal);
}

}  // namespace
}  // namespace lenne::network::test
