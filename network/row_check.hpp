#pragma once
// Whether a stored row is one that this step could have written. Rows come from the disk or from a topic, and what
// reads them later relies on these things.

#include "lenne/v1/control.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_state.pb.h"

namespace lenne::network {

[[nodiscard]] bool is_sound(const v1::NetworkDevice& row);
[[nodiscard]] bool is_sound(const v1::NetworkJoinMemory& row);
[[nodiscard]] bool is_sound(const v1::NetworkPartition& row);
/// With its start; also for one that another partition has handed over.
[[nodiscard]] bool is_sound(const v1::GatewayAirtime& row);
[[nodiscard]] bool is_sound(const v1::Gateway& row);
[[nodiscard]] bool is_sound(const v1::UseCase& row);

}  // namespace lenne::network
