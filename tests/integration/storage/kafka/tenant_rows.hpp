#pragma once
// Records of tenants' topics, as others see them.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "lenne/v1/event.pb.h"
#include "storage/kafka/kafka_log.hpp"
#include "storage/kafka/tailer.hpp"
#include "storage/log.hpp"
#include "tests/integration/storage/kafka/broker.hpp"

namespace lenne::storage::conformance {

inline constexpr std::uint32_t kNetwork = 2;
/// A record as others see it.
struct Row {
  std::string key, value;
  std::vector<std::pair<std::string, std::string>> headers;
  friend bool operator==(const Row&, const Row&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.key; }

inline KafkaSettings settings_of(const std::string& prefix) {
  KafkaSettings settings;
  settings.bootstrap = bootstrap;
  settings.prefix = prefix;
  settings.network_partitions = kNetwork;
  settings.json = true;
  settings.render = [](Topic, std::string_view value) { return std::optional("as JSON: " + std::string(value)); };
  return settings;
}

/// All committed records of a topic.
inline std::vector<Row> rows_of(const std::string& prefix, const std::string& name) {
  const base::SystemClock clock;
  const auto settings = settings_of(prefix);
  auto tailer = kafka::Tailer::make(settings, clock, "test").value();
  EXPECT_TRUE(tailer.read({{prefix + name, 0}}).has_value());
  std::vector<Row> rows;
  for (std::size_t count = 1; count > 0;) {
    const auto fetched = tailer.fetch_to_end(1000, [&](const rd_kafka_message_t& message, const kafka::Place&) {
      Row row{{static_cast<const char*>(message.key), message.key_len},
              {static_cast<const char*>(message.payload), message.len},
              {}};
      rd_kafka_headers_t* headers = nullptr;
      const char* header = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (std::size_t i = 0;
             rd_kafka_header_get_all(headers, i, &header, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
          row.headers.emplace_back(header, std::string(static_cast<const char*>(value), size));
      }
      rows.push_back(std::move(row));
    });
    if (!fetched) {
      ADD_FAILURE() << fetched.error().message;
      return rows;
    }
    count = *fetched;
  }
  return rows;
}

inline std::string event_of(const std::string& tenant, std::uint64_t number) {
  v1::DeviceEvent event;
  event.set_tenant(tenant);
  event.set_dev_eui(number);
  event.mutable_join();
  return event.SerializeAsString();
}

inline std::unique_ptr<Consumer> publication_of(Log& log) {
  return log
      .consumer({"publication",
                 {Topic::event, Topic::measurement, Topic::aggregate, Topic::control},
                 {},
                 ConsumerSpec::Sharing::publication})
      .value();
}

/// Tells again what the next poll brings; how many records that were.
inline Result<std::size_t> publish(Consumer& publication) {
  const auto poll = publication.poll(std::chrono::milliseconds{200}, 7);
  if (!poll) return std::unexpected(poll.error());
  if (poll->records.empty()) return 0;
  Batch copies;
  for (const auto& record : poll->records) {
    if (!record.tombstone) copies.append(record.topic, 0, record.tenant, record.key, record.value);
  }
  if (auto done = publication.commit(copies); !done) return std::unexpected(done.error());
  return poll->records.size();
}

}  // namespace lenne::storage::conformance
