#pragma once
// What follows from a device's clear payload, however it came here.

#include <cstdint>

#include "lenne/v1/event.pb.h"
#include "network/step.hpp"

namespace lenne::network {

/// Decodes an uplink, judges what it measures and derives more from it; tells its event and its measurement. `event` is
/// complete but for what the payload says (see processing::UplinkDecoder). `lost`: uplinks of its session that are
/// missing right before it.
void publish_measurement(Step& step, DeviceEntry& entry, std::uint32_t lost, v1::DeviceEvent& event);

}  // namespace lenne::network
