// An outbox against a real broker, whose requests fail, whose topics go, and which others write to.

#include "storage/kafka/kafka_outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "storage/kafka/tailer.hpp"
#include "storage/memory/memory_log.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"
#include "tests/integration/storage/kafka/tenant_rows.hpp"
#include "tests/unit/storage/scratch_directory.hpp"

namespace lenne::storage::conformance {
namespace {

constexpr base::Duration kBound = std::chrono::seconds{60};

std::string take_header(Row& row, const std::string& name) {
  std::string value;
  std::erase_if(row.headers, [&](const auto& header) {
    if (header.first == name) value = header.second;
    return header.first == name;
  });
  return value;
}

/// A server with an embedded log and an outbox.
class Mirror {
 public:
  explicit Mirror(const std::string& prefix) : settings_(settings_of(prefix)) {
    settings_.outbox = true;
    settings_.fault = [this](const char*) { return ++requests_ == fail_at_; };
    start();
  }
  /// Another process, with the same log.
  void start() {
    static int processes = 0;
    outbox_.reset();
    auto identity = outbox_identity_of(log_, "process" + std::to_string(++processes)).value();
    if (!knows_earlier_) identity.earlier.clear();
    target_ = KafkaOutbox::make(settings_, std::move(identity), clock_).value();
    outbox_ = Outbox::open(log_, *target_, clock_, counters_).value();
  }
  void append(const std::vector<std::string>& values) {
    Batch batch;
    for (const auto& value : values) batch.append(Topic::event, 0, "menden", "key", value);
    ASSERT_TRUE(log_.append(batch).has_value());
  }
  /// Turns until all is mirrored, or it is refused.
  Result<void> run() {
    const auto end = clock_.monotonic() + kBound;
    while (clock_.monotonic() < end) {
      const auto done = outbox_->run_once(std::chrono::milliseconds{10});
      if (done && *done == 0) return {};
      if (!done && done.error().code == "outbox_refused") return std::unexpected(done.error());
    }
    return base::fail("late", "it is not done in time");
  }
  [[nodiscard]] std::vector<std::string> mirrored() const {
    std::vector<std::string> values;
    for (const auto& row : rows_of(settings_.prefix, "t.menden.event.v1")) values.push_back(row.value.substr(7));
    return values;
  }

  base::SystemClock clock_;
  base::Counters counters_;
  MemoryLog log_{kNetwork, clock_};
  KafkaSettings settings_;
  bool knows_earlier_ = true;
  std::uint64_t requests_ = 0;
  std::uint64_t fail_at_ = 0;
  std::unique_ptr<OutboxTarget> target_;
  std::unique_ptr<Outbox> outbox_;
};

TEST(KafkaOutbox, WritesWhatALogOnKafkaWrites) {
  Batch batch;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto tenant = i % 3 == 0 ? "olpe" : "menden";
    const auto key = "key" + std::to_string(i);
    batch.append(Topic::event, 0, tenant, key, event_of(tenant, i));
    v1::Measurement measurement;
    measurement.set_tenant(tenant);
    measurement.set_dev_eui(i);
    measurement.set_tick(i % 5 == 0);
    batch.append(Topic::measurement, 0, "", key, measurement.SerializeAsString());
    v1::Aggregate aggregate;
    aggregate.set_tenant(tenant);
    aggregate.set_window(i % 2 == 0 ? "PT15M" : "P1D");
    batch.append(Topic::aggregate, 0, tenant, key, aggregate.SerializeAsString());
  }
  batch.append_tombstone(Topic::aggregate, 0, "menden", "key1");
  {
    const ScratchDirectory directory;
    const base::SystemClock clock;
    base::Counters counters;
    RocksDbSettings local;
    local.directory = directory.path() + "/state";
    local.sync = false;
    auto log = KafkaLog::open(settings_of("samelog."), RocksDbLog::families(local).value(), clock, counters).value();
    const auto consumer = log->consumer({"network", {Topic::network_in}}).value();
    for (std::size_t own = 0; own < kNetwork;)
      own += consumer->poll(std::chrono::milliseconds{200}, 1)->assigned.size();
    ASSERT_TRUE(consumer->commit(batch).has_value());
    const auto publication = publication_of(*log);
    for (std::size_t told = 0; told < batch.appends();) told += publish(*publication).value();
  }
  Mirror mirror("sameoutbox.");
  ASSERT_TRUE(mirror.run().has_value());
  ASSERT_TRUE(mirror.log_.append(batch).has_value());
  ASSERT_TRUE(mirror.run().has_value());
  std::size_t all = 0;
  for (const std::string tenant : {"menden", "olpe"}) {
    for (const auto* const name : {"event.v1", "event.json.v1", "measurement.v1", "aggregate.v1", "aggregate.json.v1",
                                   "aggregate-calendar.v1", "aggregate-calendar.json.v1"}) {
      const auto of_log = rows_of("samelog.", "t." + tenant + "." + name);
      auto of_outbox = rows_of("sameoutbox.", "t." + tenant + "." + name);
      std::int64_t before = -1;
      for (auto& row : of_outbox) {
        const auto position = std::stoll(take_header(row, "lenne-position"));
        EXPECT_GT(position, before);
        before = position;
      }
      EXPECT_EQ(of_outbox, of_log) << tenant << " " << name;
      EXPECT_GT(of_log.size(), 1U) << tenant << " " << name;
      all += of_log.size();
    }
  }
  EXPECT_EQ(all, 20U * 4U + 16U);
}

TEST(KafkaOutbox, WhicheverRequestFailsEachRecordIsThereOnce) {
  Mirror mirror("failing.");
  std::vector<std::string> wanted;
  ASSERT_TRUE(mirror.run().has_value());
  // Of a transaction: its beginning, three records, its end; then those of the one that comes after it.
  for (std::uint64_t at = 1; at <= 8; ++at) {
    for (const bool restart : {false, true}) {
      mirror.fail_at_ = mirror.requests_ + at;
      for (int i = 0; i < 2; ++i) {
        const auto event = event_of("menden", wanted.size());
        mirror.append({event});
        wanted.push_back(event);
        static_cast<void>(mirror.outbox_->run_once(std::chrono::milliseconds{10}));
      }
      if (restart) mirror.start();
      ASSERT_TRUE(mirror.run().has_value());
      ASSERT_EQ(mirror.mirrored(), wanted) << "request " << at;
    }
  }
  EXPECT_GT(mirror.counters_.value("outbox.errors"), 8U);
}

TEST(KafkaOutbox, OfTwoProcessesTheLaterOneGoesOn) {
  Mirror mirror("two.");
  mirror.append({event_of("menden", 1)});
  ASSERT_TRUE(mirror.run().has_value());
  const auto earlier_target = std::move(mirror.target_);
  const auto earlier = std::move(mirror.outbox_);
  mirror.start();
  mirror.append({event_of("menden", 2)});
  ASSERT_TRUE(mirror.run().has_value());
  // The earlier one has lost its place in the log, too: what it is told first does not matter.
  mirror.append({event_of("menden", 3)});
  std::string code;
  for (int tries = 0; tries < 5 && code != "outbox_refused"; ++tries) {
    const auto done = earlier->run_once(std::chrono::milliseconds{10});
    if (!done) code = done.error().code;
  }
  EXPECT_EQ(code, "outbox_refused");
  ASSERT_TRUE(mirror.run().has_value());
  EXPECT_EQ(mirror.mirrored(), (std::vector{event_of("menden", 1), event_of("menden", 2), event_of("menden", 3)}));
}

TEST(KafkaOutbox, WhatIsAnotherLogsIsLeftAlone) {
  Mirror mirror("other.");
  mirror.append({event_of("menden", 1)});
  ASSERT_TRUE(mirror.run().has_value());
  Mirror other("other.");
  const auto refused = other.run();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("another log"), std::string::npos) << refused.error().message;
  const auto errors = mirror.counters_.value("outbox.errors");
  mirror.append({event_of("menden", 2)});
  ASSERT_TRUE(mirror.run().has_value());
  EXPECT_EQ(mirror.counters_.value("outbox.errors"), errors) << "it was not even disturbed";
  EXPECT_EQ(mirror.mirrored().size(), 2U);
}

TEST(KafkaOutbox, ALogThatDoesNotKnowWhoWroteLastIsRefused) {
  Mirror mirror("restored.");
  mirror.append({event_of("menden", 1)});
  ASSERT_TRUE(mirror.run().has_value());
  mirror.knows_earlier_ = false;  // as after a restore
  mirror.start();
  const auto refused = mirror.run();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("restored"), std::string::npos) << refused.error().message;
  mirror.knows_earlier_ = true;
  mirror.start();
  mirror.append({event_of("menden", 2)});
  ASSERT_TRUE(mirror.run().has_value());
  EXPECT_EQ(mirror.mirrored().size(), 2U);
}

void delete_topics(const std::string& prefix, const std::string& start) {
  const auto client = kafka::make_client(RD_KAFKA_PRODUCER, settings_of(prefix), {}).value();
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  const auto existing = kafka::existing_topics(client.get()).value();
  for (const auto& [name, partitions] : existing) {
    if (name.starts_with(prefix + start)) topics.push_back(rd_kafka_DeleteTopic_new(name.c_str()));
  }
  auto* queue = rd_kafka_queue_new(client.get());
  rd_kafka_DeleteTopics(client.get(), topics.data(), topics.size(), nullptr, queue);
  auto* done = rd_kafka_queue_poll(queue, 10'000);
  ASSERT_NE(done, nullptr);
  EXPECT_EQ(rd_kafka_event_error(done), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_event_destroy(done);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  const base::SystemClock clock;
  const auto end = clock.monotonic() + kBound;
  const auto gone = [&] {
    const auto rest = kafka::existing_topics(client.get());
    return rest && std::ranges::none_of(*rest, [&](const auto& row) { return row.first.starts_with(prefix + start); });
  };
  while (!gone()) ASSERT_LT(clock.monotonic(), end) << "they do not go";
}

TEST(KafkaOutbox, RecordsWithoutAPositionAreNotItsOwn) {
  {
    Mirror mirror("foreign.");
    mirror.append({event_of("menden", 1)});
    ASSERT_TRUE(mirror.run().has_value());
  }
  delete_topics("foreign.", "int.");
  Mirror other("foreign.");
  const auto refused = other.run();
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("foreign.t.menden.event"), std::string::npos) << refused.error().message;
}

TEST(KafkaOutbox, WhenAllTopicsAreGoneItBeginsAgain) {
  Mirror mirror("gone.");
  mirror.append({event_of("menden", 1), event_of("menden", 2)});
  ASSERT_TRUE(mirror.run().has_value());
  delete_topics("gone.", "");
  mirror.append({event_of("menden", 3)});
  ASSERT_TRUE(mirror.run().has_value());
  EXPECT_EQ(mirror.mirrored(), (std::vector{event_of("menden", 1), event_of("menden", 2), event_of("menden", 3)}));
}

}  // namespace
}  // namespace lenne::storage::conformance
