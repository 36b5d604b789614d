#include "app/open_log.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "base/bytes.hpp"
#include "base/crypto/key_vault.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/memory/memory_log.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app {
namespace {

using Opened = base::Result<std::unique_ptr<storage::Log>>;

/// Whose changelogs this process copies although others own the partitions: to take over at once, and, to serve, the
/// panes of windows that are not final yet.
std::vector<std::string> followed_by(const Settings& settings) {
  std::vector<std::string> names;
  const bool standby = settings.log.standby;
  if (standby && settings.roles.contains(Role::network)) names.emplace_back("network");
  if ((standby && settings.roles.contains(Role::windows)) || settings.roles.contains(Role::serve))
    names.emplace_back("windows");
  return names;
}

Opened open_rocksdb(const Settings& settings, const base::Clock& clock, base::Counters& counters) {
  storage::RocksDbSettings rocksdb;
  rocksdb.directory = (settings.data / "log").string();
  rocksdb.network_partitions = settings.network.partitions;
  rocksdb.sync = settings.log.sync;
  return storage::RocksDbLog::open(std::move(rocksdb), clock, counters);
}

Opened open_kafka(const Settings& settings, const base::Clock& clock, base::Counters& counters) {
  if (settings.log.brokers.empty())
    return base::fail("settings_value", "log.type kafka needs log.brokers: host:port of some of the cluster's");
  storage::KafkaSettings kafka;
  kafka.bootstrap = fmt::format("{}", fmt::join(settings.log.brokers, ","));
  kafka.prefix = settings.log.prefix;
  kafka.network_partitions = settings.network.partitions;
  kafka.replication = static_cast<std::int16_t>(settings.log.replication);
  kafka.followed = followed_by(settings);
  std::array<std::uint8_t, 8> name{};
  base::crypto::random_bytes(name);
  kafka.fresh_instance = base::to_hex(name);
  storage::RocksDbSettings local;
  local.directory = (settings.data / "kafka-state").string();
  local.sync = false;  // the changelogs are the truth
  auto families = storage::RocksDbLog::families(local);
  if (!families) return std::unexpected(families.error());
  return storage::KafkaLog::open(std::move(kafka), std::move(*families), clock, counters);
}

}  // namespace

Opened open_log(const Settings& settings, const base::Clock& clock, base::Counters& counters) {
  if (settings.roles != Settings{}.roles && settings.log.type != Settings::LogType::kafka)
    return base::fail("settings_value", "roles: processes can share a network with log.type kafka only");
  switch (settings.log.type) {
    case Settings::LogType::rocksdb:
      return open_rocksdb(settings, clock, counters);
    case Settings::LogType::memory:
      return std::make_unique<storage::MemoryLog>(settings.network.partitions, clock);
    case Settings::LogType::kafka:
      return open_kafka(settings, clock, counters);
  }
  return base::fail("settings_value", "an unknown log.type");
}

}  // namespace lenne::app
