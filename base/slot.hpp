#pragma once
// 256 slots spread devices over partitions; partition = slot mod partitions. Slots never change, so neither do
// addresses.

#include <cstdint>

#include "base/hash.hpp"
#include "base/ids.hpp"

namespace lenne::base {

inline constexpr std::uint32_t kSlots = 256;

/// The slot of a device: the low byte of its DevEUI's hash. Join-requests go there.
[[nodiscard]] constexpr std::uint8_t slot_of(DevEui eui) noexcept {
  return static_cast<std::uint8_t>(mix64(eui.value));
}

/// The slot of an address: its low byte. Addresses are constructed in their device's slot.
[[nodiscard]] constexpr std::uint8_t slot_of(DevAddr addr) noexcept { return static_cast<std::uint8_t>(addr.value); }

[[nodiscard]] constexpr std::uint32_t partition_of(std::uint8_t slot, std::uint32_t partitions) noexcept {
  return slot % partitions;
}

}  // namespace lenne::base
