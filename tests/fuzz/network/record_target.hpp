#pragma once
// Any bytes as a record of network-in: the step must take them, and its state must still be readable afterwards.

#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {

inline void take_record(base::ByteView bytes) {
  static const auto kSensor = [] {
    Sensor s;
    s.eui.value = 0x2201;
    s.address = {0x01020304};
    s.keys.f_nwk_s_int_key.bytes.fill(3);
    s.keys.s_nwk_s_int_key = s.keys.nwk_s_enc_key = s.keys.f_nwk_s_int_key;
    return s;
  }();
  static const Sensor kJoiner;
  Rig rig;
  rig.feed(put(kSensor.abp(rig.vault), kStart));
  rig.feed(put(kJoiner.otaa(rig.vault), kStart));
  rig.feed(hear(kSensor.uplink(1, "\x01", 2, true), kStart));
  rig.feed(hear(kJoiner.join_request(1), kStart));
  rig.feed_raw({0, 1'000, kStart + kMs, std::string(base::as_text(bytes))});
  rig.commit();
  rig.restart_processor();
  rig.feed(tick(kStart + kSecond));
  rig.feed_raw({0, 1'001, kStart + 2 * kSecond, std::string(base::as_text(bytes))});
  rig.commit();
}

}  // namespace lenne::network::test
