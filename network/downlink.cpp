#include "network/downlink.hpp"

#include <algorithm>
#include <array>

#include "base/hash.hpp"
#include "network/class_c.hpp"
#include "network/gateway_airtime.hpp"
#include "network/queue.hpp"
#include "network/radio.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

using base::kSecondUs;
// Answers later than this after the last moment of sending are not waited for.
constexpr std::int64_t kAnswerWaitUs = 10 * kSecondUs;

void add_way(std::vector<v1::NetworkWay>& ways, v1::NetworkWay way, const v1::NetworkCopy& copy,
             std::uint32_t rx_window, std::uint32_t delay_s) {
  *way.mutable_copy() = copy;
  way.set_rx_window(rx_window);
  const std::int64_t delay_us = std::int64_t{delay_s} * kSecondUs;
  way.set_tmst(copy.hearing().tmst() + static_cast<std::uint32_t>(delay_us));  // modulo 2^32, as the gateway counts
  way.set_not_after_us(copy.hearing().received_us() + delay_us);
  ways.push_back(std::move(way));
}

[[nodiscard]] std::uint64_t downlink_id(const DeviceEntry& entry, const v1::NetworkDownlink& downlink) {
  std::array<std::uint8_t, 25> name{};
  base::write_be(name.data(), entry.eui().value);
  base::write_be(name.data() + 8, downlink.input_offset());
  base::write_be(name.data() + 16, downlink.f_cnt_down());
  base::write_be(name.data() + 20, downlink.way());
  name[24] = downlink.join_accept() ? 1 : 0;
  return base::hash64(name);
}

[[nodiscard]] Timer timer_of(const DeviceEntry& entry, const v1::NetworkDownlink& downlink) {
  return {downlink.expires_us(), entry.eui().value, downlink.input_offset(), TimerKind::downlink};
}

void publish(Step& step, const DeviceEntry& entry, const v1::NetworkDownlink& downlink, v1::TxError error,
             std::string_view detail, std::uint64_t gateway_id) {
  auto event = make_event(step, entry, step.received_us, step.received_us, step.offset);
  auto& ack = *event.mutable_tx_ack();
  ack.set_downlink_id(downlink.downlink_id());
  ack.set_gateway_id(gateway_id);
  ack.set_f_cnt_down(downlink.f_cnt_down());
  ack.set_error(error);
  ack.set_detail(std::string(detail));
  ack.set_join_accept(downlink.join_accept());
  if (const auto* asked = carried_request(entry, downlink)) {
    ack.set_request_id(asked->request_id());
    ack.set_correlation_id(asked->correlation_id());
  }
  if (downlink.way() < static_cast<std::uint32_t>(downlink.ways_size())) {
    const auto& way = downlink.ways(static_cast<int>(downlink.way()));
    ack.set_rx_window(way.rx_window());
    if (error == v1::TX_ERROR_NONE) {
      ack.set_frequency_hz(way.frequency_hz());
      ack.set_airtime_us(static_cast<std::uint32_t>(airtime_of(way, downlink.phy_payload().size()).count()));
    }
  }
  step.state.outbox.event(event);
}

void emit(Step& step, const DeviceEntry& entry, const v1::NetworkDownlink& downlink, const v1::NetworkWay& way) {
  v1::GatewayDownlink out;
  out.set_downlink_id(downlink.downlink_id());
  out.set_gateway_id(way.copy().hearing().gateway_id());
  out.set_phy_payload(downlink.phy_payload());
  out.set_frequency_hz(way.frequency_hz());
  *out.mutable_data_rate() = way.data_rate();
  out.set_power_dbm(way.power_dbm());
  if (way.rx_window() == 0) {
    out.set_immediately(true);
  } else {
    out.set_tmst(way.tmst());
  }
  out.set_not_after_us(way.not_after_us());
  out.set_dev_eui(entry.eui().value);
  out.set_f_cnt_down(downlink.f_cnt_down());
  out.set_join_accept(downlink.join_accept());
  out.set_rx_window(way.rx_window());
  out.set_instance(way.copy().instance());
  out.set_incarnation(way.copy().incarnation());
  out.set_tenant(entry.row.device().tenant());
  out.set_dev_addr(downlink.dev_addr());
  step.state.outbox.downlink(out);
  step.count("network.downlink.tried");
}

// Emits the first way from `downlink.way` on that can still be in time; false when there is none.
[[nodiscard]] bool try_ways(Step& step, const DeviceEntry& entry, v1::NetworkDownlink& downlink) {
  for (; downlink.way() < static_cast<std::uint32_t>(downlink.ways_size()); downlink.set_way(downlink.way() + 1)) {
    const auto& way = downlink.ways(static_cast<int>(downlink.way()));
    if (way.not_after_us() <= step.state.now_us) continue;
    downlink.set_downlink_id(downlink_id(entry, downlink));
    emit(step, entry, downlink, way);
    return true;
  }
  return false;
}

// A frame that was on its way has come to its end.
void end(Step& step, DeviceEntry& entry, google::protobuf::RepeatedPtrField<v1::NetworkDownlink>::iterator downlink,
         Ended how) {
  step.state.timers.remove(timer_of(entry, *downlink));
  const auto ended = std::move(*downlink);
  entry.row.mutable_downlinks()->erase(downlink);
  step.state.devices.touch(entry);
  downlink_ended(step, entry, ended, how);
  serve_class_c(step, entry);
}

}  // namespace

bool set_radio(const Step& step, const lorawan::Region& region, std::uint32_t hz, std::uint8_t data_rate,
               std::size_t size, v1::NetworkWay& way) {
  const auto* rate = lorawan::data_rate_of(region, data_rate, lorawan::Direction::down);
  const auto* band = lorawan::sub_band_of(region, hz);
  const auto most = lorawan::max_payload(region, data_rate);
  constexpr std::size_t kAroundMacPayload = 1 + lorawan::kMicSize;
  if (rate == nullptr || band == nullptr || !most || size > most->m + kAroundMacPayload) return false;
  way.set_frequency_hz(hz);
  *way.mutable_data_rate() = to_record(*rate);
  way.set_power_dbm(std::min(band->gateway_eirp_dbm, step.services.settings.most_eirp_dbm));
  return true;
}

std::vector<v1::NetworkWay> ways_of(const Step& step, const lorawan::Region& region,
                                    const v1::NetworkTransmission& transmission, const ReceiveWindows& windows,
                                    std::size_t size) {
  std::vector<v1::NetworkWay> ways;
  std::size_t gateways = 0;
  for (const auto* copy : ranked(transmission)) {
    if (copy->instance() == 0) continue;
    if (++gateways > kGatewaysPerDownlink) break;
    v1::NetworkWay rx1;
    const auto up = lorawan::index_of(region, from_record(copy->data_rate()), lorawan::Direction::up);
    const auto down =
        up ? lorawan::rx1_data_rate(region, *up, static_cast<std::uint8_t>(windows.rx1_dr_offset)) : std::nullopt;
    if (down && set_radio(step, region, lorawan::rx1_frequency(region, copy->frequency_hz()), *down, size, rx1)) {
      add_way(ways, std::move(rx1), *copy, 1, windows.rx1_delay_s);
    }
    v1::NetworkWay rx2;
    if (set_radio(step, region, windows.rx2_frequency_hz, static_cast<std::uint8_t>(windows.rx2_data_rate), size,
                  rx2)) {
      add_way(ways, std::move(rx2), *copy, 2, windows.rx1_delay_s + 1);
    }
  }
  return ways;
}

void start_downlink(Step& step, DeviceEntry& entry, v1::NetworkDownlink downlink) {
  auto& downlinks = *entry.row.mutable_downlinks();
  if (!try_ways(step, entry, downlink)) {
    const auto error = downlink.ways().empty() ? v1::TX_ERROR_NO_PATH : v1::TX_ERROR_TOO_LATE;
    step.count(downlink.ways().empty() ? "network.downlink.no_path" : "network.downlink.too_late");
    publish(step, entry, downlink, error, {}, 0);
    return downlink_ended(step, entry, downlink, Ended::refused);
  }
  while (downlinks.size() >= kDownlinks) {
    step.count("network.dropped.downlink");
    publish(step, entry, downlinks[0], v1::TX_ERROR_NO_ANSWER, "given up for a newer one", 0);
    end(step, entry, downlinks.begin(), Ended::unknown);
  }
  std::int64_t last = 0;
  for (const auto& way : downlink.ways()) last = std::max(last, way.not_after_us());
  downlink.set_expires_us(last + kAnswerWaitUs);
  step.state.timers.add(timer_of(entry, downlink));
  *downlinks.Add() = std::move(downlink);
  step.state.devices.touch(entry);
}

void handle_tx_result(Step& step, const v1::TxResult& result) {
  auto* entry = step.state.devices.find({result.dev_eui()});
  if (entry == nullptr) return step.count("network.dropped.tx_result");
  auto& downlinks = *entry->row.mutable_downlinks();
  const auto found =
      std::ranges::find_if(downlinks, [&](const auto& d) { return d.downlink_id() == result.downlink_id(); });
  // Answers to a try that is over, and second answers, say nothing about the one that is under way.
  if (found == downlinks.end()) return step.count("network.dropped.tx_result");

  publish(step, *entry, *found, result.error(), result.detail(), result.gateway_id());
  if (result.error() == v1::TX_ERROR_NONE) {
    step.count("network.downlink.sent");
    note_sent(step, found->ways(static_cast<int>(found->way())), found->phy_payload().size());
    return end(step, *entry, found, Ended::sent);
  }
  if (result.error() == v1::TX_ERROR_NO_ANSWER) found->set_uncertain(true);
  const auto failed = found->ways(static_cast<int>(found->way())).copy().hearing().gateway_id();
  found->set_way(found->way() + 1);
  if (result.error() == v1::TX_ERROR_NO_PATH) {
    while (found->way() < static_cast<std::uint32_t>(found->ways_size()) &&
           found->ways(static_cast<int>(found->way())).copy().hearing().gateway_id() == failed) {
      found->set_way(found->way() + 1);
    }
  }
  step.state.devices.touch(*entry);
  if (try_ways(step, *entry, *found)) return;
  step.count("network.downlink.failed");
  end(step, *entry, found, found->uncertain() ? Ended::unknown : Ended::refused);
}

void fire_downlink(Step& step, const Timer& timer) {
  auto* entry = step.state.devices.find({timer.dev_eui});
  if (entry == nullptr) return;
  auto& downlinks = *entry->row.mutable_downlinks();
  const auto found = std::ranges::find_if(downlinks, [&](const auto& d) {
    return d.input_offset() == timer.input_offset && d.expires_us() == timer.due_us;
  });
  if (found == downlinks.end()) return;
  step.count("network.downlink.unanswered");
  publish(step, *entry, *found, v1::TX_ERROR_NO_ANSWER, "no tx result",
          found->ways(static_cast<int>(found->way())).copy().hearing().gateway_id());
  end(step, *entry, found, Ended::unknown);
}

}  // namespace lenne::network
