#include "tests/unit/network/harness.hpp"

#include <array>
#include <stdexcept>

#include "base/bytes.hpp"
#include "network/outbox.hpp"

namespace lenne::network::test {

using storage::Topic;

void MapState::apply(const storage::Batch& batch) {
  for (std::size_t i = 0; i < batch.changes(); ++i) {
    const auto change = batch.change_at(i);
    const Key key{change.store, change.partition, std::string(change.key)};
    if (change.erase) {
      rows.erase(key);
    } else {
      rows[key] = std::string(change.value);
    }
  }
}

base::Result<std::optional<std::string>> MapState::get(storage::Store store, std::uint32_t partition,
                                                       std::string_view key) const {
  const auto found = rows.find({store, partition, std::string(key)});
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

base::Result<void> MapState::scan(storage::Store store, std::uint32_t partition, std::string_view from,
                                  std::string_view to,
                                  const std::function<bool(std::string_view, std::string_view)>& visit) const {
  for (auto it = rows.lower_bound({store, partition, std::string(from)}); it != rows.end(); ++it) {
    const auto& [at_store, at_partition, key] = it->first;
    if (at_store != store || at_partition != partition || (!to.empty() && key >= to)) break;
    if (!visit(key, it->second)) break;
  }
  return {};
}

base::Result<void> MapState::scan_back(storage::Store, std::uint32_t, std::string_view, std::string_view,
                                       const std::function<bool(std::string_view, std::string_view)>&) const {
  return base::fail("log_read", "the network step does not scan backwards");
}

void FirstByteDecoder::decode(const v1::Device& device, v1::DeviceEvent& event, v1::Measurement& measurement) {
  event.mutable_uplink()->set_schema(device.schema());
  const auto& payload = event.uplink().payload();
  if (payload.empty()) return;
  if (payload.size() == 2) {
    event.set_time_us(event.time_us() - 86'400 * kSecond);
    event.mutable_uplink()->set_time_source(v1::TIME_SOURCE_PAYLOAD);
  }
  const auto sample_of = [&](const char* measure, char value) {
    auto& sample = *measurement.add_samples();
    sample.set_measure(measure);
    sample.set_value(static_cast<unsigned char>(value));
    sample.set_time_us(event.time_us());
  };
  sample_of("temperature", payload[0]);
  if (payload.size() == 3) sample_of("relative_humidity", payload[2]);
}

v1::NetworkIn hear(const base::Bytes& phy, std::int64_t at_us, const Ear& ear) {
  v1::NetworkIn in;
  in.set_received_us(at_us);
  auto& frame = *in.mutable_frame();
  frame.set_gateway_id(ear.gateway);
  frame.set_phy_payload(phy.data(), phy.size());
  frame.set_frequency_hz(ear.frequency);
  frame.mutable_data_rate()->set_spreading_factor(ear.spreading_factor);
  frame.mutable_data_rate()->set_bandwidth_hz(125'000);
  frame.set_coding_rate("4/5");
  frame.set_rssi_dbm(ear.rssi);
  frame.set_snr_tenths_db(ear.snr_tenths);
  frame.set_tmst(ear.tmst.value_or(static_cast<std::uint32_t>(static_cast<std::uint64_t>(at_us))));
  if (ear.gps_us) frame.set_gps_time_us(*ear.gps_us);
  frame.set_path(ear.path);
  return in;
}

v1::NetworkIn tick(std::int64_t at_us) {
  v1::NetworkIn in;
  in.set_received_us(at_us);
  in.mutable_tick();
  return in;
}

namespace {

[[nodiscard]] v1::Device common(const Sensor& sensor) {
  v1::Device device;
  device.set_dev_eui(sensor.eui.value);
  device.set_join_eui(sensor.join_eui.value);
  device.set_name("sensor " + base::to_hex(sensor.eui));
  device.set_tenant(sensor.tenant);
  device.set_site("town-hall");
  device.set_region("EU868");
  device.set_mac_version(sensor.version);
  device.set_reg_params("A");
  device.set_device_class(sensor.device_class);
  device.set_schema("vendor/model");
  device.set_nominal_interval_s(900);
  return device;
}

}  // namespace

v1::Device Sensor::otaa(const base::crypto::KeyVault& vault) const {
  auto device = common(*this);
  device.set_activation(v1::ACTIVATION_OTAA);
  const std::array root{app_key, app_key};
  const auto blob = vault.wrap(root);
  device.set_wrapped_root_keys(blob.data(), blob.size());
  return device;
}

v1::Device Sensor::abp(const base::crypto::KeyVault& vault) const {
  auto device = common(*this);
  device.set_activation(v1::ACTIVATION_ABP);
  device.set_dev_addr(address.value);
  const std::array session{keys.f_nwk_s_int_key, keys.s_nwk_s_int_key, keys.nwk_s_enc_key, keys.app_s_key};
  const auto blob = vault.wrap(session);
  device.set_wrapped_session_keys(blob.data(), blob.size());
  return device;
}

base::Bytes Sensor::join_request(std::uint16_t dev_nonce) const {
  base::crypto::Aes128 aes;
  return lorawan::build_join_request(aes, app_key, join_eui, eui, dev_nonce);
}

base::Bytes Sensor::uplink(std::uint32_t f_cnt, std::string_view payload, std::optional<std::uint8_t> port,
                           bool confirmed, base::ByteView f_opts, bool adr_ack_req) const {
  lorawan::DataSpec spec;
  spec.confirmed = confirmed;
  spec.adr = true;
  spec.adr_ack_req = adr_ack_req;
  spec.f_cnt = f_cnt;
  spec.f_opts = f_opts;
  spec.f_port = port;
  if (port) spec.payload = base::as_bytes(payload);
  return data(spec);
}

base::Bytes Sensor::data(lorawan::DataSpec spec) const {
  base::crypto::Aes128 aes;
  spec.dev_addr = address;
  return *lorawan::build_data(aes, lorawan::Version::v1_0, keys, spec);
}

bool Sensor::take_accept(std::string_view phy, std::uint16_t dev_nonce) {
  base::crypto::Aes128 aes;
  const auto frame = lorawan::parse_frame(base::as_bytes(phy));
  if (!frame || !std::holds_alternative<lorawan::EncryptedJoinAccept>(*frame)) return false;
  const auto opened = lorawan::decrypt_join_accept(aes, app_key, std::get<lorawan::EncryptedJoinAccept>(*frame));
  if (!lorawan::join_accept_mic_valid(aes, lorawan::Version::v1_0, app_key, opened)) return false;
  address = opened.accept.dev_addr;
  keys = lorawan::derive_session_1_0(aes, app_key, opened.accept.join_nonce, opened.accept.net_id, dev_nonce);
  return true;
}

v1::NetworkIn put(const v1::Object& object, std::int64_t at_us, std::uint64_t request_id) {
  v1::NetworkIn in;
  in.set_received_us(at_us);
  in.mutable_control()->set_request_id(request_id);
  *in.mutable_control()->mutable_put() = object;
  return in;
}

v1::NetworkIn put(const v1::Device& device, std::int64_t at_us, std::uint64_t request_id) {
  v1::Object object;
  *object.mutable_device() = device;
  return put(object, at_us, request_id);
}

v1::NetworkIn remove_device(base::DevEui eui, std::int64_t at_us, std::uint64_t request_id) {
  v1::NetworkIn in;
  in.set_received_us(at_us);
  in.mutable_control()->set_request_id(request_id);
  in.mutable_control()->mutable_remove()->mutable_device()->set_dev_eui(eui.value);
  return in;
}

v1::NetworkIn tx_result(const v1::GatewayDownlink& downlink, v1::TxError error, std::int64_t at_us) {
  v1::NetworkIn in;
  in.set_received_us(at_us);
  auto& result = *in.mutable_tx_result();
  result.set_downlink_id(downlink.downlink_id());
  result.set_gateway_id(downlink.gateway_id());
  result.set_dev_eui(downlink.dev_eui());
  result.set_dev_addr(downlink.dev_addr());
  result.set_f_cnt_down(downlink.f_cnt_down());
  result.set_error(error);
  return in;
}

NetworkSettings Rig::one_partition() {
  NetworkSettings settings;
  settings.partitions = 1;
  return settings;
}

Rig::Rig(NetworkSettings given)
    : settings(std::move(given)), vault(base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{7})) {
  restart_processor();
}

void Rig::restart_processor() {
  processor = std::make_unique<NetworkProcessor>(settings, vault, decoder, counters);
  for (std::uint32_t p = 0; p < settings.partitions; ++p) {
    if (!processor->assigned(p, state)) throw std::runtime_error("state of partition " + std::to_string(p));
  }
}

void Rig::feed(const v1::NetworkIn& in, std::uint32_t partition, std::optional<std::int64_t> appended_us) {
  inputs.push_back({partition, next_offset_++, appended_us.value_or(in.received_us()), in.SerializeAsString()});
  feed_raw(inputs.back());
}

void Rig::feed_raw(const Input& input) {
  storage::Batch batch;
  processor->step(
      {Topic::network_in, input.partition, input.offset, base::from_us(input.appended_us), {}, {}, input.value, false},
      batch);
  for (std::size_t i = 0; i < batch.appends(); ++i) {
    const auto a = batch.append_at(i);
    outputs.push_back(
        {a.topic, a.partition, std::string(a.tenant), std::string(a.key), std::string(a.value), a.tombstone});
  }
}

void Rig::commit() {
  storage::Batch batch;
  processor->flush(batch);
  state.apply(batch);
  committed_inputs_ = inputs.size();
  committed_outputs_ = outputs.size();
}

void Rig::crash() {
  outputs.resize(committed_outputs_);
  restart_processor();
  for (std::size_t i = committed_inputs_; i < inputs.size(); ++i) feed_raw(inputs[i]);
}

std::vector<Output> Rig::on(Topic topic) const {
  std::vector<Output> found;
  for (const auto& output : outputs) {
    if (output.topic == topic) found.push_back(output);
  }
  return found;
}

std::vector<v1::DeviceEvent> Rig::events(v1::DeviceEvent::EventCase kind) const {
  std::vector<v1::DeviceEvent> found;
  for (const auto& output : on(Topic::event)) {
    v1::DeviceEvent event;
    if (event.ParseFromString(output.value) && event.event_case() == kind) found.push_back(event);
  }
  return found;
}

std::vector<v1::Measurement> Rig::measurements() const {
  std::vector<v1::Measurement> found;
  for (const auto& output : on(Topic::measurement)) {
    v1::Measurement measurement;
    if (measurement.ParseFromString(output.value) && !measurement.tick()) found.push_back(measurement);
  }
  return found;
}

std::vector<std::int64_t> Rig::ticks() const {
  std::vector<std::int64_t> found;
  for (const auto& output : on(Topic::measurement)) {
    v1::Measurement measurement;
    if (measurement.ParseFromString(output.value) && measurement.tick()) found.push_back(measurement.received_us());
  }
  return found;
}

std::vector<v1::GatewayDownlink> Rig::downlinks() const {
  std::vector<v1::GatewayDownlink> found;
  for (const auto& output : on(Topic::gateway_downlink)) {
    v1::GatewayDownlink downlink;
    if (downlink.ParseFromString(output.value)) found.push_back(downlink);
  }
  return found;
}

std::vector<std::string> Rig::log_codes() const {
  std::vector<std::string> codes;
  for (const auto& event : events(v1::DeviceEvent::kLog)) codes.push_back(event.log().code());
  return codes;
}

v1::NetworkDevice Rig::row(base::DevEui eui, std::uint32_t partition) {
  storage::Batch batch;
  processor->flush(batch);
  state.apply(batch);
  v1::NetworkDevice row;
  const auto found = state.rows.find({storage::Store::device, partition, key_of(eui)});
  if (found != state.rows.end() && !row.ParseFromString(found->second)) throw std::runtime_error("row");
  return row;
}

void join(Rig& rig, Sensor& sensor, std::uint16_t dev_nonce, std::int64_t& at_us) {
  const auto before = rig.downlinks().size();
  rig.feed(hear(sensor.join_request(dev_nonce), at_us));
  at_us += kSecond;
  rig.feed(tick(at_us));
  const auto downlinks = rig.downlinks();
  if (downlinks.size() != before + 1) throw std::runtime_error("no join-accept");
  if (!sensor.take_accept(downlinks.back().phy_payload(), dev_nonce)) throw std::runtime_error("not my join-accept");
}

}  // namespace lenne::network::test
