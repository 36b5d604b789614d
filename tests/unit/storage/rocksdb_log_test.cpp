#include "storage/rocksdb/rocksdb_log.hpp"

#include <sys/stat.h>

#include "storage/embedded/families.hpp"
#include "storage/rocksdb/rocksdb_families.hpp"
#include "tests/unit/storage/faulty_file_system.hpp"
#include "tests/unit/storage/log_conformance.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::storage::conformance {
namespace {

/// Each reopen is a loss of power: what was not synced is gone.
class RocksDbHarness {
 public:
  static constexpr bool kRetains = true;
  static constexpr bool kExactSnapshot = true;
  static constexpr bool kGroups = false;
  static constexpr int kScriptInputs = 6;

  RocksDbHarness() : files_(std::make_shared<FaultyFileSystem>()), env_(rocksdb::NewCompositeEnv(files_)) { reopen(); }
  Log& log() { return *log_; }
  void reopen() {
    log_.reset();
    files_->fail_operation(0);
    files_->lose_power();
    auto opened = RocksDbLog::open(settings(), clock_, counters_);
    if (!opened) throw std::runtime_error(opened.error().message);
    log_ = std::move(*opened);
  }
  void close() { log_.reset(); }
  RocksDbSettings settings() {
    return {.directory = directory_.path() + "/data",
            .network_partitions = kPartitions,
            .flush_on_close = false,
            .limits = {.batch_bytes = kBatchLimit, .handover_bytes = 300},
            .env = env_.get()};
  }
  void fail_operation(std::uint64_t n) { files_->fail_operation(n); }
  FaultyFileSystem& files() { return *files_; }
  base::ManualClock& clock() { return clock_; }
  base::Counters& counters() { return counters_; }

 private:
  ScratchDirectory directory_;
  std::shared_ptr<FaultyFileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  base::ManualClock clock_{kStart};
  base::Counters counters_;
  std::unique_ptr<Log> log_;
};

using RocksDbHarnesses = ::testing::Types<RocksDbHarness>;
INSTANTIATE_TYPED_TEST_SUITE_P(RocksDb, LogConformance, RocksDbHarnesses);

Batch one(const std::string& value) {
  Batch batch;
  batch.append(Topic::network_in, 0, "", "k", value);
  return batch;
}

TEST(RocksDbLog, TheDataDirectoryIsOnlyForItsOwner) {
  RocksDbHarness harness;
  struct stat status{};
  ASSERT_EQ(::stat(harness.settings().directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST(RocksDbLog, ASecondOpenIsRefused) {
  RocksDbHarness harness;
  const auto second = RocksDbLog::open(harness.settings(), harness.clock(), harness.counters());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, "directory_in_use");
  EXPECT_NE(second.error().message.find(harness.settings().directory), std::string::npos);
  EXPECT_TRUE(harness.log().append(one("a")).has_value());
}

TEST(RocksDbLog, ANumberOfPartitionsIsForEver) {
  RocksDbHarness harness;
  harness.close();
  auto settings = harness.settings();
  settings.network_partitions = 16;
  const auto other = RocksDbLog::open(settings, harness.clock(), harness.counters());
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, "network_partitions");
  EXPECT_NE(other.error().message.find("= 4"), std::string::npos) << other.error().message;
  EXPECT_NE(other.error().message.find("say 16"), std::string::npos) << other.error().message;
}

TEST(RocksDbLog, ALogOfANewerVersionIsRefused) {
  RocksDbHarness harness;
  harness.close();
  {
    const auto families = embedded::RocksDbFamilies::open(harness.settings()).value();
    const auto set = families->write_set();
    set->put(embedded::Family::meta, "format", "2");
    ASSERT_TRUE(families->write(*set).has_value());
  }
  const auto newer = RocksDbLog::open(harness.settings(), harness.clock(), harness.counters());
  ASSERT_FALSE(newer.has_value());
  EXPECT_EQ(newer.error().code, "log_format");
}

TEST(RocksDbLog, ADirectoryThatCannotBeMadeIsNamed) {
  const base::ManualClock clock(kStart);
  base::Counters counters;
  const auto opened = RocksDbLog::open({.directory = "/proc/nowhere/data"}, clock, counters);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, "log_open");
  EXPECT_NE(opened.error().message.find("/proc/nowhere"), std::string::npos);
}

TEST(RocksDbLog, AFullDiskIsSaidAndNothingAcknowledgedIsLost) {
  RocksDbHarness harness;
  ASSERT_TRUE(harness.log().append(one("kept")).has_value());
  harness.files().fail_operation(1, FaultyFileSystem::Fault::no_space);
  const auto full = harness.log().append(one("refused"));
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().code, "disk_full");
  harness.fail_operation(0);
  const auto later = harness.log().append(one("later"));
  ASSERT_FALSE(later.has_value());
  EXPECT_EQ(later.error().code, "disk_full");
  harness.reopen();
  const auto reader = harness.log().reader({Topic::network_in}).value();
  ASSERT_TRUE(reader->seek({SeekTo::Where::beginning}).has_value());
  EXPECT_EQ(values(drain(*reader)), std::vector<std::string>{"kept"});
}

TEST(RocksDbLog, DamagedGroupsAreAnErrorNotACrash) {
  RocksDbHarness harness;
  ASSERT_TRUE(harness.log().append(one("first")).has_value());
  harness.close();
  {
    const auto families = embedded::RocksDbFamilies::open(harness.settings()).value();
    const auto set = families->write_set();
    set->put(embedded::Family::log_7, embedded::be64(0), std::string("\x01\x05garbage", 9));
    ASSERT_TRUE(families->write(*set).has_value());
  }
  const auto opened = RocksDbLog::open(harness.settings(), harness.clock(), harness.counters());
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, "log_open");
}

TEST(RocksDbLog, TheWriteAheadLogStaysBelowItsLimit) {
  ScratchDirectory directory;
  const base::ManualClock clock(kStart);
  base::Counters counters;
  const auto log = RocksDbLog::open({.directory = directory.path(),
                                     .sync = false,
                                     .wal_limit = std::size_t{1} << 20,
                                     .write_buffer = std::size_t{512} << 10},
                                    clock, counters)
                       .value();
  std::uintmax_t most = 0;
  for (int i = 0; i < 300; ++i) {
    Batch batch;
    batch.append(Topic::event, 0, "menden", "k", std::string(40'000, static_cast<char>('a' + i % 26)));
    ASSERT_TRUE(log->append(batch).has_value());
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
      std::error_code gone;
      const auto size = entry.path().extension() == ".log" ? std::filesystem::file_size(entry.path(), gone) : 0;
      if (!gone) bytes += size;
    }
    most = std::max(most, bytes);
  }
  EXPECT_LT(
      most,
      std::uintmax_t{4} << 20);  // of 12 MB that were written; the file in use is over the limit when it is closed
  EXPECT_GT(log->describe(Topic::event)->bytes_on_disk, 0U);
}

TEST(RocksDbLog, OldFilesAreDeletedAndYoungOnesStay) {
  ScratchDirectory directory;
  base::ManualClock clock(kStart);
  base::Counters counters;
  const auto log = RocksDbLog::open({.directory = directory.path(), .sync = false}, clock, counters).value();
  for (int day = 0; day < 12; ++day) {
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(log->append(one(std::to_string(day))).has_value());
    clock.advance(std::chrono::hours{24});
    ASSERT_TRUE(log->retain(clock.now()).has_value());
  }
  const auto reader = log->reader({Topic::network_in}).value();
  ASSERT_TRUE(reader->seek({SeekTo::Where::beginning}).has_value());
  const auto seen = drain(*reader);
  ASSERT_FALSE(seen.empty());
  EXPECT_LE(std::stoi(seen.front().value), 5);  // all of the last seven days …
  EXPECT_GE(std::stoi(seen.front().value), 3);  // … and at most an eighth of the age more than that
  EXPECT_EQ(seen.back().value, "11");
}

}  // namespace
}  // namespace lenne::storage::conformance
