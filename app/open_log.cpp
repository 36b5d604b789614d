#include "app/open_log.hpp"

#include "app/kafka_settings.hpp"
#include "app/public_json.hpp"
#include "app/schema_registry.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/kafka/kafka_outbox.hpp"
#include "storage/memory/memory_log.hpp"
#include "storage/rocksdb/rocksdb_log.hpp"

namespace lenne::app {
namespace {

using Catalog = std::shared_ptr<const decode::SchemaCatalog>;
using Opened = base::Result<std::unique_ptr<storage::Log>>;

Opened open_rocksdb(const Settings& settings, const base::Clock& clock, base::Counters& counters) {
  storage::RocksDbSettings rocksdb;
  rocksdb.directory = (settings.data / "log").string();
  rocksdb.network_partitions = settings.network.partitions;
  rocksdb.sync = settings.log.sync;
  return storage::RocksDbLog::open(std::move(rocksdb), clock, counters);
}

Opened open_kafka(const Settings& settings, Catalog catalog, const base::Clock& clock, base::Counters& counters,
                  storage::SchemaIds& schema_ids) {
  auto kafka = kafka_settings_of(settings);
  if (!kafka) return std::unexpected(kafka.error());
  kafka->render = public_json(std::move(catalog));
  if (settings.log.public_topics) {
    if (auto registered = use_schema_registry(settings, *kafka, &counters); !registered)
      return std::unexpected(registered.error());
  }
  schema_ids = kafka->schema_ids;
  storage::RocksDbSettings local;
  local.directory = (settings.data / "kafka-state").string();
  local.sync = false;  // the changelogs are the truth
  auto families = storage::RocksDbLog::families(local);
  if (!families) return std::unexpected(families.error());
  auto log = storage::KafkaLog::open(std::move(*kafka), std::move(*families), clock, counters);
  if (!log) return std::unexpected(name_settings(log.error(), "log"));
  return log;
}

}  // namespace

Opened open_log(const Settings& settings, Catalog catalog, const base::Clock& clock, base::Counters& counters,
                storage::SchemaIds& schema_ids) {
  if (settings.roles != Settings{}.roles && settings.log.type != Settings::LogType::kafka)
    return base::fail("settings_value", "roles: processes can share a network with log.type kafka only");
  if (settings.windows.workers > 1 && settings.log.type == Settings::LogType::kafka)
    return base::fail("settings_value", "windows.workers: with log.type kafka start more processes instead");
  switch (settings.log.type) {
    case Settings::LogType::rocksdb:
      return open_rocksdb(settings, clock, counters);
    case Settings::LogType::memory:
      return std::make_unique<storage::MemoryLog>(settings.network.partitions, clock);
    case Settings::LogType::kafka:
      return open_kafka(settings, std::move(catalog), clock, counters, schema_ids);
  }
  return base::fail("settings_value", "an unknown log.type");
}

base::Result<std::unique_ptr<storage::OutboxTarget>> open_outbox_target(const Settings& settings, Catalog catalog,
                                                                        storage::Log& log, const base::Clock& clock) {
  if (settings.outbox.brokers.empty()) {
    if (auto forgotten = log.forget(storage::kOutboxConsumer); !forgotten) return std::unexpected(forgotten.error());
    return nullptr;
  }
  auto kafka = outbox_settings_of(settings);
  if (!kafka) return std::unexpected(kafka.error());
  kafka->render = public_json(std::move(catalog));
  auto identity = storage::outbox_identity_of(log, kafka->fresh_instance);
  if (!identity) return std::unexpected(identity.error());
  return storage::KafkaOutbox::make(std::move(*kafka), std::move(*identity), clock);
}

}  // namespace lenne::app
