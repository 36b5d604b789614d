#include "storage/memory/memory_log.hpp"

#include "tests/unit/storage/log_conformance.hpp"

namespace lenne::storage::conformance {
namespace {

template <MemoryDisk::Fault kFault>
class MemoryHarness {
 public:
  static constexpr bool kRetains = true;
  static constexpr bool kExactSnapshot = true;
  static constexpr bool kGroups = false;
  static constexpr int kScriptInputs = 6;

  MemoryHarness() { reopen(); }
  Log& log() { return *log_; }
  void reopen() {
    log_.reset();
    log_ = MemoryLog::open(disk_, kPartitions, clock_, counters_, {.batch_bytes = kBatchLimit, .handover_bytes = 300})
               .value();
  }
  void fail_operation(std::uint64_t n) { disk_->fail_write(n, kFault); }
  base::ManualClock& clock() { return clock_; }
  base::Counters& counters() { return counters_; }

 private:
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  base::ManualClock clock_{kStart};
  base::Counters counters_;
  std::unique_ptr<Log> log_;
};

using MemoryHarnesses =
    ::testing::Types<MemoryHarness<MemoryDisk::Fault::before>, MemoryHarness<MemoryDisk::Fault::after>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, LogConformance, MemoryHarnesses);

TEST(MemoryLog, ANumberOfPartitionsIsForEver) {
  const base::ManualClock clock(kStart);
  base::Counters counters;
  const auto disk = std::make_shared<MemoryDisk>();
  ASSERT_TRUE(MemoryLog::open(disk, 16, clock, counters).has_value());
  const auto other = MemoryLog::open(disk, 8, clock, counters);
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, "network_partitions");
  EXPECT_NE(other.error().message.find("16"), std::string::npos);
  EXPECT_NE(other.error().message.find("8"), std::string::npos);
  for (const std::uint32_t bad : {0U, 257U}) {
    EXPECT_FALSE(MemoryLog::open(std::make_shared<MemoryDisk>(), bad, clock, counters).has_value());
  }
}

TEST(MemoryLog, AScanMayWrite) {
  const base::ManualClock clock(kStart);
  MemoryLog log(4, clock);
  Batch batch;
  for (int i = 0; i < 10; ++i) batch.put(Store::device, 0, "k" + std::to_string(i), "v");
  ASSERT_TRUE(log.put_state(batch).has_value());
  int visited = 0;
  const auto scanned = log.state().scan(Store::device, 0, "", "", [&](std::string_view key, std::string_view) {
    Batch removal;
    removal.erase(Store::device, 0, key);
    removal.put(Store::device, 0, "z" + std::string(key), "new");
    EXPECT_TRUE(log.put_state(removal).has_value());
    return ++visited < 100;
  });
  ASSERT_TRUE(scanned.has_value());
  EXPECT_EQ(visited, 10);  // the moment of the call
}

}  // namespace
}  // namespace lenne::storage::conformance
