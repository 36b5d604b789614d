#pragma once
// The topics of Lenne as data. Numbers are part of the stored format: never reuse one.

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace lenne::storage {

/// The embedded log keeps one physical log per class; Kafka gets the same as retention.ms.
enum class Retention : std::uint8_t { days_7 = 0, days_60 = 1, days_400 = 2 };
inline constexpr std::size_t kRetentions = 3;

[[nodiscard]] constexpr std::chrono::hours age_of(Retention retention) noexcept {
  constexpr std::array<int, kRetentions> kDays{7, 60, 400};
  return std::chrono::hours{24 * kDays[static_cast<std::size_t>(retention)]};
}

enum class Topic : std::uint8_t {
  network_in = 1,
  measurement = 2,
  control = 3,
  keys = 4,
  gateway_path = 5,
  gateway_downlink = 6,
  dead_letter = 7,
  measurement_late = 8,
  event = 9,
  aggregate = 10,
  gateway_status = 11,
  command = 12,
  alert = 13,
  rollup_in = 14,
  rollup = 15,
  open_rollup = 16,
};

/// How many partitions a topic has: `network` = the network's own number, else one.
enum class Spread : std::uint8_t { one, network };

struct TopicInfo {
  Topic topic;
  std::string_view name;  ///< without prefix; tenant topics: the part after the tenant
  Retention retention;
  bool compacted;   ///< the last value of a key stays for ever; a tombstone removes it
  bool per_tenant;  ///< outside, one topic per tenant; inside, the tenant is a label of the record
  Spread spread;
  bool from_tenants = false;  ///< tenants write it, each a topic of its own, on Kafka only
};

inline constexpr std::array kTopics{
    TopicInfo{Topic::network_in, "int.network-in", Retention::days_7, false, false, Spread::network},
    TopicInfo{Topic::measurement, "int.measurement", Retention::days_60, false, false, Spread::network},
    TopicInfo{Topic::control, "int.control", Retention::days_7, true, false, Spread::one},
    TopicInfo{Topic::keys, "int.keys", Retention::days_7, true, false, Spread::one},
    TopicInfo{Topic::gateway_path, "int.gateway-path", Retention::days_7, true, false, Spread::one},
    TopicInfo{Topic::gateway_downlink, "int.gateway-downlink", Retention::days_7, false, false, Spread::one},
    TopicInfo{Topic::dead_letter, "int.dead-letter", Retention::days_400, false, false, Spread::network},
    TopicInfo{Topic::measurement_late, "int.measurement-late", Retention::days_400, false, false, Spread::network},
    TopicInfo{Topic::event, "event.v1", Retention::days_400, false, true, Spread::network},
    TopicInfo{Topic::aggregate, "aggregate.v1", Retention::days_400, false, true, Spread::network},
    TopicInfo{Topic::gateway_status, "int.gateway-status", Retention::days_7, true, false, Spread::one},
    TopicInfo{Topic::rollup_in, "int.rollup-in", Retention::days_7, false, false, Spread::one},
    TopicInfo{Topic::rollup, "rollup.v1", Retention::days_400, false, true, Spread::one},
    TopicInfo{Topic::open_rollup, "int.open-rollup", Retention::days_400, false, false, Spread::one},
    TopicInfo{Topic::command, "command.v1", Retention::days_7, false, true, Spread::one, true},
    TopicInfo{Topic::alert, "alert.v1", Retention::days_7, true, true, Spread::network},
};

[[nodiscard]] constexpr const TopicInfo& info_of(Topic topic) noexcept {
  for (const auto& info : kTopics) {
    if (info.topic == topic) return info;
  }
  return kTopics[0];
}

[[nodiscard]] constexpr std::uint32_t partitions_of(Topic topic, std::uint32_t network_partitions) noexcept {
  return info_of(topic).spread == Spread::network ? network_partitions : 1;
}

}  // namespace lenne::storage
