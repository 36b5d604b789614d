#pragma once
// A device with fixed keys on one partition, both ways: what it sends is fed to the step, what the step sends is opened
// as the device would.

#include <gtest/gtest.h>

#include "network/lorawan/mac_command.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::network::test {

struct TwoWay : testing::Test {
  explicit TwoWay(NetworkSettings settings = Rig::one_partition()) : rig(std::move(settings)) {
    sensor.eui.value = 0x1101;
    sensor.address = {0x01020304};
    sensor.keys.f_nwk_s_int_key.bytes.fill(1);
    sensor.keys.s_nwk_s_int_key = sensor.keys.nwk_s_enc_key = sensor.keys.f_nwk_s_int_key;
    sensor.keys.app_s_key.bytes.fill(101);
  }

  void declare() { rig.feed(put(sensor.abp(rig.vault), now)); }

  /// An application asks for a downlink.
  void ask(std::string_view payload, bool confirmed = false, std::uint32_t f_port = 5,
           std::string_view tenant = "menden") {
    v1::NetworkIn in;
    in.set_received_us(now);
    auto& request = *in.mutable_downlink();
    request.set_request_id(++requests);
    request.set_correlation_id("c" + std::to_string(requests));
    request.set_dev_eui(sensor.eui.value);
    request.set_tenant(std::string(tenant));
    request.set_f_port(f_port);
    request.set_payload(std::string(payload));
    request.set_confirmed(confirmed);
    rig.feed(in);
  }

  struct Up {
    bool confirmed = false;
    bool ack = false;
    bool adr = false;
    base::Bytes f_opts = {};
    Ear ear = {};
  };
  /// Sends the next uplink and closes its window; time moves on by 10 s.
  void send() { send(Up{}); }
  void send(const Up& up) {
    lorawan::DataSpec spec;
    spec.confirmed = up.confirmed;
    spec.ack = up.ack;
    spec.adr = up.adr;
    spec.f_cnt = f_cnt++;
    spec.f_opts = up.f_opts;
    spec.f_port = 2;
    spec.payload = base::as_bytes("\x15");
    last_phy = sensor.data(spec);
    rig.feed(hear(last_phy, now, up.ear));
    rig.feed(tick(now + 200 * kMs));
    now += 10 * kSecond;
  }
  void pass(std::int64_t us) { rig.feed(tick(now += us)); }

  /// What became of a downlink, told a moment later.
  void result(const v1::GatewayDownlink& downlink, v1::TxError error = v1::TX_ERROR_NONE,
              std::int64_t after = -9'700'000) {
    rig.feed(tx_result(downlink, error, now + after));
  }

  struct Opened {
    lorawan::DataFrame frame;
    std::string payload;  ///< in clear
    std::vector<lorawan::MacCommand> commands;
  };
  /// The frame opened as the device would.
  Opened open(const v1::GatewayDownlink& downlink) {
    bytes.push_back(std::make_unique<std::string>(downlink.phy_payload()));
    const auto parsed = lorawan::parse_frame(base::as_bytes(*bytes.back()));
    EXPECT_TRUE(parsed);
    Opened opened{std::get<lorawan::DataFrame>(*parsed), {}, {}};
    auto& frame = opened.frame;
    base::crypto::Aes128 aes;
    EXPECT_TRUE(
        lorawan::data_mic_valid(aes, lorawan::Version::v1_0, sensor.keys, frame, {.f_cnt = downlink.f_cnt_down()}));
    if (frame.f_port) {
      base::Bytes clear(frame.frm_payload.size());
      lorawan::crypt_payload(aes, lorawan::payload_key(sensor.keys, *frame.f_port), lorawan::Direction::down,
                             frame.dev_addr, downlink.f_cnt_down(), frame.frm_payload, clear.data());
      opened.payload.assign(clear.begin(), clear.end());
    }
    lorawan::MacCommandReader reader(lorawan::Version::v1_0, lorawan::Direction::down, frame.f_opts);
    while (const auto command = reader.next()) opened.commands.push_back(*command);
    EXPECT_TRUE(reader.rest().empty());
    return opened;
  }
  Opened last() { return open(rig.downlinks().back()); }

  template <typename Command>
  static std::optional<Command> find(const Opened& opened) {
    for (const auto& command : opened.commands) {
      if (const auto found = lorawan::decode_command<Command>(command)) return found;
    }
    return std::nullopt;
  }
  template <typename... Commands>
  static base::Bytes commands(const Commands&... list) {
    base::Bytes out;
    (lorawan::append_command(out, list), ...);
    return out;
  }

  Rig rig;
  Sensor sensor;
  std::int64_t now = kStart;
  std::uint32_t f_cnt = 1;
  std::uint64_t requests = 100;
  base::Bytes last_phy;
  std::vector<std::unique_ptr<std::string>> bytes;
};

}  // namespace lenne::network::test
