#pragma once
// The measures that a device's use case derives from each of its uplinks.

#include "lenne/v1/control.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "network/step.hpp"

namespace lenne::network {

/// Appends them to the samples that the device sent. Here and not in decode, because a sample must have all its flags
/// before: what follows from a flagged one is flagged. Counts network.derived.{added,undefined} and
/// network.derived.refused.{unknown_measure,no_parameter,taken,too_many}.
void add_derived(const Step& step, const v1::UseCase& use_case, v1::Measurement& measurement);

}  // namespace lenne::network
