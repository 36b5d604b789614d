#pragma once
// Class A answers: what an uplink asked for and what waits for its device, in one downlink.

#include "network/step.hpp"

namespace lenne::network {

/// Answers a transmission whose window has closed, if it wants an answer or something waits for its device: the
/// acknowledgement, answers and requests of the MAC, and the first of the application's queue, in one frame. Each frame
/// has an FCntDown of its own, also when it answers a repetition of the same uplink. Bytes of the PHYPayload; 0 = no
/// frame.
std::size_t answer(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission);

}  // namespace lenne::network
