// Tenants' topics on Kafka: whatever fails on the way, each record is told once, in the order of its device.

#include <gtest/gtest.h>

#include <algorithm>

#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/integration/storage/kafka/tenant_rows.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::storage::conformance {
namespace {

/// A process with a log on Kafka, of which one request of a write can be made to fail.
class Publishing {
 public:
  explicit Publishing(const std::string& prefix) {
    RocksDbSettings local;
    local.directory = directory_.path() + "/state";
    local.sync = false;
    auto settings = settings_of(prefix);
    settings.fault = [this](const char*) { return fail_at_ > 0 && ++requests_ == fail_at_; };
    log_ = KafkaLog::open(settings, RocksDbLog::families(local).value(), clock_, counters_).value();
  }
  [[nodiscard]] Log& log() const { return *log_; }
  /// The n-th request from now on fails; 0: none does.
  void fail(std::uint64_t n) {
    fail_at_ = n;
    requests_ = 0;
  }

 private:
  const ScratchDirectory directory_;
  const base::SystemClock clock_;
  base::Counters counters_;
  std::uint64_t requests_ = 0;
  std::uint64_t fail_at_ = 0;
  std::unique_ptr<Log> log_;
};

/// Appends a declaration of a tenant and, of four devices in two partitions, `count` events.
void tell(Log& log, std::uint64_t count) {
  const auto consumer = log.consumer({"network", {Topic::network_in}}).value();
  for (std::size_t own = 0; own < kNetwork;) own += consumer->poll(std::chrono::milliseconds{200}, 1)->assigned.size();
  Batch batch;
  batch.append(Topic::control, 0, "", "tenant/soest", "declared, and silent");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string tenant = i % 4 == 3 ? "olpe" : "menden";
    batch.append(Topic::event, static_cast<std::uint32_t>(i % 2), tenant, "device" + std::to_string(i % 4),
                 event_of(tenant, i));
  }
  ASSERT_TRUE(consumer->commit(batch).has_value());
}

/// What a tenant's topic holds, by device, as the numbers of tell().
std::map<std::string, std::vector<std::uint64_t>> told(const std::string& prefix, const std::string& tenant) {
  std::map<std::string, std::vector<std::uint64_t>> numbers;
  for (const auto& row : rows_of(prefix, "t." + tenant + ".event.v1")) {
    v1::DeviceEvent event;
    EXPECT_TRUE(event.ParseFromString(row.value.substr(7)));  // after magic byte, schema id and index
    numbers[row.key].push_back(event.dev_eui());
  }
  return numbers;
}

TEST(Publication, EachRecordIsToldOnceWhicheverRequestFails) {
  constexpr std::uint64_t kEvents = 40;
  Publishing process("published.");
  tell(process.log(), kEvents);
  auto publication = publication_of(process.log());
  std::uint64_t request = 0;
  const auto all_told = [] {
    return rows_of("published.", "t.menden.event.v1").size() + rows_of("published.", "t.olpe.event.v1").size() >=
           kEvents;
  };
  // Each failure is one of another request of a transaction; now and then another member goes on.
  for (int turns = 1; turns < 600 && (turns % 20 != 0 || !all_told()); ++turns) {
    if (turns % 3 == 0) process.fail(1 + request++ % 12);
    if (turns % 50 == 0) {
      publication.reset();
      publication = publication_of(process.log());
    }
    static_cast<void>(publish(*publication));
  }
  process.fail(0);
  for (int turns = 0; turns < 20; ++turns) static_cast<void>(publish(*publication));
  EXPECT_GT(request, 12U) << "each request of a transaction has failed";
  for (std::uint64_t device = 0; device < 4; ++device) {
    std::vector<std::uint64_t> expected;
    for (auto i = device; i < kEvents; i += 4) expected.push_back(i);
    auto of_tenant = told("published.", device == 3 ? "olpe" : "menden");
    EXPECT_EQ(of_tenant["device" + std::to_string(device)], expected);
  }
  EXPECT_TRUE(told("published.", "soest").empty()) << "its topics are there all the same: it was declared";
}

}  // namespace
}  // namespace lenne::storage::conformance
