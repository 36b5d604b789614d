// What an inspection finds: nothing in a log as it should be, and each damage that is done to one here.

#include "storage/embedded/inspection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "storage/embedded/embedded_log.hpp"
#include "storage/embedded/families.hpp"
#include "storage/embedded/group.hpp"
#include "storage/memory/memory_families.hpp"
#include "storage/rocksdb/rocksdb_families.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::storage::embedded {
namespace {

constexpr std::uint32_t kPartitions = 4;
const base::Timestamp kStart = base::from_us(1'795'000'000'000'000);

/// Three writes of all classes, a consumer that has read them, state: groups at 0, 3, 4 … of the three classes.
void fill(Log& log) {
  auto consumer = log.consumer({"network", {Topic::network_in}}).value();
  (void)consumer->poll({}, 100).value();  // assigned
  for (int i = 0; i < 3; ++i) {
    Batch batch;
    batch.append(Topic::network_in, 1, "", "k", "frame " + std::to_string(i));
    batch.append(Topic::control, 0, "", "device/a", "state " + std::to_string(i));
    batch.append(Topic::control, 0, "", "device/" + std::to_string(i), "state");
    batch.append(Topic::measurement, 2, "menden", "m", std::string(3000, 'm'));
    batch.append(Topic::event, 3, "menden", "e", "event " + std::to_string(i));
    ASSERT_TRUE(log.append(batch).has_value());
  }
  Batch removal;
  removal.append_tombstone(Topic::control, 0, "", "device/1");
  ASSERT_TRUE(log.append(removal).has_value());
  while (!consumer->poll({}, 100).value().records.empty()) {
  }
  Batch batch;
  batch.put(Store::device, 1, "row", "value");
  batch.put(Store::pane, 1, "row", "pane");
  ASSERT_TRUE(consumer->commit(batch).has_value());
}

struct Found {
  std::uint64_t records = 0;
  std::uint64_t last_values = 0;
  std::vector<std::string> rows;
  Faults faults;

  [[nodiscard]] bool says(const std::string& where, const std::string& what) const {
    return std::ranges::any_of(faults.first(), [&](const Fault& fault) {
      return fault.where.find(where) != std::string::npos && fault.what.find(what) != std::string::npos;
    });
  }
};

Found inspect(Inspection& inspection) {
  Found found;
  inspection.read_files(found.faults);
  inspection.read_records(found.faults, [&](const Record&) { ++found.records; });
  inspection.read_last_values(found.faults, [&](const Record&) { ++found.last_values; });
  inspection.read_positions(found.faults);
  inspection.read_state(found.faults, [&](Store, std::uint32_t, std::string_view key, std::string_view) {
    found.rows.emplace_back(key);
  });
  return found;
}

class InspectionOfMemory : public ::testing::Test {
 protected:
  InspectionOfMemory() { fill(*log_); }
  Found look() {
    auto inspection = Inspection::open(families_);
    EXPECT_TRUE(inspection.has_value());
    return inspect(**inspection);
  }
  /// What is done to the rows behind the log's back.
  template <typename Change>
  void damage(Change&& change) {
    const auto set = families_->write_set();
    change(*set);
    ASSERT_TRUE(families_->write(*set).has_value());
  }
  std::string row(Family family, std::string_view key) { return families_->get(family, key).value().value(); }

  base::ManualClock clock_{kStart};
  base::Counters counters_;
  std::shared_ptr<MemoryFamilies> families_ = std::make_shared<MemoryFamilies>();
  std::unique_ptr<Log> log_ = open_log(families_, kPartitions, {}, clock_, counters_).value();
};

TEST_F(InspectionOfMemory, ALogAsItShouldBeHasNoFaults) {
  const auto found = look();
  EXPECT_EQ(found.faults.count(), 0U) << found.faults.first().front().where << ": "
                                      << found.faults.first().front().what;
  EXPECT_EQ(found.records, 16U);
  EXPECT_EQ(found.last_values, 3U);  // device/a, device/0, device/2
  EXPECT_EQ(found.rows, (std::vector<std::string>{"row", "row"}));
}

TEST_F(InspectionOfMemory, RecordsComeInTheOrderOfTheirOffsets) {
  auto inspection = Inspection::open(families_).value();
  Faults faults;
  std::vector<Offset> offsets;
  inspection->read_records(faults, [&](const Record& record) { offsets.push_back(record.offset); });
  ASSERT_EQ(offsets.size(), 16U);
  for (std::size_t i = 0; i < offsets.size(); ++i) EXPECT_EQ(offsets[i], i);
  EXPECT_EQ(inspection->end(), 16U);
}

TEST_F(InspectionOfMemory, AGroupThatIsGoneIsFound) {
  damage([](WriteSet& set) { set.erase(Family::log_400, be64(4)); });
  EXPECT_TRUE(look().says("offset 4", "records up to offset 5 are missing"));
}

TEST_F(InspectionOfMemory, WhatRetentionDeletedIsNotMissing) {
  damage([](WriteSet& set) {
    set.erase(Family::log_60, be64(3));
    set.put(Family::meta, "begin/1", "4");
  });
  EXPECT_EQ(look().faults.count(), 0U);
}

TEST_F(InspectionOfMemory, GroupsThatOverlapAreFound) {
  damage([&](WriteSet& set) { set.put(Family::log_400, be64(5), row(Family::log_400, be64(4))); });
  EXPECT_TRUE(look().says("offset 5", "overlaps"));
}

TEST_F(InspectionOfMemory, ADamagedGroupIsFound) {
  damage([&](WriteSet& set) {
    auto group = row(Family::log_7, be64(0));
    group.resize(group.size() - 3);
    set.put(Family::log_7, be64(0), group);
    set.put(Family::log_60, be64(3), "x");
  });
  const auto found = look();
  EXPECT_TRUE(found.says("offset 2", "a record of log-7 is damaged"));
  EXPECT_TRUE(found.says("offset 3", "a group of log-60 is damaged"));
}

TEST_F(InspectionOfMemory, ARecordOfAnotherClassIsFound) {
  Batch event;
  event.append(Topic::event, 9, "menden", "e", "event");
  const std::vector<Batch::Append> records{event.append_at(0)};
  damage([&](WriteSet& set) {
    set.put(Family::log_7, be64(16), encode_group(kStart, records));
    set.put(Family::log_400, be64(17), encode_group(kStart, records));  // there are four partitions
  });
  const auto found = look();
  EXPECT_TRUE(found.says("offset 16", "label of log-7"));
  EXPECT_TRUE(found.says("offset 17", "partition 9"));
}

TEST_F(InspectionOfMemory, ALastValueThatIsNoneIsFound) {
  const std::string prefix = std::string(1, '\3') + be32(0) + std::string(2, '\0');
  auto value = row(Family::compacted, prefix + "device/a");
  auto older = value;
  older.replace(0, 8, be64(6));
  value.back() = '7';
  struct Case {
    std::function<void(WriteSet&)> change;
    std::string what;
  };
  const std::vector<Case> cases{
      {[&](WriteSet& set) { set.erase(Family::compacted, prefix + "device/a"); }, "is missing"},
      {[&](WriteSet& set) { set.put(Family::compacted, prefix + "device/a", value); }, "differs from offset 11"},
      {[&](WriteSet& set) { set.put(Family::compacted, prefix + "device/a", older); }, "was changed at offset 11"},
  };
  const auto good = row(Family::compacted, prefix + "device/a");
  for (const auto& one : cases) {
    damage(one.change);
    EXPECT_TRUE(look().says("int.control device/a", one.what)) << one.what;
    damage([&](WriteSet& set) { set.put(Family::compacted, prefix + "device/a", good); });
  }
  damage([&](WriteSet& set) { set.put(Family::compacted, prefix + "device/1", be64(7) + good.substr(8)); });
  EXPECT_TRUE(look().says("int.control device/1", "was removed at offset 15"));
}

TEST_F(InspectionOfMemory, ALastValueWithoutAChangeIsFound) {
  const std::string prefix = std::string(1, '\3') + be32(0) + std::string(2, '\0');
  const auto good = row(Family::compacted, prefix + "device/a");
  damage([&](WriteSet& set) {
    set.put(Family::compacted, prefix + "device/8", good);
    set.put(Family::compacted, prefix + "device/9", be64(99) + good.substr(8));
    set.put(Family::compacted, std::string(1, '\1') + be32(0), good);
  });
  const auto found = look();
  EXPECT_TRUE(found.says("device/", "offset 11 holds no such change"));
  EXPECT_TRUE(found.says("device/9", "after the end"));
  EXPECT_TRUE(found.says("last value", "is damaged"));
}

TEST_F(InspectionOfMemory, APositionAfterTheEndIsFound) {
  std::string key;
  std::string value;
  ASSERT_TRUE(families_
                  ->scan(Family::position, {}, {}, false,
                         [&](std::string_view k, std::string_view v) {
                           key = k;
                           value = v;
                           return true;
                         })
                  .has_value());
  damage([&](WriteSet& set) { set.put(Family::position, key, value.substr(0, 12) + "99"); });
  EXPECT_TRUE(look().says("consumer network", "stands at offset 99, but the log ends at offset 16"));
  damage([&](WriteSet& set) { set.put(Family::position, key, value.substr(0, 12) + "x"); });
  EXPECT_TRUE(look().says("consumer network", "damaged"));
  damage([&](WriteSet& set) {
    set.put(Family::position, key, value.substr(0, 12) + "2");
    set.put(Family::meta, "begin/0", "5");
  });
  EXPECT_TRUE(look().says("consumer network", "begins at offset 5"));
}

TEST_F(InspectionOfMemory, AStateRowOfNobodyIsFound) {
  damage([](WriteSet& set) { set.put(Family::state, std::string(1, '\77') + be32(1) + "row", "value"); });
  EXPECT_TRUE(look().says("state", "of no store"));
}

TEST(Inspection, AnEmptyDiskIsNoLog) {
  const auto nothing = Inspection::open(std::make_shared<MemoryFamilies>());
  ASSERT_FALSE(nothing.has_value());
  EXPECT_EQ(nothing.error().code, "log_open");
}

class InspectionOfFiles : public ::testing::Test {
 protected:
  void fill_files(bool flush) {
    auto log = RocksDbLog::open({.directory = path_, .network_partitions = kPartitions, .flush_on_close = flush},
                                clock_, counters_)
                   .value();
    fill(*log);
  }
  Found look() {
    auto inspection = RocksDbLog::inspect(path_);
    if (!inspection) {
      Found none;
      none.faults.add(inspection.error().code, inspection.error().message);
      return none;
    }
    return inspect(**inspection);
  }
  std::vector<std::filesystem::path> files(const std::string& extension) const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().extension() == extension && entry.file_size() > 0) found.push_back(entry.path());
    }
    return found;
  }
  static void flip(const std::filesystem::path& file, double at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto place = static_cast<std::streamoff>(at * static_cast<double>(std::filesystem::file_size(file)));
    stream.seekg(place);
    const auto byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(place);
    stream.put(byte);
  }

  base::ManualClock clock_{kStart};
  base::Counters counters_;
  conformance::ScratchDirectory directory_;
  const std::string path_ = directory_.path() + "/log";
};

TEST_F(InspectionOfFiles, FilesAndWriteAheadLogAreRead) {
  fill_files(true);
  const auto flushed = look();
  EXPECT_EQ(flushed.faults.count(), 0U);
  EXPECT_EQ(flushed.records, 16U);
}

TEST_F(InspectionOfFiles, WhatIsOnlyInTheWriteAheadLogIsRead) {
  fill_files(false);
  ASSERT_TRUE(files(".sst").empty());
  const auto found = look();
  EXPECT_EQ(found.faults.count(), 0U);
  EXPECT_EQ(found.records, 16U);
  EXPECT_EQ(found.last_values, 3U);
}

TEST_F(InspectionOfFiles, LookingChangesNothing) {
  fill_files(false);
  const auto sizes = [&] {
    std::map<std::string, std::uintmax_t> all;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      all[entry.path().filename()] = entry.file_size();
    return all;
  };
  const auto before = sizes();
  EXPECT_EQ(look().records, 16U);
  EXPECT_EQ(sizes(), before);
}

TEST_F(InspectionOfFiles, ATornEndIsNoFault) {
  fill_files(false);
  const auto log = files(".log");
  ASSERT_EQ(log.size(), 1U);
  std::filesystem::resize_file(log.front(), std::filesystem::file_size(log.front()) - 5);
  const auto found = look();
  EXPECT_EQ(found.faults.count(), 0U);
  EXPECT_EQ(found.records, 16U);  // the last commit had only state
  EXPECT_TRUE(found.rows.empty());
}

TEST_F(InspectionOfFiles, AFlippedByteInTheWriteAheadLogIsFound) {
  fill_files(false);
  flip(files(".log").front(), 0.5);
  EXPECT_GE(look().faults.count(), 1U);
}

TEST_F(InspectionOfFiles, AFlippedByteInAnyFileIsFound) {
  fill_files(true);
  const auto tables = files(".sst");
  ASSERT_GE(tables.size(), 5U);
  for (const auto& table : tables) {
    flip(table, 0.02);
    EXPECT_GE(look().faults.count(), 1U) << table;
    flip(table, 0.02);
  }
  EXPECT_EQ(look().faults.count(), 0U);
}

TEST_F(InspectionOfFiles, WhatAnotherHoldsIsRefusedAndTheOtherWayRound) {
  const RocksDbSettings settings{.directory = path_, .network_partitions = kPartitions};
  {
    const auto log = RocksDbLog::open(settings, clock_, counters_).value();
    const auto refused = RocksDbLog::inspect(path_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "directory_in_use");
  }
  {
    const auto inspection = RocksDbLog::inspect(path_).value();
    const auto refused = RocksDbLog::open(settings, clock_, counters_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "directory_in_use");
  }
  EXPECT_TRUE(RocksDbLog::open(settings, clock_, counters_).has_value());
  const auto nothing = RocksDbLog::inspect(directory_.path() + "/none");
  ASSERT_FALSE(nothing.has_value());
  EXPECT_EQ(nothing.error().code, "log_open");
}

}  // namespace
}  // namespace lenne::storage::embedded
