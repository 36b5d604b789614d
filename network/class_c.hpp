#pragma once
// Class C (TS001-1.0.4, 15): a device that listens on its RX2 parameters whenever it does not send and is not in RX1.
// Downlinks leave without waiting for an uplink, but not while the device may be busy with another one.

#include "network/step.hpp"

namespace lenne::network {

/// Does what a class C device's queue has to do now, and plans when to look again. Nothing for other classes.
void serve_class_c(Step& step, DeviceEntry& entry);

/// An uplink's window has closed: until its receive windows have passed, nothing else is sent. `phy_size`: of the frame
/// that answers it, 0 = none.
void hold_class_c(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission, std::size_t phy_size);

/// A timer of kind class_c.
void fire_class_c(Step& step, const Timer& timer);

}  // namespace lenne::network
