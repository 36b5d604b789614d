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

/// A setting that needs another one, or a file.
struct Rule {
  bool broken;
  const char* text;
};

base::Result<void> check_security(const Settings& settings) {
  const auto& [tls, sasl] = std::tie(settings.log.tls, settings.log.sasl);
  const bool bearer = sasl.mechanism == "OAUTHBEARER";
  const Rule rules[] = {
      {tls.ca.empty() && !(tls.certificate.empty() && tls.key.empty()), "log.tls.ca: log.tls.certificate needs it"},
      {tls.certificate.empty() && !tls.key.empty(), "log.tls.certificate: log.tls.key needs it"},
      {tls.key.empty() && !tls.certificate.empty(), "log.tls.key: log.tls.certificate needs it"},
      {sasl.mechanism.empty() && !(sasl.username.empty() && sasl.password_file.empty()),
       "log.sasl.mechanism: log.sasl.username and .password_file need it"},
      {!sasl.mechanism.empty() && sasl.username.empty(), "log.sasl.username: log.sasl.mechanism needs it"},
      {!sasl.mechanism.empty() && sasl.password_file.empty(), "log.sasl.password_file: log.sasl.mechanism needs it"},
      {(bearer || sasl.mechanism == "PLAIN") && tls.ca.empty(),
       "log.tls.ca: PLAIN and OAUTHBEARER send what opens the door: they need TLS"},
      {bearer && sasl.token_url.empty(), "log.sasl.token_url: OAUTHBEARER needs it"},
      {!bearer && !(sasl.token_url.empty() && sasl.scope.empty()),
       "log.sasl.mechanism: log.sasl.token_url and .scope are for OAUTHBEARER"},
  };
  for (const auto& rule : rules) {
    if (rule.broken) return base::fail("settings_value", rule.text);
  }
  const std::pair<const char*, const std::filesystem::path&> files[] = {
      {"log.tls.ca", tls.ca}, {"log.tls.certificate", tls.certificate}, {"log.tls.key", tls.key}};
  for (const auto& [name, file] : files) {
    if (!file.empty() && std::ifstream(file).peek() == std::ifstream::traits_type::eof())
      return base::fail("settings_value", fmt::format("{}: {}: cannot be read, or holds nothing", name, file.string()));
  }
  return {};
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
  auto password = read_secret(sasl.password_file);
  if (!password) return base::fail("settings_value", "log.sasl.password_file: " + password.error().message);
  client.emplace_back("sasl.mechanism", sasl.mechanism);
  if (sasl.mechanism == "OAUTHBEARER") return client;
  client.emplace_back("sasl.username", sasl.username);
  client.emplace_back("sasl.password", std::move(*password));
  return client;
}

/// One for all connections of a process.
base::Result<std::function<base::Result<storage::KafkaToken>()>> tokens_of(const Settings& settings) {
  const auto& sasl = settings.log.sasl;
  TokenEndpoint endpoint{sasl.token_url, sasl.username, sasl.password_file, sasl.scope, settings.log.tls.ca};
  if (auto good = TokenSource::check(endpoint); !good)
    return base::fail("settings_value", "log.sasl.token_url: " + good.error().message);
  return [source = std::make_shared<TokenSource>(std::move(endpoint)),
          principal = sasl.username]() -> base::Result<storage::KafkaToken> {
    auto token = source->get();
    if (!token) return std::unexpected(token.error());
    return storage::KafkaToken{
        std::move(token->value), principal,
        std::chrono::floor<std::chrono::milliseconds>(token->expires.time_since_epoch()).count()};
  };
}

/// What librdkafka says, and where to look then. The first that fits.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kPlaces{{
    {"log.sasl.", ""},  // says it itself
    {"ssl.ca.location failed", "log.tls.ca"},
    {"ssl.certificate.location", "log.tls.certificate"},
    {"ssl.key.location", "log.tls.key"},
    {"certificate verify failed", "log.tls.ca"},
    {"SSL alert number", "log.tls.certificate, log.tls.key: the broker does not trust this process"},
    {"SSL handshake failed", "log.tls, log.brokers: is this a listener with TLS?"},
    {"nsupported SASL mechanism", "log.sasl.mechanism"},
    {"SASL", "log.sasl"},
    {"security.protocol", "log.tls, log.sasl: the broker may want what they do not say"},
    {"SSL transport error", "log.tls, log.sasl: the broker may want what they do not say"},
    {"Disconnected", "log.tls, log.sasl: the broker may want what they do not say"},
}};

}  // namespace

base::Result<storage::KafkaSettings> kafka_settings_of(const Settings& settings) {
  if (settings.log.brokers.empty())
    return base::fail("settings_value", "log.type kafka needs log.brokers: host:port of some of the cluster's");
  if (auto good = check_security(settings); !good) return std::unexpected(good.error());
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
  if (settings.log.sasl.mechanism == "OAUTHBEARER") {
    auto tokens = tokens_of(settings);
    if (!tokens) return std::unexpected(tokens.error());
    kafka.token = std::move(*tokens);
  }
  std::array<std::uint8_t, 8> name{};
  base::crypto::random_bytes(name);
  kafka.fresh_instance = base::to_hex(name);
  return kafka;
}

base::Error name_settings(base::Error error) {
  const auto place = std::ranges::find_if(
      kPlaces, [&](const auto& each) { return error.message.find(each.first) != std::string::npos; });
  if (place == kPlaces.end() || place->second.empty()) return error;
  error.message = fmt::format("{}: {}", place->second, error.message);
  return error;
}

}  // namespace lenne::app
