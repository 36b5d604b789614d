#include "ingest/semtech_udp_gateway.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <cstdlib>

#include "ingest/base64.hpp"

namespace lenne::ingest {
namespace {

base::Bytes with_header(std::uint8_t version, std::uint16_t token, PacketType type, base::GatewayId gateway,
                        std::string_view json) {
  base::Bytes datagram(12);
  datagram[0] = version;
  base::write_be(datagram.data() + 1, token);
  datagram[3] = static_cast<std::uint8_t>(type);
  base::write_be(datagram.data() + 4, gateway.value);
  datagram.insert(datagram.end(), json.begin(), json.end());
  return datagram;
}

/// Tenths as a decimal number: -3 -> "-0.3".
std::string tenths(std::int64_t value) {
  return fmt::format("{}{}.{}", value < 0 ? "-" : "", std::abs(value) / 10, std::abs(value) % 10);
}

void add_frame(std::string& json, const RxFrame& frame) {
  auto out = std::back_inserter(json);
  json += '{';
  if (frame.gateway_time) fmt::format_to(out, R"("time":"{}",)", base::to_rfc3339(*frame.gateway_time));
  if (frame.gps_time_us) fmt::format_to(out, R"("tmms":{},)", *frame.gps_time_us / 1'000);
  fmt::format_to(out, R"("tmst":{},"chan":{},"rfch":{},"freq":{}.{:06},"stat":1)", frame.tmst, frame.channel,
                 frame.rf_chain, frame.frequency_hz / 1'000'000, frame.frequency_hz % 1'000'000);
  if (frame.antenna != 0) fmt::format_to(out, R"(,"ant":{})", frame.antenna);
  if (frame.rate.bit_rate != 0) {
    fmt::format_to(out, R"(,"modu":"FSK","datr":{})", frame.rate.bit_rate);
    if (frame.frequency_deviation_hz != 0) fmt::format_to(out, R"(,"fdev":{})", frame.frequency_deviation_hz);
  } else {
    fmt::format_to(out, R"(,"modu":"LORA","datr":"SF{}BW{}")", frame.rate.spreading_factor,
                   frame.rate.bandwidth_hz / 1'000);
  }
  if (frame.coding_rate != 0) fmt::format_to(out, R"(,"codr":"4/{}")", frame.coding_rate);
  if (frame.rssi_dbm != kUnknownRssi) fmt::format_to(out, R"(,"rssi":{})", frame.rssi_dbm);
  fmt::format_to(out, R"(,"lsnr":{},"size":{},"data":"{}"}})", tenths(frame.snr_tenths_db), frame.size,
                 to_base64(frame.phy_payload()));
}

void add_stat(std::string& json, const GatewayStat& stat, base::Timestamp time) {
  auto out = std::back_inserter(json);
  const auto text = base::to_rfc3339(time);  // "2014-01-12 08:59:28 GMT" there
  fmt::format_to(out, R"("stat":{{"time":"{} {} GMT")", text.substr(0, 10), text.substr(11, 8));
  if (stat.latitude && stat.longitude)
    fmt::format_to(out, R"(,"lati":{:.5f},"long":{:.5f})", *stat.latitude, *stat.longitude);
  if (stat.altitude_m) fmt::format_to(out, R"(,"alti":{})", *stat.altitude_m);
  fmt::format_to(out, R"(,"rxnb":{},"rxok":{},"rxfw":{})", stat.rx_received, stat.rx_ok, stat.rx_forwarded);
  if (stat.ack_rate_permille) fmt::format_to(out, R"(,"ackr":{})", tenths(*stat.ack_rate_permille));
  fmt::format_to(out, R"(,"dwnb":{},"txnb":{}}})", stat.tx_requested, stat.tx_emitted);
}

void read_tx_field(std::string_view key, const simdjson::dom::element& value, ServerMessage& message) {
  double number = 0;
  std::string_view text;
  bool flag = false;
  const bool is_number = value.get(number) == simdjson::SUCCESS;
  const bool is_text = value.get(text) == simdjson::SUCCESS;
  const bool is_true = value.get(flag) == simdjson::SUCCESS && flag;
  if (key == "tmst" && is_number && number >= 0 && number <= UINT32_MAX)
    message.tmst = static_cast<std::uint32_t>(number);
  if (key == "freq" && is_number && number > 0 && number < 4'294) {
    message.frequency_hz = static_cast<std::uint32_t>(std::llround(number * 1e6));
  }
  if (key == "powe" && is_number && std::fabs(number) < 100) message.power_dbm = static_cast<int>(number);
  if (key == "datr" && is_text) message.rate = parse_lora_rate(text).value_or(RadioRate{});
  if (key == "datr" && is_number && number > 0 && number < 1e6)
    message.rate = {0, 0, static_cast<std::uint32_t>(number)};
  if (key == "ipol") message.inverted = is_true;
  if (key == "ncrc") message.without_crc = is_true;
  if (key == "data" && is_text) {
    message.phy_payload.resize(kMaxPhyPayload);
    const auto size = from_base64(text, message.phy_payload);
    message.phy_payload.resize(size && *size <= kMaxPhyPayload ? *size : 0);
  }
}

}  // namespace

base::Bytes encode_push_data(std::uint8_t version, std::uint16_t token, base::GatewayId gateway,
                             std::span<const RxFrame> frames, const GatewayStat* stat, base::Timestamp time) {
  std::string json = "{";
  if (!frames.empty()) {
    json += R"("rxpk":[)";
    for (const auto& frame : frames) {
      if (json.back() == '}') json += ',';
      add_frame(json, frame);
    }
    json += ']';
  }
  if (stat != nullptr) {
    if (!frames.empty()) json += ',';
    add_stat(json, *stat, time);
  }
  json += '}';
  return with_header(version, token, PacketType::push_data, gateway, json);
}

base::Bytes encode_pull_data(std::uint8_t version, std::uint16_t token, base::GatewayId gateway) {
  return with_header(version, token, PacketType::pull_data, gateway, {});
}

base::Bytes encode_tx_ack(std::uint16_t token, base::GatewayId gateway, std::string_view error) {
  const auto json = error.empty() ? std::string{} : fmt::format(R"({{"txpk_ack":{{"error":"{}"}}}})", error);
  return with_header(2, token, PacketType::tx_ack, gateway, json);
}

std::optional<ServerMessage> decode_server_message(base::ByteView datagram) {
  if (datagram.size() < 4 || (datagram[0] != 1 && datagram[0] != 2)) return std::nullopt;
  ServerMessage message;
  message.version = datagram[0];
  message.token = base::read_be<std::uint16_t>(datagram.subspan(1));
  message.type = static_cast<PacketType>(datagram[3]);
  if (message.type == PacketType::push_ack || message.type == PacketType::pull_ack) return message;
  if (message.type != PacketType::pull_resp) return std::nullopt;
  simdjson::dom::parser parser;
  const simdjson::padded_string text(base::as_text(datagram.subspan(4)));
  simdjson::dom::object txpk;
  if (parser.parse(text)["txpk"].get(txpk) != simdjson::SUCCESS) return std::nullopt;
  for (const auto [key, value] : txpk) read_tx_field(key, value, message);
  if (message.phy_payload.empty()) return std::nullopt;
  return message;
}

}  // namespace lenne::ingest
