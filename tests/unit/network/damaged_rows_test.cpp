// Rows that parse and yet are none of ours: the partition is refused, with the row's key, before anything reads them.

#include <gtest/gtest.h>

#include "network/outbox.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {
namespace {

using storage::Store;

struct DamagedRows : ::testing::Test {
  Rig rig;
  Sensor sensor;
  v1::NetworkDevice device;
  v1::NetworkJoinMemory memory;
  v1::NetworkPartition partition;

  void SetUp() override {
    std::int64_t at = kStart;
    rig.feed(put(sensor.otaa(rig.vault), at));
    join(rig, sensor, 1, at);
    rig.feed(hear(sensor.uplink(0, "\x01", 2, true), at));
    rig.feed(tick(at + 300 * kMs));
    rig.commit();
    const auto key = key_of(sensor.eui);
    ASSERT_TRUE(device.ParseFromString(rig.state.rows.at({Store::device, 0, key})));
    ASSERT_TRUE(memory.ParseFromString(rig.state.rows.at({Store::network, 0, "j" + key})));
    ASSERT_TRUE(partition.ParseFromString(rig.state.rows.at({Store::network, 0, "p"})));
    ASSERT_EQ(device.downlinks_size(), 2);
    ASSERT_TRUE(loads(device)) << "the row as it is";
  }
  bool load(Store store, const std::string& key, const std::string& value) {
    auto state = rig.state;
    state.rows[{store, 0, key}] = value;
    NetworkProcessor processor(rig.settings, rig.vault, rig.decoder, rig.counters);
    const auto loaded = processor.assigned(0, state);
    if (!loaded) {
      EXPECT_EQ(loaded.error().code, "state_damaged");
    }
    return loaded.has_value();
  }
  bool loads(const v1::NetworkDevice& row) { return load(Store::device, key_of(sensor.eui), row.SerializeAsString()); }
  bool loads(const v1::NetworkJoinMemory& row) {
    return load(Store::network, "j" + key_of(sensor.eui), row.SerializeAsString());
  }
  bool loads(const v1::NetworkPartition& row) { return load(Store::network, "p", row.SerializeAsString()); }
};

TEST_F(DamagedRows, ATransmissionThatNobodyHeard) {
  device.mutable_transmissions(0)->clear_copies();
  EXPECT_FALSE(loads(device));
}

TEST_F(DamagedRows, ADownlinkWithoutTheWayThatIsTried) {
  device.mutable_downlinks(0)->set_way(static_cast<std::uint32_t>(device.downlinks(0).ways_size()));
  EXPECT_FALSE(loads(device));
}

TEST_F(DamagedRows, TimesThatCannotBeAddedTo) {
  auto due = device;
  due.mutable_transmissions(0)->set_due_us(INT64_MAX);
  EXPECT_FALSE(loads(due));
  auto heard = device;
  heard.mutable_transmissions(0)->mutable_copies(0)->mutable_hearing()->set_received_us(INT64_MIN);
  EXPECT_FALSE(loads(heard));
  auto way = device;
  way.mutable_downlinks(0)->mutable_ways(0)->set_not_after_us(-1);
  EXPECT_FALSE(loads(way));
  partition.set_now_us(INT64_MAX);
  EXPECT_FALSE(loads(partition));
}

TEST_F(DamagedRows, ARadioHistoryOfTwoLengths) {
  device.mutable_mac()->add_f_cnt_steps(1);
  EXPECT_FALSE(loads(device));
}

TEST_F(DamagedRows, LevelsThatNoRadioHas) {
  device.mutable_transmissions(0)->mutable_copies(0)->mutable_hearing()->set_rssi_dbm(INT32_MIN);
  EXPECT_FALSE(loads(device));
}

TEST_F(DamagedRows, CountersBeyondTheirEnd) {
  auto up = device;
  up.mutable_active()->set_next_f_cnt_up((std::uint64_t{1} << 32) + 1);
  EXPECT_FALSE(loads(up));
  device.mutable_active()->set_next_f_cnt_down(UINT64_MAX);
  EXPECT_FALSE(loads(device));
  memory.set_last_join_nonce(0xffffff);
  EXPECT_FALSE(loads(memory)) << "the next ones would begin again";
}

TEST_F(DamagedRows, NoncesThatAreNoSet) {
  for (const auto* seen : {"\x01", "\x02\x01\x01\x01"}) {
    memory.set_seen_dev_nonces(seen);
    EXPECT_FALSE(loads(memory)) << seen;
  }
  memory.set_seen_dev_nonces(std::string(8'193, '\0'));
  EXPECT_FALSE(loads(memory));
  memory.set_seen_dev_nonces(std::string(8'192, '\xff'));
  EXPECT_TRUE(loads(memory)) << "all used is a set";
}

}  // namespace
}  // namespace lenne::network::test
