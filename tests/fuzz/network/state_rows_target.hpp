#pragma once
// Any bytes as a stored row of the network step: refused with an error when it is loaded, or harmless afterwards, and
// then its own rows can be read again. Input: which row | the row's value (of a writer's numbers: its number first).

#include <google/protobuf/stubs/logging.h>

#include "base/counters.hpp"
#include "network/outbox.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::fuzz {
namespace state_rows_detail {

using namespace network;
using namespace network::test;

struct Base {
  Sensor fixed;
  Sensor joined;
  std::int64_t at_us = kStart;
  MapState state;
};

/// A state with a session of each kind, open windows, a downlink under way, nonces and origins.
inline const Base& base_state() {
  static const Base made = [] {
    Base b;
    b.fixed.eui.value = 0x2201;
    b.fixed.address = {0x01020304};
    b.fixed.keys.f_nwk_s_int_key.bytes.fill(3);
    b.fixed.keys.s_nwk_s_int_key = b.fixed.keys.nwk_s_enc_key = b.fixed.keys.f_nwk_s_int_key;
    Rig rig;
    rig.feed(put(b.fixed.abp(rig.vault), kStart));
    rig.feed(put(b.joined.otaa(rig.vault), kStart));
    join(rig, b.joined, 1, b.at_us);
    rig.feed(hear(b.joined.uplink(0, "\x01", 2, true), b.at_us));
    rig.feed(tick(b.at_us += 300 * kMs));
    rig.feed(hear(b.fixed.uplink(1, "\x01", 2, true), b.at_us));
    auto last = hear(b.joined.uplink(1), b.at_us);
    last.mutable_origin()->set_instance(5);
    last.mutable_origin()->set_sequence(1);
    rig.feed(last);
    rig.commit();
    b.state = rig.state;
    return b;
  }();
  return made;
}

}  // namespace state_rows_detail

inline void state_rows(base::ByteView bytes) {
  using namespace state_rows_detail;
  static const google::protobuf::LogSilencer quiet;
  if (bytes.empty()) return;
  const auto& base = base_state();
  auto sensors = std::pair{base.fixed, base.joined};
  Rig rig;
  rig.state = base.state;
  const auto value = std::string(base::as_text(bytes.subspan(1)));
  const auto set = [&](storage::Store store, const std::string& key) { rig.state.rows[{store, 0, key}] = value; };
  const auto eui = network::key_of((bytes[0] & 1) != 0 ? base.fixed.eui : base.joined.eui);
  switch (bytes[0] >> 1 & 3) {
    case 0:
    case 1:
      if ((bytes[0] & 24) == 24) {  // a gateway's airtime or declaration
        const auto start = network::key_of({static_cast<std::uint64_t>(kStart)});
        const auto id = network::key_of({kGateway});
        set(storage::Store::network, (bytes[0] & 1) != 0 ? "a" + start + id : "g" + id);
        break;
      }
      if ((bytes[0] & 8) != 0) {  // a row of a writer's numbers, and of the writer that the state knows
        const std::string writer{'s', 0, 0, 0, 5};
        rig.state.rows[{storage::Store::network, 0, writer + value.substr(0, 8)}] =
            value.substr(std::min<std::size_t>(8, value.size()));
        break;
      }
      set(storage::Store::device, eui);
      break;
    case 2:
      set(storage::Store::network, "j" + eui);
      break;
    default:
      set(storage::Store::network, "p");
  }
  NetworkProcessor processor(rig.settings, rig.vault, rig.decoder, rig.counters);
  if (const auto loaded = processor.assigned(0, rig.state); !loaded)
    return require(loaded.error().code == "state_damaged", "a damaged row is named so");
  rig.restart_processor();
  auto at = base.at_us + kMs;
  rig.feed(hear(sensors.first.uplink(2, "\x01", 2, true, {}, true), at));
  rig.feed(hear(sensors.second.uplink(2, "\x01", 2, true), at));
  rig.feed(hear(sensors.second.join_request(2), at));
  for (const auto& downlink : rig.downlinks()) rig.feed(tx_result(downlink, v1::TX_ERROR_NO_PATH, at + kMs));
  rig.feed(tick(at += 500 * kMs));
  for (const auto& downlink : rig.downlinks()) rig.feed(tx_result(downlink, v1::TX_ERROR_TOO_LATE, at + kMs));
  rig.commit();
  rig.restart_processor();
  rig.feed(put(sensors.first.abp(rig.vault), at));
  rig.feed(put(sensors.second.otaa(rig.vault), at));
  rig.feed(hear(sensors.first.uplink(3), at));
  rig.feed(tick(at += 3'600 * kSecond));
  for (const auto& handed : rig.on(storage::Topic::network_in)) rig.feed_raw({0, 2'000, at, handed.value});
  rig.feed(remove_device(sensors.first.eui, at));
  rig.feed(remove_device(sensors.second.eui, at));
  rig.commit();
  rig.restart_processor();
}

}  // namespace lenne::fuzz
