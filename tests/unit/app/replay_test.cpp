// A recording gives the same results each time, and a data directory's log the results that it holds.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "app/pipeline.hpp"
#include "app/replay/datagram_replay.hpp"
#include "app/replay/log_replay.hpp"
#include "app/replay/recording.hpp"
#include "app/verify/verification.hpp"
#include "decode/device_decoder.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/network_state.pb.h"
#include "network/network_processor.hpp"
#include "processing/keys.hpp"
#include "processing/window_processor.hpp"
#include "processing/worker.hpp"
#include "storage/embedded/group.hpp"
#include "storage/embedded/layout.hpp"
#include "storage/memory/memory_log.hpp"
#include "storage/rocksdb/rocksdb_families.hpp"
#include "tests/unit/app/town.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::app {
namespace {

using namespace std::chrono_literals;
using storage::Topic;
using storage::embedded::Family;
using storage::embedded::RocksDbFamilies;
using storage::embedded::WriteSet;

/// One town for all tests: each works on a copy.
class Replay : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    original_ = new storage::conformance::ScratchDirectory;
    testing::Town town(original_->path() + "/data", original_->path() + "/recording");
    town.live(25min);  // long enough for MAC requests
    town.restart();
    town.live(8min);
    downlinks_ = town.downlinks();
  }
  static void TearDownTestSuite() {
    delete original_;
    original_ = nullptr;
  }
  void SetUp() override {
    for (const auto* part : {"/data", "/recording"})
      std::filesystem::copy(original_->path() + part, directory_.path() + part,
                            std::filesystem::copy_options::recursive);
  }

  base::Result<DatagramReplay> replay(const boost::json::array& documents = testing::town_documents(),
                                      const Settings& settings = testing::town_settings()) const {
    base::ManualClock clock{base::Timestamp{}};
    storage::MemoryLog log(settings.network.partitions, clock);
    const auto vault = base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{3});
    return replay_datagrams({recording_}, documents, settings, log, clock, vault,
                            decode::SchemaCatalog::load({}).value());
  }
  void rewrite(const std::function<bool(v1::RecordingEntry&)>& change) const {
    std::string bytes(kRecordingMagic);
    auto reader = RecordingReader::open(recording_).value();
    v1::RecordingEntry entry;
    while (reader->next(entry)) {
      if (change(entry)) append_entry(bytes, entry);
    }
    std::ofstream(recording_, std::ios::binary) << bytes;
  }
  LogReplay replay_directory(const Settings& settings = testing::town_settings()) const {
    auto done = replay_log(settings, data_);
    EXPECT_TRUE(done.has_value()) << done.error().message;
    return std::move(*done);
  }
  void damage(const std::function<void(RocksDbFamilies&, WriteSet&)>& change) const {
    const auto families =
        RocksDbFamilies::open({.directory = data_ + "/log", .network_partitions = 4, .sync = false}).value();
    const auto set = families->write_set();
    change(*families, *set);
    ASSERT_TRUE(families->write(*set).has_value());
  }
  /// Changes the first event of the log.
  void change_event(const std::function<void(v1::DeviceEvent&)>& change) const {
    damage([&](RocksDbFamilies& families, WriteSet& set) {
      ASSERT_TRUE(families
                      .scan(Family::log_400, {}, {}, false,
                            [&](auto key, auto value) {
                              auto group = storage::embedded::GroupView::parse(value).value();
                              std::vector<std::string> values;
                              std::vector<storage::Batch::Append> records;
                              values.reserve(group.head().count);
                              while (const auto entry = group.next()) {
                                const auto& label = group.labels()[entry->label];
                                values.emplace_back(entry->value);
                                if (label.topic == Topic::event && records.empty()) {
                                  v1::DeviceEvent event;
                                  EXPECT_TRUE(event.ParseFromString(values.back()));
                                  change(event);
                                  values.back() = event.SerializeAsString();
                                }
                                records.push_back({label.topic, label.partition, label.tenant, entry->key,
                                                   values.back(), entry->tombstone});
                              }
                              set.put(Family::log_400, key,
                                      storage::embedded::encode_group(group.head().appended, records));
                              return false;
                            })
                      .has_value());
    });
  }

  storage::conformance::ScratchDirectory directory_;
  const std::string data_ = directory_.path() + "/data";
  const std::string recording_ = directory_.path() + "/recording";
  inline static storage::conformance::ScratchDirectory* original_ = nullptr;
  inline static std::size_t downlinks_ = 0;
};

TEST_F(Replay, ARecordingGivesTheSameEachTime) {
  const auto first = replay();
  ASSERT_TRUE(first) << first.error().message;
  const auto second = replay();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(first->digest, second->digest);
  EXPECT_EQ(first->downlinks, downlinks_);
  EXPECT_EQ(first->starts, 2U);
  EXPECT_GT(first->events, 100U);
  EXPECT_GT(first->aggregates, 10U);
  EXPECT_EQ(first->unreadable + first->lost, 0U);
}

TEST_F(Replay, WhatLeavesIsWhatWasSent) {
  const auto done = replay();
  ASSERT_TRUE(done) << done.error().message;
  for (const auto& line : done->sent.first) ADD_FAILURE() << line;
  EXPECT_TRUE(done->sent.is_equal());
  EXPECT_EQ(done->sent.acknowledgements.equal, done->acknowledgements);
  EXPECT_EQ(done->sent.downlinks.equal, done->downlinks);
}

TEST_F(Replay, AnotherSentDatagramIsSeen) {
  bool changed = false;
  rewrite([&](v1::RecordingEntry& entry) {
    if (entry.has_sent() && entry.sent().datagram().size() > 12 && !changed) {
      entry.mutable_sent()->mutable_datagram()->back() = ' ';
      changed = true;
    }
    return true;
  });
  const auto done = replay();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->sent.downlinks, (SentComparison::Count{done->downlinks - 1, 1, 1}));
  EXPECT_FALSE(done->sent.is_equal());
  EXPECT_EQ(done->sent.first.size(), 2U);
}

TEST_F(Replay, AnotherReceivedDatagramGivesAnotherDigest) {
  const auto before = replay();
  ASSERT_TRUE(before);
  bool left_out = false;
  rewrite([&](v1::RecordingEntry& entry) {
    // The last PUSH_DATA before the restart.
    if (!left_out && entry.has_received() && entry.received().datagram()[3] == 0 &&
        entry.received().time_us() > base::to_us(testing::kMorning + 5min))
      return !(left_out = true);
    return true;
  });
  const auto after = replay();
  ASSERT_TRUE(after);
  EXPECT_NE(before->digest, after->digest);
  EXPECT_EQ(before->received, after->received + 1);
}

TEST_F(Replay, ADamagedEndIsTold) {
  const auto whole = replay();
  std::filesystem::resize_file(recording_, std::filesystem::file_size(recording_) - 5);
  const auto cut = replay();
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_GT(cut->unreadable, 0U);
  EXPECT_TRUE(cut->sent.is_equal());
  std::filesystem::resize_file(recording_, kRecordingMagic.size());
  const auto nothing = replay();
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, "recording_empty");
}

TEST_F(Replay, DocumentsThatAreRefusedEndIt) {
  auto documents = testing::town_documents();
  documents.push_back(boost::json::object{{"kind", "Device"}, {"dev_eui", "xyz"}});
  const auto refused = replay(documents);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "documents");
}

TEST_F(Replay, ADirectoryHoldsWhatItsLogLeadsTo) {
  const auto done = replay_directory();
  EXPECT_EQ(done.difference, std::nullopt) << *done.difference;
  EXPECT_TRUE(done.left_out.empty());
  for (const auto topic : {Topic::event, Topic::measurement, Topic::control, Topic::keys, Topic::gateway_downlink,
                           Topic::aggregate, Topic::network_in}) {
    EXPECT_GT(done.equal.contains(topic) ? done.equal.at(topic) : 0, 0U) << storage::info_of(topic).name;
  }
  EXPECT_GT(done.equal_rows, 20U);
  const auto found = verify(data_).value();
  for (const auto topic :
       {Topic::event, Topic::measurement, Topic::control, Topic::keys, Topic::gateway_downlink, Topic::aggregate}) {
    EXPECT_EQ(done.equal.at(topic), found.topics.at(topic).records) << storage::info_of(topic).name;
  }
}

TEST_F(Replay, DownlinksOfApplicationsFollowFromTheLogToo) {
  const auto data = directory_.path() + "/other";
  {
    testing::Town town(data);
    town.live(3min);
    town.order("one", false);
    town.order("two", true);
    town.live(1min);
    town.restart();
    town.live(22min);
  }
  const auto found = verify(data).value();
  for (const auto& fault : found.faults.first()) ADD_FAILURE() << fault.where << ": " << fault.what;
  const auto done = replay_log(testing::town_settings(), data);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->difference, std::nullopt) << *done->difference;
  EXPECT_EQ(done->equal.at(Topic::event), found.topics.at(Topic::event).records);
}

TEST_F(Replay, AnEventThatIsAnotherIsFound) {
  change_event([](v1::DeviceEvent& event) { event.set_device_name("another"); });
  const auto done = replay_directory();
  ASSERT_TRUE(done.difference);
  EXPECT_NE(done.difference->find("event.v1 partition"), std::string::npos) << *done.difference;
  EXPECT_NE(done.difference->find("device_name: \"another\" -> "), std::string::npos) << *done.difference;
}

TEST_F(Replay, AnEventTooManyIsFound) {
  const base::ManualClock clock(testing::kMorning + 1h);
  base::Counters counters;
  storage::Batch batch;
  batch.append(Topic::event, 0, "menden", "x", v1::DeviceEvent{}.SerializeAsString());
  ASSERT_TRUE(storage::RocksDbLog::open({.directory = data_ + "/log", .network_partitions = 4}, clock, counters)
                  .value()
                  ->append(batch)
                  .has_value());
  const auto done = replay_directory();
  ASSERT_TRUE(done.difference);
  EXPECT_NE(done.difference->find("nothing led to it"), std::string::npos) << *done.difference;
}

/// Ends a server in the middle of a record that closes windows: a day has passed, and a tick says so.
void stop_inside_of_a_record(const std::string& data, const Settings& settings) {
  const base::ManualClock clock(testing::kMorning + 24h);
  base::Counters counters;
  const auto log = storage::RocksDbLog::open({.directory = data + "/log", .network_partitions = 4}, clock, counters);
  ASSERT_TRUE(log.has_value());
  const auto vault = base::crypto::KeyVault::open(data + "/kek").value();
  decode::DeviceDecoder decoder(decode::SchemaCatalog::load({}).value(), counters);
  network::NetworkProcessor network(network_settings_of(settings), vault, decoder, counters);
  const auto inputs = (*log)->consumer({"network", {Topic::network_in}}).value();
  processing::Worker worker("network", *inputs, network, (*log)->state(), clock, counters,
                            [](std::span<const std::uint32_t>) -> base::Result<void> { return {}; });
  storage::Batch ticks;
  v1::NetworkIn tick;
  tick.set_received_us(base::to_us(clock.now()));
  tick.mutable_tick();
  for (std::uint32_t p = 0; p < 4; ++p) ticks.append(Topic::network_in, p, {}, "x", tick.SerializeAsString());
  ASSERT_TRUE((*log)->append(ticks).has_value());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(worker.run_once(0s, 100).has_value());

  processing::WindowProcessor windows(window_settings_of(settings).value(), counters,
                                      processing::WindowBounds{.portion_bytes = 1});
  const auto consumer = (*log)->consumer({"windows", {Topic::measurement}}).value();
  const auto assigned = consumer->poll(0s, 100).value().assigned;
  for (const auto p : assigned) ASSERT_TRUE(windows.assigned(p, (*log)->state()).has_value());
  const auto poll = consumer->poll(0s, 100).value();
  for (std::size_t i = 0; i < poll.records.size(); ++i) {
    storage::Batch batch;
    while (windows.step(poll.records[i], batch) == processing::Progress::more) {
      windows.flush(batch);
      ASSERT_TRUE(consumer->commit_part(batch, std::span(poll.records).first(i)).has_value());
      if (counters.value("windows.finals") >= 3) return;
      batch.clear();
    }
    windows.flush(batch);
    ASSERT_TRUE(consumer->commit_part(batch, std::span(poll.records).first(i + 1)).has_value());
  }
  FAIL() << "no record closed enough";
}

TEST_F(Replay, AServerMayEndInTheMiddleOfARecord) {
  const auto before = replay_directory();
  stop_inside_of_a_record(data_, testing::town_settings());
  EXPECT_EQ(verify(data_).value().faults.count(), 0U);
  const auto done = replay_directory();
  EXPECT_EQ(done.difference, std::nullopt) << *done.difference;
  EXPECT_EQ(done.equal.at(Topic::aggregate), before.equal.at(Topic::aggregate) + 3);
  damage([](RocksDbFamilies& families, WriteSet& set) {
    using storage::Store;
    const auto family = storage::embedded::family_of(Store::window);
    for (std::uint32_t p = 0; p < 4; ++p) {
      const auto key = storage::embedded::state_prefix(Store::window, p) + std::string(processing::kTimeKey);
      const auto value = families.get(family, key).value();
      v1::WindowRow row;
      ASSERT_TRUE(row.ParseFromString(value.value_or("")));
      if (!row.has_closed()) continue;
      row.mutable_closed()->set_dev_eui(row.closed().dev_eui() + 1);
      set.put(family, key, row.SerializeAsString());
    }
  });
  EXPECT_NE(replay_directory().difference, std::nullopt);
}

TEST_F(Replay, WhatWasNotReadYetHasNoResults) {
  const auto before = replay_directory();
  const base::ManualClock clock(testing::kMorning + 1h);
  base::Counters counters;
  v1::NetworkIn tick;
  tick.set_received_us(base::to_us(clock.now()));
  tick.mutable_tick();
  storage::Batch batch;
  batch.append(Topic::network_in, 0, {}, "x", tick.SerializeAsString());
  ASSERT_TRUE(storage::RocksDbLog::open({.directory = data_ + "/log", .network_partitions = 4}, clock, counters)
                  .value()
                  ->append(batch)
                  .has_value());
  const auto after = replay_directory();
  EXPECT_EQ(after.difference, std::nullopt) << *after.difference;
  EXPECT_EQ(after.records, before.records);
}

TEST_F(Replay, ARowThatIsAnotherIsFound) {
  damage([](RocksDbFamilies& families, WriteSet& set) {
    const auto devices = std::string(1, static_cast<char>(storage::Store::device));
    ASSERT_TRUE(families
                    .scan(Family::state, devices, storage::embedded::end_of_prefix(devices), false,
                          [&](auto key, auto value) {
                            v1::NetworkDevice row;
                            EXPECT_TRUE(row.ParseFromArray(value.data(), static_cast<int>(value.size())));
                            row.set_log_count(99);
                            set.put(Family::state, key, row.SerializeAsString());
                            return false;
                          })
                    .has_value());
  });
  const auto done = replay_directory();
  ASSERT_TRUE(done.difference);
  EXPECT_NE(done.difference->find("store device"), std::string::npos) << *done.difference;
}

TEST_F(Replay, OtherSettingsGiveOtherResults) {
  auto settings = testing::town_settings();
  settings.network.net_id = {0x13};
  const auto done = replay_directory(settings);
  ASSERT_TRUE(done.difference);
}

TEST_F(Replay, WhatIsNoLongerKeptIsLeftOut) {
  damage([](RocksDbFamilies&, WriteSet& set) { set.put(Family::meta, "begin/0", "1"); });
  const auto done = replay_directory();
  EXPECT_EQ(done.difference, std::nullopt) << *done.difference;
  ASSERT_EQ(done.left_out.size(), 3U);
  std::size_t i = 0;
  for (const auto* records : {"int.network-in before offset 1", "alert.v1", "int.rollup-in"}) {
    EXPECT_NE(done.left_out[i].find(records), std::string::npos) << done.left_out[i];
    ++i;
  }
  EXPECT_FALSE(done.equal.contains(Topic::event));
  EXPECT_GT(done.equal_rows, 5U);
}

}  // namespace
}  // namespace lenne::app
