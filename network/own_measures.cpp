#include "network/own_measures.hpp"

#include <string>

namespace lenne::network {

void add_own_event(const OwnEvent& event, const EventTime& time, v1::Measurement& measurement) {
  const auto index = static_cast<std::uint32_t>(measurement.samples_size());
  auto& sample = *measurement.add_samples();
  sample.set_measure(std::string(event.measure));
  sample.set_unit(std::string(event.unit));
  sample.set_kind(v1::KIND_EVENT);
  sample.set_value(event.value);
  sample.set_exponent(event.exponent);
  sample.set_time_us(time.us);
  sample.set_time_source(time.source);
  sample.set_index(index);
}

}  // namespace lenne::network
