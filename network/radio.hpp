#pragma once
// Data rates as records, and back.

#include <algorithm>

#include "lenne/v1/gateway.pb.h"
#include "network/lorawan/region.hpp"

namespace lenne::network {

[[nodiscard]] inline v1::DataRate to_record(const lorawan::DataRate& rate) {
  v1::DataRate record;
  record.set_spreading_factor(rate.spreading_factor);
  record.set_bandwidth_hz(rate.modulation == lorawan::Modulation::fsk ? 0 : rate.bandwidth_hz);
  record.set_bit_rate(rate.bit_rate);
  return record;
}

[[nodiscard]] inline lorawan::DataRate from_record(const v1::DataRate& record) {
  lorawan::DataRate rate;
  if (record.bit_rate() != 0) {
    rate.modulation = lorawan::Modulation::fsk;
    rate.bit_rate = record.bit_rate();
    return rate;
  }
  rate.spreading_factor = static_cast<std::uint8_t>(std::min(record.spreading_factor(), 255U));
  rate.bandwidth_hz = record.bandwidth_hz();
  return rate;
}

}  // namespace lenne::network
