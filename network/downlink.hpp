#pragma once
// Downlinks on their way: one frame, tried by one gateway and receive window after the other, until one of them sends
// it. The socket's owner decides whether a gateway can send; here is only what may be tried, and until when.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "network/step.hpp"

namespace lenne::network {

/// Downlinks of one device that are on their way; the oldest is given up for a new one.
inline constexpr int kDownlinks = 4;
/// Gateways that one downlink is tried through.
inline constexpr std::size_t kGatewaysPerDownlink = 4;

/// The receive windows that follow a transmission.
struct ReceiveWindows {
  std::uint32_t rx1_delay_s;
  std::uint32_t rx1_dr_offset;
  std::uint32_t rx2_data_rate;
  std::uint32_t rx2_frequency_hz;
};

/// RX1 and RX2 of each gateway that can be reached, the best first, where a PHYPayload of `size` bytes fits.
[[nodiscard]] std::vector<v1::NetworkWay> ways_of(const Step& step, const lorawan::Region& region,
                                                  const v1::NetworkTransmission& transmission,
                                                  const ReceiveWindows& windows, std::size_t size);

/// Fills frequency, data rate and power of a way; false when a PHYPayload of `size` bytes may not be sent so.
[[nodiscard]] bool set_radio(const Step& step, const lorawan::Region& region, std::uint32_t hz, std::uint8_t data_rate,
                             std::size_t size, v1::NetworkWay& way);

/// Emits the first try and remembers the rest. `downlink` has phy_payload, f_cnt_down, join_accept, ways, dev_addr,
/// session and input_offset set.
void start_downlink(Step& step, DeviceEntry& entry, v1::NetworkDownlink downlink);

/// What became of a try.
void handle_tx_result(Step& step, const v1::TxResult& result);

/// A timer of kind downlink: no answer came.
void fire_downlink(Step& step, const Timer& timer);

}  // namespace lenne::network
