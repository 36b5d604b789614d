// What the alerts are told of devices: it goes the way of the measurements, so it has a place in their order.

#include <gtest/gtest.h>

#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

v1::NetworkIn acknowledgement(base::DevEui eui, std::int64_t at_us) {
  v1::NetworkIn in;
  in.set_received_us(at_us);
  auto& request = *in.mutable_acknowledgement();
  request.set_dev_eui(eui.value);
  request.set_rule("level-1");
  request.set_firing_since_us(kStart);
  request.set_actor("fire brigade");
  return in;
}

TEST(AlertRequests, AnAcknowledgementFollowsTheMeasurements) {
  Rig rig;
  const Sensor sensor;
  rig.feed(put(sensor.otaa(rig.vault), kStart));
  rig.feed(acknowledgement(sensor.eui, kStart + kSecond));
  const auto told = rig.measurements();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].acknowledgement().rule(), "level-1");
  EXPECT_EQ(told[0].acknowledgement().firing_since_us(), kStart);
  EXPECT_EQ(told[0].acknowledgement().actor(), "fire brigade");
  EXPECT_EQ(told[0].received_us(), kStart + kSecond);
  EXPECT_TRUE(told[0].tenant().empty()) << "it is not the tenant's to read";
}

TEST(AlertRequests, OneOfNoDeviceIsCounted) {
  Rig rig;
  rig.feed(acknowledgement(Sensor{}.eui, kStart));
  EXPECT_TRUE(rig.measurements().empty());
  EXPECT_EQ(rig.counter("network.dropped.acknowledgement"), 1U);
}

TEST(AlertRequests, ADeviceWithAUseCaseThatLeavesIsTold) {
  Rig rig;
  const Sensor sensor;
  auto device = sensor.otaa(rig.vault);
  rig.feed(put(device, kStart));
  rig.feed(remove_device(sensor.eui, kStart + kSecond));
  EXPECT_TRUE(rig.measurements().empty()) << "nobody watches it";
  device.set_use_case("flood-level");
  rig.feed(put(device, kStart + 2 * kSecond));
  rig.feed(remove_device(sensor.eui, kStart + 3 * kSecond));
  const auto told = rig.measurements();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].removed());
  EXPECT_EQ(told[0].dev_eui(), sensor.eui.value);
}

}  // namespace
}  // namespace lenne::network::test
