#include "app/kafka_settings.hpp"

#include <array>
#include <fstream>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.hpp"
#include "base/crypto/key_vault.hpp"

namespace lenne::app {
namespace {

using Client = std::vector<std::pair<std::string, std::string>>;

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

/// `name`: of the settings, for messages.
base::Result<Client> client_of(const Settings::Kafka& settings, std::string_view name) {
  const auto& [tls, sasl] = std::tie(settings.tls, settings.sasl);
  Client client;
  const bool secret = !sasl.mechanism.empty();
  if (!tls.ca.empty() || secret)
    client.emplace_back("security.protocol", tls.ca.empty() ? "sasl_plaintext" : secret ? "sasl_ssl" : "ssl");
  if (!tls.ca.empty()) client.emplace_back("ssl.ca.location", tls.ca.string());
  if (!tls.certificate.empty()) client.emplace_back("ssl.certificate.location", tls.certificate.string());
  if (!tls.key.empty()) client.emplace_back("ssl.key.location", tls.key.string());
  if (!secret) return client;
  std::ifstream file(sasl.password_file);
  std::string password;
  if (!std::getline(file, password) || password.empty())
    return base::fail("settings_value",
                      fmt::format("{}.sasl.password_file: {}: holds no password", name, sasl.password_file.string()));
  client.emplace_back("sasl.mechanism", sasl.mechanism);
  client.emplace_back("sasl.username", sasl.username);
  client.emplace_back("sasl.password", std::move(password));
  return client;
}

base::Result<storage::KafkaSettings> cluster_of(const Settings::Kafka& settings, std::string_view name) {
  auto client = client_of(settings, name);
  if (!client) return std::unexpected(client.error());
  storage::KafkaSettings kafka;
  kafka.bootstrap = fmt::format("{}", fmt::join(settings.brokers, ","));
  kafka.prefix = settings.prefix;
  kafka.replication = static_cast<std::int16_t>(settings.replication);
  kafka.json = settings.json;
  kafka.client = std::move(*client);
  std::array<std::uint8_t, 8> fresh{};
  base::crypto::random_bytes(fresh);
  kafka.fresh_instance = base::to_hex(fresh);
  return kafka;
}

}  // namespace

base::Result<storage::KafkaSettings> kafka_settings_of(const Settings& settings) {
  if (settings.log.brokers.empty())
    return base::fail("settings_value", "log.type kafka needs log.brokers: host:port of some of the cluster's");
  auto kafka = cluster_of(settings.log, "log");
  if (!kafka) return kafka;
  kafka->network_partitions = settings.network.partitions;
  kafka->followed = followed_by(settings);
  kafka->public_topics = settings.log.public_topics;
  return kafka;
}

base::Result<storage::KafkaSettings> outbox_settings_of(const Settings& settings) {
  if (settings.log.type != Settings::LogType::rocksdb)
    return base::fail("settings_value", "outbox.brokers: only log.type rocksdb is mirrored");
  auto kafka = cluster_of(settings.outbox, "outbox");
  if (kafka) kafka->outbox = true;
  return kafka;
}

}  // namespace lenne::app
