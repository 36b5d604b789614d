#include "app/simulate/simulator.hpp"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <tuple>

#include <poll.h>

#include "app/simulate/truth.hpp"
#include "app/simulate/virtual_device.hpp"
#include "app/simulate/virtual_gateway.hpp"
#include "decode/schema_catalog.hpp"

namespace lenne::app::simulate {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kPullEvery = 10s;
constexpr base::Duration kReportEvery = 30s;
/// How long the last frames may take to arrive and to be acknowledged: the longest airtime, the backhaul, a slow disk.
constexpr base::Duration kDrain = 4s;
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
  base::Bytes bytes;
};

}  // namespace

struct Simulator::Impl {
  Impl(const Region& region_of, const SimulationOptions& options_of, const base::Clock& clock_of,
       std::shared_ptr<const decode::SchemaCatalog> catalog_of, Truth truth_of)
      : region(region_of),
        options(options_of),
        clock(clock_of),
        catalog(std::move(catalog_of)),
        truth(std::move(truth_of)),
        random(region_of.options.seed ^ 0x51) {}

  void schedule(Due::What what, base::Timestamp at, std::size_t index) { due.push({what, at, ++numbers, index}); }

  base::Result<void> open() {
    const auto now = clock.now();
    gateways.reserve(region.gateways.size());
    pollers.reserve(region.gateways.size());
    for (const auto& plan : region.gateways) {
      auto gateway = VirtualGateway::open(plan, options.server, static_cast<std::uint32_t>(random.next()));
      if (!gateway) return std::unexpected(gateway.error());
      pollers.push_back({gateway->socket(), POLLIN, 0});
      schedule(Due::What::pull, now, gateways.size());
      schedule(Due::What::report, now + base::Duration{static_cast<std::int64_t>(random.below(5'000'000))},
               gateways.size());
      gateways.push_back(std::move(*gateway));
    }
    devices.reserve(region.devices.size());
    for (std::size_t i = 0; i < region.devices.size(); ++i) {
      devices.emplace_back(region, i, now + 1s, *catalog);
      schedule(Due::What::device, devices.back().due(), i);
    }
    acknowledged.resize(region.devices.size());
    return {};
  }

  void act(std::size_t index, base::Timestamp now) {
    if (draining) return;
    auto& device = devices[index];
    if (now < device.due()) return schedule(Due::What::device, device.due(), index);  // it joined meanwhile
    const auto transmission = device.act(now, aes);
    schedule(Due::What::device, device.due(), index);
    if (!transmission) return;
    const auto heard = device.heard();
    if (transmission->join && !heard.empty()) listeners.emplace(transmission->end, index);
    if (!transmission->join) {
      if (heard.empty()) {
        totals.lost.fetch_add(1, std::memory_order_relaxed);
        return;
      }
      totals.uplinks.fetch_add(1, std::memory_order_relaxed);
      truth.uplink(device.plan(), *transmission, heard.size());
    }
    for (const auto& link : heard) {
      launch(link.gateway,
             gateways[link.gateway].push_data(*transmission, link, {index, transmission->f_cnt, transmission->join}),
             transmission->end);
    }
  }

  void launch(std::size_t gateway, base::Bytes bytes, base::Timestamp end) {
    const auto span = static_cast<std::uint64_t>((options.backhaul_most - options.backhaul_least).count());
    const auto copies = random.chance(options.duplicated) ? 2 : 1;
    for (int i = 0; i < copies && in_flight.size() < kMostInFlight; ++i) {
      const auto slot = ++slots;
      in_flight.emplace(slot, Datagram{gateway, bytes});
      schedule(Due::What::datagram,
               end + options.backhaul_least + base::Duration{static_cast<std::int64_t>(random.below(span + 1))}, slot);
    }
  }

  void handle(const Due& next, base::Timestamp now) {
    switch (next.what) {
      case Due::What::device:
        act(next.index, now);
        break;
      case Due::What::datagram: {
        const auto found = in_flight.find(next.index);
        gateways[found->second.gateway].send(found->second.bytes);
        in_flight.erase(found);
        totals.datagrams.fetch_add(1, std::memory_order_relaxed);
        break;
      }
      case Due::What::pull:
        gateways[next.index].pull();
        schedule(Due::What::pull, now + kPullEvery, next.index);
        break;
      case Due::What::report:
        gateways[next.index].report(now);
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

  void on_air(const Arrival& arrival, base::Timestamp now) {
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

  /// Reads what the server sent; waits until the next thing is due, at most a tenth of a second.
  void wait_for_datagrams(base::Timestamp now) {
    const auto until = due.empty() ? now + 100ms : std::min(due.top().at, now + 100ms);
    const auto wait =
        std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(until - clock.now()).count());
    if (::poll(pollers.data(), pollers.size(), static_cast<int>(wait)) <= 0) return;
    now = clock.now();
    for (std::size_t i = 0; i < pollers.size(); ++i) {
      if (pollers[i].revents == 0) continue;
      gateways[i].receive(
          now, [&](const FrameId& frame) { on_ack(frame); }, [&](const Arrival& arrival) { on_air(arrival, now); });
    }
  }

  const Region& region;
  const SimulationOptions options;
  const base::Clock& clock;
  std::shared_ptr<const decode::SchemaCatalog> catalog;
  Truth truth;
  base::Random random;
  base::crypto::Aes128 aes;
  std::vector<VirtualGateway> gateways;
  std::vector<pollfd> pollers;
  std::vector<VirtualDevice> devices;
  std::vector<std::set<std::uint32_t>> acknowledged;
  std::multimap<base::Timestamp, std::size_t> listeners;
  std::map<std::size_t, Datagram> in_flight;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  std::uint64_t numbers = 0;
  std::size_t slots = 0;
  bool draining = false;  ///< no device sends any more; what is on its way still arrives
  SimulationTotals totals;
};

base::Result<std::unique_ptr<Simulator>> Simulator::make(const Region& region, const SimulationOptions& options,
                                                         const base::Clock& clock) {
  auto catalog = decode::SchemaCatalog::load();
  if (!catalog) return std::unexpected(catalog.error());
  auto truth = Truth::open(options.truth);
  if (!truth) return std::unexpected(truth.error());
  auto impl = std::make_unique<Impl>(region, options, clock, std::move(*catalog), std::move(*truth));
  if (auto opened = impl->open(); !opened) return std::unexpected(opened.error());
  return std::unique_ptr<Simulator>(new Simulator(std::move(impl)));
}

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Simulator::~Simulator() = default;
const SimulationTotals& Simulator::totals() const { return impl_->totals; }

void Simulator::run(const std::function<bool()>& stop) {
  auto& sim = *impl_;
  auto end =
      sim.options.duration > base::Duration::zero() ? sim.clock.now() + sim.options.duration : base::Timestamp::max();
  for (auto now = sim.clock.now(); now < end; now = sim.clock.now()) {
    if (!sim.draining && (stop() || now + kDrain >= end)) {
      sim.draining = true;
      end = now + kDrain;
    }
    while (!sim.due.empty() && sim.due.top().at <= now) {
      const auto next = sim.due.top();
      sim.due.pop();
      sim.handle(next, now);
    }
    while (!sim.listeners.empty() && sim.listeners.begin()->first < now - 7s)
      sim.listeners.erase(sim.listeners.begin());
    sim.wait_for_datagrams(now);
  }
}

}  // namespace lenne::app::simulate
