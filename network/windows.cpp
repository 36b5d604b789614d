#include "network/windows.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "base/hash.hpp"
#include "network/adr.hpp"
#include "network/answer.hpp"
#include "network/class_c.hpp"
#include "network/gateway_airtime.hpp"
#include "network/join.hpp"
#include "network/lorawan/airtime.hpp"
#include "network/mac_requests.hpp"
#include "network/radio.hpp"

namespace lenne::network {
namespace {

using base::kSecondUs;
// Half of what a gateway's 32-bit microsecond counter takes to wrap: beyond it a difference says nothing.
constexpr std::uint64_t kCounterTrustUs = std::uint64_t{1} << 31;

// A gateway may state any time: what lies between two can be more than a signed number holds.
[[nodiscard]] std::uint64_t distance(std::int64_t a, std::int64_t b) {
  const auto from = static_cast<std::uint64_t>(std::min(a, b));
  return static_cast<std::uint64_t>(std::max(a, b)) - from;
}

[[nodiscard]] std::int64_t counter_distance(std::uint32_t a, std::uint32_t b) {
  return std::min(static_cast<std::uint32_t>(a - b), static_cast<std::uint32_t>(b - a));
}

[[nodiscard]] bool same_rate(const v1::DataRate& a, const v1::DataRate& b) {
  return std::tuple(a.spreading_factor(), a.bandwidth_hz(), a.bit_rate()) ==
         std::tuple(b.spreading_factor(), b.bandwidth_hz(), b.bit_rate());
}

[[nodiscard]] auto rank_of(const v1::NetworkCopy& copy) {
  const auto& h = copy.hearing();
  constexpr std::int32_t kSnrCap = 50;
  return std::tuple(-std::min(h.snr_tenths_db(), kSnrCap), -h.rssi_dbm(), -h.snr_tenths_db(), h.gateway_id());
}

[[nodiscard]] bool stronger(const v1::NetworkCopy& a, const v1::NetworkCopy& b) {
  const auto strength = [](const v1::NetworkCopy& c) {
    return std::tuple(c.hearing().rssi_dbm(), c.hearing().snr_tenths_db());
  };
  return strength(a) > strength(b);
}

// "<instance hex8>:<incarnation hex8>"; zeros when it is something else.
void read_path(std::string_view path, v1::NetworkCopy& copy) {
  if (path.size() != 17 || path[8] != ':') return;
  std::uint32_t instance = 0;
  std::uint32_t incarnation = 0;
  const auto* text = path.data();
  const auto first = std::from_chars(text, text + 8, instance, 16);
  const auto second = std::from_chars(text + 9, text + 17, incarnation, 16);
  if (first.ptr != text + 8 || second.ptr != text + 17) return;
  copy.set_instance(instance);
  copy.set_incarnation(incarnation);
}

[[nodiscard]] bool is_open(const Step& step, const v1::NetworkTransmission& transmission) {
  return transmission.due_us() > step.state.now_us;
}

[[nodiscard]] Timer timer_of(const DeviceEntry& entry, const v1::NetworkTransmission& transmission) {
  return {transmission.due_us(), entry.eui().value, transmission.input_offset(), TimerKind::window};
}

enum class Added : std::uint8_t { new_gateway, changed, nothing };

// One hearing per gateway: what a gateway heard twice at one time is leakage into a neighbouring channel, and the
// strongest counts.
[[nodiscard]] Added add_copy(Step& step, v1::NetworkTransmission& transmission, const v1::NetworkCopy& copy) {
  for (auto& known : *transmission.mutable_copies()) {
    if (known.hearing().gateway_id() != copy.hearing().gateway_id()) continue;
    const bool leaked = known.frequency_hz() != copy.frequency_hz();
    step.count(leaked ? "network.leakage" : "network.dropped.repeated_copy");
    if (!stronger(copy, known)) return Added::nothing;
    known = copy;
    return Added::changed;
  }
  if (static_cast<std::size_t>(transmission.copies_size()) >= step.services.settings.copies_per_transmission) {
    step.count("network.dropped.copy");
    return Added::nothing;
  }
  *transmission.add_copies() = copy;
  return Added::new_gateway;
}

void fill_reception(const v1::NetworkTransmission& transmission, const v1::NetworkCopy& strongest,
                    v1::Reception& reception) {
  reception.set_uplink_id(transmission.uplink_id());
  reception.set_f_cnt(transmission.f_cnt());
  reception.set_dev_addr(transmission.dev_addr());
  reception.set_retransmission(transmission.ordinal() > 0);
  reception.set_frequency_hz(strongest.frequency_hz());
  *reception.mutable_data_rate() = strongest.data_rate();
  const auto airtime = lorawan::time_on_air(from_record(strongest.data_rate()), transmission.phy_size());
  reception.set_airtime_us(static_cast<std::uint32_t>(airtime.count()));
}

/// Nothing for a modulation whose needs are not known.
[[nodiscard]] std::optional<std::int32_t> margin_tenths(const v1::Reception& reception) {
  const auto factor = reception.data_rate().spreading_factor();
  if (factor < 7 || factor > 12 || reception.data_rate().bit_rate() != 0) return std::nullopt;
  const auto& copies = reception.gateways();
  const auto best = std::ranges::max_element(copies, {}, &v1::Hearing::snr_tenths_db);
  return best->snr_tenths_db() - required_snr_tenths(factor);
}

void publish_late_copy(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission,
                       const v1::NetworkCopy& copy) {
  step.count("network.late_copies");
  if (transmission.has_join()) return;
  const auto time = event_time(step.services.settings, copy.hearing());
  auto event = make_event(step, entry, time.us, copy.hearing().received_us(), step.offset);
  auto& reception = *event.mutable_reception();
  fill_reception(transmission, copy, reception);
  reception.set_late(true);
  *reception.add_gateways() = copy.hearing();
  step.state.outbox.event(event);
}

void close_window(Step& step, DeviceEntry& entry, const v1::NetworkTransmission& transmission) {
  if (transmission.has_join()) return finish_join(step, entry, transmission);
  const auto copies = ranked(transmission);
  const auto& first = transmission.copies(0).hearing();
  const auto time = event_time(step.services.settings, first);
  auto event = make_event(step, entry, time.us, first.received_us(), transmission.input_offset());
  auto& reception = *event.mutable_reception();
  fill_reception(transmission, *copies.front(), reception);
  for (const auto* copy : copies) *reception.add_gateways() = copy->hearing();
  if (const auto margin = margin_tenths(reception)) reception.set_margin_tenths_db(*margin);
  step.state.outbox.event(event);
  step.count("network.receptions");
  hold_class_c(step, entry, transmission, answer(step, entry, transmission));
  serve_class_c(step, entry);
}

/// Closes a window before its time. It is closed when its time has come, so that the stored row does not open it again.
void close_now(Step& step, DeviceEntry& entry, v1::NetworkTransmission& transmission) {
  step.state.timers.remove(timer_of(entry, transmission));
  transmission.set_due_us(step.state.now_us);
  step.state.devices.touch(entry);
  close_window(step, entry, transmission);
}

[[nodiscard]] std::int64_t rx_delay_us(const DeviceEntry& entry, const v1::NetworkTransmission& transmission) {
  if (!transmission.has_join()) return std::int64_t{entry.row.active().rx1_delay_s()} * kSecondUs;
  const auto* region = region_of(entry);
  return region == nullptr ? 0 : std::int64_t{region->join_accept_delay1_s} * kSecondUs;
}

}  // namespace

HeardFrame::HeardFrame(const v1::GatewayFrame& frame)
    : hash(base::hash64(base::as_bytes(frame.phy_payload()))), size(frame.phy_payload().size()) {}

v1::NetworkCopy copy_of(const v1::GatewayFrame& frame, std::int64_t received_us) {
  v1::NetworkCopy copy;
  auto& hearing = *copy.mutable_hearing();
  hearing.set_gateway_id(frame.gateway_id());
  hearing.set_rssi_dbm(std::clamp(frame.rssi_dbm(), -kMostRssiDbm, kMostRssiDbm));
  hearing.set_snr_tenths_db(std::clamp(frame.snr_tenths_db(), -kMostSnrTenthsDb, kMostSnrTenthsDb));
  if (frame.has_gps_time_us()) hearing.set_gps_time_us(frame.gps_time_us());
  hearing.set_tmst(frame.tmst());
  hearing.set_received_us(received_us);
  copy.set_frequency_hz(frame.frequency_hz());
  *copy.mutable_data_rate() = frame.data_rate();
  read_path(frame.path(), copy);
  return copy;
}

bool same_transmission(const v1::NetworkTransmission& transmission, const v1::NetworkCopy& copy, bool window_open,
                       std::int64_t rx_delay_us) {
  const auto& hearing = copy.hearing();
  if (hearing.has_gps_time_us()) {
    for (const auto& known : transmission.copies()) {
      if (known.hearing().has_gps_time_us())
        return distance(known.hearing().gps_time_us(), hearing.gps_time_us()) <= std::uint64_t{kSecondUs};
    }
  }
  const auto arrival = distance(transmission.copies(0).hearing().received_us(), hearing.received_us());
  for (const auto& known : transmission.copies()) {
    if (known.hearing().gateway_id() != hearing.gateway_id() || arrival >= kCounterTrustUs) continue;
    return counter_distance(known.hearing().tmst(), hearing.tmst()) <= kSecondUs;
  }
  if (window_open) return true;
  const auto alike = [&](const v1::NetworkCopy& known) {
    return known.frequency_hz() == copy.frequency_hz() && same_rate(known.data_rate(), copy.data_rate());
  };
  if (std::ranges::none_of(transmission.copies(), alike)) return false;
  return arrival <= static_cast<std::uint64_t>(rx_delay_us + kSecondUs);
}

namespace {

// Longer than any datagram is on its way.
constexpr std::int64_t kLongestDelayUs = 60 * kSecondUs;

enum class Order : std::uint8_t { before, after, unknown };

/// Whether a hearing that comes now was on the air before a known one or after it.
Order order_on_air(const v1::Hearing& hearing, const v1::Hearing& known) {
  if (hearing.has_gps_time_us() && known.has_gps_time_us())
    return hearing.gps_time_us() < known.gps_time_us() ? Order::before : Order::after;
  if (hearing.gateway_id() != known.gateway_id()) return Order::unknown;
  const auto arrival = distance(hearing.received_us(), known.received_us());
  if (arrival > std::uint64_t{kLongestDelayUs}) return Order::after;
  // The counter of a gateway that was started anew shows another difference nearly always.
  const auto back = std::int64_t{static_cast<std::int32_t>(known.tmst() - hearing.tmst())};
  return back > 0 && back + static_cast<std::int64_t>(arrival) <= kLongestDelayUs ? Order::before : Order::after;
}

}  // namespace

bool may_be_late(const DeviceEntry& entry, const v1::NetworkCopy& copy) {
  const auto& transmissions = entry.row.transmissions();
  if (transmissions.empty()) return false;
  const auto& hearing = copy.hearing();
  auto newest = Order::unknown;
  for (const auto& transmission : transmissions) {
    newest = Order::unknown;
    for (const auto& known : transmission.copies()) {
      const auto order = order_on_air(hearing, known.hearing());
      if (order == Order::before) return true;
      if (order == Order::after) newest = order;
    }
  }
  if (newest == Order::after) return false;
  const auto& last = transmissions[transmissions.size() - 1].copies(0).hearing();
  return distance(hearing.received_us(), last.received_us()) <= std::uint64_t{kLongestDelayUs};
}

Known take_copy(Step& step, DeviceEntry& entry, const HeardFrame& frame, const v1::NetworkCopy& copy) {
  auto& transmissions = *entry.row.mutable_transmissions();
  auto known = Known::no;
  for (auto it = transmissions.rbegin(); it != transmissions.rend(); ++it) {
    if (it->frame_hash() != frame.hash) continue;
    known = Known::repetition;
    const bool open = is_open(step, *it);
    if (!same_transmission(*it, copy, open, rx_delay_us(entry, *it))) continue;
    const auto added = add_copy(step, *it, copy);
    if (added != Added::nothing) step.state.devices.touch(entry);
    if (added == Added::new_gateway) note_heard(step, copy, frame.size);
    if (open) {
      step.count("network.copies");
    } else if (added == Added::new_gateway) {
      publish_late_copy(step, entry, *it, copy);
    } else {
      step.count("network.dropped.late_copy");
    }
    return Known::copy;
  }
  return known;
}

v1::NetworkTransmission& open_window(Step& step, DeviceEntry& entry, const HeardFrame& frame,
                                     const v1::NetworkCopy& copy) {
  auto& transmissions = *entry.row.mutable_transmissions();
  if (transmissions.size() >= kTransmissions &&
      std::ranges::all_of(transmissions, [&](const auto& t) { return is_open(step, t); })) {
    close_now(step, entry, *transmissions.begin());
    step.count("network.windows_cut");
  }
  note_closed(step, entry);
  if (transmissions.size() >= kTransmissions)
    transmissions.erase(std::ranges::find_if(transmissions, [&](const auto& t) { return !is_open(step, t); }));
  auto& transmission = *transmissions.Add();
  transmission.set_frame_hash(frame.hash);
  transmission.set_phy_size(static_cast<std::uint32_t>(frame.size));
  transmission.set_due_us(step.state.now_us + step.services.settings.deduplication.count());
  transmission.set_input_offset(step.offset);
  *transmission.add_copies() = copy;
  step.state.timers.add(timer_of(entry, transmission));
  step.state.devices.touch(entry);
  note_heard(step, copy, frame.size);
  return transmission;
}

const v1::NetworkTransmission* newest_of(const DeviceEntry& entry, std::uint64_t frame_hash) {
  const auto& transmissions = entry.row.transmissions();
  for (auto it = transmissions.rbegin(); it != transmissions.rend(); ++it) {
    if (it->frame_hash() == frame_hash) return &*it;
  }
  return nullptr;
}

void fire_window(Step& step, const Timer& timer) {
  auto* entry = step.state.devices.find({timer.dev_eui});
  if (entry == nullptr) return;
  for (const auto& transmission : entry->row.transmissions()) {
    if (transmission.input_offset() != timer.input_offset || transmission.due_us() != timer.due_us) continue;
    return close_window(step, *entry, transmission);
  }
}

void close_windows(Step& step, DeviceEntry& entry) {
  for (auto& transmission : *entry.row.mutable_transmissions()) {
    if (is_open(step, transmission)) close_now(step, entry, transmission);
  }
}

std::vector<const v1::NetworkCopy*> ranked(const v1::NetworkTransmission& transmission) {
  std::vector<const v1::NetworkCopy*> copies;
  for (const auto& copy : transmission.copies()) copies.push_back(&copy);
  std::ranges::sort(copies, {}, [](const v1::NetworkCopy* copy) { return rank_of(*copy); });
  return copies;
}

}  // namespace lenne::network
