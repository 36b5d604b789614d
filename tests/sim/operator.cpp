#include "operator.hpp"

#include <array>

#include <fmt/format.h>

#include "base/slot.hpp"
#include "dice.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;

// All that is no device's goes to partition 0.
constexpr std::uint8_t kCommonSlot = 0;

}  // namespace

Operator::Operator(EventQueue& queue, const Scenario& scenario, base::Random random, Facts& facts, Tally& tally,
                   Host& host)
    : queue_(queue), scenario_(scenario), random_(random), facts_(facts), tally_(tally), host_(host) {}

void Operator::start(base::Timestamp until) {
  until_ = until;
  for (const auto& name : scenario_.tenants) {
    v1::Object object;
    object.mutable_tenant()->set_name(name);
    put(std::move(object), kCommonSlot);
  }
  for (const auto& plan : scenario_.gateways) queue_.after(plan.declared_after, [this, &plan] { declare(plan); });
  for (const auto& plan : scenario_.devices) {
    if (plan.declared) declare(plan, plan.name);
  }
  if (scenario_.operator_every > base::Duration{})
    queue_.after(pause_of(random_, scenario_.operator_every), [this] { change_something(); });
  if (scenario_.downlinks_every > base::Duration{})
    queue_.after(pause_of(random_, scenario_.downlinks_every), [this] { ask_for_downlink(); });
}

void Operator::declare(const GatewayPlan& plan) {
  v1::Object object;
  auto& gateway = *object.mutable_gateway();
  gateway.set_gateway_id(plan.id.value);
  gateway.set_tenant(plan.tenant);
  put(std::move(object), kCommonSlot);
}

v1::Device Operator::object_of(const DevicePlan& plan, const std::string& name) const {
  v1::Device device;
  device.set_dev_eui(plan.eui.value);
  device.set_join_eui(plan.join_eui.value);
  device.set_name(name);
  device.set_tenant(plan.tenant);
  device.set_site("town-hall");
  device.set_region("EU868");
  device.set_mac_version(plan.mac_version);
  device.set_device_class(plan.class_c ? "C" : "A");
  if (plan.decoded) device.set_schema("sim/probe");
  device.set_nominal_interval_s(60);
  if (plan.abp) {
    const auto& keys = plan.abp->keys;
    const auto blob =
        host_.vault().wrap(std::array{keys.f_nwk_s_int_key, keys.s_nwk_s_int_key, keys.nwk_s_enc_key, keys.app_s_key});
    device.set_activation(v1::ACTIVATION_ABP);
    device.set_dev_addr(plan.abp->address.value);
    device.set_wrapped_session_keys(blob.data(), blob.size());
    device.set_f_cnt_up(plan.abp->first_f_cnt);
    device.set_f_cnt_reset(plan.abp->resets);
  } else {
    const auto blob = host_.vault().wrap(std::array{plan.app_key, plan.app_key});
    device.set_activation(v1::ACTIVATION_OTAA);
    device.set_wrapped_root_keys(blob.data(), blob.size());
  }
  return device;
}

void Operator::declare(const DevicePlan& plan, const std::string& name) {
  v1::Object object;
  *object.mutable_device() = object_of(plan, name);
  put(std::move(object), base::slot_of(plan.eui));
}

void Operator::put(v1::Object object, std::uint8_t slot) {
  Write next{{}, slot};
  auto& control = *next.record.mutable_control();
  control.set_request_id(++requests_);
  control.set_actor("operator");
  *control.mutable_put() = std::move(object);
  write(std::move(next));
}

void Operator::write(Write write) {
  waiting_.push_back(std::move(write));
  if (!trying_) go_on();
}

void Operator::go_on() {
  trying_ = false;
  while (!waiting_.empty()) {
    auto& next = waiting_.front();
    if (host_.is_up()) {
      if (next.repeated) tally_.count(Happening::operator_repeat);
      next.record.set_received_us(base::to_us(queue_.now()));
      storage::Batch batch;
      batch.append(storage::Topic::network_in, base::partition_of(next.slot, scenario_.partitions), {},
                   {reinterpret_cast<const char*>(&next.slot), 1}, next.record.SerializeAsString());
      if (host_.append(batch)) {
        tally_.count(Happening::operator_write);
        wrote_ = true;
        waiting_.pop_front();
        continue;
      }
      if (next.once) {
        waiting_.pop_front();
        continue;
      }
      next.repeated = true;
    }
    trying_ = true;
    queue_.after(1s, [this] { go_on(); });
    return;
  }
}

void Operator::change_something() {
  if (queue_.now() >= until_) return;
  queue_.after(pause_of(random_, scenario_.operator_every), [this] { change_something(); });
  const auto& plan = one_of(random_, scenario_.devices);
  if (random_.chance(0.1)) {  // a write that must be refused
    v1::Object object;
    *object.mutable_device() = object_of(plan, plan.name);
    object.mutable_device()->set_region("MARS");
    return put(std::move(object), base::slot_of(plan.eui));
  }
  if (!plan.declared) return;
  if (random_.chance(0.15)) {
    Write removal{{}, base::slot_of(plan.eui)};
    auto& control = *removal.record.mutable_control();
    control.set_request_id(++requests_);
    control.mutable_remove()->mutable_device()->set_dev_eui(plan.eui.value);
    write(std::move(removal));
    tally_.count(Happening::device_removed);
    queue_.after(between(random_, 1s, 60s), [this, &plan] { declare(plan, plan.name); });
    return;
  }
  declare(plan, fmt::format("{} ({})", plan.name, requests_));
}

void Operator::ask_for_downlink() {
  if (queue_.now() >= until_) return;
  queue_.after(pause_of(random_, scenario_.downlinks_every), [this] { ask_for_downlink(); });
  AskedDownlink asked;
  asked.device = random_.below(scenario_.devices.size());
  const auto& plan = scenario_.devices[asked.device];
  asked.request_id = ++requests_;
  asked.f_port = static_cast<std::uint8_t>(whole(random_, 1, 223));
  asked.confirmed = random_.chance(0.5);
  asked.own_tenant = !random_.chance(0.1);
  asked.payload.resize(static_cast<std::size_t>(random_.chance(0.1) ? whole(random_, 60, 200) : whole(random_, 8, 30)));
  for (auto& byte : asked.payload) byte = static_cast<std::uint8_t>(random_.next());
  base::write_be(asked.payload.data(), asked.request_id);  // each is its own
  Write next{{}, base::slot_of(plan.eui)};
  auto& request = *next.record.mutable_downlink();
  request.set_request_id(asked.request_id);
  request.set_dev_eui(plan.eui.value);
  request.set_tenant(asked.own_tenant ? plan.tenant : "somebody-else");
  request.set_f_port(asked.f_port);
  request.set_payload(asked.payload.data(), asked.payload.size());
  request.set_confirmed(asked.confirmed);
  next.once = true;
  write(std::move(next));
  facts_.asked.push_back(std::move(asked));
}

}  // namespace lenne::sim
