#include "storage/kafka/public_records.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "lenne/v1/alert.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "storage/kafka/framing.hpp"
#include "storage/kafka/topic_names.hpp"

namespace lenne::storage::kafka {
namespace {

/// What the headers say of a message.
struct Facts {
  std::string tenant;
  std::string type;  ///< after "lenne."
  std::uint64_t dev_eui = 0;
  std::int64_t time_us = 0;
  int index = 0;  ///< of the message in its .proto file
  bool calendar = false;
};

std::optional<Facts> facts_of(const Batch::Append& append) {
  const auto parsed = [&](google::protobuf::MessageLite& message) {
    return message.ParseFromArray(append.value.data(), static_cast<int>(append.value.size()));
  };
  switch (append.topic) {
    case Topic::event: {
      v1::DeviceEvent event;
      if (!parsed(event)) return std::nullopt;
      const auto* which =
          event.GetReflection()->GetOneofFieldDescriptor(event, event.descriptor()->FindOneofByName("event"));
      return Facts{event.tenant(), "event." + (which == nullptr ? std::string("unknown") : which->name()),
                   event.dev_eui(), event.time_us(), event.descriptor()->index()};
    }
    case Topic::measurement: {
      v1::Measurement measurement;
      // Ticks, rules and requests are for those behind the network step; they are nothing that a device measured.
      if (!parsed(measurement) || measurement.dev_eui() == 0 || measurement.tick() ||
          measurement.has_acknowledgement() || measurement.removed())
        return std::nullopt;
      return Facts{measurement.tenant(), "measurement", measurement.dev_eui(), measurement.received_us(),
                   measurement.descriptor()->index()};
    }
    case Topic::aggregate: {
      v1::Aggregate aggregate;
      if (!parsed(aggregate)) return std::nullopt;
      // ISO 8601: a period of days and longer has no T.
      return Facts{aggregate.tenant(),
                   "aggregate",
                   aggregate.dev_eui(),
                   aggregate.end_us(),
                   aggregate.descriptor()->index(),
                   !aggregate.window().starts_with("PT")};
    }
    case Topic::alert: {
      v1::Alert alert;
      if (!parsed(alert)) return std::nullopt;
      return Facts{alert.tenant(), "alert", alert.dev_eui(), alert.changed_us(), alert.descriptor()->index()};
    }
    default:
      return std::nullopt;
  }
}

std::string hex_of(std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes{};
  base::write_be(bytes.data(), number);
  return base::to_hex(bytes);
}

}  // namespace

bool can_have_topics(std::string_view tenant) noexcept {
  constexpr std::size_t kLongest = 100;
  return !tenant.empty() && tenant.size() <= kLongest && std::ranges::all_of(tenant, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string_view declared_tenant(const Batch::Append& append) noexcept {
  constexpr std::string_view kPrefix = "tenant/";
  if (append.topic != Topic::control || append.tombstone || !append.key.starts_with(kPrefix)) return {};
  return append.key.substr(kPrefix.size());
}

std::string public_name(const KafkaSettings& settings, const PublicTopic& topic, std::string_view tenant) {
  return tenants_prefix(settings).append(tenant) + "." + std::string(topic.name);
}

std::vector<PublicRecord> public_copies(const KafkaSettings& settings, const Batch::Append& append) {
  std::vector<PublicRecord> copies;
  if (append.tombstone) return copies;
  const auto facts = facts_of(append);
  if (!facts || !can_have_topics(facts->tenant)) return copies;
  const auto device = base::to_hex(base::DevEui{facts->dev_eui});
  for (const auto& topic : kPublicTopics) {
    if (topic.source != append.topic || topic.calendar != facts->calendar || !is_published(settings, topic)) continue;
    const bool json = topic.format == PublicFormat::json;
    auto value = json ? settings.render(append.topic, append.value)
                      : framed({settings.schema_ids.*topic.schema_id, facts->index, append.value});
    if (!value) continue;
    copies.push_back({public_name(settings, topic, facts->tenant),
                      facts->tenant,
                      std::string(append.key),
                      std::move(*value),
                      {{"ce_specversion", "1.0"},
                       {"ce_type", "lenne." + facts->type + ".v1"},
                       {"ce_source", "/tenants/" + facts->tenant + "/devices/" + device},
                       // Its content is its name: the same bytes are the same event.
                       {"ce_id", hex_of(base::hash64(base::as_bytes(append.value)))},
                       {"ce_time", base::to_rfc3339(base::from_us(facts->time_us))},
                       {"ce_subject", device},
                       {"content-type", json ? "application/json" : "application/protobuf"}}});
  }
  return copies;
}

}  // namespace lenne::storage::kafka
