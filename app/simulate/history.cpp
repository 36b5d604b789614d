#include "app/simulate/history.hpp"

#include <fmt/format.h>

#include "app/replay/declaration.hpp"
#include "app/simulate/declare.hpp"
#include "app/simulate/virtual_backhaul.hpp"
#include "app/virtual_server.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app::simulate {
namespace {

/// The name of the data directory, as a server that starts on it finds it.
constexpr std::uint32_t kInstance = 1;

base::Result<void> make_directory(const std::filesystem::path& data) {
  std::error_code problem;
  std::filesystem::create_directories(data, problem);
  if (problem) return base::fail("data", fmt::format("{}: {}", data.string(), problem.message()));
  std::filesystem::permissions(data, std::filesystem::perms::owner_all, problem);
  if (std::filesystem::exists(data / "log"))
    return base::fail("data", fmt::format("{} has data already", data.string()));
  return {};
}

}  // namespace

base::Result<void> live_through(const Settings& settings, const Region& region, Simulator& simulator,
                                const HistoryOptions& options) {
  if (auto made = make_directory(settings.data); !made) return made;
  const auto vault = base::crypto::KeyVault::open_or_create(settings.data / "kek");
  if (!vault) return std::unexpected(vault.error());
  const auto catalog = decode::SchemaCatalog::load(settings.devices);
  if (!catalog) return std::unexpected(catalog.error());

  base::ManualClock clock(options.from);
  base::Counters counters;
  storage::RocksDbSettings rocksdb;
  rocksdb.directory = (settings.data / "log").string();
  rocksdb.network_partitions = settings.network.partitions;
  rocksdb.sync = false;  // nobody is told that anything is durable
  const auto log = storage::RocksDbLog::open(std::move(rocksdb), clock, counters);
  if (!log) return std::unexpected(log.error());
  const VirtualServer::Parts parts{**log, clock, *vault, *catalog, counters};
  const auto server = VirtualServer::start(settings, parts, kInstance);
  if (!server) return std::unexpected(server.error());
  if (auto declared = declare_to(**server, documents_of(region), settings, parts); !declared) return declared;

  VirtualBackhaul backhaul(**server, clock, settings.network.deduplication / 4);
  for (auto until = options.until(); clock.now() < until && !options.stop(); until = options.until()) {
    if (auto lived = simulator.run(backhaul, clock, until, options.stop); !lived) return lived;
  }
  if (options.quiet == base::Duration::zero()) return {};
  if (auto drained = simulator.drain(backhaul, clock); !drained) return drained;
  const auto end = clock.now() + options.quiet;
  while (clock.now() < end && !options.stop()) {
    if (auto waited = backhaul.wait(end, [](std::size_t, base::ByteView) {}); !waited) return waited;
  }
  return {};
}

}  // namespace lenne::app::simulate
