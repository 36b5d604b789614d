#pragma once
// What others subscribe to: each tenant's own topics. Records of the internal topics are copied to them, each once;
// nothing of ours reads them.
//
// Value: Confluent's framing (framing.hpp), or the API's JSON. Headers: CloudEvents 1.0, binary mode. Key: the device,
// of aggregates the series and the window's start.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/batch.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/topics.hpp"

namespace lenne::storage::kafka {

enum class PublicFormat : std::uint8_t { protobuf, json };

struct PublicTopic {
  Topic source;
  std::string_view name;  ///< after "t.<tenant>."
  bool calendar;          ///< of aggregates: windows of local days and longer; they are kept apart
  Retention retention;
  bool compacted;
  PublicFormat format;
  std::int32_t SchemaIds::* schema_id;  ///< of protobuf; null for JSON
};

inline constexpr std::array kPublicTopics{
    PublicTopic{Topic::event, "event.v1", false, Retention::days_400, false, PublicFormat::protobuf, &SchemaIds::event},
    PublicTopic{Topic::measurement, "measurement.v1", false, Retention::days_60, false, PublicFormat::protobuf,
                &SchemaIds::measurement},
    PublicTopic{Topic::aggregate, "aggregate.v1", false, Retention::days_400, true, PublicFormat::protobuf,
                &SchemaIds::aggregate},
    PublicTopic{Topic::aggregate, "aggregate-calendar.v1", true, Retention::days_400, true, PublicFormat::protobuf,
                &SchemaIds::aggregate},
    PublicTopic{Topic::alert, "alert.v1", false, Retention::days_400, true, PublicFormat::protobuf, &SchemaIds::alert},
    PublicTopic{Topic::event, "event.json.v1", false, Retention::days_400, false, PublicFormat::json, nullptr},
    PublicTopic{Topic::aggregate, "aggregate.json.v1", false, Retention::days_400, true, PublicFormat::json, nullptr},
    PublicTopic{Topic::aggregate, "aggregate-calendar.json.v1", true, Retention::days_400, true, PublicFormat::json,
                nullptr},
    PublicTopic{Topic::alert, "alert.json.v1", false, Retention::days_400, true, PublicFormat::json, nullptr},
};

/// Whether a cluster has these topics.
[[nodiscard]] inline bool is_published(const KafkaSettings& settings, const PublicTopic& topic) {
  return topic.format != PublicFormat::json || settings.json;
}

/// Whether a tenant's name can stand in a topic's name: 1 to 100 of a-z, A-Z, 0-9, '_' and '-'.
[[nodiscard]] bool can_have_topics(std::string_view tenant) noexcept;

/// The tenant that a record of topic control declares; empty when it declares none.
[[nodiscard]] std::string_view declared_tenant(const Batch::Append& append) noexcept;

/// "lenne.t.menden.event.v1"
[[nodiscard]] std::string public_name(const KafkaSettings& settings, const PublicTopic& topic, std::string_view tenant);

struct PublicRecord {
  std::string topic;
  std::string tenant;
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The copies of an append; none when it has none: of another topic, of no tenant, a tick, or not readable.
[[nodiscard]] std::vector<PublicRecord> public_copies(const KafkaSettings& settings, const Batch::Append& append);

}  // namespace lenne::storage::kafka
