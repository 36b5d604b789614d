// Worker and windows on the memory log, with every write failing once: what is on the topics at the end never changes.

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "processing/worker.hpp"
#include "storage/memory/memory_log.hpp"
#include "support.hpp"

namespace lenne::processing::test {
namespace {

constexpr std::uint32_t kPartitions = 2;

WindowSettings minute_settings() {
  auto settings = plain_settings();
  settings.windows_s = {60, 900};
  settings.grace = std::chrono::seconds{10};
  settings.horizon = std::chrono::seconds{300};
  return settings;
}

/// What a partition's topic measurement gets, in its order.
std::vector<std::pair<std::uint32_t, v1::Measurement>> input() {
  std::vector<std::pair<std::uint32_t, v1::Measurement>> all;
  base::Random random(5);
  for (std::uint32_t i = 0; i < 60; ++i) {
    const auto now = kStart + static_cast<std::int64_t>(i) * 7 * kSecond;
    const auto partition = i % kPartitions;
    auto r = record(10 + partition, now, i, 60);
    add_sample(r, random.chance(0.5) ? v1::KIND_STATE : v1::KIND_GAUGE,
               std::max(kStart, now - static_cast<std::int64_t>(random.below(100)) * kSecond),
               static_cast<std::int64_t>(random.below(3)));
    all.emplace_back(partition, r);
  }
  for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
    v1::Measurement tick;
    tick.set_tick(true);
    tick.set_received_us(kStart + kHour);
    all.emplace_back(partition, tick);
  }
  return all;
}

using Topics = std::map<std::uint32_t, std::vector<std::string>>;

/// All aggregates of a log in the order of each partition.
Topics aggregates_of(storage::Log& log) {
  Topics found;
  auto reader = log.reader({storage::Topic::aggregate, storage::Topic::measurement_late});
  EXPECT_TRUE(reader);
  EXPECT_TRUE((*reader)->seek({storage::SeekTo::Where::beginning}));
  while (true) {
    const auto poll = (*reader)->poll(base::Duration{0}, 1000);
    EXPECT_TRUE(poll);
    if (!poll || poll->records.empty()) return found;
    for (const auto& r : poll->records) found[r.partition].push_back(std::string(r.key) + "=" + std::string(r.value));
  }
}

struct OnLog {
  explicit OnLog(std::shared_ptr<storage::MemoryDisk> d) : disk(std::move(d)) {
    log = std::move(*storage::MemoryLog::open(disk, kPartitions, clock, counters));
    consumer = std::move(*log->consumer({"windows", {storage::Topic::measurement}}));
    processor = std::make_unique<WindowProcessor>(minute_settings(), counters);
    worker = std::make_unique<Worker>("windows", *consumer, *processor, log->state(), clock, counters,
                                      [](std::span<const std::uint32_t>) { return base::Result<void>{}; });
  }
  /// Turns until all is read. Error: what ended the worker.
  base::Result<void> drain(std::size_t most) {
    for (int quiet = 0; quiet < 2;) {
      const auto done = worker->run_once(base::Duration{0}, most);
      if (!done) return std::unexpected(done.error());
      quiet = *done == 0 ? quiet + 1 : 0;
    }
    return {};
  }

  base::ManualClock clock{base::from_us(kStart)};
  base::Counters counters;
  std::shared_ptr<storage::MemoryDisk> disk;
  std::unique_ptr<storage::Log> log;
  std::unique_ptr<storage::Consumer> consumer;
  std::unique_ptr<WindowProcessor> processor;
  std::unique_ptr<Worker> worker;
};

std::shared_ptr<storage::MemoryDisk> filled_disk() {
  auto disk = std::make_shared<storage::MemoryDisk>();
  OnLog on(disk);
  for (const auto& [partition, measurement] : input()) {
    storage::Batch batch;
    batch.append(storage::Topic::measurement, partition, {}, {}, measurement.SerializeAsString());
    EXPECT_TRUE(on.log->append(batch));
  }
  return disk;
}

TEST(WorkerOnLog, MakesAllResults) {
  OnLog on(filled_disk());
  ASSERT_TRUE(on.drain(1000));
  const auto topics = aggregates_of(*on.log);
  ASSERT_EQ(topics.size(), kPartitions);
  EXPECT_GT(topics.at(0).size(), 10u);
  EXPECT_GT(on.counters.value("windows.finals"), 20u);
}

TEST(WorkerOnLog, AFailureOfAnyWriteChangesNothing) {
  Topics whole;
  {
    OnLog on(filled_disk());
    ASSERT_TRUE(on.drain(1000));
    whole = aggregates_of(*on.log);
  }
  using Fault = storage::MemoryDisk::Fault;
  for (const auto fault : {Fault::before, Fault::after}) {
    bool failed = true;
    for (std::uint64_t n = 1; failed; ++n) {
      ASSERT_LT(n, 200u);
      const auto disk = filled_disk();
      {
        OnLog on(disk);
        disk->fail_write(n, fault);
        failed = !on.drain(4);
        EXPECT_EQ(on.worker->state(), failed ? WorkerState::failed : WorkerState::running);
      }
      disk->fail_write(0);
      OnLog again(disk);
      ASSERT_TRUE(again.drain(7));
      ASSERT_EQ(aggregates_of(*again.log), whole) << "write " << n;
    }
  }
}

}  // namespace
}  // namespace lenne::processing::test
