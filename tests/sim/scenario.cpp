#include "scenario.hpp"

#include <array>

#include <fmt/format.h>

#include "base/random.hpp"
#include "dice.hpp"
#include "network/lorawan/dev_addr.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;
using base::Random;

constexpr base::Timestamp kStart = base::from_us(1'795'500'000'000'000);  // 2026-11-24
constexpr double kSide = 7;                                               // km

base::crypto::Key128 key_of(Random& random) {
  base::crypto::Key128 key;
  for (auto& byte : key.bytes) byte = static_cast<std::uint8_t>(random.next() >> 32);
  return key;
}

Place place_of(Random& random, double side) { return {random.unit() * side, random.unit() * side}; }

AbpPlan abp_of(Random& random, std::vector<DevicePlan>& others) {
  AbpPlan plan;
  plan.address.value = static_cast<std::uint32_t>(random.below(1U << 25));  // NetID 0
  if (plan.address.value == 0) plan.address.value = 1;
  plan.keys = network::lorawan::session_keys_1_0(key_of(random), key_of(random));
  if (random.chance(0.3)) plan.first_f_cnt = 65'536 - static_cast<std::uint32_t>(whole(random, 1, 12));
  plan.resets = random.chance(0.4);
  if (plan.resets) plan.first_f_cnt = 0;
  for (auto& other : others) {
    if (!other.abp || other.abp->shares_address || !random.chance(0.3)) continue;
    plan.address = other.abp->address;
    plan.shares_address = other.abp->shares_address = true;
    break;
  }
  return plan;
}

DevicePlan device_of(Random random, Scenario& scenario, double side) {
  DevicePlan plan;
  const auto number = scenario.devices.size();
  plan.eui.value = 0x70b3d50000000000 + random.below(1U << 24) * 256 + number;
  plan.join_eui.value = 0x0102030405060708 + random.below(3);
  plan.name = fmt::format("device-{}", number);
  plan.tenant = one_of(random, scenario.tenants);
  plan.mac_version = fmt::format("1.0.{}", random.below(5));
  plan.class_c = random.chance(0.25);
  plan.app_key = key_of(random);
  if (random.chance(0.4)) plan.abp = abp_of(random, scenario.devices);
  plan.decoded = random.chance(0.6);
  plan.place = place_of(random, side);
  plan.extra_spreading = random.chance(0.2) ? whole(random, 1, 5) : 0;
  plan.interval = between(random, 20s, 150s);
  plan.confirmed = random.chance(0.5) ? random.unit() : 0;
  plan.transmissions = random.chance(0.3) ? whole(random, 2, 4) : 1;
  if (random.chance(0.3)) plan.restart_every = between(random, 3min, 15min);
  plan.replays_nonce = random.chance(0.3) ? 0.3 : 0;
  plan.declared = !random.chance(0.05);
  plan.adr = random.chance(0.5);
  if (plan.adr && random.chance(0.5)) plan.interval = between(random, 5s, 20s);  // soon enough for a command
  return plan;
}

LinkPlan link_of(Random& random) {
  LinkPlan plan;
  plan.least = between(random, 1ms, 30ms);
  plan.most = plan.least + between(random, 1ms, 40ms);
  if (random.chance(0.2)) {  // a slow one: its copies come after the window, its downlinks too late
    plan.least = between(random, 150ms, 500ms);
    plan.most = plan.least + between(random, 100ms, 700ms);
  }
  plan.lost = random.chance(0.5) ? 0.05 * random.unit() : 0;
  plan.doubled = random.chance(0.5) ? 0.05 * random.unit() : 0;
  plan.delayed = random.chance(0.5) ? 0.1 * random.unit() : 0;
  plan.delay = random.chance(0.3) ? 20s : 2s;
  return plan;
}

GatewayPlan gateway_of(Random random, const Scenario& scenario, double side) {
  GatewayPlan plan;
  plan.id.value = 0x70b3d5fffe000000 + random.below(1U << 16) * 256 + scenario.gateways.size();
  plan.tenant = one_of(random, scenario.tenants);
  plan.place = place_of(random, side);
  plan.version = random.chance(0.3) ? 1 : 2;
  plan.gps = random.chance(0.4);
  plan.drift_ppm = spread(random, 10);
  plan.first_tmst = static_cast<std::uint32_t>(random.next());
  if (random.chance(0.4)) {  // wraps within the universe
    plan.first_tmst = 0U - static_cast<std::uint32_t>(between(random, 10s, 8min).count());
  }
  if (random.chance(0.3)) plan.restart_every = between(random, 4min, 15min);
  if (random.chance(0.2)) plan.moves_every = between(random, 3min, 15min);
  if (random.chance(0.15)) plan.declared_after = between(random, 1min, 5min);
  plan.beacon = random.chance(0.15) ? 0.2 : 0;
  plan.unlocked = random.chance(0.1) ? 0.1 : 0;
  plan.low_power = random.chance(0.15);
  plan.link = link_of(random);
  return plan;
}

}  // namespace

Scenario scenario_of(std::uint64_t seed) {
  const Random universe(seed * 0x9e3779b97f4a7c15ULL + 1);
  auto random = universe.fork(1);
  Scenario scenario;
  scenario.seed = seed;
  scenario.start = kStart + between(random, 0s, 24h);
  scenario.length = between(random, 10min, 30min);
  scenario.partitions = one_of(random, std::vector<std::uint32_t>{1, 2, 4, 8});
  scenario.deduplication = one_of(random, std::vector<base::Duration>{100ms, 200ms, 200ms, 400ms});
  if (random.chance(0.3)) scenario.rx1_delay_s = static_cast<std::uint32_t>(whole(random, 2, 5));
  if (random.chance(0.3)) scenario.rx1_dr_offset = static_cast<std::uint8_t>(whole(random, 1, 5));
  if (random.chance(0.5)) scenario.rx2_data_rate = static_cast<std::uint8_t>(whole(random, 1, 5));
  if (random.chance(0.5)) scenario.status_interval = between(random, 1min, 5min);
  scenario.tenants = {"menden", "iserlohn", "hemer"};
  scenario.forged_every = between(random, 10s, 60s);
  scenario.operator_every = between(random, 20s, 3min);
  scenario.downlinks_every = between(random, 10s, 60s);
  if (!random.chance(0.1)) {
    scenario.crashes.mean_writes = static_cast<double>(whole(random, 60, 1500));
    scenario.crashes.between = 0.3;
    scenario.crashes.longest_pause = random.chance(0.3) ? 20s : 2s;
  }
  auto devices = whole(random, 10, 40);
  auto gateways = whole(random, 2, 5);
  auto side = kSide;
  // Few gateways that answer all the time with the longest frames: the hour's airtime is used up.
  const bool busy = random.chance(0.15);
  if (busy) {
    devices = whole(random, 10, 16);
    gateways = whole(random, 1, 2);
    scenario.length = between(random, 40min, 80min);
  }
  for (int i = 0; i < gateways; ++i)
    scenario.gateways.push_back(gateway_of(universe.fork(1'000 + static_cast<unsigned>(i)), scenario, side));
  for (int i = 0; i < devices; ++i) {
    auto device = device_of(universe.fork(2'000 + static_cast<unsigned>(i)), scenario, side);
    if (busy) {
      device.extra_spreading = 5;
      device.confirmed = 0.9;
      device.interval = between(random, 60s, 120s);
    }
    scenario.devices.push_back(std::move(device));
  }
  return scenario;
}

Scenario small_scenario(std::uint64_t seed) {
  const Random universe(seed * 0x9e3779b97f4a7c15ULL + 2);
  auto random = universe.fork(1);
  Scenario scenario;
  scenario.seed = seed;
  scenario.start = kStart;
  scenario.length = 90s;
  scenario.partitions = 2;
  scenario.deduplication = 200ms;
  scenario.tenants = {"menden"};
  scenario.operator_every = 20s;
  scenario.downlinks_every = 10s;
  for (unsigned i = 0; i < 2; ++i) {
    auto gateway = gateway_of(universe.fork(1'000 + i), scenario, 1);
    gateway.restart_every = gateway.moves_every = gateway.declared_after = {};
    gateway.link = {5ms, 20ms, 0, 0, 0, {}};
    scenario.gateways.push_back(std::move(gateway));
  }
  std::vector<DevicePlan> nobody;
  for (unsigned i = 0; i < 3; ++i) {
    auto device = device_of(universe.fork(2'000 + i), scenario, 1);
    device.abp.reset();
    if (i == 1) device.abp = abp_of(random, nobody);
    device.class_c = i == 2;
    device.decoded = true;
    device.declared = true;
    device.interval = 12s;
    device.confirmed = 0.5;
    device.restart_every = {};
    device.replays_nonce = 0;
    device.extra_spreading = 0;
    scenario.devices.push_back(std::move(device));
  }
  return scenario;
}

}  // namespace lenne::sim
