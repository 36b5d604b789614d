#include "gateway.hpp"

#include <algorithm>

#include "dice.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;

// Semtech's jitqueue: what starts sooner cannot be programmed any more, what starts later is refused.
constexpr base::Duration kStartDelay = 1500us;
constexpr base::Duration kMargin = 1ms;
constexpr base::Duration kTooEarly = 180s;
constexpr int kWeakAmplifierDbm = 16;

base::Bytes packed(const ingest::SocketAddress& from, const base::Bytes& datagram) {
  base::Bytes bytes{static_cast<std::uint8_t>(from.port >> 8), static_cast<std::uint8_t>(from.port)};
  bytes.insert(bytes.end(), datagram.begin(), datagram.end());
  return bytes;
}

ingest::SocketAddress with_port(const ingest::SocketAddress& address, base::ByteView packed) {
  auto from = address;
  from.port = base::read_be<std::uint16_t>(packed);
  return from;
}

}  // namespace

Gateway::Gateway(EventQueue& queue, Air& air, const GatewayPlan& plan, std::size_t number, base::Random random,
                 Facts& facts, Tally& tally, ToServer to_server)
    : queue_(queue),
      air_(air),
      plan_(plan),
      number_(number),
      random_(random),
      facts_(facts),
      tally_(tally),
      to_server_(std::move(to_server)),
      address_{{10, 0, 0, static_cast<std::uint8_t>(number + 1)}, 40'000},
      // A datagram keeps the address that it was sent from, whatever the gateway's is when it arrives.
      up_(queue, plan.link, random.fork(1), tally,
          [this](const base::Bytes& bytes) {
            to_server_(with_port(address_, bytes), base::ByteView(bytes).subspan(2));
          }),
      down_(queue, plan.link, random.fork(2), tally, [this](const base::Bytes& bytes) { take(bytes); }),
      booted_(queue.now()),
      first_tmst_(plan.first_tmst) {}

void Gateway::start() {
  air_.add(*this);
  queue_.after(between(random_, {}, 5s), [this] { pull(); });
  queue_.after(between(random_, {}, 30s), [this] { report(); });
  if (plan_.restart_every > base::Duration{})
    queue_.after(pause_of(random_, plan_.restart_every), [this] { restart(); });
  if (plan_.moves_every > base::Duration{}) queue_.after(pause_of(random_, plan_.moves_every), [this] { move(); });
}

bool Gateway::owns(const ingest::SocketAddress& address) const { return address.ip == address_.ip; }

std::uint32_t Gateway::counter_at(base::Timestamp t) const {
  const auto elapsed = static_cast<double>((t - booted_).count()) * (1 + plan_.drift_ppm * 1e-6);
  return first_tmst_ + static_cast<std::uint32_t>(static_cast<std::uint64_t>(elapsed));
}

base::Timestamp Gateway::time_of(std::uint32_t tmst) const {
  const auto ahead = static_cast<std::int32_t>(tmst - counter_at(queue_.now()));
  return queue_.now() + base::Duration{static_cast<std::int64_t>(ahead / (1 + plan_.drift_ppm * 1e-6))};
}

void Gateway::send(base::Bytes datagram) { up_.send(packed(address_, datagram)); }

void Gateway::pull() {
  if (on_) send(ingest::encode_pull_data(plan_.version, ++token_, plan_.id));
  queue_.after(10s, [this] { pull(); });
}

void Gateway::report() {
  if (on_) {
    ingest::GatewayStat stat;
    stat.rx_ok = static_cast<std::uint32_t>(facts_.forwarded.size());
    send(ingest::encode_push_data(plan_.version, ++token_, plan_.id, {}, &stat, queue_.now()));
  }
  queue_.after(30s, [this] { report(); });
}

void Gateway::restart() {
  tally_.count(Happening::gateway_restart);
  on_ = false;
  waiting_.clear();
  waiting_facts_.clear();
  pushed_.clear();
  planned_.clear();
  queue_.after(between(random_, 1s, 20s), [this] { boot_up(); });
}

void Gateway::boot_up() {
  on_ = true;
  ++boot_;
  booted_ = queue_.now();
  first_tmst_ = static_cast<std::uint32_t>(between(random_, {}, 5s).count());
  if (on_) send(ingest::encode_pull_data(plan_.version, ++token_, plan_.id));
  queue_.after(pause_of(random_, plan_.restart_every), [this] { restart(); });
}

void Gateway::move() {
  tally_.count(Happening::gateway_moved);
  ++address_.port;
  queue_.after(pause_of(random_, plan_.moves_every), [this] { move(); });
}

bool Gateway::sent_between(base::Timestamp from, base::Timestamp to) const {
  return std::ranges::any_of(planned_, [&](const Span& span) { return span.start < to && span.end > from; });
}

void Gateway::hear(const Emission& emission, const Heard& heard) {
  ingest::RxFrame frame;
  frame.size = static_cast<std::uint8_t>(emission.phy.size());
  std::ranges::copy(emission.phy, frame.payload.begin());
  frame.coding_rate = 5;
  frame.tmst = counter_at(emission.end);
  if (frame.tmst < counter_at(emission.end - 10s) && emission.end - booted_ > 10s)
    tally_.count(Happening::counter_wrap);
  frame.frequency_hz = heard.frequency_hz;
  frame.rate = {static_cast<std::uint32_t>(emission.spreading_factor), 125'000, 0};
  frame.rssi_dbm = heard.rssi_dbm;
  frame.snr_tenths_db = heard.snr_tenths_db;
  if (plan_.gps) {
    frame.gps_time_us = std::chrono::floor<std::chrono::milliseconds>(base::to_gps(emission.end)).count() * 1000;
    frame.gateway_time = emission.end;
  }
  waiting_facts_.push_back(facts_.forwarded.size());
  facts_.forwarded.push_back({number_, frame.tmst, frame.frequency_hz, emission.phy, emission.end, false});
  waiting_.push_back(frame);
  if (waiting_.size() == 1)
    queue_.after(between(random_, 1ms, 10ms), [this, boot = boot_] {
      if (boot == boot_ && on_) flush();
    });
}

void Gateway::flush() {
  if (waiting_.empty()) return;
  pushed_[++token_] = std::exchange(waiting_facts_, {});
  send(ingest::encode_push_data(plan_.version, token_, plan_.id, waiting_));
  waiting_.clear();
}

void Gateway::from_server(const ingest::SocketAddress& to, base::Bytes datagram) {
  if (to == address_) return down_.send(std::move(datagram));
  tally_.count(Happening::datagram_lost);  // to where it was before
}

void Gateway::take(const base::Bytes& datagram) {
  if (!on_) return;
  const auto message = ingest::decode_server_message(datagram);
  if (!message) return facts_.problems.push_back("a gateway got a datagram that no server sends");
  switch (message->type) {
    case ingest::PacketType::push_ack:
      if (const auto found = pushed_.find(message->token); found != pushed_.end()) {
        for (const auto index : found->second) facts_.forwarded[index].acknowledged = true;
        pushed_.erase(found);
      }
      return;
    case ingest::PacketType::pull_resp:
      return take_response(*message);
    default:
      return;
  }
}

std::string_view Gateway::judge(const ingest::ServerMessage& message, const Span& span) {
  if (random_.chance(plan_.beacon)) return "COLLISION_BEACON";
  if (random_.chance(plan_.unlocked)) return "GPS_UNLOCKED";
  if (plan_.low_power && message.power_dbm > kWeakAmplifierDbm) return "TX_POWER";
  if (span.start < queue_.now() + kStartDelay) return "TOO_LATE";
  if (span.start > queue_.now() + kTooEarly) return "TOO_EARLY";
  const bool taken = std::ranges::any_of(planned_, [&](const Span& other) {
    return span.start < other.end + kMargin && other.start < span.end + kMargin;
  });
  return taken ? "COLLISION_PACKET" : "NONE";
}

void Gateway::take_response(const ingest::ServerMessage& message) {
  while (!planned_.empty() && planned_.front().end < queue_.now() - 10s) planned_.pop_front();
  const auto start = message.tmst ? time_of(*message.tmst) : queue_.now() + 2 * kStartDelay;
  const Span span{
      start, start + airtime_of(static_cast<int>(message.rate.spreading_factor), message.phy_payload.size(), false)};
  const auto word = judge(message, span);
  if (word == "TOO_LATE")
    tally_.count(Happening::tx_too_late);
  else if (word == "COLLISION_PACKET")
    tally_.count(Happening::tx_collision);
  else if (word != "NONE")
    tally_.count(Happening::tx_other_error);
  if (plan_.version == 2)
    send(ingest::encode_tx_ack(message.token, plan_.id, random_.chance(0.2) && word == "NONE" ? "" : word));
  if (word != "NONE") return note_refusal(message);
  planned_.push_back(span);
  queue_.at(span.start, [this, message, span, boot = boot_] {
    if (boot == boot_ && on_) emit(message, span);
  });
}

void Gateway::note_refusal(const ingest::ServerMessage& message) {
  auto& responses = facts_.responses;
  const auto found = std::find_if(responses.rbegin(), responses.rend(), [&](const PullResponse& response) {
    return response.gateway == number_ && response.tmst == message.tmst && response.phy == message.phy_payload &&
           !response.refused_at;
  });
  if (found != responses.rend()) found->refused_at = queue_.now();
}

void Gateway::emit(const ingest::ServerMessage& message, const Span& span) {
  tally_.count(Happening::tx_sent);
  Emission emission;
  emission.sender = plan_.id.value;
  emission.from = plan_.place;
  emission.dbm = message.power_dbm;
  emission.frequency_hz = message.frequency_hz;
  emission.spreading_factor = static_cast<int>(message.rate.spreading_factor);
  emission.phy = message.phy_payload;
  facts_.emissions.push_back(
      {number_, span.start, span.end, message.frequency_hz, emission.spreading_factor, message.phy_payload});
  air_.send_down(std::move(emission));
  if (!message.inverted || !message.without_crc)
    facts_.problems.push_back("a downlink with an uplink's polarity or CRC");
}

}  // namespace lenne::sim
