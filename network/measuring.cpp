#include "network/measuring.hpp"

#include "network/derived_measures.hpp"
#include "network/own_measures.hpp"
#include "network/quality.hpp"
#include "processing/network_measures.hpp"

namespace lenne::network {
namespace {

/// What the network server measures itself with each uplink: how many before it were lost, by the gap of FCnt. Its time
/// is when the frame was on the air, which a payload that tells of an earlier time does not change.
void measure_loss(std::uint32_t lost, const EventTime& heard, v1::Measurement& measurement) {
  add_own_event({processing::kUplinksLost, "count", lost}, heard, measurement);
}

/// What the device sent is judged before anything follows from it; what follows is judged then.
void judge_and_derive(Step& step, DeviceEntry& entry, const v1::UseCase* use_case, v1::Measurement& measurement) {
  const auto judge = [&](int first) {
    if (judge_quality(use_case, *entry.row.mutable_quality(), measurement, first, step.services.counters))
      step.state.devices.touch(entry);
  };
  judge(0);
  if (use_case == nullptr) return;
  const int sent = measurement.samples_size();
  add_derived(step, *use_case, measurement);
  judge(sent);
}

}  // namespace

void publish_measurement(Step& step, DeviceEntry& entry, std::uint32_t lost, v1::DeviceEvent& event) {
  const auto& device = entry.row.device();
  const auto& uplink = event.uplink();
  const EventTime heard{event.time_us(), uplink.time_source()};
  v1::Measurement measurement;
  measurement.set_uplink_id(uplink.id());
  measurement.set_dev_eui(device.dev_eui());
  measurement.set_tenant(device.tenant());
  measurement.set_site(device.site());
  measurement.set_device_name(device.name());
  measurement.set_received_us(event.received_us());
  measurement.set_session(uplink.session());
  measurement.set_f_cnt(uplink.f_cnt());
  measurement.set_nominal_interval_s(device.nominal_interval_s());
  const auto* known = step.state.use_cases.find(device.use_case());
  if (known != nullptr) {
    measurement.set_use_case(device.use_case());
    measurement.set_use_case_version(known->definition.version());
    measurement.set_use_case_fingerprint(known->fingerprint);
    *measurement.mutable_parameters() = device.parameters();
  }
  if (uplink.f_port() > 0) step.services.decoder.decode(device, event, measurement);
  judge_and_derive(step, entry, known == nullptr ? nullptr : &known->definition, measurement);
  step.state.outbox.event(event);
  measure_loss(lost, heard, measurement);
  step.state.outbox.measurement(measurement);
}

}  // namespace lenne::network
