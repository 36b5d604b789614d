#pragma once
// Which slot a frame belongs to, before anybody knows its device.

#include <cstdint>

#include "base/bytes.hpp"
#include "base/slot.hpp"

namespace lenne::ingest {

/// Data frames: the slot of their DevAddr. Join- and rejoin-requests: the slot of their DevEUI. All else: 0.
[[nodiscard]] std::uint8_t slot_of_frame(base::ByteView phy_payload) noexcept;

/// Where the result of a downlink goes: where its device's frames are. 0 for `dev_addr` = it has none yet.
[[nodiscard]] constexpr std::uint8_t slot_of_device(std::uint32_t dev_addr, std::uint64_t dev_eui) noexcept {
  return dev_addr != 0 ? base::slot_of(base::DevAddr{dev_addr}) : base::slot_of(base::DevEui{dev_eui});
}

}  // namespace lenne::ingest
