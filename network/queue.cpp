#include "network/queue.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "network/homes.hpp"

namespace lenne::network {
namespace {

// FPort 224 is the certification protocol's (TS009); above it all is reserved or the network's own.
constexpr std::uint32_t kLastPort = 224;
// Class C: between a frame that no gateway would send and the next try.
constexpr std::int64_t kRetryUs = 5'000'000;

[[nodiscard]] std::size_t longest_payload(const lorawan::Region& region) {
  std::size_t longest = 0;
  for (const auto& size : region.max_payload) longest = std::max<std::size_t>(longest, size ? size->n : 0);
  return longest;
}

/// `asked`: a DownlinkRequest or what is queued of it.
template <typename Asked>
void tell(Step& step, const Subject& subject, v1::LogLevel level, std::string_view code, std::string_view message,
          const Asked& asked) {
  publish_log(step, subject,
              {.level = level,
               .code = code,
               .message = message,
               .request_id = asked.request_id(),
               .correlation_id = asked.correlation_id()});
}

void refuse_request(Step& step, const Subject& subject, std::string_view code, std::string_view message,
                    const v1::DownlinkRequest& request) {
  step.count("network.queue.refused." + std::string(code));
  tell(step, subject, v1::LOG_LEVEL_ERROR, code, message, request);
}

struct Fault {
  std::string_view code;
  std::string message;
};

[[nodiscard]] std::optional<Fault> fault_of(const Step& step, const DeviceEntry& entry,
                                            const v1::DownlinkRequest& request) {
  if (request.f_port() == 0 || request.f_port() > kLastPort)
    return Fault{"f_port", "FPort " + std::to_string(request.f_port()) + " is not for applications: 1 to 224"};
  const auto* region = region_of(entry);
  if (region == nullptr) return Fault{"device_unusable", "its region is not supported any more"};
  if (const auto most = longest_payload(*region); request.payload().size() > most) {
    return Fault{"downlink_too_long", std::to_string(request.payload().size()) + " bytes; " +
                                          std::string(region->name) + " carries at most " + std::to_string(most)};
  }
  const auto most = step.services.settings.queue_per_device;
  if (static_cast<std::size_t>(entry.row.queue_size()) >= most)
    return Fault{"queue_full", std::to_string(most) + " downlinks wait already"};
  return std::nullopt;
}

// Forgets the carried downlink and returns it.
[[nodiscard]] v1::NetworkCarried take_carried(Step& step, DeviceEntry& entry) {
  auto carried = std::move(*entry.row.mutable_carried());
  entry.row.clear_carried();
  step.state.devices.touch(entry);
  return carried;
}

void publish_ack(Step& step, const DeviceEntry& entry, const v1::NetworkCarried& carried, bool acknowledged) {
  auto event = make_event(step, entry, step.received_us, step.received_us, step.offset);
  auto& ack = *event.mutable_ack();
  ack.set_f_cnt_down(carried.f_cnt_down());
  ack.set_acknowledged(acknowledged);
  ack.set_request_id(carried.item().request_id());
  ack.set_correlation_id(carried.item().correlation_id());
  step.state.outbox.event(event);
  step.count(acknowledged ? "network.queue.acknowledged" : "network.queue.unacknowledged");
}

void try_again(Step& step, DeviceEntry& entry) {
  auto item = std::move(*take_carried(step, entry).mutable_item());
  item.set_attempts(item.attempts() + 1);
  if (item.attempts() >= step.services.settings.attempts_per_downlink) {
    step.count("network.queue.failed");
    return tell(step, subject_of(entry.row.device()), v1::LOG_LEVEL_ERROR, "downlink_failed",
                "no gateway would send it, " + std::to_string(item.attempts()) + " times", item);
  }
  auto& queue = *entry.row.mutable_queue();
  *queue.Add() = std::move(item);
  std::rotate(queue.begin(), queue.end() - 1, queue.end());
  if (is_class_c(entry)) entry.row.set_busy_until_us(std::max(entry.row.busy_until_us(), step.state.now_us + kRetryUs));
}

[[nodiscard]] bool carries(const DeviceEntry& entry, const v1::NetworkDownlink& downlink) {
  const auto& row = entry.row;
  return row.has_carried() && !downlink.join_accept() && row.carried().session() == downlink.session() &&
         row.carried().f_cnt_down() == downlink.f_cnt_down();
}

}  // namespace

void handle_downlink_request(Step& step, const v1::DownlinkRequest& request) {
  auto* entry = step.state.devices.find({request.dev_eui()});
  // Who asks for another tenant's device learns no more than that it is not his.
  if (entry == nullptr || (!request.tenant().empty() && request.tenant() != entry->row.device().tenant())) {
    return refuse_request(step, {.dev_eui = request.dev_eui(), .tenant = request.tenant()}, "unknown_device",
                          "there is no such device", request);
  }
  const auto& device = entry->row.device();
  if (const auto frames = home_of_frames(step, device); frames != step.state.number) {
    v1::NetworkIn record;
    record.set_received_us(step.received_us);
    *record.mutable_downlink() = request;
    return step.state.outbox.forward(frames, base::slot_of(base::DevAddr{device.dev_addr()}), record);
  }
  if (const auto fault = fault_of(step, *entry, request))
    return refuse_request(step, subject_of(device), fault->code, fault->message, request);
  auto& item = *entry->row.add_queue();
  item.set_request_id(request.request_id());
  item.set_correlation_id(request.correlation_id());
  item.set_f_port(request.f_port());
  item.set_payload(request.payload());
  item.set_confirmed(request.confirmed());
  step.state.devices.touch(*entry);
  step.count("network.queue.accepted");
  tell(step, subject_of(device), v1::LOG_LEVEL_INFO, "downlink_queued", "", request);
}

const v1::NetworkQueued* next_in_queue(const DeviceEntry& entry) {
  if (entry.row.has_carried() || entry.row.queue().empty()) return nullptr;
  return &entry.row.queue(0);
}

void carry(Step& step, DeviceEntry& entry, std::uint32_t f_cnt_down) {
  auto& queue = *entry.row.mutable_queue();
  auto& carried = *entry.row.mutable_carried();
  *carried.mutable_item() = std::move(queue[0]);
  queue.erase(queue.begin());
  carried.set_session(entry.row.active().id());
  carried.set_f_cnt_down(f_cnt_down);
  step.state.devices.touch(entry);
}

const v1::NetworkQueued* carried_request(const DeviceEntry& entry, const v1::NetworkDownlink& downlink) {
  return carries(entry, downlink) ? &entry.row.carried().item() : nullptr;
}

void downlink_ended(Step& step, DeviceEntry& entry, const v1::NetworkDownlink& downlink, Ended how) {
  if (!carries(entry, downlink)) return;
  if (how == Ended::refused) return try_again(step, entry);
  if (!entry.row.carried().item().confirmed()) {
    (void)take_carried(step, entry);
    return;
  }
  // It waits for the device's ACK: class A until the next uplink, class C at most so long.
  if (is_class_c(entry)) {
    const auto begin = std::max(step.state.now_us, entry.row.busy_until_us());
    entry.row.mutable_carried()->set_ack_due_us(begin + step.services.settings.class_c_ack_timeout.count());
    step.state.devices.touch(entry);
  }
}

void take_ack(Step& step, DeviceEntry& entry, bool ack) {
  if (!entry.row.has_carried() || !entry.row.carried().item().confirmed()) return;
  const auto& carried = entry.row.carried();
  // Under other keys than those of the frame it cannot be meant.
  const bool meant = ack && carried.session() == entry.row.active().id();
  if (!meant && is_class_c(entry) && carried.session() == entry.row.active().id()) return;
  publish_ack(step, entry, take_carried(step, entry), meant);
}

void give_up_ack(Step& step, DeviceEntry& entry) { publish_ack(step, entry, take_carried(step, entry), false); }

void drop_queue(Step& step, DeviceEntry& entry, std::string_view why) {
  auto& queue = *entry.row.mutable_queue();
  if (entry.row.has_carried()) *queue.Add() = std::move(*take_carried(step, entry).mutable_item());
  for (const auto& item : queue) {
    step.count("network.queue.dropped");
    tell(step, subject_of(entry.row.device()), v1::LOG_LEVEL_WARNING, "downlink_dropped", why, item);
  }
  queue.Clear();
}

bool is_class_c(const DeviceEntry& entry) { return entry.row.device().device_class() == "C"; }

}  // namespace lenne::network
