#pragma once
// Over-the-air activation (TS001-1.0.4, 6.2): MIC, DevNonce, JoinNonce and session on the first copy of a join-request;
// the gateway that carries the join-accept when its collection window closes.

#include "network/lorawan/frame.hpp"
#include "network/step.hpp"

namespace lenne::network {

/// A join-request as one gateway heard it.
void handle_join_request(Step& step, const v1::GatewayFrame& frame, const lorawan::JoinRequest& request);

/// The window of a join-request has closed: tells the join, sends the join-accept.
void finish_join(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission);

/// AppKey of a device. Error: key_unwrap.
[[nodiscard]] base::Result<base::crypto::Key128> app_key_of(const Step& step, const v1::Device& device);

}  // namespace lenne::network
