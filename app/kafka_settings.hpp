#pragma once
// What the settings say of a cluster, in the words of the back end; and its errors, in the words of the settings.

#include "app/settings.hpp"
#include "base/error.hpp"
#include "storage/kafka/kafka_log.hpp"

namespace lenne::app {

/// Reads the password file. Error: settings_value (no brokers, a file that cannot be read, one setting without
/// another).
[[nodiscard]] base::Result<storage::KafkaSettings> kafka_settings_of(const Settings& settings);

/// Of the cluster that the outbox writes to; it has brokers. Error: settings_value (a log that is not mirrored, a file
/// that cannot be read, one setting without another).
[[nodiscard]] base::Result<storage::KafkaSettings> outbox_settings_of(const Settings& settings);

/// The same error, with the settings in front that it may come from. `name`: "log" or "outbox".
[[nodiscard]] base::Error name_settings(base::Error error, std::string_view name);

}  // namespace lenne::app
