#include "network/join.hpp"

#include <array>
#include <optional>
#include <string>

#include "base/slot.hpp"
#include "network/dev_nonces.hpp"
#include "network/downlink.hpp"
#include "network/lorawan/build.hpp"
#include "network/versions.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

// 1.0.4: strictly greater than the last accepted one; before: never seen (6.2.5 of 1.0.4, 6.2.4 of 1.0.2). A device
// that changes its version does not get used nonces back.
[[nodiscard]] bool acceptable(const v1::NetworkJoinMemory& memory, std::uint16_t nonce) {
  return nonce >= memory.next_dev_nonce() && !seen_dev_nonce(memory.seen_dev_nonces(), nonce);
}

void remember(v1::NetworkJoinMemory& memory, MacVersion version, std::uint16_t nonce) {
  if (version == MacVersion::v1_0_4) {
    memory.set_next_dev_nonce(std::uint32_t{nonce} + 1);
  } else {
    mark_dev_nonce(*memory.mutable_seen_dev_nonces(), nonce);
  }
}

struct Address {
  std::uint32_t join_nonce;
  base::DevAddr address;
};

// The next JoinNonce whose address is not crowded: a JoinNonce may be skipped, never used twice.
[[nodiscard]] std::optional<Address> choose_address(const Step& step, base::DevEui eui, std::uint32_t last_join_nonce) {
  constexpr std::uint32_t kTries = 16;
  for (std::uint32_t i = 1; i <= kTries && last_join_nonce + i <= lorawan::kMaxJoinNonce; ++i) {
    const auto nonce = last_join_nonce + i;
    const auto address = lorawan::make_dev_addr(step.services.addresses, base::slot_of(eui), eui, nonce);
    if (step.state.devices.crowd(address) < step.services.settings.sessions_per_address) return Address{nonce, address};
  }
  return std::nullopt;
}

[[nodiscard]] v1::NetworkSession make_session(Step& step, const DeviceEntry& entry, const lorawan::Region& region,
                                              const base::crypto::Key128& app_key, const Address& chosen,
                                              std::uint16_t dev_nonce) {
  const auto& settings = step.services.settings;
  const auto keys =
      lorawan::derive_session_1_0(step.services.aes, app_key, chosen.join_nonce, settings.net_id, dev_nonce);
  const std::array all{keys.f_nwk_s_int_key, keys.s_nwk_s_int_key, keys.nwk_s_enc_key, keys.app_s_key};
  const auto wrapped = step.services.vault.wrap(all);
  v1::NetworkSession session;
  session.set_id(session_id(entry.eui(), v1::ACTIVATION_OTAA, chosen.address, chosen.join_nonce));
  session.set_dev_addr(chosen.address.value);
  session.set_wrapped_keys(wrapped.data(), wrapped.size());
  session.set_rx1_delay_s(settings.rx1_delay_s);
  session.set_rx1_dr_offset(settings.rx1_dr_offset);
  session.set_rx2_data_rate(settings.rx2_data_rate);
  session.set_rx2_frequency_hz(region.rx2_hz);
  return session;
}

void accept_join(Step& step, DeviceEntry& entry, const lorawan::Region& region, const base::crypto::Key128& app_key,
                 const Address& chosen, const lorawan::JoinRequest& request, v1::NetworkTransmission& transmission) {
  auto session = make_session(step, entry, region, app_key, chosen, request.dev_nonce);
  auto& join = *transmission.mutable_join();
  join.set_dev_nonce(request.dev_nonce);
  join.set_join_nonce(chosen.join_nonce);
  join.set_dev_addr(chosen.address.value);
  join.set_session(session.id());
  join.set_join_eui(request.join_eui.value);
  transmission.set_session(session.id());
  transmission.set_dev_addr(chosen.address.value);
  // The old session stays until the device is heard under the new keys; only the newest pending one counts.
  step.state.devices.set_pending(entry, std::move(session));
  step.count("network.joins");
}

}  // namespace

base::Result<base::crypto::Key128> app_key_of(const Step& step, const v1::Device& device) {
  const auto keys = step.services.vault.unwrap(base::as_bytes(device.wrapped_root_keys()));
  if (!keys) return std::unexpected(keys.error());
  if (keys->empty()) return base::fail("key_unwrap", "a device has at least an AppKey");
  return keys->front();
}

void handle_join_request(Step& step, const v1::GatewayFrame& frame, const lorawan::JoinRequest& request) {
  auto* entry = step.state.devices.find(request.dev_eui);
  if (entry == nullptr) return refuse(step, "unknown_device");
  const auto refused = [&](std::string_view code, std::string_view message) {
    refuse(step, *entry, code, message, frame.gateway_id());
  };
  const auto& device = entry->row.device();
  const auto version = mac_version_of(device.mac_version());
  const auto* region = region_of(*entry);
  if (device.activation() != v1::ACTIVATION_OTAA) return refused("not_otaa", "a device with fixed keys does not join");
  if (!version || region == nullptr)
    return refused("device_unusable", "its version or region is not supported any more");

  const HeardFrame heard(frame);
  const auto copy = copy_of(frame, step.received_us);
  if (take_copy(step, *entry, heard, copy) == Known::copy) return;
  if (device.join_eui() != request.join_eui.value)
    return refused("join_eui", "JoinEUI " + base::to_hex(request.join_eui) + " is not the device's");
  const auto app_key = app_key_of(step, device);
  if (!app_key) return refused("key_unwrap", app_key.error().message);
  // The MIC first: a forged request must not use up a nonce.
  if (lorawan::plain_mic(step.services.aes, *app_key, request.message) != request.mic)
    return refused("join_mic", "wrong AppKey, or forged");

  const auto* known = step.state.devices.find_memory(request.dev_eui);
  const auto before = known == nullptr ? v1::NetworkJoinMemory{} : *known;
  if (!acceptable(before, request.dev_nonce)) {
    return refused("dev_nonce_used",
                   "DevNonce " + std::to_string(request.dev_nonce) + " was used before, or is below the last one");
  }
  const auto chosen = choose_address(step, request.dev_eui, before.last_join_nonce());
  if (!chosen) return refused("join_nonce_exhausted", "no JoinNonce or no free DevAddr is left");

  auto& memory = step.state.devices.memory(request.dev_eui);
  memory.set_last_join_nonce(chosen->join_nonce);
  remember(memory, *version, request.dev_nonce);
  auto& transmission = open_window(step, *entry, heard, copy);
  accept_join(step, *entry, *region, *app_key, *chosen, request, transmission);
}

void finish_join(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission) {
  const auto& join = transmission.join();
  const auto& first = transmission.copies(0).hearing();
  const auto time = event_time(step.services.settings, first);
  auto event = make_event(step, entry, time.us, first.received_us(), transmission.input_offset());
  auto& told = *event.mutable_join();
  told.set_dev_addr(join.dev_addr());
  told.set_join_eui(join.join_eui());
  told.set_dev_nonce(join.dev_nonce());
  told.set_join_nonce(join.join_nonce());
  told.set_session(join.session());
  step.state.outbox.event(event);

  const auto* region = region_of(entry);
  const auto app_key = app_key_of(step, entry.row.device());
  if (!entry.row.has_pending() || entry.row.pending().id() != join.session())
    return step.count("network.downlink.session_over");
  if (region == nullptr || !app_key) return step.count("network.downlink.no_keys");

  const auto& settings = step.services.settings;
  lorawan::JoinAccept accept;
  accept.join_nonce = join.join_nonce();
  accept.net_id = settings.net_id;
  accept.dev_addr = {join.dev_addr()};
  accept.dl_settings = {
      .opt_neg = false, .rx1_dr_offset = settings.rx1_dr_offset, .rx2_data_rate = settings.rx2_data_rate};
  accept.rx_delay = settings.rx1_delay_s;
  if (!settings.extra_channels_hz.empty()) accept.cf_list = lorawan::make_cf_list(*region, settings.extra_channels_hz);
  const auto phy = lorawan::build_join_accept(step.services.aes, *app_key, *app_key, accept);

  v1::NetworkDownlink downlink;
  downlink.set_phy_payload(phy.data(), phy.size());
  downlink.set_join_accept(true);
  downlink.set_input_offset(transmission.input_offset());
  // A device that joins listens with the region's own parameters: what the accept says counts only after it.
  const ReceiveWindows windows{region->join_accept_delay1_s, 0, region->rx2_data_rate, region->rx2_hz};
  for (auto& way : ways_of(step, *region, transmission, windows, phy.size())) *downlink.add_ways() = std::move(way);
  start_downlink(step, entry, std::move(downlink));
}

}  // namespace lenne::network
