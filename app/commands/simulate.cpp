// lenne simulate: a virtual region that speaks UDP to a running server.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/settings.hpp"
#include "app/simulate/declare.hpp"
#include "app/simulate/history.hpp"
#include "app/simulate/region.hpp"
#include "app/simulate/repeating_backhaul.hpp"
#include "app/simulate/simulator.hpp"
#include "app/simulate/udp_backhaul.hpp"
#include "app/stop_signal.hpp"
#include "base/clock.hpp"

namespace lenne::app {
namespace {

struct Options {
  ServerOptions server;
  std::vector<std::string> udp = {"127.0.0.1:1700"};
  simulate::RegionOptions region;
  std::string duration = "0s";
  std::string truth;
  std::string data;
  std::string from = "2026-10-24T22:00:00Z";
  std::string quiet = "50h";
  std::vector<std::string> assignments;
  double repeat_share = 0;
  bool declare = false;
  bool print = false;
};

base::Result<void> check_towns(const std::vector<std::string>& towns) {
  for (const auto& name : towns) {
    const auto known = simulate::pioneer_towns();
    if (std::ranges::none_of(known, [&](const simulate::Town& town) { return town.name == name; })) {
      return base::fail("unknown_town",
                        fmt::format("'{}' is none of arnsberg, bad-berleburg, iserlohn, menden, olpe, soest", name));
    }
  }
  return {};
}

struct Totals {
  std::uint64_t joined, uplinks, lost, datagrams, acknowledged, downlinks;
};

Totals totals_of(const simulate::Simulator& simulator) {
  const auto& all = simulator.totals();
  return {all.joined, all.uplinks, all.lost, all.datagrams, all.acknowledged, all.downlinks};
}

/// Over UDP, in real time.
base::Result<Totals> live(const Options& options, const simulate::Region& region, base::Duration duration) {
  std::vector<Address> servers;
  for (const auto& text : options.udp) {
    auto address = parse_address(text);
    if (!address) return std::unexpected(address.error());
    servers.push_back(std::move(*address));
  }
  if (options.declare) {
    const auto client = options.server.client();
    if (!client) return std::unexpected(client.error());
    if (auto declared = simulate::declare(*client, region); !declared) return std::unexpected(declared.error());
  }
  const base::SystemClock clock;
  const auto simulator = simulate::Simulator::make(region, {.truth = options.truth}, clock.now());
  if (!simulator) return std::unexpected(simulator.error());
  const auto once = simulate::UdpBackhaul::open(servers, region.gateways.size(), clock);
  if (!once) return std::unexpected(once.error());
  simulate::RepeatingBackhaul backhaul(**once, clock, options.repeat_share, options.region.seed);
  const auto end =
      duration > base::Duration::zero() ? clock.now() + duration - simulate::kDrain : base::Timestamp::max();
  if (auto lived = (*simulator)->run(backhaul, clock, end, stop_requested); !lived)
    return std::unexpected(lived.error());
  if (auto drained = (*simulator)->drain(backhaul, clock); !drained) return std::unexpected(drained.error());
  return totals_of(**simulator);
}

/// In this process, into a new data directory.
base::Result<Totals> past(const Options& options, const simulate::Region& region, base::Duration duration) {
  auto assignments = options.assignments;
  assignments.insert(assignments.begin(), {"data=" + options.data, "simulated=true"});
  const auto settings = read_settings({}, assignments);
  if (!settings) return std::unexpected(settings.error());
  const auto from = base::parse_rfc3339(options.from);
  if (!from) return base::fail("from", fmt::format("--from '{}': {}", options.from, from.error()));
  const auto quiet = parse_duration(options.quiet);
  if (!quiet) return std::unexpected(quiet.error());
  const auto simulator = simulate::Simulator::make(region, {.truth = options.truth}, *from);
  if (!simulator) return std::unexpected(simulator.error());
  const auto end = *from + duration;
  if (auto lived = simulate::live_through(*settings, region, **simulator,
                                          {.from = *from,
                                           .until = [end] { return end; },
                                           .repeat_share = options.repeat_share,
                                           .quiet = *quiet,
                                           .stop = stop_requested});
      !lived)
    return std::unexpected(lived.error());
  return totals_of(**simulator);
}

int run(const Options& options) {
  const bool json = options.server.json;
  if (auto known = check_towns(options.region.towns); !known) return refuse(known.error(), json);
  const auto region = simulate::make_region(options.region);
  if (options.print) {
    fmt::print("{}\n", boost::json::serialize(simulate::documents_of(region)));
    return kDone;
  }
  const auto duration = parse_duration(options.duration);
  if (!duration) return refuse(duration.error(), json);
  catch_stop_signals();
  const auto totals = options.data.empty() ? live(options, region, *duration) : past(options, region, *duration);
  if (!totals) return refuse(totals.error(), json);
  fmt::print("{}\n", boost::json::serialize(boost::json::object{{"devices", region.devices.size()},
                                                                {"gateways", region.gateways.size()},
                                                                {"joined", totals->joined},
                                                                {"uplinks", totals->uplinks},
                                                                {"lost", totals->lost},
                                                                {"datagrams", totals->datagrams},
                                                                {"acknowledged", totals->acknowledged},
                                                                {"downlinks", totals->downlinks}}));
  return kDone;
}

}  // namespace

void add_simulate(Command program) {
  auto options = std::make_shared<Options>();
  const auto command =
      program.subcommand("simulate", "Run a virtual region against a server, over real UDP or in its own time");
  command
      .value("--udp", options->udp,
             "Where the server listens for gateways; of several processes all, which the gateways share")
      .with_commas()
      .shown();
  command
      .value("--towns", options->region.towns,
             "arnsberg, bad-berleburg, iserlohn, menden, olpe, soest; all when absent")
      .with_commas();
  command.value("--seed", options->region.seed, "One seed, one region").shown();
  command.value("--hurry", options->region.hurry, "Divide all intervals by this").between(1.0, 100'000.0).shown();
  command.value("--gps-share", options->region.gps_share, "Share of gateways with GPS time").between(0.0, 1.0).shown();
  command.value("--repeat-share", options->repeat_share, "Share of datagrams that come twice, out of order")
      .between(0.0, 1.0)
      .shown();
  command.value("--duration", options->duration, "e.g. 10m; 0s = until stopped").shown();
  command.value("--truth", options->truth, "Write what really happened to this file, as JSON lines");
  command.value("--data", options->data, "Live through a time in this process instead, into this new data directory");
  command.value("--from", options->from, "With --data: when it begins").shown();
  command.value("--quiet", options->quiet, "With --data: how long no device sends at its end, so that windows close")
      .shown();
  command.value("--set", options->assignments, "With --data: key=value; settings of serve").repeated();
  command.flag("--declare", options->declare, "Declare the region on the server first (needs the operator's token)");
  command.flag("--print", options->print, "Only print the region's documents");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
