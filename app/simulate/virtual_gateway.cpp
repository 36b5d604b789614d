#include "app/simulate/virtual_gateway.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

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

base::Result<VirtualGateway> VirtualGateway::open(const VirtualGatewayPlan& plan, const Address& server,
                                                  std::uint32_t counter_offset) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server.port);
  if (::inet_pton(AF_INET, server.host.c_str(), &to.sin_addr) != 1)
    return base::fail("socket", fmt::format("'{}' is no IPv4 address", server.host));
  const int handle = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (handle < 0 || ::connect(handle, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    const auto problem = fmt::format("{}:{}: {}", server.host, server.port, std::strerror(errno));
    if (handle >= 0) ::close(handle);
    return base::fail("socket", problem);
  }
  return VirtualGateway(plan, handle, counter_offset);
}

VirtualGateway::VirtualGateway(const VirtualGatewayPlan& plan, int socket, std::uint32_t counter_offset)
    : plan_(&plan), socket_(socket), counter_offset_(counter_offset), unacknowledged_(kTokens), waiting_(kTokens) {}

VirtualGateway::~VirtualGateway() {
  if (socket_ >= 0) ::close(socket_);
}

VirtualGateway::VirtualGateway(VirtualGateway&& other) noexcept
    : plan_(other.plan_),
      socket_(std::exchange(other.socket_, -1)),
      counter_offset_(other.counter_offset_),
      token_(other.token_),
      unacknowledged_(std::move(other.unacknowledged_)),
      waiting_(std::move(other.waiting_)),
      busy_until_(other.busy_until_),
      received_(other.received_),
      acknowledged_(other.acknowledged_),
      pushed_(other.pushed_),
      downlinks_(other.downlinks_) {}

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

void VirtualGateway::send(base::ByteView datagram) {
  // A server that is down refuses (ECONNREFUSED): a packet forwarder does not mind either.
  [[maybe_unused]] const auto sent = ::send(socket_, datagram.data(), datagram.size(), MSG_NOSIGNAL);
}

void VirtualGateway::pull() { send(ingest::encode_pull_data(kProtocolVersion, ++token_, plan_->id)); }

void VirtualGateway::report(base::Timestamp now) {
  ingest::GatewayStat stat;
  stat.rx_received = received_;
  stat.rx_ok = received_;
  stat.rx_forwarded = received_;
  stat.tx_emitted = static_cast<std::uint32_t>(downlinks_);
  if (pushed_ > 0) stat.ack_rate_permille = std::min(1000U, acknowledged_ * 1000 / pushed_);
  stat.latitude = plan_->place.latitude;
  stat.longitude = plan_->place.longitude;
  waiting_[static_cast<std::uint16_t>(token_ + 1)] = false;
  send(ingest::encode_push_data(kProtocolVersion, ++token_, plan_->id, {}, &stat, now));
  received_ = acknowledged_ = pushed_ = 0;
}

void VirtualGateway::receive(base::Timestamp now, const OnAck& on_ack, const OnAir& on_air) {
  std::array<std::uint8_t, 2048> buffer;
  for (int i = 0; i < 256; ++i) {
    const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (size < 0) {
      // Asynchronous "connection refused" of an earlier send: the next call goes on.
      if (errno == ECONNREFUSED) continue;
      return;
    }
    const auto message = ingest::decode_server_message(base::ByteView(buffer).first(static_cast<std::size_t>(size)));
    if (!message) continue;
    if (message->type == ingest::PacketType::push_ack && waiting_[message->token]) {
      waiting_[message->token] = false;
      ++acknowledged_;
      on_ack(unacknowledged_[message->token]);
    }
    if (message->type == ingest::PacketType::pull_resp) emit(*message, now, on_air);
  }
}

void VirtualGateway::emit(const ingest::ServerMessage& message, base::Timestamp now, const OnAir& on_air) {
  const auto ahead = message.tmst ? static_cast<std::int32_t>(*message.tmst - counter_at(now)) : 0;
  const auto start = now + base::Duration{ahead};
  if (ahead < 0) return send(ingest::encode_tx_ack(message.token, plan_->id, "TOO_LATE"));
  if (start < busy_until_) return send(ingest::encode_tx_ack(message.token, plan_->id, "COLLISION_PACKET"));
  busy_until_ = start + airtime_of(message);
  ++downlinks_;
  send(ingest::encode_tx_ack(message.token, plan_->id, "NONE"));
  on_air({message.phy_payload, message.frequency_hz, static_cast<int>(message.rate.spreading_factor), start});
}

}  // namespace lenne::app::simulate
