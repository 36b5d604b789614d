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

base::Result<Client> client_of(const Settings& settings) {
  const auto& [tls, sasl] = std::tie(settings.log.tls, settings.log.sasl);
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
                      fmt::format("log.sasl.password_file: {}: holds no password", sasl.password_file.string()));
  client.emplace_back("sasl.mechanism", sasl.mechanism);
  client.emplace_back("sasl.username", sasl.username);
  client.emplace_back("sasl.password", std::move(password));
  return client;
}

}  // namespace

base::Result<storage::KafkaSettings> kafka_settings_of(const Settings& settings) {
  if (settings.log.brokers.empty())
    return base::fail("settings_value", "log.type kafka needs log.brokers: host:port of some of the cluster's");
  auto client = client_of(settings);
  if (!client) return std::unexpected(client.error());
  storage::KafkaSettings kafka;
  kafka.bootstrap = fmt::format("{}", fmt::join(settings.log.brokers, ","));
  kafka.prefix = settings.log.prefix;
  kafka.network_partitions = settings.network.partitions;
  kafka.replication = static_cast<std::int16_t>(settings.log.replication);
  kafka.followed = followed_by(settings);
  kafka.public_topics = settings.log.public_topics;
  kafka.client = std::move(*client);
  std::array<std::uint8_t, 8> name{};
  base::crypto::random_bytes(name);
  kafka.fresh_instance = base::to_hex(name);
  return kafka;
}

}  // namespace lenne::app
