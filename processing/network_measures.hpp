#pragma once
// Measures that no device sends: the network server takes them itself.

#include <algorithm>
#include <array>
#include <string_view>

namespace lenne::processing {

/// KIND_EVENT: how many uplinks of the session before this one were lost, by the gap of FCnt. So a window's count is
/// what arrived, its sum what did not, and the loss is sum / (sum + count).
inline constexpr std::string_view kUplinksLost = "uplinks_lost";

/// KIND_EVENT, of a gateway: the time on the air of what it heard and of what it sent, and how many frames that were.
inline constexpr std::string_view kGatewayUplinkAirtime = "gateway_uplink_airtime";
inline constexpr std::string_view kGatewayUplinks = "gateway_uplinks";
inline constexpr std::string_view kGatewayDownlinkAirtime = "gateway_downlink_airtime";
inline constexpr std::string_view kGatewayDownlinks = "gateway_downlinks";
/// The same, of data frames whose address no device has: other networks' traffic.
inline constexpr std::string_view kGatewayForeignAirtime = "gateway_foreign_airtime";
inline constexpr std::string_view kGatewayForeignFrames = "gateway_foreign_frames";

[[nodiscard]] constexpr bool is_network_measure(std::string_view measure) noexcept {
  constexpr std::array kAll{kUplinksLost,      kGatewayUplinkAirtime,  kGatewayUplinks,      kGatewayDownlinkAirtime,
                            kGatewayDownlinks, kGatewayForeignAirtime, kGatewayForeignFrames};
  return std::ranges::find(kAll, measure) != kAll.end();
}

}  // namespace lenne::processing
