// lenne simulate: a virtual region that speaks UDP to a running server.

#include <cstdio>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "app/commands/command.hpp"
#include "app/settings.hpp"
#include "app/simulate/declare.hpp"
#include "app/simulate/region.hpp"
#include "app/simulate/simulator.hpp"
#include "app/stop_signal.hpp"
#include "base/clock.hpp"

namespace lenne::app {
namespace {

struct Options {
  ServerOptions server;
  std::string udp = "127.0.0.1:1700";
  simulate::RegionOptions region;
  std::string duration = "0s";
  std::string truth;
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

int run(const Options& options) {
  const bool json = options.server.json;
  if (auto known = check_towns(options.region.towns); !known) return refuse(known.error(), json);
  const auto region = simulate::make_region(options.region);
  if (options.print) {
    fmt::print("{}\n", boost::json::serialize(simulate::documents_of(region)));
    return kDone;
  }
  simulate::SimulationOptions simulation;
  const auto address = parse_address(options.udp);
  if (!address) return refuse(address.error(), json);
  simulation.server = *address;
  const auto duration = parse_duration(options.duration);
  if (!duration) return refuse(duration.error(), json);
  simulation.duration = *duration;
  simulation.truth = options.truth;
  if (options.declare) {
    const auto client = options.server.client();
    if (!client) return refuse(client.error(), json);
    if (auto declared = simulate::declare(*client, region); !declared) return refuse(declared.error(), json);
  }
  catch_stop_signals();
  const base::SystemClock clock;
  const auto simulator = simulate::Simulator::make(region, simulation, clock);
  if (!simulator) return refuse(simulator.error(), json);
  (*simulator)->run(stop_requested);
  const auto& totals = (*simulator)->totals();
  fmt::print("{}\n", boost::json::serialize(boost::json::object{{"devices", region.devices.size()},
                                                                {"gateways", region.gateways.size()},
                                                                {"joined", totals.joined.load()},
                                                                {"uplinks", totals.uplinks.load()},
                                                                {"lost", totals.lost.load()},
                                                                {"datagrams", totals.datagrams.load()},
                                                                {"acknowledged", totals.acknowledged.load()},
                                                                {"downlinks", totals.downlinks.load()}}));
  return kDone;
}

}  // namespace

void add_simulate(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("simulate", "Run a virtual region against a server, over real UDP");
  command.value("--udp", options->udp, "Where the server listens for gateways").shown();
  command
      .value("--towns", options->region.towns,
             "arnsberg, bad-berleburg, iserlohn, menden, olpe, soest; all when absent")
      .with_commas();
  command.value("--seed", options->region.seed, "One seed, one region").shown();
  command.value("--hurry", options->region.hurry, "Divide all intervals by this").between(1.0, 100'000.0).shown();
  command.value("--gps-share", options->region.gps_share, "Share of gateways with GPS time").between(0.0, 1.0).shown();
  command.value("--duration", options->duration, "e.g. 10m; 0s = until stopped").shown();
  command.value("--truth", options->truth, "Write what really happened to this file, as JSON lines");
  command.flag("--declare", options->declare, "Declare the region on the server first (needs the operator's token)");
  command.flag("--print", options->print, "Only print the region's documents");
  options->server.add_to(command);
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
