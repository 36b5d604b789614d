#pragma once
// Where the step's results go: records appended to topics, with their labels and keys.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "lenne/v1/quarantine.pb.h"
#include "lenne/v1/rollup.pb.h"
#include "storage/batch.hpp"

namespace lenne::network {

/// A DevEUI as key: 8 bytes, most significant first.
[[nodiscard]] std::string key_of(base::DevEui eui);

/// Appends the results of one partition to a batch. One thread; keeps a buffer to serialise into.
class Outbox {
 public:
  explicit Outbox(std::uint32_t partition) : partition_(partition) {}

  /// The batch of the step that is under way.
  void direct_to(storage::Batch& batch) noexcept { batch_ = &batch; }

  void event(const v1::DeviceEvent& event);
  /// Of a device; without one: what is told to all behind (a tick, a use case).
  void measurement(const v1::Measurement& measurement);
  void downlink(const v1::GatewayDownlink& downlink);
  void dead_letter(const v1::DeadLetter& letter);
  /// Compacted topics of one partition: key as "device/<hex>".
  void control(std::string_view key, const v1::ControlState& state);
  void control_removed(std::string_view key);
  void keys(std::string_view key, const v1::Device& wrapped);
  void keys_removed(std::string_view key);
  /// Tells the roll-ups what an operator has declared or withdrawn: a RollupInput.
  void rollup_input(std::string_view key, const v1::RollupInput& input);
  /// Hands a write over to another partition of the network.
  void forward(std::uint32_t partition, std::uint8_t slot, const v1::NetworkIn& record);

 private:
  void append(storage::Topic topic, std::uint32_t partition, std::string_view tenant, std::string_view key,
              const google::protobuf::MessageLite& message);

  std::uint32_t partition_;
  storage::Batch* batch_ = nullptr;
  std::string buffer_;
};

}  // namespace lenne::network
