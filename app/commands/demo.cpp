// lenne demo: the server with the embedded log and the simulated six pioneer municipalities, over real UDP.

#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "app/commands/command.hpp"
#include "app/new_directory.hpp"
#include "app/server.hpp"
#include "app/settings.hpp"
#include "app/simulate/declare.hpp"
#include "app/simulate/history.hpp"
#include "app/simulate/simulator.hpp"
#include "app/simulate/udp_backhaul.hpp"
#include "app/stop_signal.hpp"
#include "base/clock.hpp"

namespace lenne::app {
namespace {

struct Options {
  std::string data = "build/demo";
  std::string listen = "127.0.0.1:8080";
  std::string udp = "127.0.0.1:1700";
  std::string history = "24h";
  double history_share = 0.2;
  std::vector<std::string> assignments;
  simulate::RegionOptions region;
};

base::Result<Settings> settings_of(const Options& options) {
  std::vector<std::string> assignments{"data=" + options.data, "http.listen=" + options.listen,
                                       "gateways.udp=" + options.udp, "auth.anonymous=read", "simulated=true"};
  assignments.insert(assignments.end(), options.assignments.begin(), options.assignments.end());
  return read_settings({}, assignments);
}

void print_progress(const simulate::SimulationTotals& totals, std::size_t devices) {
  fmt::print("\r{} of {} devices joined, {} uplinks, {} acknowledged  ", totals.joined.load(), devices,
             totals.uplinks.load(), totals.acknowledged.load());
  std::fflush(stdout);
}

/// The hours before now, if the data directory is new; then the simulator stands at now, and its devices have joined.
base::Result<void> live_through_history(const Options& options, const Settings& settings,
                                        const simulate::Region& region, simulate::Simulator& simulator,
                                        base::Timestamp from) {
  const base::SystemClock clock;
  const auto began = clock.monotonic();
  auto lived = simulate::live_through(settings, region, simulator,
                                      {.from = from, .until = [&] { return clock.now(); }, .stop = stop_requested});
  if (!lived || stop_requested()) return lived;
  fmt::print("demo: the last {} were lived through in {:.1f} s: {} uplinks of {:.0f} % of the devices, all simulated\n",
             options.history, static_cast<double>((clock.monotonic() - began).count()) / 1e6,
             simulator.totals().uplinks.load(), options.history_share * 100);
  return {};
}

int run(const Options& options) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("lenne"));
  const auto settings = settings_of(options);
  if (!settings) return refuse(settings.error(), false);
  const auto history = parse_duration(options.history);
  if (!history) return refuse(history.error(), false);
  catch_stop_signals();
  const base::SystemClock clock;

  const auto region = simulate::make_region(options.region);
  fmt::print("demo: {} municipalities, {} gateways, {} devices\n", region.towns.size(), region.gateways.size(),
             region.devices.size());
  std::fflush(stdout);
  const bool has_past = *history > base::Duration::zero() && settings->log.type == Settings::LogType::rocksdb &&
                        is_new_directory(settings->data);
  const auto began = clock.now();
  const auto from = began - (has_past ? *history : base::Duration::zero());
  simulate::SimulationOptions simulation;
  if (has_past) simulation.early_share = options.history_share;
  simulation.late_start = began;
  const auto simulator = simulate::Simulator::make(region, simulation, from);
  if (!simulator) return refuse(simulator.error(), false);
  if (has_past) {
    if (auto lived = live_through_history(options, *settings, region, **simulator, from); !lived)
      return refuse(lived.error(), false);
    if (stop_requested()) return kDone;
  }

  const auto server = Server::start(*settings, clock);
  if (!server) return refuse(server.error(), false);
  fmt::print("ready udp={} http={}\n", (*server)->udp(), (*server)->http());
  const auto client = HttpClient::connect_to("http://" + (*server)->http(), (*server)->operator_token());
  if (!client) return refuse(client.error(), false);
  if (auto declared = simulate::declare(*client, region); !declared) return refuse(declared.error(), false);
  const auto address = parse_address((*server)->udp());
  if (!address) return refuse(address.error(), false);
  const auto backhaul = simulate::UdpBackhaul::open({*address}, region.gateways.size(), clock);
  if (!backhaul) return refuse(backhaul.error(), false);
  fmt::print("demo: the page is on http://{}  (next: open it; lenne events --follow; Ctrl-C ends it)\n",
             (*server)->http());
  std::fflush(stdout);

  auto next_line = clock.now();
  const auto ended = (*simulator)->run(**backhaul, clock, base::Timestamp::max(), [&] {
    if (clock.now() >= next_line) {
      print_progress((*simulator)->totals(), region.devices.size());
      next_line = clock.now() + std::chrono::seconds(2);
    }
    return stop_requested() || (*server)->failure().has_value();
  });
  fmt::print("\n");
  if (!ended) return refuse(ended.error(), false);
  if (const auto failure = (*server)->failure()) return refuse(*failure, false);
  return kDone;
}

}  // namespace

void add_demo(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("demo", "Run the server with a simulated region of six municipalities");
  command.value("--data", options->data, "Data directory").shown();
  command.value("--listen", options->listen, "HOST:PORT of the page").shown();
  command.value("--udp", options->udp, "HOST:PORT for gateways, the virtual ones among them").shown();
  command.value("--set", options->assignments, "key=value; any setting of serve").repeated();
  command
      .value("--towns", options->region.towns,
             "arnsberg, bad-berleburg, iserlohn, menden, olpe, soest; all when absent")
      .with_commas();
  command
      .value("--history", options->history, "How much of its past to live through first, if the data directory is new")
      .shown();
  command
      .value("--history-share", options->history_share,
             "Share of the devices that have lived through it; the others are installed now, and join")
      .between(0.0, 1.0)
      .shown();
  command.value("--hurry", options->region.hurry, "Divide all intervals by this").between(1.0, 1'000.0).shown();
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
