#pragma once
// Measures that no device sends: the network server takes them with each uplink.

#include <string_view>

namespace lenne::processing {

/// KIND_EVENT: how many uplinks of the session before this one were lost, by the gap of FCnt. So a window's count is
/// what arrived, its sum what did not, and the loss is sum / (sum + count).
inline constexpr std::string_view kUplinksLost = "uplinks_lost";

}  // namespace lenne::processing
