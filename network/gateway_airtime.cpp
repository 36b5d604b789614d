#include "network/gateway_airtime.hpp"

#include <algorithm>
#include <string>

#include "base/bytes.hpp"
#include "base/fixed_point.hpp"
#include "lenne/v1/measurement.pb.h"
#include "network/homes.hpp"
#include "network/lorawan/airtime.hpp"
#include "network/own_measures.hpp"
#include "network/radio.hpp"
#include "network/row_check.hpp"
#include "network/step.hpp"
#include "processing/network_measures.hpp"

namespace lenne::network {
namespace {

[[nodiscard]] std::string airtime_key(std::int64_t start_us, std::uint64_t gateway_id) {
  std::string key(17, AirtimeTable::kPrefix);
  auto* bytes = reinterpret_cast<std::uint8_t*>(key.data());
  base::write_be(bytes + 1, static_cast<std::uint64_t>(start_us));
  base::write_be(bytes + 9, gateway_id);
  return key;
}

/// The sums that a frame belongs to; null, and counted, when it cannot be taken or there would be more than `most`.
[[nodiscard]] v1::GatewayAirtime* sums_of(Step& step, std::uint64_t gateway_id, std::int64_t time_us,
                                          std::chrono::microseconds airtime, std::size_t most) {
  // A frame that lasts no time has a data rate that is none; one that lasts five minutes, too.
  const bool possible = airtime.count() > 0 && airtime.count() < AirtimeTable::kBucketUs && time_us >= 0;
  auto* sums = possible ? step.state.airtime.at(gateway_id, time_us, most) : nullptr;
  if (sums == nullptr) step.count("network.dropped.airtime");
  return sums;
}

void add_frame(Step& step, std::chrono::microseconds airtime, v1::AirtimeSum& sum) {
  const auto total = sum.airtime_us() + static_cast<std::uint64_t>(airtime.count());
  if (total > static_cast<std::uint64_t>(base::kMaxSteps)) return step.count("network.dropped.airtime");
  sum.set_airtime_us(total);
  sum.set_frames(sum.frames() + 1);
}

struct AirtimeNames {
  std::string_view frames;
  std::string_view airtime;
};

/// Two events of the gateway; none where nothing was.
void add_airtime_samples(const AirtimeNames& names, const v1::AirtimeSum& sum, std::int64_t time_us,
                         v1::Measurement& measurement) {
  if (sum.frames() == 0) return;
  const EventTime time{time_us, v1::TIME_SOURCE_RECEIVED};
  constexpr std::int32_t kMicro = -6;
  add_own_event({names.frames, "count", static_cast<std::int64_t>(sum.frames())}, time, measurement);
  add_own_event({names.airtime, "s", static_cast<std::int64_t>(sum.airtime_us()), kMicro}, time, measurement);
}

}  // namespace

void AirtimeTable::mark(const Name& name, Entry& entry) {
  if (entry.dirty) return;
  entry.dirty = true;
  changed_.push_back(name);
}

v1::GatewayAirtime* AirtimeTable::at(std::uint64_t gateway_id, std::int64_t time_us, std::size_t most) {
  const Name name{time_us - time_us % kBucketUs, gateway_id};
  auto found = entries_.find(name);
  if (found == entries_.end()) {
    if (entries_.size() >= most) return nullptr;
    found = entries_.try_emplace(name).first;
  }
  mark(name, found->second);
  return &found->second.row;
}

std::optional<std::int64_t> AirtimeTable::next_due_us() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.begin()->first.first + kBucketUs + kWaitUs;
}

std::optional<v1::GatewayAirtime> AirtimeTable::take_due(std::int64_t now_us) {
  if (const auto due = next_due_us(); !due || *due > now_us) return std::nullopt;
  auto first = entries_.begin();
  mark(first->first, first->second);
  auto row = std::move(first->second.row);
  row.set_start_us(first->first.first);
  row.set_gateway_id(first->first.second);
  entries_.erase(first);
  return row;
}

void AirtimeTable::flush(storage::Batch& out, std::uint32_t partition) {
  std::ranges::sort(changed_);
  const auto rest = std::ranges::unique(changed_);
  changed_.erase(rest.begin(), rest.end());
  std::string buffer;
  for (const auto& name : changed_) {
    const auto key = airtime_key(name.first, name.second);
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
      out.erase(storage::Store::network, partition, key);
      continue;
    }
    found->second.dirty = false;
    buffer.clear();
    found->second.row.AppendToString(&buffer);
    out.put(storage::Store::network, partition, key, buffer);
  }
  changed_.clear();
}

bool AirtimeTable::load_row(std::string_view key, std::string_view value) {
  constexpr std::size_t kKeySize = 17;
  Entry entry;
  if (key.size() != kKeySize || key.front() != kPrefix ||
      !entry.row.ParseFromArray(value.data(), static_cast<int>(value.size())))
    return false;
  const Name name{static_cast<std::int64_t>(base::read_be<std::uint64_t>(base::as_bytes(key.substr(1)))),
                  base::read_be<std::uint64_t>(base::as_bytes(key.substr(9)))};
  auto whole = entry.row;
  whole.set_start_us(name.first);
  if (entry.row.start_us() != 0 || entry.row.gateway_id() != 0 || !is_sound(whole)) return false;
  entries_.insert_or_assign(name, std::move(entry));
  return true;
}

void note_heard(Step& step, const v1::NetworkCopy& copy, std::size_t phy_size) {
  const auto airtime = lorawan::time_on_air(from_record(copy.data_rate()), phy_size);
  if (auto* sums = sums_of(step, copy.hearing().gateway_id(), copy.hearing().received_us(), airtime,
                           step.services.settings.airtime_sums))
    add_frame(step, airtime, *sums->mutable_heard());
}

void note_foreign(Step& step, const v1::GatewayFrame& frame) {
  const auto airtime = lorawan::time_on_air(from_record(frame.data_rate()), frame.phy_payload().size());
  if (auto* sums =
          sums_of(step, frame.gateway_id(), step.received_us, airtime, step.services.settings.airtime_sums / 2))
    add_frame(step, airtime, *sums->mutable_foreign());
}

std::chrono::microseconds airtime_of(const v1::NetworkWay& way, std::size_t phy_size) {
  return lorawan::time_on_air(from_record(way.data_rate()), phy_size, lorawan::downlink_format());
}

void note_sent(Step& step, const v1::NetworkWay& way, std::size_t phy_size) {
  const auto airtime = airtime_of(way, phy_size);
  if (auto* sums = sums_of(step, way.copy().hearing().gateway_id(), step.received_us, airtime,
                           step.services.settings.airtime_sums))
    add_frame(step, airtime, *sums->mutable_sent());
}

void hand_over_airtime(Step& step) {
  while (auto due = step.state.airtime.take_due(step.state.now_us)) {
    due->set_partition(step.state.number);
    due->set_offset(step.offset);
    v1::NetworkIn record;
    record.set_received_us(step.received_us);
    *record.mutable_gateway_airtime() = std::move(*due);
    step.state.outbox.forward(home_of(step, kSlotOfGateways), kSlotOfGateways, record);
  }
}

void measure_airtime(Step& step, const v1::GatewayAirtime& airtime) {
  if (!is_sound(airtime)) return step.count("network.dropped.gateway_airtime");
  const auto* gateway = step.state.gateways.find(airtime.gateway_id());
  if (gateway == nullptr) return step.count("network.dropped.undeclared_gateway");
  // Windows know devices and gateways by their EUI alone: a device's must never have the name and tenant of a gateway.
  if (step.state.devices.find({airtime.gateway_id()}) != nullptr)
    return step.count("network.dropped.gateway_is_a_device");
  v1::Measurement measurement;
  measurement.set_dev_eui(gateway->gateway_id());
  measurement.set_tenant(gateway->tenant());
  measurement.set_device_name(gateway->name());
  measurement.set_received_us(step.received_us);
  // Together with the time they name what was handed over: a second time it is known, whatever became of the first.
  measurement.set_session(airtime.offset());
  measurement.set_f_cnt(airtime.partition());
  add_airtime_samples({processing::kGatewayUplinks, processing::kGatewayUplinkAirtime}, airtime.heard(),
                      airtime.start_us(), measurement);
  add_airtime_samples({processing::kGatewayDownlinks, processing::kGatewayDownlinkAirtime}, airtime.sent(),
                      airtime.start_us(), measurement);
  add_airtime_samples({processing::kGatewayForeignFrames, processing::kGatewayForeignAirtime}, airtime.foreign(),
                      airtime.start_us(), measurement);
  step.state.outbox.measurement(measurement);
  step.count("network.gateway_airtime");
}

}  // namespace lenne::network
