#include "network/mac_requests.hpp"

#include <algorithm>
#include <string>

#include "network/adr.hpp"
#include "network/radio.hpp"
#include "network/versions.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

// A device that says no as often is not asked again in this session.
constexpr std::uint32_t kRefusals = 3;
// Downlinks of their own that requests are worth while no answer comes; after that they travel with others.
constexpr std::uint32_t kUrgentTries = 3;

// Before 1.0.2 index 0 was 20 dBm, which EU868 sub-bands of devices do not allow, and there were six.
[[nodiscard]] PowerRange powers_of(const v1::Device& device, const lorawan::Region& region) {
  const auto version = mac_version_of(device.mac_version());
  const bool early = version && *version < MacVersion::v1_0_2;
  return early ? PowerRange{1, 5} : PowerRange{0, region.max_tx_power_index};
}

[[nodiscard]] RadioPlan plan_of(const v1::NetworkMac& mac) {
  return {mac.data_rate(), mac.tx_power(), std::max<std::uint32_t>(mac.nb_trans(), 1)};
}

void forget_history(v1::NetworkMac& mac) {
  mac.clear_snr_tenths_db();
  mac.clear_f_cnt_steps();
}

void tell_refusal(Step& step, const DeviceEntry& entry, std::string_view code, std::string_view message) {
  publish_log(step, subject_of(entry.row.device()), {.level = v1::LOG_LEVEL_WARNING, .code = code, .message = message});
}

void take_link_adr(Step& step, DeviceEntry& entry, v1::NetworkMac& mac, const lorawan::LinkAdrAns& answer) {
  if (!mac.has_asked_adr()) return step.count("network.mac.unasked");
  // All or nothing: with one bit missing the device has kept everything as it was (TS001-1.0.4, 5.2).
  if (answer.channel_mask_ok && answer.data_rate_ok && answer.power_ok) {
    step.count("network.mac.link_adr_accepted");
    mac.set_tx_power(mac.asked_adr().tx_power());
    mac.set_nb_trans(mac.asked_adr().nb_trans());
    mac.set_data_rate(mac.asked_adr().data_rate());
    mac.set_refused_adr(0);
    forget_history(mac);
  } else {
    step.count("network.mac.link_adr_refused");
    mac.set_refused_adr(mac.refused_adr() + 1);
    const auto missing = std::string(answer.channel_mask_ok ? "" : " channel mask") +
                         (answer.data_rate_ok ? "" : " data rate") + (answer.power_ok ? "" : " power");
    tell_refusal(step, entry, "link_adr_refused", "the device does not accept:" + missing);
  }
  mac.clear_asked_adr();
}

void take_rx_param(Step& step, DeviceEntry& entry, v1::NetworkMac& mac, const lorawan::RxParamSetupAns& answer) {
  // The device repeats its answer until it hears a downlink: the second one changes nothing.
  if (!mac.asked_rx_param()) return step.count("network.mac.unasked");
  mac.set_asked_rx_param(false);
  if (answer.channel_ok && answer.rx2_data_rate_ok && answer.rx1_dr_offset_ok) {
    step.count("network.mac.rx_param_accepted");
    const auto& settings = step.services.settings;
    auto& session = *entry.row.mutable_active();
    session.set_rx1_dr_offset(settings.rx1_dr_offset);
    session.set_rx2_data_rate(settings.rx2_data_rate);
    if (const auto* region = region_of(entry)) session.set_rx2_frequency_hz(region->rx2_hz);
    mac.set_refused_rx_param(0);
    return;
  }
  step.count("network.mac.rx_param_refused");
  mac.set_refused_rx_param(mac.refused_rx_param() + 1);
  tell_refusal(step, entry, "rx_param_refused", "the device keeps its receive window parameters");
}

[[nodiscard]] std::optional<v1::NetworkLinkAdr> wanted_adr(const Step& step, const DeviceEntry& entry,
                                                           const v1::NetworkMac& mac, const lorawan::Region& region) {
  const auto& settings = step.services.settings;
  if (!settings.adr || !mac.adr() || mac.refused_adr() >= kRefusals) return std::nullopt;
  const auto now = plan_of(mac);
  const auto plan = adapt(region, now, powers_of(entry.row.device(), region),
                          {{mac.snr_tenths_db().data(), static_cast<std::size_t>(mac.snr_tenths_db_size())},
                           {mac.f_cnt_steps().data(), static_cast<std::size_t>(mac.f_cnt_steps_size())}},
                          settings.adr_margin_db);
  if (plan == now) return std::nullopt;
  v1::NetworkLinkAdr wanted;
  wanted.set_data_rate(plan.data_rate);
  wanted.set_tx_power(plan.tx_power);
  wanted.set_nb_trans(plan.nb_trans);
  return wanted;
}

[[nodiscard]] bool wants_rx_param(const Step& step, const DeviceEntry& entry, const v1::NetworkMac& mac,
                                  const lorawan::Region& region) {
  const auto& settings = step.services.settings;
  const auto& session = entry.row.active();
  const bool same = session.rx1_dr_offset() == settings.rx1_dr_offset &&
                    session.rx2_data_rate() == settings.rx2_data_rate && session.rx2_frequency_hz() == region.rx2_hz;
  return !same && mac.refused_rx_param() < kRefusals;
}

[[nodiscard]] bool wants_status(const Step& step, const v1::NetworkMac& mac) {
  return step.services.settings.status_interval > base::Duration::zero() && mac.status_due_us() != 0 &&
         step.state.now_us >= mac.status_due_us();
}

void note(const Step& step, const lorawan::Region& region, const v1::NetworkTransmission& transmission,
          v1::NetworkMac& mac) {
  const auto& best = *ranked(transmission).front();
  const auto rate = lorawan::index_of(region, from_record(best.data_rate()), lorawan::Direction::up);
  if (!rate) return;
  if (mac.session() != transmission.session()) {
    mac.Clear();
    mac.set_session(transmission.session());
    mac.set_data_rate(*rate);
  }
  if (*rate != mac.data_rate()) {
    // A slower one that nobody asked for: the device has not heard us for long, and began with full power.
    if (*rate < mac.data_rate()) {
      mac.set_tx_power(0);
      mac.set_nb_trans(0);
    }
    mac.set_data_rate(*rate);
    forget_history(mac);
  }
  while (static_cast<std::size_t>(mac.snr_tenths_db_size()) >= kAdrHistory) {
    mac.mutable_snr_tenths_db()->erase(mac.snr_tenths_db().begin());
    mac.mutable_f_cnt_steps()->erase(mac.f_cnt_steps().begin());
  }
  mac.add_snr_tenths_db(best.hearing().snr_tenths_db());
  // Windows that were closed early may end in another order than they began.
  mac.add_f_cnt_steps(transmission.f_cnt() > mac.f_cnt() ? transmission.f_cnt() - mac.f_cnt() : 1);
  mac.set_f_cnt(std::max(mac.f_cnt(), transmission.f_cnt()));
  mac.set_adr(transmission.adr());
  const auto interval = step.services.settings.status_interval.count();
  if (mac.status_due_us() == 0 && interval > 0) mac.set_status_due_us(transmission.due_us() + interval);
}

/// A closed window that the row's radio does not tell of yet. Joins and repetitions say nothing about it.
[[nodiscard]] bool is_news(const Step& step, const v1::NetworkTransmission& transmission) {
  return !transmission.noted() && transmission.due_us() <= step.state.now_us && !transmission.has_join() &&
         transmission.ordinal() == 0;
}

/// As it is with all closed windows.
[[nodiscard]] v1::NetworkMac mac_now(const Step& step, const DeviceEntry& entry, const lorawan::Region& region) {
  auto mac = entry.row.mac();
  for (const auto& transmission : entry.row.transmissions()) {
    if (is_news(step, transmission)) note(step, region, transmission, mac);
  }
  return mac;
}

}  // namespace

void take_answers(Step& step, DeviceEntry& entry, const MacAnswers& answers) {
  if (!answers.link_adr && !answers.rx_param && !answers.status) return;
  auto& mac = *entry.row.mutable_mac();
  mac.set_unanswered(0);
  if (answers.link_adr) take_link_adr(step, entry, mac, *answers.link_adr);
  if (answers.rx_param) take_rx_param(step, entry, mac, *answers.rx_param);
  if (answers.status) mac.set_status_due_us(step.state.now_us + step.services.settings.status_interval.count());
}

void note_closed(const Step& step, DeviceEntry& entry) {
  const auto* region = region_of(entry);
  if (region == nullptr) return;
  for (auto& transmission : *entry.row.mutable_transmissions()) {
    if (!is_news(step, transmission)) continue;
    note(step, *region, transmission, *entry.row.mutable_mac());
    transmission.set_noted(true);
  }
}

MacRequests due_requests(const Step& step, const DeviceEntry& entry, std::size_t room) {
  MacRequests requests;
  const auto* region = region_of(entry);
  if (region == nullptr) return requests;
  const auto mac = mac_now(step, entry, *region);
  if (mac.session() != entry.row.active().id()) return requests;
  const auto fits = [&](std::size_t length) { return requests.commands.size() + 1 + length <= room; };
  if (fits(lorawan::RxParamSetupReq::kLength) && wants_rx_param(step, entry, mac, *region)) {
    const auto& settings = step.services.settings;
    lorawan::append_command(requests.commands,
                            lorawan::RxParamSetupReq{settings.rx2_data_rate, settings.rx1_dr_offset, region->rx2_hz});
    requests.rx_param = true;
  }
  if (fits(lorawan::LinkAdrReq::kLength)) {
    if (auto wanted = wanted_adr(step, entry, mac, *region)) {
      // All defined channels on: which ones a device has beside the default ones is its own matter.
      constexpr std::uint8_t kAllChannelsOn = 6;
      lorawan::append_command(requests.commands,
                              lorawan::LinkAdrReq{.data_rate = static_cast<std::uint8_t>(wanted->data_rate()),
                                                  .tx_power = static_cast<std::uint8_t>(wanted->tx_power()),
                                                  .ch_mask = 0,
                                                  .ch_mask_cntl = kAllChannelsOn,
                                                  .nb_trans = static_cast<std::uint8_t>(wanted->nb_trans())});
      requests.link_adr = std::move(wanted);
    }
  }
  if (fits(lorawan::DevStatusReq::kLength) && wants_status(step, mac))
    lorawan::append_command(requests.commands, lorawan::DevStatusReq{});
  requests.urgent = !requests.commands.empty() && mac.unanswered() < kUrgentTries;
  return requests;
}

void asked(const Step& step, DeviceEntry& entry, const MacRequests& requests) {
  if (requests.commands.empty()) return;
  note_closed(step, entry);  // a new session's first uplink forgets what was asked before it
  auto& mac = *entry.row.mutable_mac();
  mac.set_unanswered(mac.unanswered() + 1);
  if (requests.rx_param) mac.set_asked_rx_param(true);
  if (requests.link_adr) *mac.mutable_asked_adr() = *requests.link_adr;
}

}  // namespace lenne::network
