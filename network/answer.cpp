#include "network/answer.hpp"

#include <algorithm>
#include <vector>

#include "base/time.hpp"
#include "network/downlink.hpp"
#include "network/frame_counter.hpp"
#include "network/lorawan/build.hpp"
#include "network/lorawan/mac_command.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

// LinkCheckAns (5.1): dB over the demodulation floor, -7.5 dB at SF7 and 2.5 dB less per step.
[[nodiscard]] std::uint8_t margin_of(const v1::NetworkCopy& copy) {
  const auto factor = copy.data_rate().spreading_factor();
  if (factor < 7) return 0;
  const auto floor_tenths = -75 - 25 * (static_cast<std::int32_t>(factor) - 7);
  return static_cast<std::uint8_t>(std::clamp((copy.hearing().snr_tenths_db() - floor_tenths) / 10, 0, 254));
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
    constexpr std::int64_t kSecondUs = 1'000'000;
    lorawan::append_command(commands,
                            lorawan::DeviceTimeAns{static_cast<std::uint32_t>(us / kSecondUs),
                                                   static_cast<std::uint8_t>(us % kSecondUs * 256 / kSecondUs)});
  }
  return commands;
}

}  // namespace

void answer(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission) {
  if (!transmission.confirmed() && !transmission.answer_due()) return;
  if (!entry.row.has_active() || entry.row.active().id() != transmission.session())
    return step.count("network.downlink.session_over");
  const auto* region = region_of(entry);
  const Candidate candidate{&entry, false};
  auto& session = candidate.session();
  const auto keys = keys_of(candidate, step.services.vault);
  if (region == nullptr || !keys) return step.count("network.downlink.no_keys");
  if (session.next_f_cnt_down() >= kFCntEnd) return step.count("network.downlink.f_cnt_exhausted");

  const auto commands = commands_for(step, transmission);
  constexpr std::size_t kEmptyFrame = 12;
  const ReceiveWindows windows{session.rx1_delay_s(), session.rx1_dr_offset(), session.rx2_data_rate(),
                               session.rx2_frequency_hz()};
  auto ways = ways_of(step, *region, transmission, windows, kEmptyFrame + commands.size());
  const auto in_time = [&](const v1::NetworkWay& way) { return way.not_after_us() > step.state.now_us; };
  // No counter is spent on a frame that cannot leave.
  if (std::ranges::none_of(ways, in_time))
    return step.count(ways.empty() ? "network.downlink.no_path" : "network.downlink.too_late");

  const auto f_cnt = static_cast<std::uint32_t>(session.next_f_cnt_down());
  lorawan::DataSpec spec;
  spec.direction = lorawan::Direction::down;
  spec.dev_addr = {session.dev_addr()};
  spec.ack = transmission.confirmed();
  spec.f_cnt = f_cnt;
  spec.f_opts = commands;
  const auto phy = lorawan::build_data(step.services.aes, lorawan::Version::v1_0, **keys, spec);
  if (!phy) return step.count("network.downlink.not_built");
  session.set_next_f_cnt_down(session.next_f_cnt_down() + 1);
  step.state.devices.touch(entry);

  v1::NetworkDownlink downlink;
  downlink.set_phy_payload(phy->data(), phy->size());
  downlink.set_f_cnt_down(f_cnt);
  downlink.set_dev_addr(session.dev_addr());
  downlink.set_input_offset(transmission.input_offset());
  for (auto& way : ways) *downlink.add_ways() = std::move(way);
  start_downlink(step, entry, std::move(downlink));
}

}  // namespace lenne::network
