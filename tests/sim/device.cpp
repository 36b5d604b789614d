#include "device.hpp"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "dice.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;
namespace lorawan = network::lorawan;

// How far a downlink's start may be from where the device expects it.
constexpr base::Duration kTolerance = 20ms;
// RP002-1.0.4, 3.1: after it a class C device gives no ACK any more.
constexpr base::Duration kClassCResponseTimeout = 8s;
constexpr int kConfirmedTransmissions = 4;
constexpr int kJoinSpreadingRx2 = 12;
constexpr std::uint32_t kJoinRx2Hz = 869'525'000;
constexpr base::Duration kJoinDelay = 5s;

}  // namespace

Device::Device(EventQueue& queue, Air& air, const DevicePlan& plan, std::size_t number, int spreading_factor,
               base::Random random, Facts& facts, Tally& tally)
    : queue_(queue),
      air_(air),
      plan_(plan),
      number_(number),
      spreading_factor_(spreading_factor),
      random_(random),
      facts_(facts),
      tally_(tally),
      mac_(plan) {
  note_keys();
}

void Device::note_keys() {
  for (const auto& key : mac_.take_new_keys()) facts_.keys.push_back(key);
}

void Device::start(base::Timestamp until) {
  until_ = until;
  air_.add(*this);
  queue_.after(between(random_, 1s, plan_.interval), [this] { wake(); });
  if (plan_.restart_every > base::Duration{})
    queue_.after(pause_of(random_, plan_.restart_every), [this] { restart(); });
}

void Device::wake() {
  if (queue_.now() >= until_) return;
  queue_.after(1s + pause_of(random_, plan_.interval), [this] { wake(); });
  if (transaction_ || queue_.now() < sending_until_) return;
  if (mac_.has_session()) {
    send_uplink();
  } else {
    join();
  }
}

void Device::restart() {
  if (queue_.now() >= until_) return;
  tally_.count(Happening::device_restart);
  transaction_.reset();
  windows_ = {};
  receiving_.reset();
  must_answer_ = false;
  mac_.restart();
  queue_.after(pause_of(random_, plan_.restart_every), [this] { restart(); });
}

int Device::spreading() const { return mac_.ordered_spreading().value_or(spreading_factor_); }

void Device::join() {
  // Up to 1.0.3 a DevNonce is random; 1.0.4 counts, over restarts, too.
  auto nonce = plan_.mac_version == "1.0.4" ? ++next_nonce_ : static_cast<std::uint16_t>(random_.next());
  if (!used_nonces_.empty() && random_.chance(plan_.replays_nonce)) nonce = one_of(random_, used_nonces_);
  used_nonces_.push_back(nonce);
  transaction_ = Transaction{.phy = mac_.join_request(nonce), .join = true, .fact = facts_.joins.size(), .left = 1};
  ++transactions_;
  facts_.joins.push_back({number_, nonce, transaction_->phy, {}});
  transmit();
}

base::Bytes Device::payload() {
  // The first four bytes make each payload its own; the rest is what the schema of decoded devices reads.
  base::Bytes bytes(static_cast<std::size_t>(whole(random_, 6, 20)));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_.next());
  base::write_be(bytes.data(), ++made_);
  return bytes;
}

void Device::send_uplink() {
  Transaction next;
  base::Bytes requests;
  if (random_.chance(0.08)) {
    lorawan::append_command(requests, lorawan::LinkCheckReq{});
    next.link_check = true;
  }
  if (plan_.mac_version >= "1.0.3" && random_.chance(0.08)) {
    lorawan::append_command(requests, lorawan::DeviceTimeReq{});
    next.device_time = true;
  }
  // An answer to a request of long ago, such as one from before this network.
  if (random_.chance(0.03))
    lorawan::append_command(requests, lorawan::DevStatusAns{static_cast<std::uint8_t>(random_.below(256)), 5});
  std::optional<std::uint8_t> port = static_cast<std::uint8_t>(whole(random_, 1, 223));
  base::Bytes bytes;
  if (random_.chance(0.05)) {
    port.reset();
  } else if (random_.chance(0.05)) {
    port = 0;
  } else {
    bytes = payload();
  }
  next.confirmed = random_.chance(plan_.confirmed);
  must_answer_ = false;
  if (plan_.class_c && queue_.now() > ack_until_) mac_.forget_ack();
  const auto made = mac_.uplink(port, std::move(bytes), next.confirmed, requests);
  next.phy = made.phy;
  next.left = next.confirmed ? kConfirmedTransmissions : mac_.nb_trans();
  next.fact = facts_.uplinks.size();
  facts_.uplinks.push_back({.device = number_,
                            .dev_addr = made.dev_addr,
                            .f_cnt = made.f_cnt,
                            .f_port = made.f_port,
                            .payload = made.payload,
                            .confirmed = made.confirmed,
                            .phy = made.phy,
                            .life = mac_.life()});
  tally_.count(Happening::uplink);
  if (made.f_cnt == 65'536) tally_.count(Happening::f_cnt_wrap);
  if (plan_.abp && plan_.abp->shares_address) tally_.count(Happening::shared_address);
  transaction_ = std::move(next);
  ++transactions_;
  transmit();
}

void Device::transmit() {
  auto& transaction = *transaction_;
  --transaction.left;
  Emission emission;
  emission.sender = plan_.eui.value;
  emission.from = plan_.place;
  emission.frequency_hz = one_of(random_, mac_.channels());
  emission.spreading_factor = spreading();
  emission.dbm = kDeviceDbm - mac_.less_power();
  emission.phy = transaction.phy;
  windows_ = {};
  receiving_.reset();
  const auto hz = emission.frequency_hz;
  const auto end = air_.send_up(std::move(emission));
  sending_until_ = end;
  transaction.last_end = end;
  if (transaction.join) {
    facts_.joins[transaction.fact].end = end;
  } else if (auto& fact = facts_.uplinks[transaction.fact]; fact.first_end == base::Timestamp{}) {
    fact.first_end = end;
  }
  open_windows(end, hz, spreading());
}

void Device::open_windows(base::Timestamp end, std::uint32_t frequency_hz, int spreading_factor) {
  if (transaction_->join) {
    windows_[0] = {end + kJoinDelay, frequency_hz, spreading_factor};
    windows_[1] = {end + kJoinDelay + 1s, kJoinRx2Hz, kJoinSpreadingRx2};
  } else {
    const auto& rx = mac_.rx();
    const auto delay = base::Duration{std::chrono::seconds{rx.rx1_delay_s}};
    windows_[0] = {end + delay, frequency_hz, std::min(12, spreading_factor + static_cast<int>(rx.rx1_dr_offset))};
    windows_[1] = {end + delay + 1s, rx.rx2_hz, 12 - static_cast<int>(rx.rx2_data_rate)};
  }
  queue_.at(windows_[1]->start + kTolerance + 1us, [this, id = transactions_] { conclude(id); });
}

int Device::window_of(const Emission& emission) const {
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const auto& window = windows_[i];
    if (!window || window->frequency_hz != emission.frequency_hz ||
        window->spreading_factor != emission.spreading_factor)
      continue;
    const auto off = emission.start - window->start;
    if (off >= -kTolerance && off <= kTolerance) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool Device::begin(const Emission& emission) {
  if (queue_.now() < sending_until_ || receiving_) return false;
  const bool continuous = plan_.class_c && mac_.has_session() && emission.frequency_hz == mac_.rx().rx2_hz &&
                          emission.spreading_factor == 12 - static_cast<int>(mac_.rx().rx2_data_rate);
  if (window_of(emission) == 0 && !continuous) return false;
  receiving_ = emission.number;
  receiving_until_ = emission.start + airtime_of(emission.spreading_factor, emission.phy.size(), false);
  return true;
}

void Device::end(const Emission& emission, bool clean) {
  if (receiving_ != emission.number) return;
  receiving_.reset();
  const auto window = window_of(emission);
  if (!clean) return;
  const auto opened = mac_.open(emission.phy);
  for (auto& text : mac_.take_problems()) facts_.problems.push_back(std::move(text));
  note_keys();
  switch (opened.what) {
    case Opened::What::not_mine:
      return;
    case Opened::What::join_accept:
      return joined(window);
    case Opened::What::data:
      return accepted(opened, emission, window);
    case Opened::What::bad_mic:
      // A device that shares its address hears what is not its own; one that began anew may hear its former life.
      if (!plan_.abp || (!plan_.abp->shares_address && !plan_.abp->resets))
        problem(fmt::format("a downlink that no counter fits, FCnt {}", opened.f_cnt));
      return;
    case Opened::What::replayed:
      // The same frame again, through another gateway, is no harm in class C; class A has closed its receiver.
      if (!plan_.class_c && !(plan_.abp && plan_.abp->resets)) problem(fmt::format("FCntDown {} again", opened.f_cnt));
      return;
  }
}

void Device::joined(int window) {
  tally_.count(Happening::join);
  tally_.count(window == 1 ? Happening::rx1_delivery : Happening::rx2_delivery);
  transaction_->answered = true;
  finish();
  queue_.after(between(random_, 1s, 10s), [this] {
    if (!transaction_ && mac_.has_session() && queue_.now() < until_) send_uplink();
  });
}

void Device::accepted(const Opened& opened, const Emission& emission, int window) {
  facts_.delivered.push_back({number_, emission.start, mac_.address(), opened.f_cnt, opened.ack, opened.confirmed,
                              opened.f_port, opened.payload, mac_.life()});
  if (window == 1) tally_.count(Happening::rx1_delivery);
  if (window == 2) tally_.count(Happening::rx2_delivery);
  if (window == 0) tally_.count(Happening::class_c_delivery);
  if (opened.f_port && *opened.f_port > 0) tally_.count(Happening::app_downlink);
  if (window != 0 && transaction_ && !transaction_->join) {
    auto& fact = facts_.uplinks[transaction_->fact];
    if (opened.ack && !transaction_->confirmed && !plan_.class_c)
      problem(fmt::format("an ACK for FCnt {}, which wanted none", fact.f_cnt));
    if (opened.ack && transaction_->confirmed) {
      fact.acknowledged = true;
      transaction_->answered = true;
    }
    check_answers(opened);
    // Any downlink ends the repetitions of an unconfirmed uplink.
    if (!transaction_->confirmed || opened.ack) {
      transaction_->answered = true;
      finish();
    }
  }
  if (opened.confirmed) ack_until_ = queue_.now() + kClassCResponseTimeout;
  // A confirmed downlink is acknowledged soon, whether or not there is something to say.
  if (opened.confirmed && !must_answer_ && random_.chance(0.8)) {
    must_answer_ = true;
    queue_.after(between(random_, 2s, 6s), [this] {
      if (must_answer_ && !transaction_ && mac_.has_session() && queue_.now() < until_) send_uplink();
    });
  }
}

void Device::check_answers(const Opened& opened) {
  if (opened.link_check) {
    if (!transaction_->link_check) problem("a LinkCheckAns that nobody asked for");
    if (opened.link_check->gateway_count == 0) problem("a LinkCheckAns without a gateway");
    tally_.count(Happening::link_check);
  }
  if (opened.device_time) {
    if (!transaction_->device_time) problem("a DeviceTimeAns that nobody asked for");
    const auto told = static_cast<double>(opened.device_time->gps_seconds) + opened.device_time->fraction / 256.0;
    const auto truth = static_cast<double>(base::to_gps(transaction_->last_end).count()) / 1e6;
    // GPS time of the end of the uplink; without GPS the arrival, which a slow backhaul delays.
    if (told < truth - 0.01 || told > truth + 2.5) problem(fmt::format("DeviceTimeAns off by {} s", told - truth));
    tally_.count(Happening::device_time);
  }
}

void Device::conclude(std::uint64_t id) {
  if (!transaction_ || id != transactions_) return;
  if (receiving_) {  // it listens to the end first
    queue_.at(receiving_until_ + 1us, [this, id] { conclude(id); });
    return;
  }
  if (transaction_->answered || transaction_->left == 0) return finish();
  tally_.count(Happening::retransmission);
  queue_.after(between(random_, 1s, 3s), [this, id] {
    if (transaction_ && id == transactions_) transmit();
  });
}

void Device::finish() {
  const auto done = std::exchange(transaction_, std::nullopt);
  windows_ = {};
  if (done->join) {
    if (done->answered) return;
    mac_.give_up_join();
    tally_.count(Happening::join_lost);
    return;
  }
  if (done->confirmed) tally_.count(done->answered ? Happening::confirmed_up_acked : Happening::confirmed_up_unacked);
}

}  // namespace lenne::sim
