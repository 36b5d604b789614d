#pragma once
// What use cases say of credible samples: bounds, the largest change, and when a sensor is stuck. Judged before
// windows, in the order of the log: what a partition remembers of a device decides, never what comes later.

#include "base/counters.hpp"
#include "lenne/v1/control.pb.h"
#include "lenne/v1/measurement.pb.h"
#include "lenne/v1/network_state.pb.h"

namespace lenne::network {

/// Measures of a device that are remembered: those with a rule of change or of equal values.
inline constexpr int kQualityMeasures = 32;

/// Flags the samples of an uplink, from index `first` on, that break the rules of `use_case`; the values stay as they
/// are. A rule holds for its measure and for those of the same name with a number ("temperature", "temperature.2"); one
/// of the whole name goes before. Samples are judged in their order in the record:
/// - SAMPLE_FLAG_IMPLAUSIBLE: value < min or value > max.
/// - SAMPLE_FLAG_STEP: it is further from the last good value than step_per_minute allows for the minutes in between
/// (at
///   least one). If the newest sample was one, too, and this one is as near to that as is allowed, then that is
///   confirmed: this one is good, and the new level counts from here on. What is implausible confirms nothing.
/// - SAMPLE_FLAG_FLAT: it is the flat_after-th equal value in a row, or a later one.
/// A sample with a flag before, or not newer than the newest one judged (the log of a device that was out of reach), is
/// judged by its bounds alone and is not remembered.
/// `memory` is what is kept of the device: of measures without such a rule nothing stays. Without a use case (null)
/// nothing is judged and nothing stays. Returns whether the memory has changed.
/// Counts network.quality.{implausible,step,flat}.<kind>, and network.quality.no_room (beyond kQualityMeasures: judged
/// by its bounds alone).
bool judge_quality(const v1::UseCase* use_case, google::protobuf::RepeatedPtrField<v1::NetworkQuality>& memory,
                   v1::Measurement& measurement, int first, base::Counters& counters);

}  // namespace lenne::network
