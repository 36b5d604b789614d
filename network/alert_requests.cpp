#include "network/alert_requests.hpp"

namespace lenne::network {

void hand_on(Step& step, const v1::AlertAcknowledgement& request) {
  if (step.state.devices.find({request.dev_eui()}) == nullptr) return step.count("network.dropped.acknowledgement");
  v1::Measurement measurement;
  measurement.set_dev_eui(request.dev_eui());
  measurement.set_received_us(step.state.now_us);
  *measurement.mutable_acknowledgement() = request;
  step.state.outbox.measurement(measurement);
}

void tell_removed(Step& step, const v1::Device& device) {
  if (device.use_case().empty()) return;
  v1::Measurement measurement;
  measurement.set_dev_eui(device.dev_eui());
  measurement.set_received_us(step.state.now_us);
  measurement.set_removed(true);
  step.state.outbox.measurement(measurement);
}

}  // namespace lenne::network
