#include "app/simulate/simulator.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <tuple>

#include "app/simulate/truth.hpp"
#include "app/simulate/virtual_device.hpp"
#include "app/simulate/virtual_gateway.hpp"
#include "decode/schema_catalog.hpp"

namespace lenne::app::simulate {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kPullEvery = 10s;
constexpr base::Duration kReportEvery = 30s;
/// A datagram on its way that never leaves is a leak: more than these are not kept.
constexpr std::size_t kMostInFlight = 200'000;

/// What happens next. Ties are broken by number, so that a seed is a seed.
struct Due {
  enum class What : std::uint8_t { device, datagram, pull, report } what;
  base::Timestamp at;
  std::uint64_t number;
  std::size_t index;  ///< device, gateway or datagram slot

  bool operator>(const Due& other) const { return std::tie(at, number) > std::tie(other.at, other.number); }
};

struct Datagram {
  std::size_t gateway = 0;
  std::size_t device = 0;
  base::Bytes bytes;
  OnAir frame;
  std::uint64_t transmission = 0;
};

}  // namespace

struct Simulator::Impl {
  Impl(const Region& region_of, const SimulationOptions& options_of,
       std::shared_ptr<const decode::SchemaCatalog> catalog_of, Truth truth_of)
      : region(region_of),
        options(options_of),
        catalog(std::move(catalog_of)),
        truth(std::move(truth_of)),
        random(region_of.options.seed ^ 0x51) {}

  void schedule(Due::What what, base::Timestamp at, std::size_t index) { due.push({what, at, ++numbers, index}); }

  void tell_events() {
    std::map<const ScriptedEvent*, std::vector<base::DevEui>> of;
    for (const auto& device : region.devices) {
      for (const auto* event : events_of(region, device)) of[event].push_back(device.dev_eui);
    }
    for (const auto& event : script()) truth.event(event, of[&event]);
  }

  void begin(base::Timestamp start) {
    tell_events();
    for (const auto& plan : region.gateways) {
      gateways.emplace_back(plan, static_cast<std::uint32_t>(random.next()));
      const auto index = gateways.size() - 1;
      schedule(Due::What::pull, start, index);
      schedule(Due::What::report, start + base::Duration{static_cast<std::int64_t>(random.below(5'000'000))}, index);
    }
    devices.reserve(region.devices.size());
    const base::Random early(region.options.seed ^ 0xea);
    for (std::size_t i = 0; i < region.devices.size(); ++i) {
      const bool is_early = early.fork(region.devices[i].dev_eui.value).chance(options.early_share);
      devices.emplace_back(region, i, (is_early ? start : options.late_start) + 1s, *catalog);
      schedule(Due::What::device, devices.back().due(), i);
    }
    acknowledged.resize(region.devices.size());
  }

  void act(std::size_t index, base::Timestamp now) {
    if (draining) return;
    auto& device = devices[index];
    if (now < device.due()) return schedule(Due::What::device, device.due(), index);  // it joined meanwhile
    const auto transmission = device.act(now, aes);
    schedule(Due::What::device, device.due(), index);
    if (!transmission) return;
    auto heard = device.heard();
    std::erase_if(heard, [&](const Heard& link) { return is_silent(region, region.gateways[link.gateway], now); });
    if (transmission->join && !heard.empty()) listeners.emplace(transmission->end, index);
    if (!transmission->join) {
      if (heard.empty()) {
        totals.lost.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      totals.uplinks.fetch_add(1, std::memory_order_relaxed);
      truth.uplink(device.plan(), *transmission, heard.size());
    }
    ++transmissions;
    for (const auto& link : heard) {
      launch({link.gateway,
              index,
              gateways[link.gateway].push_data(*transmission, link, {index, transmission->f_cnt, transmission->join}),
              {transmission->phy_payload.size(), transmission->spreading_factor},
              transmissions},
             transmission->end);
    }
  }

  void launch(const Datagram& datagram, base::Timestamp end) {
    const auto span = static_cast<std::uint64_t>((options.backhaul_most - options.backhaul_least).count());
    const auto copies = random.chance(options.duplicated) ? 2 : 1;
    for (int i = 0; i < copies && in_flight.size() < kMostInFlight; ++i) {
      const auto slot = ++slots;
      in_flight.emplace(slot, datagram);
      const auto arrives =
          end + options.backhaul_least + base::Duration{static_cast<std::int64_t>(random.below(span + 1))};
      schedule(Due::What::datagram, arrival_of(region, region.gateways[datagram.gateway], arrives), slot);
    }
  }

  void handle(const Due& next, base::Timestamp now, Backhaul& backhaul) {
    switch (next.what) {
      case Due::What::device:
        act(next.index, now);
        break;
      case Due::What::datagram: {
        const auto found = in_flight.find(next.index);
        const auto& datagram = found->second;
        backhaul.send(datagram.gateway, datagram.bytes);
        truth.heard(region.gateways[datagram.gateway].id, region.devices[datagram.device], datagram.transmission,
                    datagram.frame, now);
        in_flight.erase(found);
        totals.datagrams.fetch_add(1, std::memory_order_relaxed);
        break;
      }
      case Due::What::pull:
        if (!is_silent(region, region.gateways[next.index], now))
          backhaul.send(next.index, gateways[next.index].pull());
        schedule(Due::What::pull, now + kPullEvery, next.index);
        break;
      case Due::What::report:
        if (!is_silent(region, region.gateways[next.index], now))
          backhaul.send(next.index, gateways[next.index].report(now));
        schedule(Due::What::report, now + kReportEvery, next.index);
        break;
    }
  }

  void on_ack(const FrameId& frame) {
    totals.acknowledged.fetch_add(1, std::memory_order_relaxed);
    if (frame.join) return;
    // Copies of a frame are acknowledged one by one; the first one counts.
    auto& highest = acknowledged[frame.device];
    if (highest.insert(frame.f_cnt).second) truth.acknowledged(region.devices[frame.device], frame.f_cnt);
    while (highest.size() > 64) highest.erase(highest.begin());
  }

  void on_air(std::size_t gateway, const Arrival& arrival, base::Timestamp now) {
    truth.sent(region.gateways[gateway].id, {arrival.phy_payload.size(), arrival.spreading_factor}, now);
    totals.downlinks.fetch_add(1, std::memory_order_relaxed);
    // Whoever sent a join-request 5 or 6 s before listens now.
    for (const auto delay : {5s, 6s}) {
      const auto last = listeners.upper_bound(arrival.start - delay + 20ms);
      for (auto at = listeners.lower_bound(arrival.start - delay - 20ms); at != last; ++at) {
        if (!devices[at->second].hear(arrival, now, aes)) continue;
        totals.joined.fetch_add(1, std::memory_order_relaxed);
        schedule(Due::What::device, devices[at->second].due(), at->second);
        listeners.erase(at);
        return;
      }
    }
  }

  base::Result<void> run(Backhaul& backhaul, const base::Clock& clock, base::Timestamp end,
                         const std::function<bool()>& stop) {
    const auto receive = [&](std::size_t gateway, base::ByteView datagram) {
      const auto now = clock.now();
      const auto answer = gateways[gateway].receive(
          datagram, now, [&](const FrameId& frame) { on_ack(frame); },
          [&](const Arrival& arrival) { on_air(gateway, arrival, now); });
      if (answer) backhaul.send(gateway, *answer);
    };
    for (auto now = clock.now(); now < end && !stop(); now = clock.now()) {
      while (!due.empty() && due.top().at <= now) {
        const auto next = due.top();
        due.pop();
        handle(next, now, backhaul);
      }
      while (!listeners.empty() && listeners.begin()->first < now - 7s) listeners.erase(listeners.begin());
      const auto until = std::min(end, now + 100ms);
      if (auto waited = backhaul.wait(due.empty() ? until : std::min(until, due.top().at), receive); !waited)
        return waited;
    }
    return {};
  }

  const Region& region;
  const SimulationOptions options;
  std::shared_ptr<const decode::SchemaCatalog> catalog;
  Truth truth;
  base::Random random;
  base::crypto::Aes128 aes;
  std::vector<VirtualGateway> gateways;
  std::vector<VirtualDevice> devices;
  std::vector<std::set<std::uint32_t>> acknowledged;
  std::multimap<base::Timestamp, std::size_t> listeners;
  std::map<std::size_t, Datagram> in_flight;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  std::uint64_t numbers = 0;
  std::uint64_t transmissions = 0;
  std::size_t slots = 0;
  bool draining = false;  ///< no device sends any more; what is on its way still arrives
  SimulationTotals totals;
};

base::Result<std::unique_ptr<Simulator>> Simulator::make(const Region& region, const SimulationOptions& options,
                                                         base::Timestamp start) {
  auto catalog = decode::SchemaCatalog::load();
  if (!catalog) return std::unexpected(catalog.error());
  auto truth = Truth::open(options.truth);
  if (!truth) return std::unexpected(truth.error());
  auto impl = std::make_unique<Impl>(region, options, std::move(*catalog), std::move(*truth));
  impl->begin(start);
  return std::unique_ptr<Simulator>(new Simulator(std::move(impl)));
}

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Simulator::~Simulator() = default;
const SimulationTotals& Simulator::totals() const { return impl_->totals; }

base::Result<void> Simulator::run(Backhaul& backhaul, const base::Clock& clock, base::Timestamp end,
                                  const std::function<bool()>& stop) {
  return impl_->run(backhaul, clock, end, stop);
}

base::Result<void> Simulator::drain(Backhaul& backhaul, const base::Clock& clock) {
  impl_->draining = true;
  return impl_->run(backhaul, clock, clock.now() + kDrain, [] { return false; });
}

}  // namespace lenne::app::simulate
