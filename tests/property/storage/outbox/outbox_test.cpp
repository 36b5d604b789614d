// Whatever fails whenever: each record once, in order.

#include "storage/outbox/outbox.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "storage/memory/memory_log.hpp"
#include "tests/unit/storage/outbox/fake_target.hpp"

namespace lenne::storage::testing {
namespace {

constexpr std::uint32_t kPartitions = 3;

/// A server with an outbox, whose log, process and cluster fail.
class World {
 public:
  World() { start(); }

  void append(int count) {
    Batch batch;
    for (int i = 0; i < count; ++i) {
      const auto number = appended_.size();
      const auto topic = number % 7 == 0 ? Topic::network_in : number % 3 == 0 ? Topic::alert : Topic::event;
      const auto key = std::to_string(number % 11);
      const auto value = number % 5 == 0 ? std::string("tick") : std::to_string(number);
      batch.append(topic, static_cast<std::uint32_t>(number % kPartitions), "menden", key, value);
      appended_.push_back({topic, 0, 0, "menden", key, value, false});
    }
    const auto done = log_->append(batch);
    RC_ASSERT(done.has_value());
    for (std::size_t i = 0; i < done->offsets.size(); ++i)
      appended_[appended_.size() - done->offsets.size() + i].offset = done->offsets[i];
  }
  void turn() {
    // The write of where it stands in its own log may fail, too: then the server ends.
    static_cast<void>(outbox_->run_once(base::Duration{}));
    clock_.advance(std::chrono::milliseconds{300});
    if (log_->failure()) restart();
  }
  void start_outbox() {
    target_.emplace(cluster_);
    auto opened = Outbox::open(*log_, *target_, clock_, counters_);
    RC_ASSERT(opened.has_value());
    outbox_ = std::move(*opened);
  }
  /// As after kill -9: only the disk and the cluster are left.
  void restart() {
    outbox_.reset();
    log_.reset();
    disk_->fail_write(0);
    start();
  }
  void retain() {
    clock_.advance(std::chrono::hours{24 * 100});
    const auto deleted = log_->retain(clock_.now());
    RC_ASSERT(deleted.has_value());
    deleted_ += *deleted;
  }

  base::ManualClock clock_{base::from_us(1'790'000'000'000'000)};
  base::Counters counters_;
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  std::unique_ptr<Log> log_;
  FakeCluster cluster_;
  std::optional<FakeTarget> target_;
  std::unique_ptr<Outbox> outbox_;
  std::vector<FakeCluster::Kept> appended_;
  std::uint64_t deleted_ = 0;

 private:
  void start() {
    auto opened = MemoryLog::open(disk_, kPartitions, clock_, counters_);
    RC_ASSERT(opened.has_value());
    log_ = std::move(*opened);
    start_outbox();
  }
};

TEST(OutboxProperty, WhateverFailsEachRecordIsMirroredOnceAndInOrder) {
  EXPECT_TRUE(rc::check([] {
    World world;
    world.turn();
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 16));
    for (const auto step : steps) {
      switch (step) {
        case 0:
        case 1:
        case 2:
        case 3:
          world.append(*rc::gen::inRange(1, 40));
          break;
        case 4:
        case 5:
        case 6:
        case 7:
          world.turn();
          break;
        case 8:
        case 9:
        case 10:
          world.target_->fail_next(static_cast<FakeTarget::Fault>(*rc::gen::inRange(1, 5)));
          break;
        case 11:
          world.restart();
          break;
        case 12:
          world.start_outbox();  // the process goes on, its cluster is another connection
          break;
        case 13:
          world.cluster_.away = !world.cluster_.away;
          break;
        case 14:
          world.disk_->fail_write(1, *rc::gen::element(MemoryDisk::Fault::before, MemoryDisk::Fault::after));
          world.turn();
          world.disk_->fail_write(0);
          break;
        default:
          world.retain();
          break;
      }
    }
    world.cluster_.away = false;
    world.target_->fail_next(FakeTarget::Fault::none);
    for (int i = 0; i < 40; ++i) world.turn();
    RC_CLASSIFY(world.deleted_ > 0, "records were deleted");
    RC_ASSERT(world.counters_.value("outbox.refused") == 0U);
    std::vector<std::pair<Offset, std::string>> wanted;
    for (const auto& record : world.appended_) {
      if (record.topic != Topic::network_in && record.value != "tick") wanted.emplace_back(record.offset, record.value);
    }
    std::ranges::sort(wanted);  // a write orders its records by their class
    std::vector<std::pair<Offset, std::string>> mirrored;
    for (const auto& record : world.cluster_.records) mirrored.emplace_back(record.offset, record.value);
    RC_ASSERT(mirrored == wanted);
  }));
}

TEST(OutboxProperty, AnOutboxForALogWithAPastHasTheLastValuesOfCompactedTopics) {
  EXPECT_TRUE(rc::check([] {
    World world;
    world.outbox_.reset();
    RC_ASSERT(world.log_->forget(kOutboxConsumer).has_value());
    world.append(*rc::gen::inRange(0, 200));
    world.start_outbox();
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 4));
    for (const auto step : steps) {
      if (step == 0) world.append(*rc::gen::inRange(1, 40));
      if (step == 1) world.turn();
      if (step == 2) world.restart();
      if (step == 3) world.target_->fail_next(static_cast<FakeTarget::Fault>(*rc::gen::inRange(1, 5)));
    }
    world.target_->fail_next(FakeTarget::Fault::none);
    for (int i = 0; i < 40; ++i) world.turn();
    std::vector<Offset> events;
    std::vector<Offset> mirrored_events;
    std::map<std::pair<std::uint32_t, std::string>, std::string> last;
    std::map<std::pair<std::uint32_t, std::string>, std::string> mirrored_last;
    std::map<Offset, int> times;
    for (std::size_t i = 0; i < world.appended_.size(); ++i) {
      const auto& record = world.appended_[i];
      if (record.topic == Topic::event && record.value != "tick") events.push_back(record.offset);
      if (record.topic == Topic::alert) last[{static_cast<std::uint32_t>(i % kPartitions), record.key}] = record.value;
    }
    for (const auto& record : world.cluster_.records) {
      RC_ASSERT(++times[record.offset] == 1);
      if (record.topic == Topic::event) mirrored_events.push_back(record.offset);
      if (record.topic == Topic::alert) mirrored_last[{record.partition, record.key}] = record.value;
    }
    // What the target does not copy says nothing of what was before it.
    std::erase_if(last, [](const auto& row) { return row.second == "tick"; });
    for (const auto& [key, value] : last) RC_ASSERT(mirrored_last[key] == value);
    RC_ASSERT(mirrored_events == events);
  }));
}

}  // namespace
}  // namespace lenne::storage::testing
