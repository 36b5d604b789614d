// Use cases: known in every partition, told to those behind it, followed by their devices.
#include <gtest/gtest.h>

#include <functional>

#include "base/fixed_point.hpp"
#include "lenne/v1/rollup.pb.h"
#include "processing/derived/derive.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using storage::Topic;

v1::Object use_case_named(const std::string& name, const std::string& derived = {}) {
  v1::Object object;
  object.mutable_use_case()->set_name(name);
  object.mutable_use_case()->set_version(1);
  if (!derived.empty()) object.mutable_use_case()->add_derive()->set_measure(derived);
  return object;
}

v1::NetworkIn removal_of(const v1::Object& object, std::int64_t at_us) {
  v1::NetworkIn in;
  in.set_received_us(at_us);
  in.mutable_control()->set_request_id(3);
  *in.mutable_control()->mutable_remove() = object;
  return in;
}

Sensor sensor_with_address(std::uint32_t address) {
  Sensor s;
  s.address = {address};
  s.keys.f_nwk_s_int_key.bytes.fill(9);
  s.keys.s_nwk_s_int_key = s.keys.nwk_s_enc_key = s.keys.f_nwk_s_int_key;
  s.keys.app_s_key.bytes.fill(8);
  return s;
}

v1::Device device_of(const Rig& rig, const Sensor& sensor, const std::string& use_case) {
  auto device = sensor.abp(rig.vault);
  device.set_use_case(use_case);
  auto& w1 = *device.add_parameters();
  w1.set_name("w1");
  w1.mutable_value()->set_value(11);
  w1.mutable_value()->set_exponent(-1);
  return device;
}

// What was told to those behind: "+name/version" and "-name", by partition.
std::vector<std::string> definitions(const Rig& rig) {
  std::vector<std::string> told;
  for (const auto& output : rig.on(Topic::measurement)) {
    v1::Measurement measurement;
    if (!measurement.ParseFromString(output.value)) continue;
    const auto place = std::to_string(output.partition);
    if (measurement.has_definition()) {
      EXPECT_TRUE(output.key.empty() && output.tenant.empty() && measurement.samples().empty());
      EXPECT_GT(measurement.received_us(), 0) << "windows take no record without a time";
      told.push_back(place + "+" + measurement.definition().name() + "/" +
                     std::to_string(measurement.definition().version()));
    }
    if (!measurement.removed_definition().empty()) told.push_back(place + "-" + measurement.removed_definition());
  }
  return told;
}

// What was handed over to other partitions arrives there.
void deliver(Rig& rig) {
  const auto handed = rig.on(Topic::network_in);
  std::erase_if(rig.outputs, [](const Output& output) { return output.topic == Topic::network_in; });
  for (const auto& output : handed) {
    v1::NetworkIn in;
    ASSERT_TRUE(in.ParseFromString(output.value));
    ASSERT_EQ(static_cast<std::uint8_t>(output.key.at(0)) % rig.settings.partitions, output.partition);
    rig.feed(in, output.partition);
  }
}

NetworkSettings three_partitions() {
  auto settings = Rig::one_partition();
  settings.partitions = 3;
  return settings;
}

TEST(UseCases, EveryPartitionLearnsThemAndOneTellsTheOutcome) {
  Rig rig(three_partitions());
  const auto parking = use_case_named("parking");
  for (const auto partition : {0U, 2U}) rig.feed(put(parking, kStart, 7), partition);  // the second one was lost
  EXPECT_EQ(definitions(rig), (std::vector<std::string>{"0+parking/1", "2+parking/1"}));
  deliver(rig);
  EXPECT_EQ(definitions(rig), (std::vector<std::string>{"0+parking/1", "2+parking/1", "1+parking/1"}));
  ASSERT_EQ(rig.on(Topic::control).size(), 1U) << "one outcome";
  EXPECT_TRUE(rig.on(Topic::network_in).empty()) << "what was handed over is not handed on";
  v1::ControlState state;
  ASSERT_TRUE(state.ParseFromString(rig.on(Topic::control)[0].value));
  EXPECT_EQ(state.request_id(), 7U);
  EXPECT_EQ(state.object().use_case().name(), "parking");

  rig.feed(removal_of(parking, kStart), 0);
  deliver(rig);
  const auto told = definitions(rig);
  EXPECT_EQ(std::vector(told.end() - 3, told.end()), (std::vector<std::string>{"0-parking", "1-parking", "2-parking"}));
  EXPECT_TRUE(rig.on(Topic::control).back().tombstone);
  EXPECT_EQ(rig.on(Topic::control).size(), 2U);
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"removed"});
}

TEST(UseCases, TheFirstPartitionsOrderIsThatOfAll) {
  Rig rig(three_partitions());
  auto newer = use_case_named("parking");
  newer.mutable_use_case()->set_version(2);
  // Two servers write at one time, and their records cross.
  rig.feed(put(use_case_named("parking"), kStart), 0);
  rig.feed(put(newer, kStart), 1);
  rig.feed(put(newer, kStart), 0);
  rig.feed(put(use_case_named("parking"), kStart), 1);
  deliver(rig);
  std::map<char, std::string> last;
  for (const auto& told : definitions(rig)) last[told[0]] = told.substr(1);
  EXPECT_EQ(last, (std::map<char, std::string>{{'0', "+parking/2"}, {'1', "+parking/2"}, {'2', "+parking/2"}}));
}

std::vector<v1::RollupInput> rollup_inputs(const Rig& rig) {
  std::vector<v1::RollupInput> told;
  for (const auto& output : rig.on(Topic::rollup_in)) {
    EXPECT_TRUE(told.emplace_back().ParseFromString(output.value));
    EXPECT_EQ(output.partition, 0U) << "there is one";
  }
  return told;
}

TEST(UseCases, RollUpsAreToldOfPlacesAndOfWhatMayBePublished) {
  Rig rig(three_partitions());
  v1::Object menden;
  menden.mutable_tenant()->set_name("menden");
  menden.mutable_tenant()->set_title("Stadt Menden");
  menden.mutable_tenant()->set_district("mk");
  menden.mutable_tenant()->add_open("parking");
  v1::Object hall;
  hall.mutable_site()->set_tenant("menden");
  hall.mutable_site()->set_name("hall");
  hall.mutable_site()->set_area("old-town");
  auto parking = use_case_named("parking", "dew_point");
  parking.mutable_use_case()->set_privacy(v1::PRIVACY_CLASS_OPEN);
  for (const auto& object : {menden, hall, parking}) rig.feed(put(object, kStart), 0);
  deliver(rig);
  auto told = rollup_inputs(rig);
  ASSERT_EQ(told.size(), 3U) << "one partition tells";
  EXPECT_EQ(told[0].declared().tenant().district(), "mk");
  EXPECT_EQ(told[0].declared().tenant().open(0), "parking");
  EXPECT_TRUE(told[0].declared().tenant().title().empty()) << "only what they need";
  EXPECT_EQ(told[1].declared().site().area(), "old-town");
  EXPECT_EQ(told[2].declared().use_case().privacy(), v1::PRIVACY_CLASS_OPEN);
  EXPECT_TRUE(told[2].declared().use_case().derive().empty());
  rig.feed(removal_of(parking, kStart), 0);
  deliver(rig);
  told = rollup_inputs(rig);
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[3].withdrawn().use_case().name(), "parking");
}

TEST(UseCases, RollUpsAreToldOfDevicesWhenTheirUseCaseChanges) {
  Rig rig;
  const auto sensor = sensor_with_address(0x26000001);
  const auto write = [&](const std::string& use_case) {
    rig.feed(put(device_of(rig, sensor, use_case), kStart));
    return rollup_inputs(rig).size();
  };
  EXPECT_EQ(write(""), 0U);
  EXPECT_EQ(write("parking"), 1U);
  EXPECT_EQ(write("parking"), 1U);
  EXPECT_EQ(write(""), 2U);
  EXPECT_EQ(write("waste"), 3U);
  const auto told = rollup_inputs(rig).back();
  EXPECT_EQ(told.declared().device().use_case(), "waste");
  EXPECT_TRUE(told.declared().device().wrapped_session_keys().empty());
  v1::Object device;
  device.mutable_device()->set_dev_eui(told.declared().device().dev_eui());
  rig.feed(removal_of(device, kStart));
  ASSERT_EQ(rollup_inputs(rig).size(), 4U);
  EXPECT_EQ(rollup_inputs(rig).back().withdrawn().device().dev_eui(), device.device().dev_eui());
}

TEST(UseCases, TheSameRulesAreToldOnce) {
  Rig rig;
  rig.feed(put(use_case_named("parking", "a"), kStart));
  rig.feed(put(use_case_named("parking", "a"), kStart));
  EXPECT_EQ(definitions(rig).size(), 1U);
  EXPECT_EQ(rig.on(Topic::control).size(), 2U) << "each write has its outcome";
  rig.feed(put(use_case_named("parking", "b"), kStart));
  EXPECT_EQ(definitions(rig).size(), 2U);
  rig.feed(removal_of(use_case_named("waste"), kStart));
  EXPECT_EQ(definitions(rig).size(), 2U) << "nobody knew it";
}

TEST(UseCases, DevicesFollowTheirs) {
  Rig rig;
  const auto sensor = sensor_with_address(0x01020304);
  rig.feed(put(device_of(rig, sensor, "heat"), kStart));
  const auto uplink = [&](std::uint32_t f_cnt) {
    rig.forget_outputs();
    rig.feed(hear(sensor.uplink(f_cnt, {"\x14\0\x32", 3}), kStart + f_cnt * kSecond));  // 20 °C, 50 %
    return rig.measurements().at(0);
  };
  const auto before = uplink(1);
  EXPECT_TRUE(before.use_case().empty() && before.parameters().empty()) << "it names what nobody knows";
  EXPECT_EQ(before.samples(2).measure(), "uplinks_lost");
  rig.feed(put(use_case_named("heat", "dew_point"), kStart));
  const auto with = uplink(2);
  EXPECT_EQ(with.use_case(), "heat");
  ASSERT_EQ(with.parameters_size(), 1);
  EXPECT_EQ(with.parameters(0).name(), "w1");
  EXPECT_EQ(with.parameters(0).value().value(), 11);
  ASSERT_EQ(with.samples_size(), 4);
  EXPECT_EQ(with.samples(2).measure(), "dew_point");
  EXPECT_EQ(with.samples(2).value(), 926);
  EXPECT_EQ(with.samples(2).exponent(), -2);
  EXPECT_EQ(with.samples(2).index(), 2U);
  EXPECT_EQ(with.samples(3).measure(), "uplinks_lost");
  EXPECT_EQ(rig.counters.value("network.derived.added"), 1U);
  EXPECT_TRUE(with.samples(2).derived());
  EXPECT_FALSE(with.samples(1).derived() || with.samples(3).derived()) << "sent, and the network server's own";
  EXPECT_EQ(with.use_case_version(), 1U);
  // Another version with the same rules has the same fingerprint, another rule under the same version another one.
  auto same = use_case_named("heat", "dew_point");
  same.mutable_use_case()->set_version(2);
  rig.feed(put(same, kStart));
  const auto newer = uplink(3);
  EXPECT_EQ(newer.use_case_version(), 2U);
  EXPECT_EQ(newer.use_case_fingerprint(), with.use_case_fingerprint());
  auto other = use_case_named("heat", "heat_index");
  other.mutable_use_case()->set_version(2);
  rig.feed(put(other, kStart));
  EXPECT_NE(uplink(4).use_case_fingerprint(), with.use_case_fingerprint());
  rig.feed(removal_of(use_case_named("heat"), kStart));
  EXPECT_TRUE(uplink(5).use_case().empty());
}

// What cannot be derived is told by counters; the uplink stays as it is.
TEST(UseCases, RulesThatDeriveNothingAreCounted) {
  Rig rig;
  const auto sensor = sensor_with_address(0x01020304);
  auto use_case = use_case_named("air", "no_such_measure");
  for (const auto* measure : {"mould_humidity", "wet_bulb", "temperature"})
    use_case.mutable_use_case()->add_derive()->set_measure(measure);
  rig.feed(put(use_case, kStart));
  rig.feed(put(device_of(rig, sensor, "air"), kStart));
  rig.forget_outputs();
  rig.feed(hear(sensor.uplink(1, {"\x14\0\x64", 3}), kStart + kSecond));  // 20 °C, 100 %
  EXPECT_EQ(rig.measurements().at(0).samples_size(), 3);
  EXPECT_EQ(rig.counters.value("network.derived.refused.unknown_measure"), 2U);
  EXPECT_EQ(rig.counters.value("network.derived.refused.no_parameter"), 1U);
  EXPECT_EQ(rig.counters.value("network.derived.undefined"), 1U);
  EXPECT_EQ(rig.counters.value("network.derived.added"), 0U);
}

TEST(UseCases, SurviveACrash) {
  Rig rig;
  const auto sensor = sensor_with_address(0x01020304);
  rig.feed(put(device_of(rig, sensor, "heat"), kStart));
  rig.feed(put(use_case_named("heat", "heat_index"), kStart));
  rig.feed(put(use_case_named("gone"), kStart));
  rig.commit();
  rig.feed(removal_of(use_case_named("gone"), kStart));
  rig.commit();
  rig.restart_processor();
  rig.forget_outputs();
  rig.feed(hear(sensor.uplink(1), kStart + kSecond));
  EXPECT_EQ(rig.measurements().at(0).use_case(), "heat");
  EXPECT_EQ(rig.measurements().at(0).use_case_version(), 1U);
  EXPECT_EQ(rig.measurements().at(0).use_case_fingerprint(),
            processing::derived::fingerprint_of(use_case_named("heat", "heat_index").use_case()));
  rig.feed(removal_of(use_case_named("gone"), kStart));
  EXPECT_TRUE(definitions(rig).empty()) << "it was forgotten for good";
  const auto key = MapState::Key{storage::Store::network, 0, "uheat"};
  ASSERT_TRUE(rig.state.rows.contains(key));
  rig.state.rows[key] = "x";
  EXPECT_THROW(rig.restart_processor(), std::runtime_error) << "a damaged row is no rule";
}

TEST(UseCases, WhatCannotBeFollowedIsRefused) {
  const std::vector<std::function<void(v1::UseCase&)>> spoils{
      [](auto& u) { u.set_name(""); },
      [](auto& u) { u.set_title(std::string(40'000, 'x')); },
      [](auto& u) { u.add_derive(); },
      [](auto& u) {
        for (int i = 0; i < 33; ++i) u.add_derive()->set_measure("m");
      },
      [](auto& u) {
        auto& rule = *u.add_quality();
        rule.set_measure("level");
        rule.mutable_max()->set_exponent(19);
      },
      [](auto& u) {
        auto& rule = *u.add_quality();
        rule.set_measure("level");
        rule.mutable_step_per_minute()->set_value(base::kMaxSteps + 1);
      },
      [](auto& u) {
        auto& rule = *u.add_alerts();
        rule.set_name("a");
        rule.set_measure("level");
      },
      [](auto& u) {
        auto& rule = *u.add_derive();
        rule.set_measure("soil_water_share");
        rule.add_parameters()->set_name("b");
        rule.add_parameters()->set_name("a");
      },
  };
  for (const auto& spoil : spoils) {
    Rig rig(three_partitions());
    auto object = use_case_named("u");
    spoil(*object.mutable_use_case());
    for (const auto partition : {0U, 1U}) rig.feed(put(object, kStart, 5), partition);
    EXPECT_EQ(rig.log_codes().size(), 1U) << "one outcome: " << object.ShortDebugString().substr(0, 200);
    EXPECT_EQ(rig.counter("network.control.refused"), 2U);
    EXPECT_TRUE(definitions(rig).empty());
    EXPECT_TRUE(rig.on(Topic::control).empty());
  }
}

TEST(UseCases, AreBounded) {
  auto settings = Rig::one_partition();
  settings.use_cases = 2;
  Rig rig(settings);
  for (const auto* name : {"a", "b", "c", "a"}) rig.feed(put(use_case_named(name), kStart));
  EXPECT_EQ(rig.log_codes(), std::vector<std::string>{"use_case_limit"});
  EXPECT_EQ(rig.on(Topic::control).size(), 3U);
  settings.use_cases = 0;
  EXPECT_FALSE(check(settings));
}

}  // namespace
}  // namespace lenne::network::test
