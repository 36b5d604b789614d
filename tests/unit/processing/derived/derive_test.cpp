// From a use case's rules and an uplink's samples to derived samples.
#include <gtest/gtest.h>

#include "decode/quantities.hpp"
#include "processing/derived/derivations.hpp"
#include "processing/derived/derive.hpp"

namespace lenne::processing::derived {
namespace {

v1::Sample& send(v1::Measurement& measurement, const std::string& measure, std::int64_t value, int exponent = -6,
                 std::int64_t time_us = 1'000'000) {
  auto& sample = *measurement.add_samples();
  sample.set_measure(measure);
  sample.set_kind(v1::KIND_GAUGE);
  sample.set_value(value);
  sample.set_exponent(exponent);
  sample.set_time_us(time_us);
  sample.set_time_source(v1::TIME_SOURCE_PAYLOAD);
  sample.set_index(static_cast<std::uint32_t>(measurement.samples_size() - 1));
  return sample;
}

void set(v1::Parameter& parameter, const std::string& name, std::int64_t value, int exponent) {
  parameter.set_name(name);
  parameter.mutable_value()->set_value(value);
  parameter.mutable_value()->set_exponent(exponent);
}

v1::UseCase wants(std::initializer_list<const char*> measures) {
  v1::UseCase use_case;
  for (const auto* measure : measures) use_case.add_derive()->set_measure(measure);
  return use_case;
}

v1::Measurement air(std::int64_t celsius, std::int64_t percent) {
  v1::Measurement measurement;
  send(measurement, "temperature", celsius * 1'000'000);
  send(measurement, "relative_humidity", percent * 1'000'000);
  return measurement;
}

TEST(Derive, NoiseByItsEnergy) {
  v1::Measurement measurement;
  send(measurement, "sound_level", 60'000'000);
  EXPECT_EQ(derive(wants({"sound_energy"}), measurement).added, 1U);
  EXPECT_EQ(measurement.samples(1).value(), 1'000'000);
  EXPECT_EQ(measurement.samples(1).exponent(), 0);
}

TEST(Derive, WindByItsComponents) {
  v1::Measurement measurement;
  send(measurement, "wind_speed", 4'000'000);
  send(measurement, "wind_direction", 270'000'000);
  send(measurement, "wind_speed.gust", 9'000'000);
  EXPECT_EQ(derive(wants({"eastward_wind", "northward_wind"}), measurement).added, 2U) << "gusts have no direction";
  EXPECT_EQ(measurement.samples(3).value(), 4'000);
  EXPECT_EQ(measurement.samples(3).exponent(), -3);
  EXPECT_EQ(measurement.samples(4).value(), 0);
}

TEST(Derive, AppendsOrdinarySamples) {
  auto measurement = air(20, 50);
  const auto counts = derive(wants({"dew_point", "humidex"}), measurement);
  EXPECT_EQ(counts.added, 2U);
  ASSERT_EQ(measurement.samples_size(), 4);
  const auto& dew = measurement.samples(2);
  EXPECT_EQ(dew.measure(), "dew_point");
  EXPECT_EQ(dew.unit(), "Cel");
  EXPECT_EQ(dew.kind(), v1::KIND_GAUGE);
  EXPECT_EQ(dew.value(), 926);
  EXPECT_EQ(dew.exponent(), -2);
  EXPECT_EQ(dew.index(), 2U);
  EXPECT_EQ(dew.time_us(), 1'000'000);
  EXPECT_EQ(dew.time_source(), v1::TIME_SOURCE_PAYLOAD);
  EXPECT_EQ(dew.flags(), 0U);
  EXPECT_EQ(measurement.samples(3).value(), 2094);
  EXPECT_EQ(measurement.samples(3).index(), 3U);
}

TEST(Derive, AFlaggedInputGivesAFlaggedResult) {
  auto measurement = air(20, 50);
  measurement.mutable_samples(1)->set_flags(v1::SAMPLE_FLAG_STEP);
  measurement.mutable_samples(0)->set_flags(v1::SAMPLE_FLAG_IMPLAUSIBLE);
  EXPECT_EQ(derive(wants({"dew_point"}), measurement).added, 1U);
  EXPECT_EQ(measurement.samples(2).flags(), v1::SAMPLE_FLAG_STEP | v1::SAMPLE_FLAG_IMPLAUSIBLE);
}

TEST(Derive, InputsBelongTogetherByTimeAndNumber) {
  v1::Measurement measurement;
  send(measurement, "temperature", 20'000'000, -6, 100);
  send(measurement, "temperature.2", 25'000'000, -6, 100);
  send(measurement, "relative_humidity.2", 60'000'000, -6, 100);
  send(measurement, "relative_humidity", 50'000'000, -6, 100);
  send(measurement, "temperature", 32'000'000, -6, 200);
  send(measurement, "relative_humidity", 60'000'000, -6, 200);
  send(measurement, "temperature", 35'000'000, -6, 300);
  EXPECT_EQ(derive(wants({"dew_point"}), measurement).added, 3U);
  ASSERT_EQ(measurement.samples_size(), 10);
  EXPECT_EQ(measurement.samples(7).measure(), "dew_point");
  EXPECT_EQ(measurement.samples(7).value(), 926);
  EXPECT_EQ(measurement.samples(8).measure(), "dew_point.2");
  EXPECT_EQ(measurement.samples(8).value(), 1669);
  EXPECT_EQ(measurement.samples(9).value(), 2326);
  EXPECT_EQ(measurement.samples(9).time_us(), 200);
}

TEST(Derive, ParametersOfTheDeviceGoBeforeThoseOfTheRule) {
  v1::UseCase use_case = wants({"soil_water_share"});
  set(*use_case.mutable_derive(0)->add_parameters(), "field_capacity", 32, 0);
  set(*use_case.mutable_derive(0)->add_parameters(), "wilting_point", 12, 0);
  v1::Measurement measurement;
  send(measurement, "soil_moisture", 22'000'000);
  auto own = measurement;
  EXPECT_EQ(derive(use_case, measurement).added, 1U);
  EXPECT_EQ(measurement.samples(1).value(), 5000);
  set(*own.add_parameters(), "field_capacity", 520, -1);
  EXPECT_EQ(derive(use_case, own).added, 1U);
  EXPECT_EQ(own.samples(1).value(), 2500);
}

TEST(Derive, WithoutItsParametersNothing) {
  v1::Measurement measurement;
  send(measurement, "soil_moisture", 22'000'000);
  auto use_case = wants({"soil_water_share"});
  EXPECT_EQ(derive(use_case, measurement).no_parameter, 1U);
  set(*use_case.mutable_derive(0)->add_parameters(), "field_capacity", 32, 0);
  set(*use_case.mutable_derive(0)->add_parameters(), "wilting_point", 101, 0);
  EXPECT_EQ(derive(use_case, measurement).no_parameter, 1U) << "101 % is outside of its bounds";
  use_case.mutable_derive(0)->mutable_parameters(1)->mutable_value()->set_exponent(40);
  EXPECT_EQ(derive(use_case, measurement).no_parameter, 1U) << "no number has such an exponent";
  set(*use_case.mutable_derive(0)->mutable_parameters(1), "wilting_point", 40, 0);
  EXPECT_EQ(derive(use_case, measurement).undefined, 1U) << "a wilting point above the field capacity";
  EXPECT_EQ(measurement.samples_size(), 1);
}

TEST(Derive, WhatIsWrongWithARule) {
  const auto fault = [](const char* measure, const char* name, std::int64_t value) {
    v1::DerivationRule rule;
    rule.set_measure(measure);
    set(*rule.add_parameters(), name, value, 0);
    const auto faults = faults_of(rule);
    return faults.empty() ? "" : faults[0].field + " " + faults[0].message;
  };
  EXPECT_EQ(fault("soil_water_share", "field_capacity", 35), "");
  EXPECT_EQ(fault("soil_water_share", "field_capacity", 0), "parameters.field_capacity must be 2 to 100 %");
  EXPECT_EQ(fault("mould_humidity", "temperature_factor", 2), "parameters.temperature_factor must be 0.01 to 1");
  EXPECT_EQ(fault("mould_humidity", "outdoor_temperature", -5), "") << "it stands in for a sample";
  EXPECT_EQ(fault("mould_humidity", "temperature", 20), "parameters.temperature is no parameter of mould_humidity");
  EXPECT_EQ(fault("temperature", "x", 1), "measure is no measure that can be derived");
}

// The outdoor temperature is a sample, or else a parameter; the temperature factor has a default.
TEST(Derive, MouldTakesTheOutdoorTemperatureFromWhereItIs) {
  auto measurement = air(20, 50);
  auto use_case = wants({"mould_humidity"});
  EXPECT_EQ(derive(use_case, measurement).no_parameter, 1U);
  set(*measurement.add_parameters(), "outdoor_temperature", -5, 0);
  auto sent = measurement;
  EXPECT_EQ(derive(use_case, measurement).added, 1U);
  EXPECT_EQ(measurement.samples(2).value(), 8062);
  send(sent, "outdoor_temperature", 20'000'000);
  EXPECT_EQ(derive(use_case, sent).added, 1U);
  EXPECT_EQ(sent.samples(3).value(), 5000) << "a wall as warm as the room";
}

TEST(Derive, SlipperyGround) {
  const auto states = [](std::int64_t surface, std::int64_t wet) {
    auto measurement = air(1, 90);  // dew point -0.45
    send(measurement, "surface_temperature", surface, -2);
    send(measurement, "surface_wet", wet, 0);
    EXPECT_EQ(derive(wants({"frost_slick", "ice_slick"}), measurement).added, 2U);
    EXPECT_EQ(measurement.samples(4).kind(), v1::KIND_STATE);
    return std::pair(measurement.samples(4).value(), measurement.samples(5).value());
  };
  EXPECT_EQ(states(-40, 0), std::pair(0L, 0L)) << "cold, but above the dew point, and dry";
  EXPECT_EQ(states(-50, 0), std::pair(1L, 0L));
  EXPECT_EQ(states(0, 1), std::pair(0L, 1L));
  EXPECT_EQ(states(1, 1), std::pair(0L, 0L));
}

TEST(Derive, ByGeometry) {
  v1::Measurement measurement;
  send(measurement, "distance", 1'250'000);
  set(*measurement.add_parameters(), "empty_distance", 2, 0);
  set(*measurement.add_parameters(), "full_distance", 5, -1);
  set(*measurement.add_parameters(), "sensor_height", 325, -2);
  EXPECT_EQ(derive(wants({"water_level", "fill_level"}), measurement).added, 2U);
  EXPECT_EQ(measurement.samples(1).value(), 2'000'000);
  EXPECT_EQ(measurement.samples(1).exponent(), -6);
  EXPECT_EQ(measurement.samples(2).value(), 5000);
}

TEST(Derive, OtherRows) {
  v1::Measurement measurement;
  send(measurement, "temperature", -5'000'000);
  send(measurement, "wind_speed", 5'555'556);
  send(measurement, "erythemal_irradiance", 175, -3);
  send(measurement, "soil_tension", 1000, 0);
  EXPECT_EQ(derive(wants({"wind_chill", "uv_index", "soil_pf"}), measurement).added, 3U);
  EXPECT_EQ(measurement.samples(4).value(), -1155);
  EXPECT_EQ(measurement.samples(5).value(), 700);
  EXPECT_EQ(measurement.samples(6).value(), 300);
}

TEST(Derive, WhatHasNoResultIsNoSample) {
  v1::Measurement measurement;
  send(measurement, "temperature", 15'000'000);
  send(measurement, "wind_speed", 5'000'000);
  send(measurement, "relative_humidity", 0);
  send(measurement, "soil_tension", 0);
  const auto counts = derive(wants({"wind_chill", "dew_point", "soil_pf", "wet_bulb"}), measurement);
  EXPECT_EQ(counts.undefined, 4U);
  EXPECT_EQ(measurement.samples_size(), 4);
}

TEST(Derive, ResultsBeyondBeliefAreFlagged) {
  v1::Measurement measurement;
  send(measurement, "erythemal_irradiance", 2, 0);
  EXPECT_EQ(derive(wants({"uv_index"}), measurement).added, 1U);
  EXPECT_EQ(measurement.samples(1).flags(), static_cast<std::uint32_t>(v1::SAMPLE_FLAG_OUT_OF_RANGE));
}

TEST(Derive, WhatTheDeviceSendsItselfStaysAlone) {
  auto measurement = air(20, 50);
  send(measurement, "dew_point", 9'000'000);
  EXPECT_EQ(derive(wants({"dew_point"}), measurement).taken, 1U);
  EXPECT_EQ(measurement.samples_size(), 3);
  auto twice = air(20, 50);
  const auto counts = derive(wants({"dew_point", "dew_point", "no_such_measure"}), twice);
  EXPECT_EQ(counts.added, 1U) << "a rule that stands twice derives once";
  EXPECT_EQ(counts.taken, 1U);
  EXPECT_EQ(counts.unknown_measure, 1U);
}

TEST(Derive, IsBounded) {
  v1::Measurement measurement;
  for (int i = 0; i < 400; ++i) {
    send(measurement, "temperature", 20'000'000, -6, i);
    send(measurement, "relative_humidity", 50'000'000, -6, i);
  }
  const auto counts = derive(wants({"dew_point"}), measurement);
  EXPECT_EQ(counts.added, 200U);
  EXPECT_EQ(counts.too_many, 200U);
  EXPECT_EQ(measurement.samples_size(), kMaxSamplesWithDerived);
}

// Half away from zero, on both sides.
TEST(Derive, Rounding) {
  v1::Measurement measurement;
  send(measurement, "erythemal_irradiance", 3125, -7);  // 40 * 0.0003125 = 0.0125
  send(measurement, "distance", 0);
  set(*measurement.add_parameters(), "sensor_height", -5, -7);
  EXPECT_EQ(derive(wants({"uv_index", "water_level"}), measurement).added, 2U);
  EXPECT_EQ(measurement.samples(2).value(), 1);
  EXPECT_EQ(measurement.samples(3).value(), -1);
}

// What is derived has the name, the unit and the resolution that a device which sends it itself has.
TEST(Derivations, AreQuantities) {
  for (const auto& derivation : derivations()) {
    const auto* quantity = decode::find_quantity(derivation.measure);
    ASSERT_NE(quantity, nullptr) << derivation.measure;
    EXPECT_EQ(quantity->unit, derivation.unit) << derivation.measure;
    EXPECT_EQ(quantity->exponent, derivation.exponent) << derivation.measure;
    EXPECT_EQ(quantity->kind, derivation.kind) << derivation.measure;
    EXPECT_EQ(quantity->min, derivation.min) << derivation.measure;
    EXPECT_EQ(quantity->max, derivation.max) << derivation.measure;
    EXPECT_FALSE(derivation.text.empty() || derivation.source.empty()) << derivation.measure;
    for (const auto& input : derivation.inputs) {
      EXPECT_TRUE(input.measure.empty() || decode::find_quantity(input.measure) != nullptr) << input.measure;
    }
    EXPECT_EQ(find_derivation(derivation.measure), &derivation);
  }
  EXPECT_EQ(find_derivation("temperature"), nullptr);
  EXPECT_EQ(find_derivation("zzz"), nullptr);
}

}  // namespace
}  // namespace lenne::processing::derived
