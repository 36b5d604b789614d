#pragma once
// Events that no device sends: the network server measures them itself.

#include <cstdint>
#include <string_view>

#include "lenne/v1/measurement.pb.h"
#include "network/step.hpp"

namespace lenne::network {

struct OwnEvent {
  std::string_view measure;
  std::string_view unit;
  std::int64_t value;  ///< in steps of 10^exponent of the unit
  std::int32_t exponent = 0;
};

/// Adds it as the measurement's next sample.
void add_own_event(const OwnEvent& event, const EventTime& time, v1::Measurement& measurement);

}  // namespace lenne::network
