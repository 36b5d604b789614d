#include "device_mac.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "network/lorawan/region.hpp"

namespace lenne::sim {
namespace {

namespace lorawan = network::lorawan;

constexpr std::size_t kMaxFOpts = 15;
constexpr std::size_t kMostChannels = 16;
const std::vector<std::uint32_t> kJoinChannels{868'100'000, 868'300'000, 868'500'000};

// The counter on air stands for the smallest one above the last that has these low bits.
std::uint32_t full_counter(std::optional<std::uint32_t> last, std::uint16_t on_air) {
  if (!last) return on_air;
  const auto same = (*last & 0xffff0000U) | on_air;
  return same > *last ? same : same + 0x10000U;
}

}  // namespace

DeviceMac::DeviceMac(const DevicePlan& plan) : plan_(plan) {
  reset_parameters();
  new_keys_.push_back(plan.app_key);
  if (!plan.abp) return;
  session_ = Session{plan.abp->address, plan.abp->keys, plan.abp->first_f_cnt, {}};
  new_keys_.push_back(plan.abp->keys.f_nwk_s_int_key);
  new_keys_.push_back(plan.abp->keys.app_s_key);
}

void DeviceMac::reset_parameters() {
  rx_ = {};
  channels_ = kJoinChannels;
  nb_trans_ = plan_.transmissions;
  ordered_spreading_.reset();
  less_power_ = 0;
  owes_ack_ = false;
  answers_.clear();
  sticky_answers_.clear();
}

void DeviceMac::restart() {
  ++life_;
  pending_nonce_.reset();
  const auto session = session_;
  reset_parameters();
  if (!plan_.abp) {
    session_.reset();
  } else if (plan_.abp->resets) {
    session_ = Session{plan_.abp->address, plan_.abp->keys, 0, {}};
  } else {
    session_ = session;
  }
}

base::Bytes DeviceMac::join_request(std::uint16_t dev_nonce) {
  pending_nonce_ = dev_nonce;
  return lorawan::build_join_request(aes_, plan_.app_key, plan_.join_eui, plan_.eui, dev_nonce);
}

MadeUplink DeviceMac::uplink(std::optional<std::uint8_t> f_port, base::Bytes payload, bool confirmed,
                             const base::Bytes& requests) {
  auto& session = *session_;
  base::Bytes commands = sticky_answers_;
  const auto add = [&](const base::Bytes& more) {
    if (commands.size() + more.size() <= kMaxFOpts) commands.insert(commands.end(), more.begin(), more.end());
  };
  add(std::exchange(answers_, {}));
  add(requests);
  // FPort 0 carries commands alone, and then none stand in FOpts.
  const bool in_payload = f_port == 0;
  if (in_payload) payload = commands;
  lorawan::DataSpec spec;
  spec.confirmed = confirmed;
  spec.dev_addr = session.address;
  spec.adr = plan_.adr;
  spec.ack = std::exchange(owes_ack_, false);
  spec.f_cnt = session.next_up++;
  if (!in_payload) spec.f_opts = commands;
  spec.f_port = f_port;
  spec.payload = payload;
  auto phy = lorawan::build_data(aes_, lorawan::Version::v1_0, session.keys, spec);
  if (!phy) problem(fmt::format("own frame: {}", lorawan::to_text(phy.error())));
  return {phy.value_or(base::Bytes{}), session.address, spec.f_cnt, f_port, std::move(payload), confirmed};
}

Opened DeviceMac::open(base::ByteView phy) {
  const auto frame = lorawan::parse_frame(phy);
  if (!frame) {
    problem(fmt::format("a frame that is none: {}", lorawan::to_text(frame.error())));
    return {};
  }
  if (const auto* accept = std::get_if<lorawan::EncryptedJoinAccept>(&*frame)) return open_join_accept(*accept);
  if (const auto* data = std::get_if<lorawan::DataFrame>(&*frame)) return open_data(*data);
  problem("a downlink of an uplink's type");
  return {};
}

Opened DeviceMac::open_join_accept(const lorawan::EncryptedJoinAccept& frame) {
  if (!pending_nonce_) return {};
  const auto opened = lorawan::decrypt_join_accept(aes_, plan_.app_key, frame);
  if (!lorawan::join_accept_mic_valid(aes_, lorawan::Version::v1_0, plan_.app_key, opened)) return {};
  const auto& accept = opened.accept;
  // 1.0.4, 6.2.5: a JoinNonce that does not rise is ignored by the device. The network never gives one twice.
  if (last_join_nonce_ && accept.join_nonce <= *last_join_nonce_) {
    problem(fmt::format("JoinNonce {} after {}", accept.join_nonce, *last_join_nonce_));
    return {};
  }
  last_join_nonce_ = accept.join_nonce;
  session_ =
      Session{accept.dev_addr,
              lorawan::derive_session_1_0(aes_, plan_.app_key, accept.join_nonce, accept.net_id, *pending_nonce_),
              0,
              {}};
  new_keys_.push_back(session_->keys.f_nwk_s_int_key);
  new_keys_.push_back(session_->keys.app_s_key);
  pending_nonce_.reset();
  reset_parameters();
  rx_.rx1_delay_s = std::max<std::uint32_t>(accept.rx_delay, 1);
  rx_.rx1_dr_offset = accept.dl_settings.rx1_dr_offset;
  rx_.rx2_data_rate = accept.dl_settings.rx2_data_rate;
  if (accept.cf_list) {
    // Five frequencies of three bytes in units of 100 Hz, then the type, which is 0.
    const auto& list = *accept.cf_list;
    if (list[15] != 0) problem("a CFList of another type");
    for (std::size_t i = 0; i < 5; ++i) {
      const auto hz =
          (std::uint32_t{list[3 * i]} | std::uint32_t{list[3 * i + 1]} << 8 | std::uint32_t{list[3 * i + 2]} << 16) *
          100U;
      if (hz != 0) channels_.push_back(hz);
    }
  }
  Opened joined;
  joined.what = Opened::What::join_accept;
  return joined;
}

Opened DeviceMac::open_data(const lorawan::DataFrame& frame) {
  if (!session_ || frame.dev_addr != session_->address) return {};
  auto& session = *session_;
  Opened opened;
  opened.f_cnt = full_counter(session.last_down, frame.f_cnt);
  if (!lorawan::data_mic_valid(aes_, lorawan::Version::v1_0, session.keys, frame, {.f_cnt = opened.f_cnt})) {
    const bool used =
        session.last_down && lorawan::data_mic_valid(aes_, lorawan::Version::v1_0, session.keys, frame,
                                                     {.f_cnt = (*session.last_down & 0xffff0000U) | frame.f_cnt});
    opened.what = used ? Opened::What::replayed : Opened::What::bad_mic;
    return opened;
  }
  opened.what = Opened::What::data;
  session.last_down = opened.f_cnt;
  opened.ack = frame.ack;
  opened.confirmed = frame.confirmed;
  owes_ack_ = owes_ack_ || frame.confirmed;
  sticky_answers_.clear();
  opened.f_port = frame.f_port;
  if (frame.f_port) {
    opened.payload.resize(frame.frm_payload.size());
    lorawan::crypt_payload(aes_, lorawan::payload_key(session.keys, *frame.f_port), lorawan::Direction::down,
                           frame.dev_addr, opened.f_cnt, frame.frm_payload, opened.payload.data());
  }
  read_commands(frame.f_port == 0 ? base::ByteView(opened.payload) : frame.f_opts, opened);
  return opened;
}

template <typename Answer>
void DeviceMac::answer(const Answer& command, bool until_heard) {
  lorawan::append_command(until_heard ? sticky_answers_ : answers_, command);
}

void DeviceMac::read_commands(base::ByteView bytes, Opened& opened) {
  lorawan::MacCommandReader reader(lorawan::Version::v1_0, lorawan::Direction::down, bytes);
  while (const auto command = reader.next()) {
    if (const auto it = lorawan::decode_command<lorawan::LinkCheckAns>(*command)) opened.link_check = it;
    if (const auto it = lorawan::decode_command<lorawan::DeviceTimeAns>(*command)) opened.device_time = it;
    if (lorawan::decode_command<lorawan::DevStatusReq>(*command))
      answer(lorawan::DevStatusAns{.battery = 200, .margin_db = 7}, false);
    if (const auto it = lorawan::decode_command<lorawan::LinkAdrReq>(*command)) {
      const bool keeps = it->data_rate == 15;
      const bool rate_ok = keeps || it->data_rate <= 5;
      const bool mask_ok = it->ch_mask_cntl == 6 || (it->ch_mask_cntl == 0 && it->ch_mask != 0);
      const bool power_ok = it->tx_power <= 7 || it->tx_power == 15;
      answer(lorawan::LinkAdrAns{mask_ok, rate_ok, power_ok}, false);
      if (!rate_ok || !mask_ok || !power_ok) continue;
      if (!keeps) ordered_spreading_ = 12 - it->data_rate;
      if (it->tx_power != 15) less_power_ = 2 * it->tx_power;
      nb_trans_ = std::max<int>(it->nb_trans, 1);
      if (!plan_.adr) problem("a LinkADRReq although its ADR bit is off");
    }
    if (const auto it = lorawan::decode_command<lorawan::RxParamSetupReq>(*command)) {
      const bool hz_ok = it->frequency_hz >= 863'000'000 && it->frequency_hz <= 870'000'000;
      const bool rate_ok = it->rx2_data_rate <= 5;
      const bool offset_ok = it->rx1_dr_offset <= 5;
      answer(lorawan::RxParamSetupAns{hz_ok, rate_ok, offset_ok}, true);
      if (!hz_ok || !rate_ok || !offset_ok) continue;
      rx_.rx1_dr_offset = it->rx1_dr_offset;
      rx_.rx2_data_rate = it->rx2_data_rate;
      rx_.rx2_hz = it->frequency_hz;
    }
    if (const auto it = lorawan::decode_command<lorawan::RxTimingSetupReq>(*command)) {
      rx_.rx1_delay_s = std::max<std::uint32_t>(it->delay_s, 1);
      answer(lorawan::RxTimingSetupAns{}, true);
    }
    if (lorawan::decode_command<lorawan::DutyCycleReq>(*command)) answers_.push_back(0x04);
    if (const auto it = lorawan::decode_command<lorawan::NewChannelReq>(*command)) {
      const bool ok = it->index >= kJoinChannels.size() && it->index < kMostChannels && it->min_data_rate == 0 &&
                      it->max_data_rate >= 5;
      answer(lorawan::NewChannelAns{ok, ok}, false);
      if (!ok) continue;
      channels_.resize(std::max<std::size_t>(channels_.size(), it->index + 1U), kJoinChannels.front());
      channels_[it->index] = it->frequency_hz != 0 ? it->frequency_hz : kJoinChannels.front();
    }
    // This kind of device cannot listen elsewhere than where it sent.
    if (lorawan::decode_command<lorawan::DlChannelReq>(*command)) answer(lorawan::DlChannelAns{false, true}, true);
  }
  if (!reader.rest().empty()) problem("commands that cannot be read");
}

}  // namespace lenne::sim
