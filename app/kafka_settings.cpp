#include "app/kafka_settings.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/access_token.hpp"
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

/// A text about settings of a cluster: each '@' stands for their name, "log" or "outbox".
std::string about(std::string_view name, std::string_view text) {
  std::string named;
  for (const char c : text) c == '@' ? named.append(name) : named.append(1, c);
  return named;
}

/// A setting that needs another one, or a file.
struct Rule {
  bool broken;
  const char* text;
};

base::Result<void> check_security(const Settings::Kafka& settings, std::string_view name) {
  const auto& [tls, sasl] = std::tie(settings.tls, settings.sasl);
  const bool bearer = sasl.mechanism == "OAUTHBEARER";
  const Rule rules[] = {
      {tls.ca.empty() && !(tls.certificate.empty() && tls.key.empty()), "@.tls.ca: @.tls.certificate needs it"},
      {tls.certificate.empty() && !tls.key.empty(), "@.tls.certificate: @.tls.key needs it"},
      {tls.key.empty() && !tls.certificate.empty(), "@.tls.key: @.tls.certificate needs it"},
      {sasl.mechanism.empty() && !(sasl.username.empty() && sasl.password_file.empty()),
       "@.sasl.mechanism: @.sasl.username and .password_file need it"},
      {!sasl.mechanism.empty() && sasl.username.empty(), "@.sasl.username: @.sasl.mechanism needs it"},
      {!sasl.mechanism.empty() && sasl.password_file.empty(), "@.sasl.password_file: @.sasl.mechanism needs it"},
      {(bearer || sasl.mechanism == "PLAIN") && tls.ca.empty(),
       "@.tls.ca: PLAIN and OAUTHBEARER send what opens the door: they need TLS"},
      {bearer && sasl.token_url.empty(), "@.sasl.token_url: OAUTHBEARER needs it"},
      {!bearer && !(sasl.token_url.empty() && sasl.scope.empty()),
       "@.sasl.mechanism: @.sasl.token_url and .scope are for OAUTHBEARER"},
  };
  for (const auto& rule : rules) {
    if (rule.broken) return base::fail("settings_value", about(name, rule.text));
  }
  const std::pair<const char*, const std::filesystem::path&> files[] = {
      {"tls.ca", tls.ca}, {"tls.certificate", tls.certificate}, {"tls.key", tls.key}};
  for (const auto& [setting, file] : files) {
    if (!file.empty() && std::ifstream(file).peek() == std::ifstream::traits_type::eof())
      return base::fail("settings_value",
                        fmt::format("{}.{}: {}: cannot be read, or holds nothing", name, setting, file.string()));
  }
  return {};
}

base::Result<Client> client_of(const Settings::Kafka& settings, std::string_view name) {
  const auto& [tls, sasl] = std::tie(settings.tls, settings.sasl);
  Client client;
  const bool secret = !sasl.mechanism.empty();
  if (!tls.ca.empty() || secret)
    client.emplace_back("security.protocol", secret ? (tls.ca.empty() ? "SASL_PLAINTEXT" : "SASL_SSL") : "SSL");
  if (!tls.ca.empty()) client.emplace_back("ssl.ca.location", tls.ca.string());
  if (!tls.certificate.empty()) client.emplace_back("ssl.certificate.location", tls.certificate.string());
  if (!tls.key.empty()) client.emplace_back("ssl.key.location", tls.key.string());
  if (!secret) return client;
  auto password = read_secret(sasl.password_file);
  if (!password) return base::fail("settings_value", about(name, "@.sasl.password_file: ") + password.error().message);
  client.emplace_back("sasl.mechanism", sasl.mechanism);
  if (sasl.mechanism == "OAUTHBEARER") return client;
  client.emplace_back("sasl.username", sasl.username);
  client.emplace_back("sasl.password", std::move(*password));
  return client;
}

/// One for all connections of a process.
base::Result<std::function<base::Result<storage::KafkaToken>()>> tokens_of(const Settings::Kafka& settings,
                                                                           std::string_view name) {
  const auto& sasl = settings.sasl;
  TokenEndpoint endpoint{sasl.token_url, sasl.username, sasl.password_file, sasl.scope, settings.tls.ca};
  if (auto good = TokenSource::check(endpoint); !good)
    return base::fail("settings_value", about(name, "@.sasl.token_url: ") + good.error().message);
  return [source = std::make_shared<TokenSource>(std::move(endpoint)), principal = sasl.username,
          place = about(name, "@.sasl.token_url: ")]() -> base::Result<storage::KafkaToken> {
    auto token = source->get();
    if (!token) return base::fail(token.error().code, place + token.error().message);
    return storage::KafkaToken{
        std::move(token->value), principal,
        std::chrono::floor<std::chrono::milliseconds>(token->expires.time_since_epoch()).count()};
  };
}

/// What librdkafka says, and where to look then. The first that fits.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kPlaces{{
    {".sasl.", ""},  // says it itself
    {"ssl.ca.location failed", "@.tls.ca"},
    {"ssl.certificate.location", "@.tls.certificate"},
    {"ssl.key.location", "@.tls.key"},
    {"certificate verify failed", "@.tls.ca"},
    {"SSL alert number", "@.tls.certificate, @.tls.key: the broker does not trust this process"},
    {"SSL handshake failed", "@.tls, @.brokers: is this a listener with TLS?"},
    {"nsupported SASL mechanism", "@.sasl.mechanism"},
    {"SASL", "@.sasl"},
    {"security.protocol", "@.tls, @.sasl: the broker may want what they do not say"},
    {"SSL transport error", "@.tls, @.sasl: the broker may want what they do not say"},
    {"Disconnected", "@.tls, @.sasl: the broker may want what they do not say"},
}};

base::Result<storage::KafkaSettings> cluster_of(const Settings::Kafka& settings, std::string_view name) {
  if (auto good = check_security(settings, name); !good) return std::unexpected(good.error());
  auto client = client_of(settings, name);
  if (!client) return std::unexpected(client.error());
  storage::KafkaSettings kafka;
  kafka.bootstrap = fmt::format("{}", fmt::join(settings.brokers, ","));
  kafka.prefix = settings.prefix;
  kafka.replication = static_cast<std::int16_t>(settings.replication);
  kafka.json = settings.json;
  kafka.client = std::move(*client);
  if (settings.sasl.mechanism == "OAUTHBEARER") {
    auto tokens = tokens_of(settings, name);
    if (!tokens) return std::unexpected(tokens.error());
    kafka.token = std::move(*tokens);
  }
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

base::Error name_settings(base::Error error, std::string_view name) {
  const auto place = std::ranges::find_if(
      kPlaces, [&](const auto& each) { return error.message.find(each.first) != std::string::npos; });
  if (place == kPlaces.end() || place->second.empty()) return error;
  error.message = about(name, place->second) + ": " + error.message;
  return error;
}

}  // namespace lenne::app
