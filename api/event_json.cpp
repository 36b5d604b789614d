#include "api/event_json.hpp"

#include "api/json_writer.hpp"
#include "api/rows.hpp"
#include "base/bytes.hpp"
#include "base/fixed_point.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace lenne::api {
namespace {

std::string eui(std::uint64_t value) { return base::hex_of(value, 16); }

std::string time_text(std::int64_t us) { return base::to_rfc3339(base::from_us(us)); }

void write_radio(JsonWriter& json, const v1::DataRate& rate, std::uint32_t frequency) {
  json.key("data_rate");
  const auto name = data_rate_name(rate);
  name.empty() ? json.null() : json.text(name);
  json.key("frequency").number(frequency);
}

void write_uplink(JsonWriter& json, const v1::Uplink& uplink, const RenderMessage& render) {
  json.key("dev_addr").text(base::hex_of(uplink.dev_addr(), 8));
  json.key("f_cnt").number(uplink.f_cnt());
  json.key("f_port");
  uplink.has_f_port() ? json.number(uplink.f_port()) : json.null();
  json.key("confirmed").boolean(uplink.confirmed());
  json.key("payload").text(base::to_hex(base::as_bytes(uplink.payload())));
  json.key("decoded");
  auto decoded = render && !uplink.message().empty() ? render(uplink.schema(), uplink.message()) : std::nullopt;
  decoded ? json.raw(*decoded) : json.null();
  if (!uplink.decode_error().empty()) json.key("decode_error").text(uplink.decode_error());
  write_radio(json, uplink.data_rate(), uplink.frequency_hz());
  json.key("gateway_id").text(eui(uplink.first().gateway_id()));
  json.key("rssi").number(uplink.first().rssi_dbm());
  json.key("snr").decimal(uplink.first().snr_tenths_db(), -1);
}

void write_reception(JsonWriter& json, const v1::Reception& reception) {
  json.key("dev_addr").text(base::hex_of(reception.dev_addr(), 8));
  json.key("f_cnt").number(reception.f_cnt());
  json.key("retransmission").boolean(reception.retransmission());
  json.key("late").boolean(reception.late());
  write_radio(json, reception.data_rate(), reception.frequency_hz());
  json.key("gateways").begin_array();
  for (const auto& hearing : reception.gateways()) {
    json.begin_object();
    json.key("gateway_id").text(eui(hearing.gateway_id()));
    json.key("rssi").number(hearing.rssi_dbm());
    json.key("snr").decimal(hearing.snr_tenths_db(), -1);
    json.key("received").text(time_text(hearing.received_us()));
    json.end_object();
  }
  json.end_array().key("link_margin");
  reception.has_margin_tenths_db() ? json.decimal(reception.margin_tenths_db(), -1) : json.null();
}

void write_join(JsonWriter& json, const v1::Join& join) {
  json.key("dev_addr").text(base::hex_of(join.dev_addr(), 8));
  json.key("join_eui").text(eui(join.join_eui()));
  json.key("dev_nonce").number(join.dev_nonce());
  json.key("join_nonce").number(join.join_nonce());
}

std::string_view tx_error_name(v1::TxError error) {
  switch (error) {
    case v1::TX_ERROR_NONE:
      return "none";
    case v1::TX_ERROR_TOO_LATE:
      return "too_late";
    case v1::TX_ERROR_TOO_EARLY:
      return "too_early";
    case v1::TX_ERROR_COLLISION_PACKET:
      return "collision_packet";
    case v1::TX_ERROR_COLLISION_BEACON:
      return "collision_beacon";
    case v1::TX_ERROR_TX_FREQ:
      return "tx_freq";
    case v1::TX_ERROR_TX_POWER:
      return "tx_power";
    case v1::TX_ERROR_GPS_UNLOCKED:
      return "gps_unlocked";
    case v1::TX_ERROR_NO_PATH:
      return "no_path";
    case v1::TX_ERROR_DUTY_CYCLE:
      return "duty_cycle";
    case v1::TX_ERROR_NO_ANSWER:
      return "no_answer";
    default:
      return "other";
  }
}

/// Of the request or the command that an event is an outcome of.
template <typename Outcome>
void write_asked(JsonWriter& json, const Outcome& outcome) {
  json.key("request_id");
  outcome.request_id() != 0 ? json.text(eui(outcome.request_id())) : json.null();
  json.key("correlation_id");
  outcome.correlation_id().empty() ? json.null() : json.text(outcome.correlation_id());
}

void write_tx_ack(JsonWriter& json, const v1::TxAck& ack) {
  json.key("downlink_id").text(eui(ack.downlink_id()));
  json.key("gateway_id").text(eui(ack.gateway_id()));
  json.key("f_cnt_down").number(ack.f_cnt_down());
  json.key("join_accept").boolean(ack.join_accept());
  json.key("rx_window").number(ack.rx_window());
  json.key("error").text(tx_error_name(ack.error()));
  json.key("detail").text(ack.detail());
  if (ack.frequency_hz() != 0) {
    json.key("frequency").number(ack.frequency_hz());
    json.key("airtime_s").decimal(ack.airtime_us(), -6);
  }
  write_asked(json, ack);
}

void write_status(JsonWriter& json, const v1::DeviceStatus& status) {
  json.key("battery_percent");
  status.has_battery_percent() ? json.number(status.battery_percent()) : json.null();
  json.key("external_power").boolean(status.external_power());
  json.key("margin").number(status.margin_db());
}

void write_log(JsonWriter& json, const v1::LogEntry& entry) {
  const auto level = entry.level();
  json.key("level").text(level == v1::LOG_LEVEL_ERROR ? "error" : level == v1::LOG_LEVEL_WARNING ? "warning" : "info");
  json.key("code").text(entry.code());
  json.key("message").text(entry.message());
  json.key("gateway_id");
  entry.gateway_id() != 0 ? json.text(eui(entry.gateway_id())) : json.null();
  write_asked(json, entry);
}

void write_id(JsonWriter& json, const v1::DeviceEvent& event) {
  if (event.has_uplink()) {
    json.key("id").text(eui(event.uplink().id()));
  } else if (event.has_reception()) {
    json.key("id").text(eui(event.reception().uplink_id()));
  }
}

}  // namespace

std::string_view type_of(const v1::DeviceEvent& event) noexcept {
  switch (event.event_case()) {
    case v1::DeviceEvent::kJoin:
      return "join";
    case v1::DeviceEvent::kUplink:
      return "uplink";
    case v1::DeviceEvent::kReception:
      return "reception";
    case v1::DeviceEvent::kAck:
      return "ack";
    case v1::DeviceEvent::kTxAck:
      return "txack";
    case v1::DeviceEvent::kStatus:
      return "status";
    case v1::DeviceEvent::kLog:
      return "log";
    case v1::DeviceEvent::EVENT_NOT_SET:
      break;
  }
  return {};
}

std::string event_line(const v1::DeviceEvent& event, std::string_view position, const RenderMessage& render) {
  JsonWriter json;
  json.begin_object();
  json.key("type").text(type_of(event));
  write_id(json, event);
  if (!position.empty()) json.key("position").text(position);
  json.key("time").text(time_text(event.time_us() != 0 ? event.time_us() : event.received_us()));
  json.key("tenant");
  event.tenant().empty() ? json.null() : json.text(event.tenant());
  json.key("dev_eui");
  event.dev_eui() != 0 ? json.text(eui(event.dev_eui())) : json.null();
  if (event.has_uplink()) write_uplink(json, event.uplink(), render);
  if (event.has_reception()) write_reception(json, event.reception());
  if (event.has_join()) write_join(json, event.join());
  if (event.has_ack()) {
    json.key("f_cnt_down").number(event.ack().f_cnt_down());
    json.key("acknowledged").boolean(event.ack().acknowledged());
    write_asked(json, event.ack());
  }
  if (event.has_tx_ack()) write_tx_ack(json, event.tx_ack());
  if (event.has_status()) write_status(json, event.status());
  if (event.has_log()) write_log(json, event.log());
  json.end_object();
  return json.take();
}

std::string aggregate_line(const v1::Aggregate& aggregate, std::string_view position) {
  JsonWriter json;
  json.begin_object().key("type").text("aggregate");
  if (!position.empty()) json.key("position").text(position);
  write_aggregate_fields(json, aggregate);
  json.end_object();
  return json.take();
}

std::string data_rate_name(const v1::DataRate& rate) {
  if (rate.bit_rate() != 0) return "FSK" + std::to_string(rate.bit_rate());
  if (rate.spreading_factor() == 0) return {};
  return "SF" + std::to_string(rate.spreading_factor()) + "BW" + base::to_decimal(rate.bandwidth_hz(), -3);
}

}  // namespace lenne::api
