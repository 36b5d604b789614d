#include "network/control.hpp"

#include <algorithm>

#include "base/slot.hpp"
#include "network/alert_requests.hpp"
#include "network/homes.hpp"
#include "network/queue.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

// Of one device with fixed keys.
constexpr int kRetiredSessions = 8;

void tell(Step& step, const v1::Object& object, v1::LogLevel level, std::string_view code, std::string_view message,
          std::uint64_t request_id) {
  const auto tenant = tenant_of(object);
  auto subject = subject_of(object.device());
  subject.tenant = tenant;
  publish_log(step, subject, {.level = level, .code = code, .message = message, .request_id = request_id});
}

void refuse_write(Step& step, const v1::Object& object, const base::Error& error, std::uint64_t request_id) {
  step.count("network.control.refused");
  tell(step, object, v1::LOG_LEVEL_ERROR, error.code, error.message, request_id);
}

void publish_state(Step& step, const v1::Object& object, std::uint64_t request_id) {
  v1::ControlState state;
  *state.mutable_object() = object;
  if (object.has_device()) {
    auto& device = *state.mutable_object()->mutable_device();
    device.clear_wrapped_root_keys();
    device.clear_wrapped_session_keys();
  }
  state.mutable_input()->set_partition(step.state.number);
  state.mutable_input()->set_offset(step.offset);
  state.set_request_id(request_id);
  state.set_applied_us(step.state.now_us);
  step.state.outbox.control(control_key_of(object), state);
  step.count("network.control.applied");
}

void publish_keys(Step& step, const v1::Object& object) {
  const auto& device = object.device();
  v1::Device wrapped;
  wrapped.set_dev_eui(device.dev_eui());
  wrapped.set_wrapped_root_keys(device.wrapped_root_keys());
  wrapped.set_wrapped_session_keys(device.wrapped_session_keys());
  wrapped.set_key_fingerprint(device.key_fingerprint());
  step.state.outbox.keys(control_key_of(object), wrapped);
}

// What roll-ups know of an object; of no kind when it does not matter to them.
v1::Object known_to_rollups(const v1::Object& object) {
  v1::Object declared;
  if (object.has_tenant()) {
    auto& tenant = *declared.mutable_tenant();
    tenant.set_name(object.tenant().name());
    tenant.set_district(object.tenant().district());
    *tenant.mutable_open() = object.tenant().open();
  } else if (object.has_site()) {
    auto& site = *declared.mutable_site();
    site.set_tenant(object.site().tenant());
    site.set_name(object.site().name());
    site.set_area(object.site().area());
  } else if (object.has_use_case()) {
    auto& use_case = *declared.mutable_use_case();
    use_case.set_name(object.use_case().name());
    use_case.set_privacy(object.use_case().privacy());
  } else if (object.has_device()) {
    auto& device = *declared.mutable_device();
    device.set_dev_eui(object.device().dev_eui());
    device.set_use_case(object.device().use_case());
  }
  return declared;
}

// Roll-ups learn of places, and of what may be published, in the order of the results that they are made of.
void tell_rollups(Step& step, const v1::Object& object) {
  v1::RollupInput input;
  *input.mutable_declared() = known_to_rollups(object);
  if (input.declared().kind_case() == v1::Object::KIND_NOT_SET) return;
  step.state.outbox.rollup_input(control_key_of(object), input);
}

// `named` says what is removed and nothing more.
void tell_rollups_removed(Step& step, const v1::Object& named) {
  v1::RollupInput input;
  *input.mutable_withdrawn() = known_to_rollups(named);
  if (input.withdrawn().kind_case() == v1::Object::KIND_NOT_SET) return;
  step.state.outbox.rollup_input(control_key_of(named), input);
}

void hand_over(Step& step, std::uint32_t partition, std::uint8_t slot, v1::ControlRequest request) {
  v1::NetworkIn record;
  record.set_received_us(step.received_us);
  *record.mutable_control() = std::move(request);
  step.state.outbox.forward(partition, slot, record);
}

// Keys are compared in clear: two blobs differ when the network's key was changed in between.
[[nodiscard]] bool same_keys(const Step& step, const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto first = step.services.vault.unwrap(base::as_bytes(a));
  const auto second = step.services.vault.unwrap(base::as_bytes(b));
  return first && second && *first == *second;
}

[[nodiscard]] v1::NetworkSession make_abp_session(Step& step, const v1::Device& device) {
  auto& memory = step.state.devices.memory({device.dev_eui()});
  memory.set_session_number(memory.session_number() + 1);
  v1::NetworkSession session;
  session.set_id(session_id({device.dev_eui()}, v1::ACTIVATION_ABP, {device.dev_addr()}, memory.session_number()));
  session.set_dev_addr(device.dev_addr());
  session.set_wrapped_keys(device.wrapped_session_keys());
  if (const auto* region = lorawan::find_region(device.region())) {
    // Nobody told the device anything: it listens with the region's own parameters.
    session.set_rx1_delay_s(region->receive_delay1_s);
    session.set_rx2_data_rate(region->rx2_data_rate);
    session.set_rx2_frequency_hz(region->rx2_hz);
  }
  return session;
}

// A device with fixed keys that leaves may come back with the same ones: counters that were used stay used.
void retire_abp(Step& step, DeviceEntry& entry, const v1::Device& before) {
  if (before.activation() != v1::ACTIVATION_ABP || !entry.row.has_active()) return;
  auto& retired = *step.state.devices.memory(entry.eui()).mutable_retired();
  while (retired.size() >= kRetiredSessions) retired.erase(retired.begin());
  *retired.Add() = entry.row.active();
}

[[nodiscard]] v1::NetworkSession abp_session(Step& step, const v1::Device& device) {
  auto& retired = *step.state.devices.memory({device.dev_eui()}).mutable_retired();
  const auto known = std::ranges::find_if(retired, [&](const v1::NetworkSession& session) {
    return session.dev_addr() == device.dev_addr() &&
           same_keys(step, session.wrapped_keys(), device.wrapped_session_keys());
  });
  if (known == retired.end()) return make_abp_session(step, device);
  auto session = *known;
  retired.erase(known);
  return session;
}

void apply_abp(Step& step, DeviceEntry& entry, const v1::Device& before, bool was_here) {
  const auto& device = entry.row.device();
  auto& devices = step.state.devices;
  const bool same = was_here && before.activation() == v1::ACTIVATION_ABP && entry.row.has_active() &&
                    before.dev_addr() == device.dev_addr() &&
                    same_keys(step, before.wrapped_session_keys(), device.wrapped_session_keys());
  if (!same) {
    if (was_here) retire_abp(step, entry, before);
    auto session = abp_session(step, device);
    devices.set_pending(entry, std::nullopt);
    devices.set_active(entry, std::move(session));
  }
  // Counters that were used are never offered again, whatever the file says.
  auto& session = *entry.row.mutable_active();
  session.set_wrapped_keys(device.wrapped_session_keys());
  session.set_next_f_cnt_up(std::max<std::uint64_t>(session.next_f_cnt_up(), device.f_cnt_up()));
  session.set_next_f_cnt_down(std::max<std::uint64_t>(session.next_f_cnt_down(), device.f_cnt_down()));
}

void apply_otaa(Step& step, DeviceEntry& entry, const v1::Device& before, bool was_here) {
  if (!was_here) return;
  auto& devices = step.state.devices;
  if (before.activation() != v1::ACTIVATION_OTAA) {
    retire_abp(step, entry, before);
    devices.set_active(entry, std::nullopt);
    return;
  }
  const auto& device = entry.row.device();
  const bool same_root = same_keys(step, before.wrapped_root_keys(), device.wrapped_root_keys());
  if (same_root && before.join_eui() == device.join_eui()) return;
  devices.set_pending(entry, std::nullopt);
  // DevNonces count per root key and JoinEUI; JoinNonces go on.
  auto& memory = devices.memory(entry.eui());
  memory.clear_next_dev_nonce();
  memory.clear_seen_dev_nonces();
}

void store_device(Step& step, const v1::Device& device, bool with_sessions) {
  auto& devices = step.state.devices;
  auto* known = devices.find({device.dev_eui()});
  const bool was_here = known != nullptr;
  if (was_here) close_windows(step, *known);
  auto& entry = devices.put({device.dev_eui()});
  const auto before = entry.row.device();
  *entry.row.mutable_device() = device;
  if (!with_sessions) {
    retire_abp(step, entry, before);
    devices.set_active(entry, std::nullopt);
    devices.set_pending(entry, std::nullopt);
  } else if (device.activation() == v1::ACTIVATION_ABP) {
    apply_abp(step, entry, before, was_here);
  } else {
    apply_otaa(step, entry, before, was_here);
  }
}

[[nodiscard]] base::Result<void> check_room(const Step& step, const v1::Device& device, bool with_sessions) {
  auto& devices = step.state.devices;
  const auto& settings = step.services.settings;
  if (!devices.room_for({device.dev_eui()}, settings.devices_per_partition)) {
    return base::fail("device_limit", "no room for more devices in partition " + std::to_string(step.state.number));
  }
  if (!with_sessions || device.activation() != v1::ACTIVATION_ABP) return {};
  const auto* known = devices.find({device.dev_eui()});
  const bool there = known != nullptr && known->row.has_active() && known->row.active().dev_addr() == device.dev_addr();
  if (!there && devices.crowd({device.dev_addr()}) >= settings.sessions_per_address) {
    return base::fail("dev_addr_crowded", "DevAddr " + base::to_hex(base::DevAddr{device.dev_addr()}) +
                                              " has as many devices as one may have");
  }
  return {};
}

// Takes a device away from the partition of the DevAddr that it had.
void take_back(Step& step, const v1::Device& before, std::uint64_t request_id) {
  v1::ControlRequest removal;
  removal.set_request_id(request_id);
  removal.set_actor("network");
  removal.mutable_remove()->mutable_device()->set_dev_eui(before.dev_eui());
  hand_over(step, home_of_frames(step, before), base::slot_of(base::DevAddr{before.dev_addr()}), std::move(removal));
}

void put_device(Step& step, const v1::ControlRequest& request) {
  const auto& device = request.put().device();
  const auto here = step.state.number;
  const bool tells = home_of_eui(step, device) == here;
  const auto frames = home_of_frames(step, device);
  if (!tells && frames != here) return step.count("network.control.misrouted");
  auto good = check_device(step.services, device);
  if (good) good = check_room(step, device, frames == here);
  if (!good) {
    // Both homes of a device with fixed keys see the same faults, and one tells them; only room is a matter of each.
    const bool own_matter = good.error().code == "device_limit" || good.error().code == "dev_addr_crowded";
    if (tells || own_matter) refuse_write(step, request.put(), good.error(), request.request_id());
    return;
  }
  const auto* known = step.state.devices.find({device.dev_eui()});
  const auto before = known == nullptr ? v1::Device{} : known->row.device();
  store_device(step, device, frames == here);
  if (!tells) return;
  publish_state(step, request.put(), request.request_id());
  publish_keys(step, request.put());
  if (device.use_case() != before.use_case()) tell_rollups(step, request.put());
  if (before.dev_eui() != 0) {
    const auto old_frames = home_of_frames(step, before);
    if (old_frames != here && old_frames != frames) take_back(step, before, request.request_id());
  }
  // What this partition says comes last, so both homes end with the same device whatever else arrived in between.
  if (frames != here) hand_over(step, frames, base::slot_of(base::DevAddr{device.dev_addr()}), request);
}

void drop_device(Step& step, DeviceEntry& entry) {
  close_windows(step, entry);
  drop_queue(step, entry, "the device is removed");
  tell_removed(step, entry.row.device());
  retire_abp(step, entry, entry.row.device());
  for (const auto& downlink : entry.row.downlinks()) {
    step.state.timers.remove({downlink.expires_us(), entry.eui().value, downlink.input_offset(), TimerKind::downlink});
  }
  step.state.devices.remove(entry.eui());
}

void remove_device(Step& step, const v1::ControlRequest& request) {
  const auto& named = request.remove().device();
  const auto here = step.state.number;
  auto* known = step.state.devices.find({named.dev_eui()});
  if (home_of_eui(step, named) != here) {
    if (known != nullptr) drop_device(step, *known);
    return;
  }
  if (known == nullptr) {
    return refuse_write(step, request.remove(), {"unknown_device", base::to_hex(base::DevEui{named.dev_eui()})},
                        request.request_id());
  }
  v1::Object removed;
  *removed.mutable_device() = known->row.device();
  if (home_of_frames(step, removed.device()) != here) take_back(step, removed.device(), request.request_id());
  drop_device(step, *known);
  if (!removed.device().use_case().empty()) tell_rollups_removed(step, request.remove());
  const auto key = control_key_of(removed);
  step.state.outbox.control_removed(key);
  step.state.outbox.keys_removed(key);
  tell(step, removed, v1::LOG_LEVEL_INFO, "removed", key, request.request_id());
  step.count("network.control.applied");
}

// All that is no device is judged and told in one partition.
[[nodiscard]] bool tells_objects(const Step& step) { return step.state.number == home_of(step, kSlotOfGateways); }

// Every partition is told of a use case, so that whatever arrives after the write follows it. What the partition that
// judges it says comes last: so all of them end with the same rules, whatever else arrived in between.
void hand_over_to_all(Step& step, const v1::ControlRequest& request) {
  for (std::uint32_t partition = 0; partition < step.services.settings.partitions; ++partition) {
    // Its own number is a slot of a partition.
    if (partition != step.state.number) hand_over(step, partition, static_cast<std::uint8_t>(partition), request);
  }
}

// What is behind the step learns of rules in the order of the uplinks that they are for.
void tell_definition(Step& step, v1::Measurement definition) {
  definition.set_received_us(step.state.now_us);
  step.state.outbox.measurement(definition);
}

void put_use_case(Step& step, const v1::ControlRequest& request) {
  const auto& use_case = request.put().use_case();
  const bool tells = tells_objects(step);
  auto good = check_object(request.put());
  if (good && !step.state.use_cases.room_for(use_case.name(), step.services.settings.use_cases))
    good = base::fail("use_case_limit", "no room for more use cases");
  if (!good) {
    if (tells) return refuse_write(step, request.put(), good.error(), request.request_id());
    return step.count("network.control.refused");
  }
  if (step.state.use_cases.put(use_case)) {
    v1::Measurement told;
    *told.mutable_definition() = use_case;
    tell_definition(step, std::move(told));
  }
  if (!tells) return;
  publish_state(step, request.put(), request.request_id());
  tell_rollups(step, request.put());
  hand_over_to_all(step, request);
}

void remove_use_case(Step& step, const v1::ControlRequest& request) {
  const auto& name = request.remove().use_case().name();
  if (step.state.use_cases.remove(name)) {
    v1::Measurement told;
    told.set_removed_definition(name);
    tell_definition(step, std::move(told));
  }
  if (tells_objects(step)) hand_over_to_all(step, request);
}

}  // namespace

void handle_control(Step& step, const v1::ControlRequest& request) {
  if (request.has_put()) {
    if (request.put().has_device()) return put_device(step, request);
    if (request.put().has_use_case()) return put_use_case(step, request);
    if (const auto good = check_object(request.put()); !good)
      return refuse_write(step, request.put(), good.error(), request.request_id());
    if (request.put().has_gateway()) {
      const auto& gateway = request.put().gateway();
      if (!step.state.gateways.room_for(gateway.gateway_id(), step.services.settings.gateways))
        return refuse_write(step, request.put(), {"gateway_limit", "no room for more gateways"}, request.request_id());
      step.state.gateways.put(gateway);
    }
    tell_rollups(step, request.put());
    return publish_state(step, request.put(), request.request_id());
  }
  if (request.has_remove()) {
    if (request.remove().has_device()) return remove_device(step, request);
    const auto key = control_key_of(request.remove());
    if (key.empty())
      return refuse_write(step, request.remove(), {"empty_object", "nothing is named"}, request.request_id());
    if (request.remove().has_use_case()) {
      remove_use_case(step, request);
      if (!tells_objects(step)) return;
    }
    step.state.gateways.remove(request.remove().gateway().gateway_id());
    step.state.outbox.control_removed(key);
    tell_rollups_removed(step, request.remove());
    tell(step, request.remove(), v1::LOG_LEVEL_INFO, "removed", key, request.request_id());
    return step.count("network.control.applied");
  }
  refuse_write(step, {}, {"empty_request", "neither put nor remove"}, request.request_id());
}

void restart_abp_session(Step& step, DeviceEntry& entry) {
  step.state.devices.set_active(entry, make_abp_session(step, entry.row.device()));
}

}  // namespace lenne::network
