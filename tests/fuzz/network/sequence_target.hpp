#pragma once
// The network step under a sequence of records. Bytes choose among records that devices, gateways and operators would
// make, damaged copies of them, and jumps of time. Two processors see the same records: one keeps everything in memory
// until the end, the other writes its state after each record, and is loaded again after those that the input says.
//
// Input: restarts, a bit for each record modulo 8 | one choice of a record after another; see World.
//
// Laws: outputs and state are the same; an FCntUp is published once per session; a JoinNonce is used once per device;
// one key, DevAddr and FCntDown stand for one frame; no downlink leaves when its time is over; own rows can always be
// read.

#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/slot.hpp"
#include "lenne/v1/network_in.pb.h"
#include "network/lorawan/frame.hpp"
#include "tests/fuzz/byte_source.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/unit/network/harness.hpp"

namespace lenne::fuzz {
namespace sequence_detail {

using namespace network;
using namespace network::test;

inline constexpr std::uint32_t kPartitions = 2;
inline constexpr int kMostRecords = 40;

/// Two OTAA devices (one of them 1.0.4), two with fixed keys; the last may start its counters anew. The second and
/// third are of class C.
inline std::array<Sensor, 4> make_sensors() {
  std::array<Sensor, 4> sensors;
  for (std::size_t i = 0; i < sensors.size(); ++i) {
    auto& s = sensors[i];
    s.eui.value = 0x70b3d5499a3d1c00 + i;
    s.app_key.bytes[0] = static_cast<std::uint8_t>(i);
    if (i == 1) s.version = "1.0.4";
    s.address.value = 0x26011a00 + static_cast<std::uint32_t>(i);
    s.keys.f_nwk_s_int_key.bytes.fill(static_cast<std::uint8_t>(i + 1));
    s.keys.s_nwk_s_int_key = s.keys.nwk_s_enc_key = s.keys.f_nwk_s_int_key;
  }
  return sensors;
}

/// What must hold of everything that leaves.
class Laws {
 public:
  explicit Laws(const std::array<Sensor, 4>& sensors) : sensors_(sensors) {
    for (const auto& s : sensors) sessions_.push_back({s.eui.value, s.keys, {}});
  }
  /// Keys that a device may have later.
  void know(std::uint64_t eui, const lorawan::SessionKeys& keys) { sessions_.push_back({eui, keys, {}}); }

  /// A damaged record declares this device: with whose keys, nobody here knows.
  void estrange(std::uint64_t eui) { strangers_.insert(eui); }

  void see(const Output& output, std::int64_t now_us) {
    if (output.topic == storage::Topic::event) see_event(output);
    if (output.topic == storage::Topic::gateway_downlink && !output.tombstone) see_downlink(output, now_us);
  }

 private:
  struct Session {
    std::uint64_t eui;
    lorawan::SessionKeys keys;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string>
        frames;  // by DevAddr and FCntDown: both are in a MIC
  };

  void see_event(const Output& output) {
    v1::DeviceEvent event;
    require(event.ParseFromString(output.value), "an event is one");
    if (event.has_uplink()) {
      const auto& uplink = event.uplink();
      require(uplinks_.insert({event.dev_eui(), uplink.session(), uplink.f_cnt()}).second,
              "an FCntUp is accepted once per session");
    }
    if (event.has_join()) {
      const auto& join = event.join();
      require(nonces_.insert({event.dev_eui(), join.join_nonce()}).second, "a JoinNonce is used once");
      for (const auto& s : sensors_) {
        if (s.eui.value != event.dev_eui()) continue;
        base::crypto::Aes128 aes;
        know(event.dev_eui(), lorawan::derive_session_1_0(aes, s.app_key, join.join_nonce(), base::NetId{0},
                                                          static_cast<std::uint16_t>(join.dev_nonce())));
      }
    }
  }

  void see_downlink(const Output& output, std::int64_t now_us) {
    v1::GatewayDownlink downlink;
    require(downlink.ParseFromString(output.value), "a downlink is one");
    require(downlink.not_after_us() > now_us, "no downlink leaves when its time is over");
    if (downlink.join_accept()) return;
    if (strangers_.contains(downlink.dev_eui())) return;
    // A device whose operator lets its counters start anew uses them again.
    if (downlink.dev_eui() == sensors_[3].eui.value) return;
    const auto frame = lorawan::parse_frame(base::as_bytes(downlink.phy_payload()));
    require(frame && std::holds_alternative<lorawan::DataFrame>(*frame), "a downlink is a data frame");
    const auto& data = std::get<lorawan::DataFrame>(*frame);
    base::crypto::Aes128 aes;
    for (auto& session : sessions_) {
      if (session.eui != downlink.dev_eui()) continue;
      if (!lorawan::data_mic_valid(aes, lorawan::Version::v1_0, session.keys, data, {.f_cnt = downlink.f_cnt_down()}))
        continue;
      const auto [at, fresh] =
          session.frames.try_emplace({data.dev_addr.value, downlink.f_cnt_down()}, downlink.phy_payload());
      require(fresh || at->second == downlink.phy_payload(), "FCntDown is never used twice");
      return;
    }
    require(false, "a downlink opens under a session of its device");
  }

  const std::array<Sensor, 4>& sensors_;
  std::vector<Session> sessions_;
  std::set<std::uint64_t> strangers_;
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>> uplinks_;
  std::set<std::pair<std::uint64_t, std::uint32_t>> nonces_;
};

/// The devices' side: bytes to records.
class World {
 public:
  World(base::ByteView bytes, std::array<Sensor, 4>& sensors, const base::crypto::KeyVault& vault)
      : in_(bytes), sensors_(sensors), vault_(vault) {}

  [[nodiscard]] bool more() const { return !in_.empty(); }
  [[nodiscard]] std::int64_t appended_us() const { return appended_us_; }
  /// The device that the last record declares, if it is a damaged copy of a declaration.
  [[nodiscard]] std::optional<std::uint64_t> stranger() const { return stranger_; }

  /// The next record's bytes. `last`: what has been fed so far; `downlinks`: what has left.
  std::string next(const std::deque<std::string>& before, const std::vector<v1::GatewayDownlink>& downlinks) {
    stranger_.reset();
    const auto op = in_.byte();
    appended_us_ += kJumps[op >> 5] * kMs;
    auto& sensor = sensors_[(op >> 3) & 3];
    switch (op & 7) {
      case 0:
      case 1:
        return uplink(sensor);
      case 2:
        return join(sensor, downlinks);
      case 3:
        return again(before);
      case 4:
        return answer(downlinks);
      case 5:
        return operate(sensor);
      case 6:
        return (op & 0x20) != 0 ? ask(sensor) : time();
      default:
        return anything();
    }
  }

 private:
  static constexpr std::int64_t kJumps[] = {1, 50, 250, 900, 1'500, 11'000, 3'700'000, 0};

  [[nodiscard]] Ear ear() {
    const auto choice = in_.byte();
    Ear ear;
    ear.gateway = kGateway + (choice & 3);
    ear.rssi = -80 + (choice >> 6) * 10;
    ear.snr_tenths = 70 - (choice >> 4 & 3) * 60;
    if ((choice & 4) != 0) ear.frequency += 200'000;
    if ((choice & 8) != 0) ear.gps_us = appended_us_ - 315'964'782 * kSecond + ((choice & 16) != 0 ? 3 * kSecond : 0);
    if ((choice & 12) == 12) ear.path = "";
    if ((choice & 0xc0) == 0x40) ear.spreading_factor = 12;
    return ear;
  }
  [[nodiscard]] std::string stamped(v1::NetworkIn record) {
    const auto choice = in_.byte();
    if ((choice & 3) == 1) {  // as ingest writes it; a small range, so that some come again
      auto& origin = *record.mutable_origin();
      origin.set_instance(1 + (choice >> 2 & 1));
      origin.set_incarnation(1 + (choice >> 3 & 1));
      origin.set_sequence(choice >> 4);
    }
    if ((choice & 3) == 2) record.set_received_us(record.received_us() - (choice >> 2) * kSecond);
    if ((choice & 3) == 3) record.set_received_us(record.received_us() + (choice >> 2) * 100 * kMs);
    return record.SerializeAsString();
  }
  [[nodiscard]] std::string uplink(Sensor& sensor) {
    const auto choice = in_.byte();
    auto& f_cnt = f_cnts_[static_cast<std::size_t>(&sensor - sensors_.data())];
    constexpr std::int64_t kDeltas[] = {1, 1, 1, 2, 0, -1, 16'384, 65'536};
    const auto delta = kDeltas[choice & 7];
    f_cnt = static_cast<std::uint32_t>(std::max<std::int64_t>(0, std::int64_t{f_cnt} + delta));
    if (choice == 0xff) f_cnt = 0;
    const auto more = in_.byte();
    const auto commands = in_.take((choice >> 6) == 3 ? more & 15 : 0);
    lorawan::DataSpec spec;
    spec.dev_addr = sensor.address;
    spec.confirmed = (choice & 16) != 0;
    spec.adr = (more & 16) != 0;
    spec.adr_ack_req = (choice & 32) != 0;
    spec.ack = (more & 32) != 0;
    spec.f_cnt = f_cnt;
    spec.f_opts = commands;
    if ((choice & 8) == 0) spec.f_port = commands.empty() ? static_cast<std::uint8_t>(choice >> 6) : std::uint8_t{2};
    if (spec.f_port) spec.payload = base::as_bytes("\x15");
    return stamped(hear(*lorawan::build_data(aes_, lorawan::Version::v1_0, sensor.keys, spec), appended_us_, ear()));
  }
  [[nodiscard]] std::string join(Sensor& sensor, const std::vector<v1::GatewayDownlink>& downlinks) {
    const auto choice = in_.byte();
    if ((choice & 1) != 0 && !downlinks.empty()) {  // takes the newest accept that it can open, then speaks
      for (auto it = downlinks.rbegin(); it != downlinks.rend(); ++it) {
        if (it->dev_eui() != sensor.eui.value || !it->join_accept()) continue;
        if (sensor.take_accept(it->phy_payload(), nonces_[sensor.eui.value & 3])) {
          f_cnts_[sensor.eui.value & 3] = 0;
          break;
        }
      }
      return uplink(sensor);
    }
    auto& nonce = nonces_[sensor.eui.value & 3];
    nonce = static_cast<std::uint16_t>(nonce + (choice >> 1 & 3));
    if ((choice & 0xf8) == 0xf8) nonce = static_cast<std::uint16_t>(in_.word());
    return stamped(hear(sensor.join_request(nonce), appended_us_, ear()));
  }
  [[nodiscard]] std::string again(const std::deque<std::string>& before) {
    const auto choice = in_.byte();
    if (before.empty()) return tick(appended_us_).SerializeAsString();
    auto copy = before[before.size() - 1 - (choice & 15) % before.size()];
    v1::NetworkIn record;
    if ((choice & 0x30) == 0) return copy;                                                // the very same record
    if ((choice & 0x30) == 0x10 && record.ParseFromString(copy) && record.has_frame()) {  // heard by another gateway
      const auto heard = ear();
      record.set_received_us(appended_us_);
      record.mutable_frame()->set_gateway_id(heard.gateway);
      record.mutable_frame()->set_rssi_dbm(heard.rssi);
      record.mutable_frame()->set_tmst(static_cast<std::uint32_t>(appended_us_));
      return stamped(std::move(record));
    }
    for (auto edits = 1 + (choice >> 6); edits > 0 && !copy.empty(); --edits)
      copy[in_.byte() % copy.size()] = static_cast<char>(in_.byte());
    if (record.ParseFromString(copy) && record.control().put().has_device())
      stranger_ = record.control().put().device().dev_eui();
    return copy;
  }
  [[nodiscard]] std::string answer(const std::vector<v1::GatewayDownlink>& downlinks) {
    const auto choice = in_.byte();
    if (downlinks.empty()) return tick(appended_us_).SerializeAsString();
    const auto& downlink = downlinks[downlinks.size() - 1 - (choice & 7) % downlinks.size()];
    return stamped(tx_result(downlink, static_cast<v1::TxError>((choice >> 4) % 12), appended_us_));
  }
  [[nodiscard]] std::string operate(Sensor& sensor) {
    const auto choice = in_.byte();
    const auto index = sensor.eui.value & 3;
    if ((choice & 7) == 7) return stamped(remove_device(sensor.eui, appended_us_));
    if ((choice & 7) == 6) {
      v1::Object object;
      object.mutable_tenant()->set_name((choice & 8) != 0 ? "Menden" : "menden");
      return stamped(put(object, appended_us_));
    }
    // A device with fixed keys may get another address, in the other partition too.
    if ((choice & 7) == 5) sensor.address.value = static_cast<std::uint32_t>(0x26011a00 + index + (choice >> 4 & 3));
    const bool abp = index >= 2 ? (choice & 7) != 4 : (choice & 7) == 4;
    if (abp && index < 2) {  // a device that joined had other keys
      sensor.keys = {};
      sensor.keys.f_nwk_s_int_key.bytes.fill(static_cast<std::uint8_t>(index + 1));
      sensor.keys.s_nwk_s_int_key = sensor.keys.nwk_s_enc_key = sensor.keys.f_nwk_s_int_key;
      sensor.address.value = 0x26011a00 + static_cast<std::uint32_t>(index);
    }
    auto device = abp ? sensor.abp(vault_) : sensor.otaa(vault_);
    if (index == 3) device.set_f_cnt_reset(true);
    if ((choice & 7) == 3) device.set_f_cnt_up(in_.word());
    if ((choice & 7) == 2) device.set_f_cnt_down(in_.byte());
    if ((choice & 7) == 1) device.set_join_eui(in_.byte());
    if ((choice & 8) != 0) device.set_device_class("C");
    if (choice > 0xf0) device.set_tenant("olpe");
    return stamped(put(device, appended_us_));
  }
  /// An application asks for a downlink.
  [[nodiscard]] std::string ask(const Sensor& sensor) {
    const auto choice = in_.byte();
    v1::NetworkIn record;
    record.set_received_us(appended_us_);
    auto& request = *record.mutable_downlink();
    request.set_request_id(choice);
    request.set_dev_eui(sensor.eui.value);
    request.set_f_port((choice & 7) == 7 ? 0 : 1 + (choice & 3));
    request.set_confirmed((choice & 8) != 0);
    if ((choice & 16) != 0) request.set_tenant("olpe");
    request.set_payload(std::string(static_cast<std::size_t>(choice >> 5) * 40, 'x'));
    return stamped(std::move(record));
  }
  [[nodiscard]] std::string time() {
    const auto choice = in_.byte();
    constexpr std::int64_t kTicks[] = {0, 1, 60, 3'600, 86'400, 86'400 * 8, -60, 5};
    appended_us_ += std::max<std::int64_t>(0, kTicks[choice & 7]) * kSecond;
    return stamped(tick(appended_us_ + std::min<std::int64_t>(0, kTicks[choice & 7]) * kSecond));
  }
  [[nodiscard]] std::string anything() {
    const auto choice = in_.byte();
    const auto bytes = in_.take(choice & 63);
    if ((choice & 64) == 0) return std::string(base::as_text(bytes));
    return stamped(hear(base::Bytes(bytes.begin(), bytes.end()), appended_us_, ear()));
  }

  ByteSource in_;
  base::crypto::Aes128 aes_;
  std::array<Sensor, 4>& sensors_;
  const base::crypto::KeyVault& vault_;
  std::int64_t appended_us_ = kStart;
  std::optional<std::uint64_t> stranger_;
  std::array<std::uint32_t, 4> f_cnts_{};
  std::array<std::uint16_t, 4> nonces_{};
};

/// Where ingest would put a record.
inline std::uint32_t partition_of(const std::string& bytes) {
  v1::NetworkIn record;
  std::uint8_t slot = 0;
  if (!record.ParseFromString(bytes)) return 0;
  if (record.has_frame()) slot = lorawan::slot_of(lorawan::routing_key(base::as_bytes(record.frame().phy_payload())));
  if (record.has_tx_result()) {
    slot = record.tx_result().dev_addr() != 0 ? base::slot_of(base::DevAddr{record.tx_result().dev_addr()})
                                              : base::slot_of(base::DevEui{record.tx_result().dev_eui()});
  }
  if (record.has_control()) {
    const auto& object = record.control().has_put() ? record.control().put() : record.control().remove();
    if (object.has_device()) slot = base::slot_of(base::DevEui{object.device().dev_eui()});
  }
  if (record.has_downlink()) slot = base::slot_of(base::DevEui{record.downlink().dev_eui()});
  if (record.has_tick()) slot = static_cast<std::uint8_t>(record.received_us() & 1);
  return base::partition_of(slot, kPartitions);
}

class Run {
 public:
  /// The four devices are declared. `bytes` has one at least.
  explicit Run(base::ByteView bytes) : Run(bytes, Bare{}) {
    static const Declared kDeclared = declared();  // once: it takes as long as a sequence
    whole_.state = loaded_.state = kDeclared.state;
    before_ = kDeclared.records;
    offset_ = kDeclared.offset;
    whole_.restart_processor();
    loaded_.restart_processor();
  }
  void go() {
    for (int n = 0; n < kMostRecords && world_.more(); ++n) {
      const auto record = world_.next(before_, downlinks_);
      if (const auto stranger = world_.stranger()) laws_.estrange(*stranger);
      feed(record);
    }
    // All windows close and all downlinks are given up.
    for (std::uint32_t p = 0; p < kPartitions; ++p) {
      step(p, tick(world_.appended_us() + 3'600 * kSecond).SerializeAsString());
    }
    whole_.commit();
    require(whole_.state.rows == loaded_.state.rows, "the state is the same");
    whole_.restart_processor();
  }

 private:
  struct Bare {};
  struct Declared {
    MapState state;
    std::deque<std::string> records;
    std::uint64_t offset;
  };

  Run(base::ByteView bytes, Bare)
      : restarts_(bytes[0]),
        sensors_(make_sensors()),
        laws_(sensors_),
        world_(bytes.subspan(1), sensors_, whole_.vault) {}

  static Declared declared() {
    constexpr std::array<std::uint8_t, 1> kNothing{};
    Run run(kNothing, Bare{});
    for (std::size_t i = 0; i < run.sensors_.size(); ++i) {
      auto device = i < 2 ? run.sensors_[i].otaa(run.whole_.vault) : run.sensors_[i].abp(run.whole_.vault);
      if (i == 3) device.set_f_cnt_reset(true);
      if (i == 1 || i == 2) device.set_device_class("C");
      run.feed(put(device, kStart).SerializeAsString());
    }
    return {run.loaded_.state, run.before_, run.offset_};
  }

  static NetworkSettings settings() {
    NetworkSettings settings;
    settings.partitions = kPartitions;
    settings.net_id = base::NetId{0};
    return settings;
  }

  void feed(const std::string& bytes) {
    before_.push_back(bytes);
    if (before_.size() > 16) before_.pop_front();
    step(partition_of(bytes), bytes);
    while (!forwarded_.empty()) {
      const auto [partition, record] = std::move(forwarded_.front());
      forwarded_.pop_front();
      step(partition, record);
    }
  }

  void step(std::uint32_t partition, const std::string& bytes) {
    const Input input{partition, offset_++, world_.appended_us(), bytes};
    whole_.forget_outputs();
    loaded_.forget_outputs();
    whole_.feed_raw(input);
    loaded_.feed_raw(input);
    require(whole_.outputs == loaded_.outputs, "restarts change nothing");
    loaded_.commit();
    if ((restarts_ >> (offset_ & 7) & 1) != 0) loaded_.restart_processor();
    const auto now = now_us(partition);
    for (const auto& output : loaded_.outputs) {
      laws_.see(output, now);
      if (output.topic == storage::Topic::network_in) {
        v1::NetworkIn record;
        require(record.ParseFromString(output.value), "what is handed over is a record");
        // Gateways are measured in one partition, which takes its own part as those of the others.
        require(record.has_gateway_airtime() ? output.partition == 0
                                             : output.partition < kPartitions && output.partition != partition,
                "handed to another partition");
        forwarded_.emplace_back(output.partition, output.value);
      }
      if (output.topic == storage::Topic::gateway_downlink) {
        v1::GatewayDownlink downlink;
        if (downlink.ParseFromString(output.value)) downlinks_.push_back(downlink);
      }
    }
  }
  [[nodiscard]] std::int64_t now_us(std::uint32_t partition) const {
    const auto found = loaded_.state.rows.find({storage::Store::network, partition, "p"});
    v1::NetworkPartition row;
    if (found == loaded_.state.rows.end() || !row.ParseFromString(found->second)) return 0;
    return row.now_us();
  }

  std::uint8_t restarts_;
  Rig whole_{settings()};
  Rig loaded_{settings()};
  std::array<Sensor, 4> sensors_;
  Laws laws_;
  World world_;
  std::uint64_t offset_ = 1;
  std::deque<std::string> before_;
  std::deque<std::pair<std::uint32_t, std::string>> forwarded_;
  std::vector<v1::GatewayDownlink> downlinks_;
};

}  // namespace sequence_detail

inline void sequence(base::ByteView bytes) {
  static const google::protobuf::LogSilencer quiet;  // it complains of each damaged text
  if (bytes.empty()) return;
  sequence_detail::Run(bytes).go();
}

}  // namespace lenne::fuzz
