#pragma once
// Any bytes as a record of network-in: the step must take them, and its state must still be readable afterwards.

#include <google/protobuf/stubs/logging.h>

#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {

/// Two devices: one has sent a frame that must be answered, one a join-request. The gateway that heard them is
/// declared.
inline const auto& two_devices() {
  static const auto kRows = [] {
    Sensor sensor;
    sensor.eui.value = 0x2201;
    sensor.address = {0x01020304};
    sensor.keys.f_nwk_s_int_key.bytes.fill(3);
    sensor.keys.s_nwk_s_int_key = sensor.keys.nwk_s_enc_key = sensor.keys.f_nwk_s_int_key;
    const Sensor joiner;
    Rig rig;
    rig.feed(put(sensor.abp(rig.vault), kStart));
    rig.feed(put(joiner.otaa(rig.vault), kStart));
    v1::Object gateway;
    gateway.mutable_gateway()->set_gateway_id(kGateway);
    gateway.mutable_gateway()->set_tenant("menden");
    rig.feed(put(gateway, kStart));
    rig.feed(hear(sensor.uplink(1, "\x01", 2, true), kStart));
    rig.feed(hear(joiner.join_request(1), kStart));
    rig.commit();
    return rig.state.rows;
  }();
  return kRows;
}

inline void take_record(base::ByteView bytes) {
  static const google::protobuf::LogSilencer quiet;  // it complains of each damaged text
  Rig rig;
  rig.state.rows = two_devices();
  rig.restart_processor();
  rig.feed_raw({0, 1'000, kStart + kMs, std::string(base::as_text(bytes))});
  rig.commit();
  rig.restart_processor();
  rig.feed(tick(kStart + kSecond));
  rig.feed_raw({0, 1'001, kStart + 2 * kSecond, std::string(base::as_text(bytes))});
  rig.commit();
}

}  // namespace lenne::network::test
