#pragma once
// What a partition of the mock cluster holds: that of transactions, too, which were never committed.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/kafka/tailer.hpp"

namespace lenne::storage::kafka::mock {

inline std::deque<Outgoing> outgoing(const std::string& topic, const std::vector<std::string>& values) {
  std::deque<Outgoing> records;
  for (const auto& value : values) {
    auto& record = records.emplace_back();
    record.topic = topic;
    record.own_value = value;
  }
  return records;
}

/// Values of partition 0, in their order.
inline std::vector<std::string> stored(const KafkaSettings& settings, const std::string& topic) {
  const base::SystemClock clock;
  auto tailer = Tailer::make(settings, clock, "test");
  EXPECT_TRUE(tailer.has_value());
  EXPECT_TRUE(tailer->read({Place{topic, 0, 0}}).has_value());
  std::vector<std::string> values;
  for (;;) {
    const auto count = tailer->fetch_to_end(1000, [&](const rd_kafka_message_t& message, const Place&) {
      values.emplace_back(static_cast<const char*>(message.payload), message.len);
    });
    EXPECT_TRUE(count.has_value()) << count.error().message;
    if (!count || *count == 0) return values;
  }
}

}  // namespace lenne::storage::kafka::mock
