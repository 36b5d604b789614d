#include "network/answer.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "network/adr.hpp"
#include "network/data_downlink.hpp"
#include "network/downlink.hpp"
#include "network/lorawan/mac_command.hpp"
#include "network/mac_requests.hpp"
#include "network/queue.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

constexpr std::size_t kMaxFOpts = 15;

// LinkCheckAns (5.1): dB over the demodulation floor.
[[nodiscard]] std::uint8_t margin_of(const v1::NetworkCopy& copy) {
  const auto factor = copy.data_rate().spreading_factor();
  if (factor < 7 || factor > 12) return 0;
  return static_cast<std::uint8_t>(
      std::clamp((copy.hearing().snr_tenths_db() - required_snr_tenths(factor)) / 10, 0, 254));
}

// DeviceTimeAns (5.9): any copy's GPS time, else the arrival of the first copy; the end of the uplink.
[[nodiscard]] base::GpsTime gps_time_of(const Step& step, const v1::NetworkTransmission& transmission) {
  for (const auto& copy : transmission.copies()) {
    if (event_time(step.services.settings, copy.hearing()).source == v1::TIME_SOURCE_GATEWAY_GPS) {
      return base::GpsTime{copy.hearing().gps_time_us()};
    }
  }
  return base::to_gps(base::from_us(transmission.copies(0).hearing().received_us()));
}

[[nodiscard]] base::Bytes commands_for(const Step& step, const v1::NetworkTransmission& transmission) {
  base::Bytes commands;
  if (transmission.link_check()) {
    const auto copies = ranked(transmission);
    const auto count = std::min<std::size_t>(copies.size(), 255);
    lorawan::append_command(commands,
                            lorawan::LinkCheckAns{margin_of(*copies.front()), static_cast<std::uint8_t>(count)});
  }
  if (transmission.device_time()) {
    const auto us = gps_time_of(step, transmission).count();
    using base::kSecondUs;
    lorawan::append_command(commands,
                            lorawan::DeviceTimeAns{static_cast<std::uint32_t>(us / kSecondUs),
                                                   static_cast<std::uint8_t>(us % kSecondUs * 256 / kSecondUs)});
  }
  return commands;
}

[[nodiscard]] bool reachable(const v1::NetworkTransmission& transmission) {
  return std::ranges::any_of(transmission.copies(), [](const auto& copy) { return copy.instance() != 0; });
}

void tell_waiting(Step& step, DeviceEntry& entry) {
  step.count("network.queue.too_long_now");
  warn(step, entry, "downlink_waits",
       std::to_string(entry.row.queue(0).payload().size()) + " bytes are too long for the device's data rate now", 0);
}

// What one frame may carry, and whether that is worth a frame.
struct Offer {
  bool from_queue = false;
  bool with_requests = false;
};

}  // namespace

std::size_t answer(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission) {
  const bool wanted = transmission.confirmed() || transmission.answer_due();
  if (!entry.row.has_active() || entry.row.active().id() != transmission.session()) {
    if (wanted) step.count("network.downlink.session_over");
    return 0;
  }
  const auto* region = region_of(entry);
  if (region == nullptr) return 0;
  const auto& session = entry.row.active();
  const auto answers = commands_for(step, transmission);
  const auto requests = due_requests(step, entry, kMaxFOpts - answers.size());
  const bool item = next_in_queue(entry) != nullptr;

  const ReceiveWindows windows{session.rx1_delay_s(), session.rx1_dr_offset(), session.rx2_data_rate(),
                               session.rx2_frequency_hz()};
  // The fullest frame that some way can still carry in time. What is left out waits for the next one.
  bool worth = false;
  for (const auto& [from_queue, with_requests] : {Offer{true, true}, Offer{true, false}, Offer{false, true}, Offer{}}) {
    if ((from_queue && !item) || (with_requests && requests.commands.empty())) continue;
    if (!wanted && !from_queue && !(with_requests && requests.urgent)) continue;
    worth = true;
    auto f_opts = answers;
    if (with_requests) f_opts.insert(f_opts.end(), requests.commands.begin(), requests.commands.end());
    auto ways = ways_of(step, *region, transmission, windows, frame_size(entry, f_opts.size(), from_queue));
    // No counter is spent on a frame that cannot leave.
    if (std::ranges::none_of(ways, [&](const auto& way) { return way.not_after_us() > step.state.now_us; })) continue;
    auto downlink =
        build_data_downlink(step, entry, {.ack = transmission.confirmed(), .f_opts = f_opts, .from_queue = from_queue},
                            transmission.input_offset());
    if (!downlink) return 0;
    if (with_requests) asked(step, entry, requests);
    if (item && !from_queue) tell_waiting(step, entry);
    for (auto& way : ways) *downlink->add_ways() = std::move(way);
    const auto size = downlink->phy_payload().size();
    start_downlink(step, entry, std::move(*downlink));
    return size;
  }
  if (worth) step.count(reachable(transmission) ? "network.downlink.too_late" : "network.downlink.no_path");
  return 0;
}

}  // namespace lenne::network
