#include "network/class_c.hpp"

#include <algorithm>
#include <ranges>

#include "network/data_downlink.hpp"
#include "network/downlink.hpp"
#include "network/lorawan/airtime.hpp"
#include "network/queue.hpp"
#include "network/radio.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

using base::kSecondUs;
// How late a frame for an open receiver may leave: it needs no window, but nobody waits for ever.
constexpr std::int64_t kPatienceUs = 5 * kSecondUs;
// Between the end of one frame and the start of the next, gateways' and devices' jitter included.
constexpr std::int64_t kGapUs = 200'000;

[[nodiscard]] Timer timer_of(const DeviceEntry& entry, std::int64_t due_us) {
  return {due_us, entry.eui().value, 0, TimerKind::class_c};
}

void wake_at(Step& step, DeviceEntry& entry, std::int64_t due_us) {
  if (entry.row.wake_us() != 0) step.state.timers.remove(timer_of(entry, entry.row.wake_us()));
  // A timer that is due at once fires with the next record: never twice within one.
  const auto due = std::max(due_us, step.state.now_us + 1);
  entry.row.set_wake_us(due);
  step.state.timers.add(timer_of(entry, due));
  step.state.devices.touch(entry);
}

[[nodiscard]] std::int64_t airtime_us(const v1::DataRate& rate, std::size_t size) {
  return lorawan::time_on_air(from_record(rate), size, lorawan::downlink_format()).count();
}

// The newest transmission of the running session: its gateways are the ones that reach the device.
[[nodiscard]] const v1::NetworkTransmission* last_heard(const DeviceEntry& entry) {
  for (const auto& transmission : std::views::reverse(entry.row.transmissions())) {
    if (transmission.session() == entry.row.active().id() && !transmission.has_join()) return &transmission;
  }
  return nullptr;
}

[[nodiscard]] std::vector<v1::NetworkWay> ways_at_once(const Step& step, const DeviceEntry& entry,
                                                       const lorawan::Region& region,
                                                       const v1::NetworkTransmission& heard, std::size_t size) {
  std::vector<v1::NetworkWay> ways;
  for (const auto* copy : ranked(heard)) {
    if (copy->instance() == 0) continue;
    if (ways.size() >= kGatewaysPerDownlink) break;
    v1::NetworkWay way;
    const auto& session = entry.row.active();
    if (!set_radio(step, region, session.rx2_frequency_hz(), static_cast<std::uint8_t>(session.rx2_data_rate()), size,
                   way))
      return {};
    *way.mutable_copy() = *copy;
    // The instance may have been started anew since it heard the device: its gateways' paths live on.
    if (const auto incarnation = step.state.origins.incarnation_of(copy->instance()))
      way.mutable_copy()->set_incarnation(*incarnation);
    way.set_not_after_us(step.state.now_us + kPatienceUs);
    ways.push_back(std::move(way));
  }
  return ways;
}

// Sends the first of the queue. False when it has to wait for the next uplink.
[[nodiscard]] bool send_first(Step& step, DeviceEntry& entry) {
  const auto* region = region_of(entry);
  const auto* heard = last_heard(entry);
  if (region == nullptr || heard == nullptr) return false;
  const auto size = frame_size(entry, 0, true);
  auto ways = ways_at_once(step, entry, *region, *heard, size);
  if (ways.empty()) {
    step.count("network.downlink.no_path");
    return false;
  }
  auto downlink = build_data_downlink(step, entry, {.from_queue = true}, step.offset);
  if (!downlink) return false;
  entry.row.set_busy_until_us(step.state.now_us + airtime_us(ways.front().data_rate(), size) + kGapUs);
  for (auto& way : ways) *downlink->add_ways() = std::move(way);
  start_downlink(step, entry, std::move(*downlink));
  return true;
}

[[nodiscard]] bool window_open(const Step& step, const DeviceEntry& entry) {
  return std::ranges::any_of(entry.row.transmissions(),
                             [&](const auto& transmission) { return transmission.due_us() > step.state.now_us; });
}

}  // namespace

void serve_class_c(Step& step, DeviceEntry& entry) {
  if (!is_class_c(entry) || !entry.row.has_active() || !entry.row.active().heard()) return;
  const auto now = step.state.now_us;
  if (entry.row.has_carried() && entry.row.carried().ack_due_us() != 0) {
    if (entry.row.carried().ack_due_us() > now) return wake_at(step, entry, entry.row.carried().ack_due_us());
    give_up_ack(step, entry);
  }
  const auto* next = next_in_queue(entry);
  // An open window answers with the queue itself when it closes, and comes back here.
  if (next == nullptr || window_open(step, entry)) return;
  if (entry.row.busy_until_us() > now) return wake_at(step, entry, entry.row.busy_until_us());
  if (!send_first(step, entry)) step.count("network.class_c.waits");
}

void hold_class_c(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission, std::size_t phy_size) {
  if (!is_class_c(entry)) return;
  const auto& session = entry.row.active();
  auto end = transmission.copies(0).hearing().received_us() + (std::int64_t{session.rx1_delay_s()} + 1) * kSecondUs;
  const auto* region = region_of(entry);
  const auto* rate = region == nullptr
                         ? nullptr
                         : lorawan::data_rate_of(*region, static_cast<std::uint8_t>(session.rx2_data_rate()),
                                                 lorawan::Direction::down);
  if (phy_size != 0 && rate != nullptr) end += airtime_us(to_record(*rate), phy_size);
  entry.row.set_busy_until_us(std::max(entry.row.busy_until_us(), end + kGapUs));
  step.state.devices.touch(entry);
}

void fire_class_c(Step& step, const Timer& timer) {
  auto* entry = step.state.devices.find({timer.dev_eui});
  if (entry == nullptr || entry->row.wake_us() != timer.due_us) return;
  entry->row.set_wake_us(0);
  step.state.devices.touch(*entry);
  serve_class_c(step, *entry);
}

}  // namespace lenne::network
