#include "tests/unit/app/town.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

#include "app/replay/declaration.hpp"
#include "base/slot.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "lenne/v1/network_in.pb.h"
#include "network/lorawan/build.hpp"
#include "network/lorawan/frame.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app::testing {

using namespace std::chrono_literals;
namespace lorawan = network::lorawan;

namespace {

constexpr base::GatewayId kGateway{0x70b3d5000000a000};
constexpr base::JoinEui kJoinEui{0x0102030405060708};
constexpr std::uint16_t kDevNonce = 7;
const ingest::SocketAddress kForwarder{{10, 0, 0, 1}, 40'000};

base::crypto::Key128 key_of(std::uint8_t first, std::uint8_t step) {
  base::crypto::Key128 key;
  for (std::size_t i = 0; i < key.bytes.size(); ++i) key.bytes[i] = static_cast<std::uint8_t>(first + step * i);
  return key;
}

}  // namespace

boost::json::array town_documents() {
  return boost::json::parse(R"([
    {"kind": "Tenant", "name": "menden"},
    {"kind": "Gateway", "gateway_id": "70b3d5000000a000", "tenant": "menden"},
    {"kind": "Profile", "name": "room", "schema": "elsys/ers", "nominal_interval_s": 60},
    {"kind": "Profile", "name": "bay", "schema": "bosch/tps110", "nominal_interval_s": 600},
    {"kind": "Device", "dev_eui": "70b3d5499a3d1c02", "join_eui": "0102030405060708", "name": "Saal", "tenant": "menden",
     "profile": "room", "region": "EU868", "mac_version": "1.0.3", "reg_params": "A", "class": "A", "activation": "OTAA",
     "app_key": "0102030405060708090a0b0c0d0e0f10"},
    {"kind": "Device", "dev_eui": "70b3d5499a3d1c77", "join_eui": "0102030405060708", "name": "Platz", "tenant": "menden",
     "profile": "bay", "region": "EU868", "mac_version": "1.0.3", "reg_params": "A", "class": "A", "activation": "ABP",
     "dev_addr": "00000102", "nwk_s_key": "11111111111111111111111111111111",
     "app_s_key": "22222222222222222222222222222222"}
  ])")
      .as_array();
}

Settings town_settings() {
  Settings settings;
  settings.network.partitions = 4;
  settings.windows.sizes = {{60, 300}};
  settings.windows.grace = base::Duration{5s};
  settings.windows.watermark_delay = base::Duration{1s};
  settings.windows.spread = false;
  return settings;
}

Town::Town(std::filesystem::path data, const std::filesystem::path& recording)
    : data_(std::move(data)),
      vault_(
          (std::filesystem::create_directories(data_), base::crypto::KeyVault::open_or_create(data_ / "kek").value())),
      catalog_(decode::SchemaCatalog::load({}).value()) {
  if (!recording.empty()) recorder_ = Recorder::open(recording, counters_).value();
  parking_.address = {0x00000102};
  parking_.keys = {key_of(0x11, 0), key_of(0x11, 0), key_of(0x11, 0), key_of(0x22, 0)};
  parking_.active = true;
  start();
  const auto declared = declare_to(*server_, town_documents(), settings_, {*log_, clock_, vault_, catalog_, counters_});
  EXPECT_TRUE(declared.has_value()) << declared.error().message;
}

Town::~Town() { close(); }

void Town::start() {
  storage::RocksDbSettings rocksdb;
  rocksdb.directory = (data_ / "log").string();
  rocksdb.network_partitions = settings_.network.partitions;
  rocksdb.sync = false;
  log_ = storage::RocksDbLog::open(rocksdb, clock_, counters_).value();
  server_ = VirtualServer::start(settings_, {*log_, clock_, vault_, catalog_, counters_}, 77).value();
  if (recorder_) recorder_->started(server_->identity(), clock_.now());
}

void Town::close() {
  server_.reset();
  log_.reset();
  recorder_.reset();
}

void Town::live(base::Duration time) {
  for (const auto end = clock_.now() + time; clock_.now() < end;) {
    send_all();
    for (int i = 0; i < 3; ++i) {
      receive(ingest::encode_pull_data(2, next_token_++, kGateway));
      settle();
      pass(20s);
    }
  }
}

void Town::order(std::string_view payload, bool confirmed) {
  v1::NetworkIn record;
  record.set_received_us(base::to_us(clock_.now()));
  auto& request = *record.mutable_downlink();
  request.set_request_id(1'000 + ++orders_);
  request.set_dev_eui(kClimate.value);
  request.set_f_port(9);
  request.set_payload(std::string(payload));
  request.set_confirmed(confirmed);
  const auto slot = base::slot_of(kClimate);
  const char key = static_cast<char>(slot);
  storage::Batch batch;
  batch.append(storage::Topic::network_in, base::partition_of(slot, settings_.network.partitions), {}, {&key, 1},
               record.SerializeAsString());
  ASSERT_TRUE(log_->append(batch));
  settle();
}

void Town::restart() {
  server_.reset();
  log_.reset();
  start();
}

void Town::send_all() {
  receive(ingest::encode_pull_data(2, next_token_++, kGateway));
  if (!climate_.active)
    hear(lorawan::build_join_request(aes_, key_of(1, 1), kJoinEui, kClimate, kDevNonce));
  else
    hear(uplink(climate_, {0x01, 0x00, static_cast<std::uint8_t>(climate_.next)}, true));
  hear(uplink(parking_, {static_cast<std::uint8_t>(parking_.next % 3 == 0)}, false));
}

void Town::pass(base::Duration time) {
  const auto end = clock_.now() + time;
  while (clock_.now() < end) {
    clock_.advance_to(std::min(std::max(server_->next_due(), clock_.now() + 1ms), end));
    settle();
  }
}

base::Bytes Town::uplink(Session& session, const base::Bytes& payload, bool confirmed) {
  lorawan::DataSpec spec;
  spec.confirmed = confirmed;
  spec.dev_addr = session.address;
  spec.f_cnt = session.next++;
  spec.f_port = 1;
  spec.adr = true;
  spec.payload = payload;
  return lorawan::build_data(aes_, lorawan::Version::v1_0, session.keys, spec).value();
}

void Town::hear(const base::Bytes& phy) {
  ingest::RxFrame frame;
  frame.size = static_cast<std::uint8_t>(phy.size());
  std::ranges::copy(phy, frame.payload.begin());
  frame.tmst = static_cast<std::uint32_t>(base::to_us(clock_.now()));
  frame.frequency_hz = 868'100'000;
  frame.rate = {7, 125'000, 0};
  frame.rssi_dbm = -80;
  frame.snr_tenths_db = 70;
  receive(ingest::encode_push_data(2, next_token_++, kGateway, std::span(&frame, 1)));
}

void Town::receive(base::Bytes datagram) {
  const ingest::Datagram heard{datagram, kForwarder, clock_.now()};
  if (recorder_) recorder_->received({&heard, 1});
  server_->receive(kForwarder, datagram);
}

void Town::settle() {
  ASSERT_TRUE(server_->settle());
  for (auto sent = server_->take_sent(); !sent.empty(); sent = server_->take_sent()) {
    for (const auto& datagram : sent) {
      if (recorder_) recorder_->sent(datagram.to, datagram.bytes, clock_.now());
      answer(datagram.bytes);
    }
    ASSERT_TRUE(server_->settle());
  }
}

void Town::answer(base::ByteView datagram) {
  const auto message = ingest::decode_server_message(datagram).value();
  if (message.type != ingest::PacketType::pull_resp) return;
  ++downlinks_;
  receive(ingest::encode_tx_ack(message.token, kGateway, "NONE"));
  const auto frame = lorawan::parse_frame(message.phy_payload);
  if (!frame || !std::holds_alternative<lorawan::EncryptedJoinAccept>(*frame)) return;
  const auto accept =
      lorawan::decrypt_join_accept(aes_, key_of(1, 1), std::get<lorawan::EncryptedJoinAccept>(*frame)).accept;
  climate_.address = accept.dev_addr;
  climate_.keys = lorawan::derive_session_1_0(aes_, key_of(1, 1), accept.join_nonce, accept.net_id, kDevNonce);
  climate_.active = true;
}

}  // namespace lenne::app::testing
