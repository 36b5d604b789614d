#include "app/simulate/virtual_gateway.hpp"

#include <algorithm>

#include "network/lorawan/airtime.hpp"

namespace lenne::app::simulate {
namespace {

constexpr std::size_t kTokens = 65'536;
constexpr std::uint8_t kProtocolVersion = 2;

base::Duration airtime_of(const ingest::ServerMessage& message) {
  network::lorawan::DataRate rate;
  rate.spreading_factor = static_cast<std::uint8_t>(message.rate.spreading_factor);
  rate.bandwidth_hz = message.rate.bandwidth_hz;
  return network::lorawan::time_on_air(rate, message.phy_payload.size(), network::lorawan::downlink_format());
}

}  // namespace

VirtualGateway::VirtualGateway(const VirtualGatewayPlan& plan, std::uint32_t counter_offset)
    : plan_(&plan), counter_offset_(counter_offset), unacknowledged_(kTokens), waiting_(kTokens) {}

base::Bytes VirtualGateway::push_data(const Transmission& transmission, const Heard& heard, const FrameId& frame) {
  ingest::RxFrame rx;
  rx.size = static_cast<std::uint8_t>(transmission.phy_payload.size());
  std::ranges::copy(transmission.phy_payload, rx.payload.begin());
  rx.coding_rate = 5;
  rx.tmst = counter_at(transmission.end);
  rx.frequency_hz = transmission.frequency_hz;
  rx.rate = {static_cast<std::uint32_t>(transmission.spreading_factor), 125'000, 0};
  rx.rssi_dbm = heard.rssi_dbm;
  rx.snr_tenths_db = heard.snr_tenths_db;
  if (plan_->has_gps) {
    rx.gps_time_us = base::to_gps(transmission.end).count();
    rx.gateway_time = transmission.end;
  }
  const auto token = ++token_;
  unacknowledged_[token] = frame;
  waiting_[token] = true;
  ++received_;
  ++pushed_;
  return ingest::encode_push_data(kProtocolVersion, token, plan_->id, std::span(&rx, 1));
}

base::Bytes VirtualGateway::pull() { return ingest::encode_pull_data(kProtocolVersion, ++token_, plan_->id); }

base::Bytes VirtualGateway::report(base::Timestamp now) {
  ingest::GatewayStat stat;
  stat.rx_received = received_;
  stat.rx_ok = received_;
  stat.rx_forwarded = received_;
  stat.tx_emitted = static_cast<std::uint32_t>(downlinks_);
  if (pushed_ > 0) stat.ack_rate_permille = std::min(1000U, acknowledged_ * 1000 / pushed_);
  stat.latitude = plan_->place.latitude;
  stat.longitude = plan_->place.longitude;
  waiting_[static_cast<std::uint16_t>(token_ + 1)] = false;
  received_ = acknowledged_ = pushed_ = 0;
  return ingest::encode_push_data(kProtocolVersion, ++token_, plan_->id, {}, &stat, now);
}

std::optional<base::Bytes> VirtualGateway::receive(base::ByteView datagram, base::Timestamp now, const OnAck& on_ack,
                                                   const OnAir& on_air) {
  const auto message = ingest::decode_server_message(datagram);
  if (!message) return std::nullopt;
  if (message->type == ingest::PacketType::push_ack && waiting_[message->token]) {
    waiting_[message->token] = false;
    ++acknowledged_;
    on_ack(unacknowledged_[message->token]);
  }
  if (message->type != ingest::PacketType::pull_resp) return std::nullopt;
  return emit(*message, now, on_air);
}

base::Bytes VirtualGateway::emit(const ingest::ServerMessage& message, base::Timestamp now, const OnAir& on_air) {
  const auto ahead = message.tmst ? static_cast<std::int32_t>(*message.tmst - counter_at(now)) : 0;
  const auto start = now + base::Duration{ahead};
  if (ahead < 0) return ingest::encode_tx_ack(message.token, plan_->id, "TOO_LATE");
  if (start < busy_until_) return ingest::encode_tx_ack(message.token, plan_->id, "COLLISION_PACKET");
  busy_until_ = start + airtime_of(message);
  ++downlinks_;
  on_air({message.phy_payload, message.frequency_hz, static_cast<int>(message.rate.spreading_factor), start});
  return ingest::encode_tx_ack(message.token, plan_->id, "NONE");
}

}  // namespace lenne::app::simulate
