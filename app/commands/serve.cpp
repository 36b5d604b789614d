// lenne serve: all roles in one process, or some of them.

#include <cstdio>
#include <thread>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "app/commands/command.hpp"
#include "app/server.hpp"
#include "app/settings.hpp"
#include "app/stop_signal.hpp"
#include "base/clock.hpp"

namespace lenne::app {
namespace {

struct Options {
  std::string config;
  std::vector<std::string> assignments;
  std::string roles;
};

/// Says now and then how far this process is with the state of the partitions that it was given.
class Restoring {
 public:
  void tell(const Server::Restore& state, base::Duration now) {
    if (state.records == 0) {
      if (told_) spdlog::info("the state of all partitions is here");
      told_.reset();
    } else if (!told_ || now - *told_ >= kEvery) {
      told_ = now;
      const auto rest = state.eta_s == 0 ? std::string() : fmt::format(", about {} s", state.eta_s);
      spdlog::info("copies the state of its partitions: {} records to go{}", state.records, rest);
    }
  }

 private:
  static constexpr base::Duration kEvery = std::chrono::seconds{5};
  std::optional<base::Duration> told_;
};

/// What is bound, and whether another process has what is shared: at the start, and once that has changed.
class Ready {
 public:
  Ready(const Server& server, const Settings& settings) : server_(server), shared_(settings.http.shared) { tell(); }

  void look() {
    if (shared_ && server_.holds_shared() != held_) tell();
  }

 private:
  void tell() {
    held_ = shared_ && server_.holds_shared();
    const auto udp = server_.udp();
    const auto shared = shared_ ? to_text(*shared_) : std::string();
    fmt::print("ready {}{}{}http={}{}{}\n", udp.empty() ? "" : "udp=", udp, udp.empty() ? "" : " ", server_.http(),
               held_ ? " shared=" : "", held_ ? shared : "");
    if (shared_ && !held_) fmt::print("standby shared={}\n", shared);
    std::fflush(stdout);
  }

  const Server& server_;
  std::optional<Address> shared_;
  bool held_ = false;
};

int run(const Options& options) {
  // Standard output carries the ready line; what there is to tell besides goes to standard error.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("lenne"));
  auto assignments = options.assignments;
  if (!options.roles.empty()) assignments.push_back("roles=" + options.roles);
  const auto settings = read_settings(options.config, assignments);
  if (!settings) return refuse(settings.error(), false);
  catch_stop_signals();
  const base::SystemClock clock;
  const auto server = Server::start(*settings, clock);
  if (!server) return refuse(server.error(), false);
  Ready ready(**server, *settings);
  Restoring restoring;
  while (!stop_requested()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ready.look();
    restoring.tell((*server)->restoring(), clock.monotonic());
    // A process that cannot write any more must not look alive: whoever supervises it starts it again.
    if (const auto failure = (*server)->failure()) return refuse(*failure, false);
  }
  return kDone;
}

}  // namespace

void add_serve(Command program) {
  auto options = std::make_shared<Options>();
  const auto command = program.subcommand("serve", "Run the server");
  command.value("--config", options->config, "A YAML file with settings").existing_file();
  // One value each time: "--set a=1 --set b=[x,y]".
  command.value("--set", options->assignments, "key=value; wins over the file").repeated();
  command.value("--roles", options->roles,
                "Some of ingest,network,windows,serve: processes with one Kafka log share the work; all when absent");
  command.runs([options] { return run(*options); });
}

}  // namespace lenne::app
