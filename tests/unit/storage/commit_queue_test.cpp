#include "storage/embedded/commit_queue.hpp"

#include <gtest/gtest.h>

#include <future>

#include "storage/memory/memory_families.hpp"

namespace lenne::storage::embedded {
namespace {

using namespace std::chrono_literals;

struct CommitQueueTest : ::testing::Test {
  base::ManualClock clock{base::from_us(0)};
  base::Counters counters;
  MemoryFamilies families;
  CommitQueue queue{families, EmbeddedLimits{}, clock, counters, 0, 0};

  void append(Topic topic) {
    Batch batch;
    batch.append(topic, 0, {}, "key", "value");
    Request request;
    request.batch = &batch;
    ASSERT_TRUE(queue.submit(request).has_value());
  }
  bool has(Topic topic, Offset from) { return queue.wait_for(bit_of(topic), from, Duration{0}); }
};

TEST_F(CommitQueueTest, OnlyRecordsOfTheTopicsAreWaitedFor) {
  EXPECT_FALSE(has(Topic::event, 0));
  append(Topic::event);
  EXPECT_TRUE(has(Topic::event, 0));
  EXPECT_FALSE(has(Topic::event, queue.end()));
  EXPECT_FALSE(has(Topic::network_in, 0));
  append(Topic::network_in);
  EXPECT_TRUE(has(Topic::network_in, 1));
  EXPECT_FALSE(has(Topic::event, 1));
  EXPECT_TRUE(queue.wait_for(bit_of(Topic::event) | bit_of(Topic::network_in), 1, Duration{0}));
}

TEST_F(CommitQueueTest, WhoWaitsIsWoken) {
  auto waiting =
      std::async(std::launch::async, [&] { return queue.wait_for(bit_of(Topic::network_in), 0, Duration{1min}); });
  append(Topic::event);
  EXPECT_EQ(waiting.wait_for(100ms), std::future_status::timeout) << "nothing for it yet";
  append(Topic::network_in);
  ASSERT_EQ(waiting.wait_for(30s), std::future_status::ready);
  EXPECT_TRUE(waiting.get());
}

}  // namespace
}  // namespace lenne::storage::embedded
