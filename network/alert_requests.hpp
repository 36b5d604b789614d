#pragma once
// What the alerts must be told of devices: they follow the measurements, so it goes the same way.

#include "lenne/v1/alert.pb.h"
#include "network/step.hpp"

namespace lenne::network {

/// An operator's acknowledgement, for the alerts of the device's partition. A device that does not live here is
/// counted: network.dropped.acknowledgement.
void hand_on(Step& step, const v1::AlertAcknowledgement& request);

/// A device with a use case leaves this partition: its alerts end.
void tell_removed(Step& step, const v1::Device& device);

}  // namespace lenne::network
