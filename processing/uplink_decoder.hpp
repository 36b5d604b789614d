#pragma once
// The seam between the network step and decode: the step calls it for each accepted uplink, inside the same commit.

#include "lenne/v1/control.pb.h"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/measurement.pb.h"

namespace lenne::processing {

/// Turns a device's clear payload into its own message and normalised samples. A pure function of its arguments: no
/// clock, no I/O, so that a replay of the log gives the same samples. One thread.
class UplinkDecoder {
 public:
  virtual ~UplinkDecoder() = default;

  /// Called for each accepted uplink with FPort > 0. Before the call `event` is complete except for what is named here:
  /// uplink.payload and f_port are set, time_us is the receive time of the first copy or the gateway's GPS time, and
  /// uplink.time_source says which; the envelope of `measurement` (device, tenant, site, session, f_cnt, received_us,
  /// nominal_interval_s, use_case, parameters) is set.
  /// Fills uplink.schema, uplink.message and uplink.decode_error; time_us and time_source when the payload carries a
  /// credible time; measurement.samples, schema and message. Never throws: what cannot be read is in decode_error.
  virtual void decode(const v1::Device& device, v1::DeviceEvent& event, v1::Measurement& measurement) = 0;
};

}  // namespace lenne::processing
