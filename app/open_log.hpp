#pragma once
// The log that the settings name, and where it is mirrored to.

#include <memory>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/error.hpp"
#include "decode/schema_catalog.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/log.hpp"
#include "storage/outbox/outbox.hpp"

namespace lenne::app {

/// `catalog` renders devices' messages where topics have JSON. The embedded log is in the data directory, which exists.
/// Clock and counters must outlive it. Registers schemas, if the settings say where, and says by which ids tenants'
/// records name them. Errors: those of the back end's open(); settings_value (kafka without brokers, some of the roles
/// without kafka); schema_registry.
[[nodiscard]] base::Result<std::unique_ptr<storage::Log>> open_log(const Settings& settings,
                                                                   std::shared_ptr<const decode::SchemaCatalog> catalog,
                                                                   const base::Clock& clock, base::Counters& counters,
                                                                   storage::SchemaIds& schema_ids);

/// Where the outbox of the settings writes; null when they name none, and then the log keeps nothing for it any more.
/// The clock must outlive it. Errors: of the log, settings_value, log_open (the library refuses a setting).
[[nodiscard]] base::Result<std::unique_ptr<storage::OutboxTarget>> open_outbox_target(
    const Settings& settings, std::shared_ptr<const decode::SchemaCatalog> catalog, storage::Log& log,
    const base::Clock& clock);

}  // namespace lenne::app
