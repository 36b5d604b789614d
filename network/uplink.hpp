#pragma once
// Data uplinks: whose frame it is, whether its counter is new, and what is published of it at once.

#include "network/lorawan/frame.hpp"
#include "network/step.hpp"

namespace lenne::network {

/// A data frame as one gateway heard it.
void handle_data(Step& step, const v1::GatewayFrame& frame, const lorawan::DataFrame& data);

}  // namespace lenne::network
