#pragma once
// What operators say of a meter by its device's parameters, for the windows:
//
//   q_max            no more than this runs through it, in the series' unit per hour
//   backflow         a fall of the register up to this is flow backwards, in the unit
//   digits           digits of its register before the decimal point: it begins anew at 10^digits of the unit
//   exchanged_at     when the meter was replaced, Unix time in seconds
//   final_reading    what the old one showed then, in the unit
//   initial_reading  what the new one showed then; absent: 0
//
// "heat_energy.q_max" is for that series alone and goes before "q_max": devices with several registers name them so.

#include <cstdint>
#include <string_view>

#include "lenne/v1/measurement.pb.h"
#include "processing/pane.hpp"

namespace lenne::processing {

/// The name of the sample (kind INFO) by which a device says its meter's serial number.
inline constexpr std::string_view kMeterSerial = "meter_serial";

/// What the meter of a counter's sample can do. A value below 0 or beyond 2^52 steps is unknown.
[[nodiscard]] FlowLimits limits_of(const v1::Measurement& measurement, const v1::Sample& sample);

/// Completes the counters' samples of a record: their rollover (`digits`), the serial number (`meter_serial`), and the
/// readings of an exchange that is younger than `oldest_us` and at most kFutureUs after the record was received: two
/// samples more for each series, marked, behind all others. Those of a series are the same in each record.
void complete_readings(v1::Measurement& measurement, std::int64_t oldest_us);

}  // namespace lenne::processing
