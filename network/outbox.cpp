#include "network/outbox.hpp"

#include "base/bytes.hpp"

namespace lenne::network {

using storage::Topic;

std::string key_of(base::DevEui eui) {
  std::string key(8, '\0');
  base::write_be(reinterpret_cast<std::uint8_t*>(key.data()), eui.value);
  return key;
}

void Outbox::append(Topic topic, std::uint32_t partition, std::string_view tenant, std::string_view key,
                    const google::protobuf::MessageLite& message) {
  buffer_.clear();
  message.AppendToString(&buffer_);
  batch_->append(topic, partition, tenant, key, buffer_);
}

void Outbox::event(const v1::DeviceEvent& event) {
  append(Topic::event, partition_, event.tenant(), key_of({event.dev_eui()}), event);
}

void Outbox::measurement(const v1::Measurement& measurement) {
  append(Topic::measurement, partition_, measurement.tenant(),
         measurement.dev_eui() == 0 ? std::string() : key_of({measurement.dev_eui()}), measurement);
}

void Outbox::downlink(const v1::GatewayDownlink& downlink) {
  append(Topic::gateway_downlink, 0, {}, base::to_hex(base::GatewayId{downlink.gateway_id()}), downlink);
}

void Outbox::dead_letter(const v1::DeadLetter& letter) { append(Topic::dead_letter, partition_, {}, {}, letter); }

void Outbox::control(std::string_view key, const v1::ControlState& state) { append(Topic::control, 0, {}, key, state); }

void Outbox::control_removed(std::string_view key) { batch_->append_tombstone(Topic::control, 0, {}, key); }

void Outbox::keys(std::string_view key, const v1::Device& wrapped) { append(Topic::keys, 0, {}, key, wrapped); }

void Outbox::keys_removed(std::string_view key) { batch_->append_tombstone(Topic::keys, 0, {}, key); }

void Outbox::rollup_input(std::string_view key, const v1::RollupInput& input) {
  append(Topic::rollup_in, 0, {}, key, input);
}

void Outbox::forward(std::uint32_t partition, std::uint8_t slot, const v1::NetworkIn& record) {
  const char key = static_cast<char>(slot);
  append(Topic::network_in, partition, {}, {&key, 1}, record);
}

}  // namespace lenne::network
