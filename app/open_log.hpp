#pragma once
// The log that the settings name.

#include <memory>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/error.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/log.hpp"

namespace lenne::app {

/// The embedded one is in the data directory, which exists. Clock and counters must outlive it.
/// Registers schemas, if the settings say where, and says by which ids tenants' records name them. Errors: those of the
/// back end's open(); settings_value (kafka without brokers, some of the roles without kafka); schema_registry.
[[nodiscard]] base::Result<std::unique_ptr<storage::Log>> open_log(const Settings& settings, const base::Clock& clock,
                                                                   base::Counters& counters,
                                                                   storage::SchemaIds& schema_ids);

}  // namespace lenne::app
