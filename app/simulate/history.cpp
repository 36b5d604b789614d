#include "app/simulate/history.hpp"

#include "app/new_directory.hpp"
#include "app/replay/declaration.hpp"
#include "app/simulate/declare.hpp"
#include "app/simulate/repeating_backhaul.hpp"
#include "app/simulate/virtual_backhaul.hpp"
#include "app/virtual_server.hpp"

namespace lenne::app::simulate {
namespace {

/// The name of the data directory, as a server that starts on it finds it.
constexpr std::uint32_t kInstance = 1;
/// A join-request waits for its rest, 200 ms for its copies, and another rest for the way out: that ends before RX1,
/// five seconds later, and leaves a gateway some time. Nobody orders anything else in the past.
constexpr base::Duration kRest = std::chrono::milliseconds{2000};
/// Windows and views wait for nobody: the more is done at once, the less it costs.
constexpr base::Duration kFollow = std::chrono::minutes{1};
/// So near to the end it is reached: a clock that is followed goes on meanwhile.
constexpr base::Duration kNearly = std::chrono::milliseconds{100};

}  // namespace

base::Result<void> live_through(const Settings& settings, const Region& region, Simulator& simulator,
                                const HistoryOptions& options) {
  const auto catalog = decode::SchemaCatalog::load(settings.devices);
  if (!catalog) return std::unexpected(catalog.error());

  base::ManualClock clock(options.from);
  base::Counters counters;
  const auto directory = make_new_directory(settings.data, settings.network.partitions, clock, counters);
  if (!directory) return std::unexpected(directory.error());
  const VirtualServer::Parts parts{*directory->log, clock, directory->vault, *catalog, counters};
  const auto server = VirtualServer::start(settings, parts, kInstance);
  if (!server) return std::unexpected(server.error());
  if (auto declared = declare_to(**server, documents_of(region), settings, parts); !declared) return declared;

  const auto catch_up = [&server] {
    (*server)->let_follow({});
    return (*server)->settle();
  };
  VirtualBackhaul once(**server, clock, kRest);
  RepeatingBackhaul backhaul(once, clock, options.repeat_share, region.options.seed);
  for (auto until = options.until(); clock.now() + kNearly < until && !options.stop(); until = options.until()) {
    (*server)->let_follow(kFollow);
    if (auto lived = simulator.run(backhaul, clock, until, options.stop); !lived) return lived;
    if (auto caught_up = catch_up(); !caught_up) return caught_up;
  }
  if (options.quiet == base::Duration::zero()) return {};
  (*server)->let_follow(kFollow);
  if (auto drained = simulator.drain(backhaul, clock); !drained) return drained;
  const auto end = clock.now() + options.quiet;
  while (clock.now() < end && !options.stop()) {
    if (auto waited = backhaul.wait(end, [](std::size_t, base::ByteView) {}); !waited) return waited;
  }
  return catch_up();
}

}  // namespace lenne::app::simulate
