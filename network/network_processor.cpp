#include "network/network_processor.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "network/alert_requests.hpp"
#include "network/class_c.hpp"
#include "network/control.hpp"
#include "network/downlink.hpp"
#include "network/gateway_airtime.hpp"
#include "network/join.hpp"
#include "network/lorawan/frame.hpp"
#include "network/queue.hpp"
#include "network/row_check.hpp"
#include "network/step.hpp"
#include "network/uplink.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

constexpr std::string_view kPartitionKey = "p";
// Of a record in dead-letter: enough for any that we write ourselves.
constexpr std::size_t kMostQuarantined = 65'536;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

void quarantine(PartitionState& state, base::Counters& counters, const storage::Record& record,
                std::string_view reason) {
  counters.count("network.quarantined");
  v1::DeadLetter letter;
  letter.set_reason(std::string(reason));
  letter.set_topic(std::string(storage::info_of(record.topic).name));
  letter.set_partition(record.partition);
  letter.set_offset(record.offset);
  letter.set_record(std::string(record.value.substr(0, kMostQuarantined)));
  if (record.value.size() > kMostQuarantined)
    letter.set_detail("cut: it had " + std::to_string(record.value.size()) + " bytes");
  state.outbox.dead_letter(letter);
}

void fire_due(Step& step) {
  while (const auto timer = step.state.timers.take_due(step.state.now_us)) {
    switch (timer->kind) {
      case TimerKind::window:
        fire_window(step, *timer);
        break;
      case TimerKind::downlink:
        fire_downlink(step, *timer);
        break;
      case TimerKind::class_c:
        fire_class_c(step, *timer);
        break;
    }
  }
  hand_over_airtime(step);
}

void handle_frame(Step& step, const v1::GatewayFrame& frame) {
  step.count("network.frames");
  const auto parsed = lorawan::parse_frame(base::as_bytes(frame.phy_payload()));
  if (!parsed) return refuse(step, lorawan::to_text(parsed.error()));
  std::visit(Overloaded{
                 [&](const lorawan::DataFrame& data) { handle_data(step, frame, data); },
                 [&](const lorawan::JoinRequest& request) { handle_join_request(step, frame, request); },
                 [&](const lorawan::EncryptedJoinAccept&) { refuse(step, "downlink_type"); },
                 [&](const lorawan::RejoinRequest&) { refuse(step, "rejoin"); },
                 [&](const lorawan::Proprietary&) { refuse(step, "proprietary"); },
             },
             *parsed);
}

/// Windows must see time pass where nothing is measured, too: once a second does.
void publish_seconds(Step& step, std::int64_t before_us) {
  if (before_us / base::kSecondUs == step.state.now_us / base::kSecondUs) return;
  v1::Measurement tick;
  tick.set_tick(true);
  tick.set_received_us(step.state.now_us);
  step.state.outbox.measurement(tick);
}

/// Gives the rows whose keys begin with its prefix to what keeps them.
template <typename Memory>
[[nodiscard]] base::Result<void> load_rows(const storage::StateReader& state, std::uint32_t partition,
                                           std::string_view what, Memory& memory) {
  const std::string from(1, Memory::kPrefix);
  const std::string to(1, Memory::kPrefix + 1);
  bool readable = true;
  const auto rows =
      state.scan(storage::Store::network, partition, from, to,
                 [&](std::string_view key, std::string_view value) { return readable = memory.load_row(key, value); });
  if (!rows) return rows;
  if (readable) return {};
  return base::fail("state_damaged",
                    "a row of the " + std::string(what) + " of partition " + std::to_string(partition));
}

[[nodiscard]] bool handle_body(Step& step, const v1::NetworkIn& in) {
  switch (in.body_case()) {
    case v1::NetworkIn::kFrame:
      handle_frame(step, in.frame());
      return true;
    case v1::NetworkIn::kControl:
      handle_control(step, in.control());
      return true;
    case v1::NetworkIn::kDownlink:
      handle_downlink_request(step, in.downlink());
      if (auto* entry = step.state.devices.find({in.downlink().dev_eui()})) serve_class_c(step, *entry);
      return true;
    case v1::NetworkIn::kTxResult:
      handle_tx_result(step, in.tx_result());
      return true;
    case v1::NetworkIn::kGatewayAirtime:
      measure_airtime(step, in.gateway_airtime());
      return true;
    case v1::NetworkIn::kAcknowledgement:
      hand_on(step, in.acknowledgement());
      return true;
    case v1::NetworkIn::kTick:
    case v1::NetworkIn::kGatewayStatus:  // told by ingest on its own topic
      return true;                       // moves the time
    case v1::NetworkIn::BODY_NOT_SET:
      break;
  }
  return false;
}

}  // namespace

struct NetworkProcessor::Impl {
  Services services;
  std::map<std::uint32_t, PartitionState> partitions = {};
  v1::NetworkIn in = {};  // kept, so that its memory is used again

  void step(const storage::Record& record, storage::Batch& out);

  PartitionState& partition(std::uint32_t number) { return partitions.try_emplace(number, number).first->second; }

  // When the record's cause reached us. A clock that runs ahead must not move the partition's time.
  [[nodiscard]] std::int64_t receive_time(const storage::Record& record) {
    const auto appended = base::to_us(record.appended);
    if (in.received_us() <= 0) return appended;
    if (in.received_us() - appended <= services.settings.most_ahead.count()) return in.received_us();
    services.counters.count("network.clock_ahead");
    return appended;
  }

  [[nodiscard]] bool is_repeat(PartitionState& state, std::uint64_t offset) {
    if (!in.has_origin()) return false;
    switch (state.origins.take(in.origin(), offset)) {
      case OriginMemory::Verdict::fresh:
        return false;
      case OriginMemory::Verdict::repeated:
        services.counters.count("network.dropped.repeated_record");
        return true;
      case OriginMemory::Verdict::stale:
        services.counters.count("network.dropped.stale_record");
        return true;
    }
    return false;
  }
};

NetworkProcessor::NetworkProcessor(const NetworkSettings& settings, const base::crypto::KeyVault& vault,
                                   processing::UplinkDecoder& decoder, base::Counters& counters)
    : impl_(new Impl{.services = {settings, vault, decoder, counters,
                                  lorawan::dev_addr_range(settings.net_id).value_or(lorawan::DevAddrRange{})}}) {}

NetworkProcessor::~NetworkProcessor() = default;

base::Result<void> NetworkProcessor::assigned(std::uint32_t partition, const storage::StateReader& state) {
  impl_->partitions.erase(partition);
  auto& loaded = impl_->partition(partition);
  if (auto devices = loaded.devices.load(state, partition); !devices) return devices;
  const auto row = state.get(storage::Store::network, partition, kPartitionKey);
  if (!row) return std::unexpected(row.error());
  if (*row) {
    v1::NetworkPartition saved;
    if (!saved.ParseFromString(**row) || !is_sound(saved) || !loaded.origins.load(saved))
      return base::fail("state_damaged", "row of partition " + std::to_string(partition));
    loaded.now_us = saved.now_us();
  }
  if (auto rows = load_rows(state, partition, "writers", loaded.origins); !rows) return rows;
  if (auto rows = load_rows(state, partition, "airtime", loaded.airtime); !rows) return rows;
  if (auto rows = load_rows(state, partition, "gateways", loaded.gateways); !rows) return rows;
  if (auto rows = load_rows(state, partition, "use cases", loaded.use_cases); !rows) return rows;
  loaded.devices.each([&](DeviceEntry& entry) {
    for (const auto& t : entry.row.transmissions()) {
      if (t.due_us() > loaded.now_us)
        loaded.timers.add({t.due_us(), entry.eui().value, t.input_offset(), TimerKind::window});
    }
    for (const auto& d : entry.row.downlinks()) {
      loaded.timers.add({d.expires_us(), entry.eui().value, d.input_offset(), TimerKind::downlink});
    }
    if (entry.row.wake_us() != 0) loaded.timers.add({entry.row.wake_us(), entry.eui().value, 0, TimerKind::class_c});
  });
  return {};
}

void NetworkProcessor::revoked(std::uint32_t partition) { impl_->partitions.erase(partition); }

processing::Progress NetworkProcessor::step(const storage::Record& record, storage::Batch& out) {
  impl_->step(record, out);
  return processing::Progress::done;
}

void NetworkProcessor::Impl::step(const storage::Record& record, storage::Batch& out) {
  if (record.topic != storage::Topic::network_in) return services.counters.count("network.dropped.other_topic");
  auto& state = partition(record.partition);
  state.outbox.direct_to(out);
  if (!in.ParseFromArray(record.value.data(), static_cast<int>(record.value.size()))) {
    return quarantine(state, services.counters, record, "not_a_record");
  }
  Step step{services, state, record.offset, receive_time(record)};
  const auto before = std::exchange(state.now_us, std::max(state.now_us, step.received_us));
  state.dirty = true;
  publish_seconds(step, before);
  fire_due(step);
  if (is_repeat(state, record.offset)) return;
  if (!handle_body(step, in)) quarantine(state, services.counters, record, "empty_record");
}

void NetworkProcessor::flush(storage::Batch& out) {
  for (auto& [number, state] : impl_->partitions) {
    state.devices.flush(out, number);
    state.airtime.flush(out, number);
    state.gateways.flush(out, number);
    state.use_cases.flush(out, number);
    if (!std::exchange(state.dirty, false)) continue;
    v1::NetworkPartition row;
    row.set_now_us(state.now_us);
    state.origins.save(row, out, number);
    out.put(storage::Store::network, number, kPartitionKey, row.SerializeAsString());
  }
}

std::optional<base::Timestamp> NetworkProcessor::next_due(std::uint32_t partition) const {
  const auto found = impl_->partitions.find(partition);
  if (found == impl_->partitions.end()) return std::nullopt;
  auto due = found->second.timers.next_due_us();
  if (const auto airtime = found->second.airtime.next_due_us(); airtime && (!due || *airtime < *due)) due = airtime;
  if (!due) return std::nullopt;
  return base::from_us(*due);
}

}  // namespace lenne::network
