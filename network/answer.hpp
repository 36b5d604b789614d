#pragma once
// Class A answers: the acknowledgement of a confirmed uplink and what its MAC commands asked for, in one downlink.

#include "network/step.hpp"

namespace lenne::network {

/// Answers a transmission whose window has closed, if it wants an answer and its session is still the device's. Each
/// answer has an FCntDown of its own, also when it answers a repetition of the same uplink.
void answer(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission);

}  // namespace lenne::network
