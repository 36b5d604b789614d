#include "storage/views/radio.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace lenne::storage::views {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kHourUs = 60 * kMinuteUs;
constexpr std::size_t kMinuteBytes = kRadioPartUs / kMinuteUs / 8;
static_assert(kRadioPartUs % (8 * kMinuteUs) == 0);

/// The part that a moment belongs to, made when there is none; null when it is older than those that are kept.
template <typename Part>
Part* part_at(google::protobuf::RepeatedPtrField<Part>& parts, std::int64_t at_us) {
  if (at_us < 0) return nullptr;
  const auto number = at_us / kRadioPartUs;
  int after = parts.size();
  while (after > 0 && parts.Get(after - 1).part() > number) --after;
  if (after > 0 && parts.Get(after - 1).part() == number) return parts.Mutable(after - 1);
  if (!parts.empty() && number <= parts.rbegin()->part() - kRadioParts) return nullptr;
  auto* made = parts.Add();
  made->set_part(number);
  for (int i = parts.size() - 1; i > after; --i) parts.SwapElements(i, i - 1);
  int old = 0;
  while (parts.Get(old).part() <= parts.rbegin()->part() - kRadioParts) ++old;
  parts.DeleteSubrange(0, old);
  return made;
}

/// Visits those of the kept parts that are not too old at `now_us`.
template <typename Part, typename Visit>
void each_part(const google::protobuf::RepeatedPtrField<Part>& parts, std::int64_t now_us, const Visit& visit) {
  for (const auto& part : parts) {
    if (part.part() * kRadioPartUs >= radio_since_us(now_us) && part.part() * kRadioPartUs <= now_us) visit(part);
  }
}

/// Null when there are too many.
v1::ChannelRadio* channel_at(v1::GatewayRadioPart& part, std::uint32_t frequency_hz) {
  auto& channels = *part.mutable_channels();
  int at = 0;
  while (at < channels.size() && channels.Get(at).frequency_hz() < frequency_hz) ++at;
  if (at < channels.size() && channels.Get(at).frequency_hz() == frequency_hz) return channels.Mutable(at);
  if (channels.size() >= kChannels) return nullptr;
  channels.Add()->set_frequency_hz(frequency_hz);
  for (int i = channels.size() - 1; i > at; --i) channels.SwapElements(i, i - 1);
  return channels.Mutable(at);
}

void mark_minute(v1::GatewayRadioPart& part, std::int64_t at_us) {
  auto& minutes = *part.mutable_minutes();
  minutes.resize(kMinuteBytes, '\0');
  const auto minute = static_cast<std::size_t>(at_us % kRadioPartUs / kMinuteUs);
  auto& byte = minutes[minute / 8];
  byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << minute % 8));
}

/// The marked minutes of a part that begin in [from, to).
std::int64_t marked(const v1::GatewayRadioPart& part, std::int64_t from_us, std::int64_t to_us) {
  const auto begin = part.part() * kRadioPartUs;
  std::int64_t found = 0;
  for (std::size_t i = 0; i < part.minutes().size() * 8; ++i) {
    const auto minute = begin + static_cast<std::int64_t>(i) * kMinuteUs;
    const auto byte = static_cast<unsigned char>(part.minutes()[i / 8]);
    if ((byte >> (i % 8) & 1U) != 0 && minute >= from_us && minute < to_us) ++found;
  }
  return found;
}

/// Keeps the smallest ids, so that it does not matter which comes first.
void hear_by(v1::DeviceRadioPart& part, std::uint64_t gateway_id) {
  auto& gateways = *part.mutable_gateways();
  const auto place = std::ranges::lower_bound(gateways, gateway_id);
  if (place != gateways.end() && *place == gateway_id) return;
  const auto at = static_cast<int>(place - gateways.begin());
  gateways.Add(gateway_id);
  std::rotate(gateways.begin() + at, gateways.end() - 1, gateways.end());
  if (gateways.size() <= kHeardBy) return;
  gateways.Truncate(kHeardBy);
  part.set_more_gateways(true);
}

void add_to(std::uint64_t& sum, std::int64_t value) {
  const auto more = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
  sum += std::min(more, std::numeric_limits<std::uint64_t>::max() - sum);
}

}  // namespace

void note_uplink(v1::DeviceView& device, std::int64_t lost, std::int64_t received_us) {
  auto* part = part_at(*device.mutable_radio(), received_us);
  if (part == nullptr) return;
  part->set_uplinks(part->uplinks() + 1);
  auto sum = part->lost();
  add_to(sum, lost);
  part->set_lost(sum);
}

void note_reception(v1::DeviceView& device, const v1::Reception& reception, std::int64_t received_us) {
  if (reception.gateways().empty()) return;
  auto* part = part_at(*device.mutable_radio(), received_us);
  if (part == nullptr) return;
  for (const auto& hearing : reception.gateways()) hear_by(*part, hearing.gateway_id());
  if (reception.late()) return;
  part->set_receptions(part->receptions() + 1);
  part->set_copies(part->copies() + static_cast<std::uint32_t>(reception.gateways_size()));
  if (reception.gateways_size() == 1) part->set_alone(part->alone() + 1);
  if (reception.has_margin_tenths_db()) {
    const auto margin = reception.margin_tenths_db();
    part->set_margin_least_tenths_db(part->margins() == 0 ? margin : std::min(part->margin_least_tenths_db(), margin));
    part->set_margin_sum_tenths_db(part->margin_sum_tenths_db() + margin);
    part->set_margins(part->margins() + 1);
  }
  part->set_airtime_us(part->airtime_us() + reception.airtime_us());
  const auto factor = reception.data_rate().spreading_factor();
  if (factor < 7 || factor > 12) return;
  while (part->spreading_factors_size() < 6) part->add_spreading_factors(0);
  const auto index = static_cast<int>(factor) - 7;
  part->set_spreading_factors(index, part->spreading_factors(index) + 1);
}

void note_join(v1::DeviceView& device, std::int64_t received_us) {
  if (auto* part = part_at(*device.mutable_radio(), received_us)) part->set_joins(part->joins() + 1);
}

void note_alive(v1::GatewayView& gateway, std::int64_t received_us) {
  if (received_us <= 0) return;
  if (gateway.first_seen_us() == 0 || received_us < gateway.first_seen_us()) gateway.set_first_seen_us(received_us);
  if (auto* part = part_at(*gateway.mutable_radio(), received_us)) mark_minute(*part, received_us);
}

void note_frame(v1::GatewayView& gateway, const v1::Reception& reception, std::int64_t received_us) {
  auto* part = part_at(*gateway.mutable_radio(), received_us);
  if (part == nullptr) return;
  part->set_frames(part->frames() + 1);
  if (reception.gateways_size() == 1 && !reception.late()) part->set_alone(part->alone() + 1);
  auto* channel = channel_at(*part, reception.frequency_hz());
  if (channel == nullptr) return part->set_frames_elsewhere(part->frames_elsewhere() + 1);
  channel->set_frames(channel->frames() + 1);
  channel->set_airtime_us(channel->airtime_us() + reception.airtime_us());
}

void note_report(v1::GatewayView& gateway, const v1::GatewayStatus& status) {
  auto* part = part_at(*gateway.mutable_radio(), status.received_us());
  if (part == nullptr) return;
  part->set_rx_received(part->rx_received() + status.rx_received());
  part->set_rx_ok(part->rx_ok() + status.rx_ok());
}

bool note_downlink(v1::GatewayView& gateway, const v1::TxAck& ack, std::int64_t received_us) {
  if (ack.error() != v1::TX_ERROR_NONE) {
    auto* part = part_at(*gateway.mutable_radio(), received_us);
    if (part == nullptr) return true;
    part->set_downlinks_refused(part->downlinks_refused() + 1);
    if (ack.error() == v1::TX_ERROR_DUTY_CYCLE) part->set_duty_cycle_refused(part->duty_cycle_refused() + 1);
    return true;
  }
  if (received_us < 0 || ack.frequency_hz() == 0) return true;
  auto& sent = *gateway.mutable_sent();
  const auto step = received_us / kSentStepUs;
  const auto name = [](const v1::SentAirtime& of) { return std::pair(of.five_minutes(), of.frequency_hz()); };
  const auto place = std::ranges::lower_bound(sent, std::pair(step, ack.frequency_hz()), {}, name);
  const auto at = static_cast<int>(place - sent.begin());
  if (at < sent.size() && name(*place) == std::pair(step, ack.frequency_hz())) {
    place->set_airtime_us(place->airtime_us() + ack.airtime_us());
    return true;
  }
  const auto newest = sent.empty() ? step : std::max(step, sent.rbegin()->five_minutes());
  constexpr auto kSteps = kHourUs / kSentStepUs;
  if (step < newest - kSteps) return true;  // more than an hour before what is known
  auto* made = sent.Add();
  made->set_five_minutes(step);
  made->set_frequency_hz(ack.frequency_hz());
  made->set_airtime_us(ack.airtime_us());
  for (int i = sent.size() - 1; i > at; --i) sent.SwapElements(i, i - 1);
  int old = 0;
  while (sent.Get(old).five_minutes() < newest - kSteps) ++old;
  sent.DeleteSubrange(0, old);
  if (sent.size() <= kSentEntries) return true;
  sent.DeleteSubrange(0, 1);
  return false;
}

void note_measure(v1::GatewayView& gateway, std::string_view measure, std::int64_t value, std::int64_t time_us) {
  auto* part = part_at(*gateway.mutable_radio(), time_us);
  if (part == nullptr) return;
  const auto plus = [value](std::uint64_t sum) {
    add_to(sum, value);
    return sum;
  };
  if (measure == kUplinkAirtime) part->set_uplink_airtime_us(plus(part->uplink_airtime_us()));
  if (measure == kDownlinkAirtime) part->set_downlink_airtime_us(plus(part->downlink_airtime_us()));
  if (measure == kForeignAirtime) part->set_foreign_airtime_us(plus(part->foreign_airtime_us()));
  if (measure == kForeignFrames) part->set_foreign_frames(plus(part->foreign_frames()));
  if (measure == kDownlinks) part->set_downlinks(plus(part->downlinks()));
}

void add(DeviceRadio& sum, const DeviceRadio& more) {
  sum.uplinks += more.uplinks;
  sum.lost += more.lost;
  sum.receptions += more.receptions;
  sum.copies += more.copies;
  sum.alone += more.alone;
  if (more.margins > 0) {
    sum.margin_least_tenths_db = sum.margins == 0 ? more.margin_least_tenths_db
                                                  : std::min(sum.margin_least_tenths_db, more.margin_least_tenths_db);
  }
  sum.margins += more.margins;
  sum.margin_sum_tenths_db += more.margin_sum_tenths_db;
  sum.airtime_us += more.airtime_us;
  sum.joins += more.joins;
  for (std::size_t i = 0; i < sum.spreading_factors.size(); ++i) sum.spreading_factors[i] += more.spreading_factors[i];
}

DeviceRadio radio_of(const v1::DeviceView& device, std::int64_t now_us) {
  DeviceRadio sum;
  each_part(device.radio(), now_us, [&](const v1::DeviceRadioPart& part) {
    DeviceRadio more{.uplinks = part.uplinks(),
                     .lost = part.lost(),
                     .receptions = part.receptions(),
                     .copies = part.copies(),
                     .alone = part.alone(),
                     .margins = part.margins(),
                     .margin_sum_tenths_db = part.margin_sum_tenths_db(),
                     .margin_least_tenths_db = part.margin_least_tenths_db(),
                     .airtime_us = part.airtime_us(),
                     .joins = part.joins()};
    std::copy_n(part.spreading_factors().begin(),
                std::min<int>(part.spreading_factors_size(), static_cast<int>(more.spreading_factors.size())),
                more.spreading_factors.begin());
    add(sum, more);
  });
  return sum;
}

GatewayRadio radio_of(const v1::GatewayView& gateway, std::int64_t now_us) {
  GatewayRadio sum;
  const auto whole = [](std::int64_t us) { return us - us % kMinuteUs; };
  const auto from = std::max(radio_since_us(now_us), whole(gateway.first_seen_us()));
  const auto to = whole(now_us);  // the present minute is still filling
  if (gateway.first_seen_us() > 0 && to > from) sum.minutes = (to - from) / kMinuteUs;
  each_part(gateway.radio(), now_us, [&](const v1::GatewayRadioPart& part) {
    sum.minutes_alive += marked(part, from, to);
    sum.frames += part.frames();
    sum.alone += part.alone();
    sum.uplink_airtime_us += part.uplink_airtime_us();
    sum.downlink_airtime_us += part.downlink_airtime_us();
    sum.downlinks += part.downlinks();
    sum.rx_received += part.rx_received();
    sum.rx_ok += part.rx_ok();
    sum.foreign_frames += part.foreign_frames();
    sum.foreign_airtime_us += part.foreign_airtime_us();
    sum.downlinks_refused += part.downlinks_refused();
    sum.duty_cycle_refused += part.duty_cycle_refused();
    for (const auto& channel : part.channels()) {
      auto& of = sum.channels[channel.frequency_hz()];
      of.frames += channel.frames();
      of.airtime_us += channel.airtime_us();
    }
  });
  return sum;
}

HeardBy heard_by(const v1::DeviceView& device, std::int64_t now_us) {
  HeardBy heard;
  each_part(device.radio(), now_us, [&](const v1::DeviceRadioPart& part) {
    heard.gateways.insert(heard.gateways.end(), part.gateways().begin(), part.gateways().end());
    heard.more = heard.more || part.more_gateways();
  });
  std::ranges::sort(heard.gateways);
  const auto rest = std::ranges::unique(heard.gateways);
  heard.gateways.erase(rest.begin(), rest.end());
  return heard;
}

std::uint64_t sent_within_hour(const v1::GatewayView& gateway, std::uint32_t min_hz, std::uint32_t max_hz,
                               std::int64_t now_us) noexcept {
  std::uint64_t sum = 0;
  for (const auto& each : gateway.sent()) {
    const bool counts = (each.five_minutes() + 1) * kSentStepUs > now_us - kHourUs;
    if (counts && each.frequency_hz() >= min_hz && each.frequency_hz() < max_hz) sum += each.airtime_us();
  }
  return sum;
}

std::int64_t radio_since_us(std::int64_t now_us) noexcept {
  return std::max<std::int64_t>(0, (now_us / kRadioPartUs - kRadioParts + 1) * kRadioPartUs);
}

std::optional<bool> is_silent(const v1::DeviceView& device, std::int64_t now_us) noexcept {
  if (device.nominal_interval_s() == 0 || device.last_seen_us() == 0) return std::nullopt;
  return now_us - device.last_seen_us() > kSilentIntervals * 1'000'000 * std::int64_t{device.nominal_interval_s()};
}

}  // namespace lenne::storage::views
