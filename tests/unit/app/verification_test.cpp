// A data directory as a server leaves it is proved; whatever is done to it behind the server's back is found.

#include "app/verify/verification.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>

#include "base/slot.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "lenne/v1/view.pb.h"
#include "processing/keys.hpp"
#include "processing/rows.hpp"
#include "storage/embedded/layout.hpp"
#include "storage/rocksdb/rocksdb_families.hpp"
#include "storage/views/keys.hpp"
#include "tests/unit/app/town.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::app {
namespace {

using namespace std::chrono_literals;
using storage::Store;
using storage::Topic;
using storage::embedded::Family;
using storage::embedded::RocksDbFamilies;
using storage::embedded::WriteSet;

constexpr std::uint32_t kPartitions = 4;

/// One town for all tests: each works on a copy.
class Verification : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    original_ = new storage::conformance::ScratchDirectory;
    testing::Town town(original_->path() + "/data");
    town.live(8min);
    town.restart();
    town.live(3min);
    ASSERT_GT(town.downlinks(), 8U);
  }
  static void TearDownTestSuite() {
    delete original_;
    original_ = nullptr;
  }
  void SetUp() override {
    std::filesystem::copy(original_->path() + "/data", data_, std::filesystem::copy_options::recursive);
  }

  app::Verification look() const {
    auto found = verify(data_);
    EXPECT_TRUE(found.has_value()) << found.error().message;
    return std::move(*found);
  }
  void expect_fault(const std::string& where, const std::string& what) const {
    const auto found = look();
    std::string told;
    for (const auto& fault : found.faults.first()) told += "\n" + fault.where + ": " + fault.what;
    EXPECT_TRUE(std::ranges::any_of(found.faults.first(),
                                    [&](const storage::Fault& fault) {
                                      return fault.where.find(where) != std::string::npos &&
                                             fault.what.find(what) != std::string::npos;
                                    }))
        << "not found: " << where << ": " << what << told;
  }
  storage::RocksDbSettings settings() const {
    return {.directory = data_ + "/log", .network_partitions = kPartitions, .sync = false};
  }
  /// Changes rows as no server would.
  void damage(const std::function<void(RocksDbFamilies&, WriteSet&)>& change) const {
    const auto families = RocksDbFamilies::open(settings()).value();
    const auto set = families->write_set();
    change(*families, *set);
    ASSERT_TRUE(families->write(*set).has_value());
  }
  static std::string state_key(Store store, std::uint32_t partition, std::string_view key) {
    return storage::embedded::state_prefix(store, partition).append(key);
  }
  static std::string device_key(base::DevEui eui) { return storage::embedded::be64(eui.value); }
  static std::uint32_t home_of(base::DevEui eui) { return base::partition_of(base::slot_of(eui), kPartitions); }
  /// Changes the climate sensor's row.
  void change_device(const std::function<void(v1::NetworkDevice&)>& change) const {
    damage([&](RocksDbFamilies& families, WriteSet& set) {
      const auto key = state_key(Store::device, home_of(testing::kClimate), device_key(testing::kClimate));
      v1::NetworkDevice row;
      ASSERT_TRUE(row.ParseFromString(families.get(Family::state, key).value().value()));
      change(row);
      set.put(Family::state, key, row.SerializeAsString());
    });
  }
  /// Appends as a server does.
  void append(const storage::Batch& batch) const {
    const base::ManualClock clock(testing::kMorning + 1h);
    base::Counters counters;
    const auto log = storage::RocksDbLog::open(settings(), clock, counters).value();
    ASSERT_TRUE(log->append(batch).has_value());
  }
  /// The last record of the town that is wanted.
  storage::Batch again(Topic topic, const std::function<bool(const storage::Record&)>& wanted) const {
    const base::ManualClock clock(testing::kMorning + 1h);
    base::Counters counters;
    const auto log = storage::RocksDbLog::open(settings(), clock, counters).value();
    const auto reader = log->reader({topic}).value();
    EXPECT_TRUE(reader->seek({storage::SeekTo::Where::beginning}).has_value());
    storage::Batch batch;
    for (auto poll = reader->poll({}, 1000).value(); !poll.records.empty(); poll = reader->poll({}, 1000).value()) {
      for (const auto& record : poll.records) {
        if (!wanted(record)) continue;
        batch.clear();
        batch.append(topic, record.partition, record.tenant, record.key, record.value);
      }
    }
    EXPECT_EQ(batch.appends(), 1U);
    return batch;
  }

  storage::conformance::ScratchDirectory directory_;
  const std::string data_ = directory_.path() + "/data";
  inline static storage::conformance::ScratchDirectory* original_ = nullptr;
};

bool is_uplink(const storage::Record& record) {
  v1::DeviceEvent event;
  return event.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) && event.has_uplink();
}

TEST_F(Verification, WhatAServerLeavesIsProved) {
  const auto found = look();
  for (const auto& fault : found.faults.first()) ADD_FAILURE() << fault.where << ": " << fault.what;
  EXPECT_EQ(found.partitions, kPartitions);
  for (const auto topic : {Topic::network_in, Topic::event, Topic::measurement, Topic::aggregate,
                           Topic::gateway_downlink, Topic::control, Topic::keys, Topic::gateway_path}) {
    EXPECT_GT(found.topics.at(topic).records, 0U) << storage::info_of(topic).name;
  }
  EXPECT_EQ(found.topics.at(Topic::control).last_values, 6U);
  EXPECT_EQ(found.rows.at(Store::device), 3U);  // the parking sensor has two homes
  for (const auto store : {Store::network, Store::pane, Store::window, Store::view_object, Store::view_latest,
                           Store::view_series, Store::view_aggregate, Store::view_meta, Store::ingest}) {
    EXPECT_GT(found.rows.at(store), 0U) << storage::name_of(store);
  }
}

TEST_F(Verification, ADirectoryInUseIsRefused) {
  const base::ManualClock clock(testing::kMorning);
  base::Counters counters;
  const auto log = storage::RocksDbLog::open(settings(), clock, counters).value();
  const auto refused = verify(data_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "directory_in_use");
}

TEST_F(Verification, AFlippedByteInAnyFileIsFound) {
  int tables = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data_ + "/log")) {
    if (entry.path().extension() != ".sst") continue;
    ++tables;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    const auto flip = [&] {
      file.seekg(20);
      const auto byte = static_cast<char>(file.get() ^ 1);
      file.seekp(20);
      file.put(byte);
      file.flush();
    };
    flip();
    // What says that it is a log may be damaged too: then there is nothing to look at.
    const auto found = verify(data_);
    const auto told = found ? found->faults.first().at(0).what : found.error().message;
    EXPECT_NE(told.find(entry.path().filename()), std::string::npos) << told;
    flip();
  }
  EXPECT_GE(tables, 7);
  EXPECT_EQ(look().faults.count(), 0U);
}

TEST_F(Verification, AnEventTwiceIsFound) {
  append(again(Topic::event, is_uplink));
  expect_fault("event.v1", "comes after counter");
}

TEST_F(Verification, AJoinTwiceIsFound) {
  append(again(Topic::event, [](const storage::Record& record) {
    v1::DeviceEvent event;
    return event.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) && event.has_join();
  }));
  expect_fault("event.v1", "JoinNonce 1 comes after 1");
}

TEST_F(Verification, ACounterThatWasUsedForTwoDownlinksIsFound) {
  v1::GatewayDownlink downlink;
  const auto first = again(Topic::gateway_downlink, [&](const storage::Record& record) {
    return downlink.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())) &&
           !downlink.join_accept();
  });
  append(first);  // the same frame again, as another gateway might be asked to send it
  EXPECT_EQ(look().faults.count(), 0U);
  const auto sent = first.append_at(0);
  ASSERT_TRUE(downlink.ParseFromArray(sent.value.data(), static_cast<int>(sent.value.size())));
  downlink.mutable_phy_payload()->back() ^= 1;
  storage::Batch other;
  other.append(Topic::gateway_downlink, 0, {}, sent.key, downlink.SerializeAsString());
  append(other);
  expect_fault("int.gateway-downlink", "was used for another downlink before");
}

TEST_F(Verification, ARevisionThatIsNotTheLastIsFound) {
  const auto result = again(Topic::aggregate, [](const storage::Record&) { return true; });
  const auto old = result.append_at(0);
  v1::Aggregate aggregate;
  ASSERT_TRUE(aggregate.ParseFromArray(old.value.data(), static_cast<int>(old.value.size())));
  aggregate.set_revision(1);
  storage::Batch revised;
  revised.append(Topic::aggregate, old.partition, old.tenant, old.key, aggregate.SerializeAsString());
  append(revised);
  const auto keep = [&](std::uint32_t revision) {
    v1::WindowRow row;
    row.set_revision(revision);
    const processing::Window window{
        aggregate.start_us(), static_cast<std::uint32_t>((aggregate.end_us() - aggregate.start_us()) / 1'000'000)};
    const auto key = processing::revision_key(window, aggregate.dev_eui(), aggregate.measure());
    damage([&](RocksDbFamilies&, WriteSet& set) {
      set.put(Family::state, state_key(Store::window, old.partition, key), row.SerializeAsString());
    });
  };
  keep(1);
  EXPECT_EQ(look().faults.count(), 0U);
  keep(2);
  expect_fault("aggregate.v1", "is revision 1, the last one kept is 2");
}

TEST_F(Verification, APaneOutOfOrderIsFound) {
  damage([](RocksDbFamilies& families, WriteSet& set) {
    ASSERT_TRUE(families
                    .scan(Family::pane, {}, {}, false,
                          [&](auto key, auto value) {
                            v1::DevicePane row;
                            EXPECT_TRUE(row.ParseFromArray(value.data(), static_cast<int>(value.size())));
                            if (row.series_size() == 0) return true;
                            *row.add_series() = row.series(0);
                            set.put(Family::pane, key, row.SerializeAsString());
                            return false;
                          })
                    .has_value());
  });
  expect_fault("store pane", "is damaged");
}

TEST_F(Verification, AnEventUnderAnotherTenantIsFound) {
  const auto event = again(Topic::event, is_uplink);
  storage::Batch other;
  other.append(Topic::event, 0, "olpe", event.append_at(0).key, event.append_at(0).value);
  append(other);
  expect_fault("event.v1", "its tenant is not that of its message");
}

TEST_F(Verification, ADeviceThatIsGoneIsFound) {
  damage([](RocksDbFamilies&, WriteSet& set) {
    set.erase(Family::state, state_key(Store::device, home_of(testing::kClimate), device_key(testing::kClimate)));
  });
  expect_fault("device 70b3d5499a3d1c02", "is declared, but nothing is kept of it");
}

TEST_F(Verification, CountersThatWereSetBackAreFound) {
  change_device(
      [](v1::NetworkDevice& row) { row.mutable_active()->set_next_f_cnt_up(row.active().next_f_cnt_up() - 1); });
  expect_fault("device 70b3d5499a3d1c02", "uplink counter");
  change_device(
      [](v1::NetworkDevice& row) { row.mutable_active()->set_next_f_cnt_down(row.active().next_f_cnt_down() - 1); });
  expect_fault("device 70b3d5499a3d1c02", "downlink counter");
}

TEST_F(Verification, ARowThatTheStepCouldNotHaveWrittenIsFound) {
  change_device([](v1::NetworkDevice& row) { row.mutable_active()->set_next_f_cnt_up(std::uint64_t{1} << 40); });
  expect_fault("store device", "is damaged");
}

TEST_F(Verification, JoinNoncesThatWereSetBackAreFound) {
  const auto key = state_key(Store::network, home_of(testing::kClimate), "j" + device_key(testing::kClimate));
  damage([&](RocksDbFamilies& families, WriteSet& set) {
    v1::NetworkJoinMemory row;
    ASSERT_TRUE(row.ParseFromString(families.get(Family::state, key).value().value()));
    row.set_last_join_nonce(0);
    set.put(Family::state, key, row.SerializeAsString());
  });
  expect_fault("device 70b3d5499a3d1c02", "JoinNonce 1 was used, the last one kept is 0");
  damage([&](RocksDbFamilies& families, WriteSet& set) {
    v1::NetworkJoinMemory row;
    ASSERT_TRUE(row.ParseFromString(families.get(Family::state, key).value().value()));
    row.set_last_join_nonce(1);
    row.clear_seen_dev_nonces();
    set.put(Family::state, key, row.SerializeAsString());
  });
  expect_fault("device 70b3d5499a3d1c02", "DevNonce 7 was used, but is not kept");
  damage([&](RocksDbFamilies&, WriteSet& set) { set.erase(Family::state, key); });
  expect_fault("device 70b3d5499a3d1c02", "its nonces are not kept");
}

TEST_F(Verification, KeysThatAreNoneAreFound) {
  change_device([](v1::NetworkDevice& row) { row.mutable_active()->mutable_wrapped_keys()->at(9) ^= 1; });
  expect_fault("device 70b3d5499a3d1c02", "cannot be unwrapped");
  change_device([](v1::NetworkDevice& row) { row.mutable_active()->set_wrapped_keys(std::string(64, 'k')); });
  expect_fault("device 70b3d5499a3d1c02", "its wrapped keys have 64 bytes");
  change_device([](v1::NetworkDevice& row) { row.mutable_device()->clear_wrapped_root_keys(); });
  expect_fault("device 70b3d5499a3d1c02", "its wrapped keys have 0 bytes");
}

TEST_F(Verification, AnotherKeyEncryptionKeyIsFound) {
  std::filesystem::remove(data_ + "/kek");
  expect_fault("key-encryption key", "kek");
  ASSERT_TRUE(base::crypto::KeyVault::open_or_create(data_ + "/kek").has_value());
  expect_fault("int.keys", "cannot be unwrapped");
}

TEST_F(Verification, KeysThatAreToldAreFound) {
  v1::ControlState state;
  state.mutable_object()->mutable_device()->set_dev_eui(testing::kClimate.value);
  state.mutable_object()->mutable_device()->set_wrapped_root_keys("x");
  storage::Batch batch;
  batch.append(Topic::control, 0, {}, "device/70b3d5499a3d1c02", state.SerializeAsString());
  append(batch);
  expect_fault("int.control", "tells a device's keys");
}

TEST_F(Verification, RecordsThatAreNoneAreFoundUnlessTheyWerePutAside) {
  storage::Batch batch;
  batch.append(Topic::network_in, 0, {}, "k", "\xff\xff");
  append(batch);
  expect_fault("int.network-in", "is no message of its topic");
  const auto offset = look().topics.at(Topic::network_in).last;
  v1::DeadLetter letter;
  letter.set_topic("int.network-in");
  letter.set_offset(offset);
  storage::Batch aside;
  aside.append(Topic::dead_letter, 0, {}, {}, letter.SerializeAsString());
  append(aside);
  EXPECT_EQ(look().faults.count(), 0U);
}

TEST_F(Verification, AResultOfALocalDayIsOne) {
  constexpr std::uint32_t kLongDayS = 25 * 3600;
  const processing::Window day{1'792'879'200'000'000, kLongDayS,
                               processing::Calendar::day_local};  // 2026-10-25 in Berlin
  v1::Aggregate aggregate;
  aggregate.set_dev_eui(testing::kClimate.value);
  aggregate.set_tenant("menden");
  aggregate.set_measure("temperature");
  aggregate.set_window("P1D");
  aggregate.set_time_zone("Europe/Berlin");
  aggregate.set_start_us(day.start_us);
  aggregate.set_end_us(day.end_us());
  storage::Batch batch;
  batch.append(Topic::aggregate, 0, "menden", processing::aggregate_key(testing::kClimate.value, "temperature", day),
               aggregate.SerializeAsString());
  append(batch);
  EXPECT_EQ(look().faults.count(), 0U);
}

TEST_F(Verification, AnIndexWithoutItsPaneIsFound) {
  damage([](RocksDbFamilies& families, WriteSet& set) {
    for (std::uint32_t p = 0; p < kPartitions; ++p) {
      const auto states = state_key(Store::window, p, processing::kSequences);
      ASSERT_TRUE(families
                      .scan(Family::state, states, storage::embedded::end_of_prefix(states), false,
                            [&](auto key, auto) {
                              set.erase(Family::state, key);
                              return true;
                            })
                      .has_value());
    }
  });
  expect_fault("store pane", "the index of sequences does not name it");
}

TEST_F(Verification, APaneThatIsGoneIsFound) {
  damage([&](RocksDbFamilies& families, WriteSet& set) {
    ASSERT_TRUE(families
                    .scan(Family::pane, {}, {}, false,
                          [&](auto key, auto) {
                            set.erase(Family::pane, key);
                            return true;
                          })
                    .has_value());
  });
  expect_fault("store window", "names a pane that is not there");
}

TEST_F(Verification, APartitionWithoutItsTimeIsFound) {
  damage([](RocksDbFamilies&, WriteSet& set) {
    set.erase(Family::state, state_key(Store::network, home_of(testing::kClimate), "p"));
  });
  expect_fault("store network partition", "the partition's time is missing");
}

TEST_F(Verification, HowFarOldPanesAreDeletedIsARow) {
  const auto put = [](std::string value) {
    return [value = std::move(value)](RocksDbFamilies&, WriteSet& set) {
      set.put(Family::state, state_key(Store::window, 0, processing::kPurgeKey), value);
    };
  };
  v1::PurgeRow row;
  for (std::size_t i = 0; i < processing::kPaneClasses; ++i) row.add_from("");
  damage(put(row.SerializeAsString()));
  const auto found = look();
  for (const auto& fault : found.faults.first()) ADD_FAILURE() << fault.where << ": " << fault.what;
  row.add_from("");
  damage(put(row.SerializeAsString()));
  expect_fault("store window", "is damaged");
}

TEST_F(Verification, ARowUnderAnotherTenantIsFound) {
  const auto key = storage::views::device_key("menden", testing::kClimate.value);
  damage([&](RocksDbFamilies& families, WriteSet& set) {
    const auto row = families.get(Family::state, state_key(Store::view_latest, 0, key)).value().value();
    set.put(Family::state,
            state_key(Store::view_latest, 0, storage::views::device_key("olpe", testing::kClimate.value)), row);
  });
  expect_fault("store view-latest", "lies under another key");
}

TEST_F(Verification, ATokenForConsentWithoutADeviceIsFound) {
  v1::ReadToken token;
  token.set_tenant("menden");
  token.set_purpose(v1::TOKEN_PURPOSE_CONSENT);
  const auto put = [&](RocksDbFamilies&, WriteSet& set) {
    set.put(Family::state, state_key(Store::token, 0, std::string(32, 'h')), token.SerializeAsString());
  };
  token.add_devices(testing::kClimate.value);
  damage(put);
  EXPECT_EQ(verify(data_).value().faults.count(), 0U);
  token.clear_devices();
  damage(put);
  expect_fault("store token", "is damaged");
}

}  // namespace
}  // namespace lenne::app
