#pragma once
// Which partition a device lives in, and which one measures gateways. All devices are declared in the partition of
// their DevEUI; data frames arrive in the partition of their DevAddr, which is another one only for devices with fixed
// keys.

#include "base/slot.hpp"
#include "network/step.hpp"

namespace lenne::network {

[[nodiscard]] inline std::uint32_t home_of(const Step& step, std::uint8_t slot) {
  return base::partition_of(slot, step.services.settings.partitions);
}
[[nodiscard]] inline std::uint32_t home_of_eui(const Step& step, const v1::Device& device) {
  return home_of(step, base::slot_of(base::DevEui{device.dev_eui()}));
}
/// Operators' writes of all that is no device arrive there, so its partition knows the gateways.
inline constexpr std::uint8_t kSlotOfGateways = 0;

/// Where its data frames arrive.
[[nodiscard]] inline std::uint32_t home_of_frames(const Step& step, const v1::Device& device) {
  if (device.activation() != v1::ACTIVATION_ABP) return home_of_eui(step, device);
  return home_of(step, base::slot_of(base::DevAddr{device.dev_addr()}));
}

}  // namespace lenne::network
