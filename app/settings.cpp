#include "app/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "processing/window_settings.hpp"

namespace lenne::app {
namespace {

using base::Duration;
using base::fail;
using base::Result;

using Values = std::vector<std::string>;
using Setter = std::function<Result<void>(Settings&, const Values&)>;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Wraps a function of one text into a setter: a list is refused.
template <typename Apply>
Setter one(Apply apply) {
  return [apply](Settings& settings, const Values& values) -> Result<void> {
    if (values.size() != 1) return fail("settings_value", "takes one value, not a list");
    return apply(settings, values.front());
  };
}

template <typename Member>
Setter flag(Member member) {
  return one([member](Settings& settings, const std::string& text) -> Result<void> {
    if (text != "true" && text != "false")
      return fail("settings_value", fmt::format("'{}' is neither true nor false", text));
    member(settings) = text == "true";
    return {};
  });
}

template <typename Member>
Setter text(Member member) {
  return one([member](Settings& settings, const std::string& value) -> Result<void> {
    member(settings) = value;
    return {};
  });
}

template <typename Member>
Setter duration(Member member, Duration least, Duration most) {
  return one([=](Settings& settings, const std::string& text) -> Result<void> {
    const auto value = parse_duration(text);
    if (!value) return std::unexpected(value.error());
    if (*value < least || *value > most) return fail("settings_value", fmt::format("'{}' is out of range", text));
    member(settings) = *value;
    return {};
  });
}

template <typename Member>
Setter number(Member member, std::uint32_t least, std::uint32_t most) {
  return one([=](Settings& settings, const std::string& text) -> Result<void> {
    const auto value = whole_number(text);
    if (!value || *value < least || *value > most)
      return fail("settings_value", fmt::format("'{}' is not in {}..{}", text, least, most));
    member(settings) = static_cast<std::uint32_t>(*value);
    return {};
  });
}

template <typename Member>
Setter address(Member member) {
  return one([member](Settings& settings, const std::string& text) -> Result<void> {
    const auto value = parse_address(text);
    if (!value) return std::unexpected(value.error());
    member(settings) = *value;
    return {};
  });
}

constexpr std::array<std::pair<Role, std::string_view>, 4> kRoles{
    {{Role::ingest, "ingest"}, {Role::network, "network"}, {Role::windows, "windows"}, {Role::serve, "serve"}}};

Result<void> set_roles(Settings& settings, const Values& values) {
  settings.roles.clear();
  for (const auto& value : values) {
    const auto named = std::ranges::find(kRoles, value, [](const auto& each) { return each.second; });
    if (named == kRoles.end())
      return fail("settings_value", fmt::format("'{}' is none of ingest, network, windows, serve", value));
    settings.roles.insert(named->first);
  }
  return {};
}

constexpr std::array<std::pair<Settings::LogType, std::string_view>, 3> kLogTypes{
    {{Settings::LogType::rocksdb, "rocksdb"},
     {Settings::LogType::memory, "memory"},
     {Settings::LogType::kafka, "kafka"}}};

Result<void> set_log_type(Settings& settings, const std::string& text) {
  const auto named = std::ranges::find(kLogTypes, text, [](const auto& each) { return each.second; });
  if (named == kLogTypes.end())
    return fail("settings_value", fmt::format("'{}' is none of rocksdb, memory, kafka", text));
  settings.log.type = named->first;
  return {};
}

Result<void> set_brokers(Settings::Kafka& kafka, const Values& values) {
  for (const auto& broker : values) {
    const auto address = parse_address(broker);
    if (!address || address->port == 0)
      return fail("settings_value", fmt::format("'{}' is no host:port of a broker", broker));
  }
  kafka.brokers = values;
  return {};
}

Result<void> set_mechanism(Settings::Kafka& kafka, const std::string& text) {
  constexpr std::array<std::string_view, 4> kMechanisms{"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN", "OAUTHBEARER"};
  if (std::ranges::find(kMechanisms, text) == kMechanisms.end())
    return fail("settings_value", fmt::format("'{}' is none of {}", text, fmt::join(kMechanisms, ", ")));
  kafka.sasl.mechanism = text;
  return {};
}

/// A topic's name has letters, digits, '.', '_' and '-', and at most 249 of them.
Result<void> set_prefix(Settings::Kafka& kafka, const std::string& text) {
  constexpr std::size_t kLongest = 100;
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  if (text.empty() || text.size() > kLongest || !std::ranges::all_of(text, is_allowed))
    return fail("settings_value", fmt::format("'{}' is no beginning of a topic's name", text));
  kafka.prefix = text;
  return {};
}

Result<void> set_net_id(Settings& settings, const std::string& text) {
  const auto id = base::parse_id<base::NetId>(text);
  if (!id) return fail("settings_value", fmt::format("'{}': {}", text, id.error()));
  // Type 7 has 7 address bits (LoRaWAN 1.0.4 section 6.1.1, DevAddr format), fewer than the slot needs.
  if ((id->value >> 21) == 7)
    return fail("settings_value", fmt::format("NetID {} leaves fewer than 8 address bits", text));
  settings.network.net_id = *id;
  return {};
}

Result<void> set_regions(Settings& settings, const Values& values) {
  for (const auto& region : values) {
    if (region != "EU868") return fail("not_built", fmt::format("region '{}' is not built yet; EU868 is", region));
  }
  if (values.empty()) return fail("settings_value", "needs at least one region");
  settings.network.regions = values;
  return {};
}

Result<void> set_anonymous(Settings& settings, const std::string& text) {
  if (text != "none" && text != "read")
    return fail("settings_value", fmt::format("'{}' is neither none nor read", text));
  settings.auth.anonymous_read = text == "read";
  return {};
}

Result<void> set_window_sizes(Settings& settings, const Values& values) {
  const auto sizes = processing::parse_windows(fmt::format("{}", fmt::join(values, ",")));
  if (!sizes) return fail("settings_value", sizes.error().message);
  settings.windows.sizes = *sizes;
  return {};
}

using Setters = std::map<std::string, Setter, std::less<>>;

/// Those of a cluster, below `name`.
template <typename Cluster>
void add_kafka(Setters& setters, const std::string& name, Cluster cluster) {
  using Path = std::filesystem::path;
  Setters own{
      {".brokers", [cluster](Settings& s, const Values& values) { return set_brokers(cluster(s), values); }},
      {".prefix", one([cluster](Settings& s, const std::string& text) { return set_prefix(cluster(s), text); })},
      {".replication", number([cluster](Settings& s) -> std::uint32_t& { return cluster(s).replication; }, 1, 15)},
      {".json", flag([cluster](Settings& s) -> bool& { return cluster(s).json; })},
      {".tls.ca", text([cluster](Settings& s) -> Path& { return cluster(s).tls.ca; })},
      {".tls.certificate", text([cluster](Settings& s) -> Path& { return cluster(s).tls.certificate; })},
      {".tls.key", text([cluster](Settings& s) -> Path& { return cluster(s).tls.key; })},
      {".sasl.mechanism",
       one([cluster](Settings& s, const std::string& text) { return set_mechanism(cluster(s), text); })},
      {".sasl.username", text([cluster](Settings& s) -> std::string& { return cluster(s).sasl.username; })},
      {".sasl.password_file", text([cluster](Settings& s) -> Path& { return cluster(s).sasl.password_file; })},
      {".sasl.token_url", text([cluster](Settings& s) -> std::string& { return cluster(s).sasl.token_url; })},
      {".sasl.scope", text([cluster](Settings& s) -> std::string& { return cluster(s).sasl.scope; })},
  };
  for (auto& [key, setter] : own) setters.emplace(name + key, std::move(setter));
}

Setters all_setters() {
  using namespace std::chrono_literals;
  Setters all{
      {"roles", set_roles},
      {"data", one([](Settings& s, const std::string& v) -> Result<void> {
         if (v.empty()) return fail("settings_value", "is empty");
         s.data = v;
         return {};
       })},
      {"devices", one([](Settings& s, const std::string& v) -> Result<void> {
         s.devices = v;
         return {};
       })},
      {"simulated", flag([](Settings& s) -> bool& { return s.simulated; })},
      {"log.type", one(set_log_type)},
      {"log.sync", flag([](Settings& s) -> bool& { return s.log.sync; })},
      {"log.public_topics", flag([](Settings& s) -> bool& { return s.log.public_topics; })},
      {"log.schema_registry.url", one([](Settings& s, const std::string& v) -> Result<void> {
         if (v.starts_with("https:"))
           return fail("not_built", "https is not built yet; put a proxy on this machine in front");
         s.log.schema_registry.url = v;
         return {};
       })},
      {"log.schema_registry.username",
       text([](Settings& s) -> std::string& { return s.log.schema_registry.username; })},
      {"log.schema_registry.password_file",
       text([](Settings& s) -> std::filesystem::path& { return s.log.schema_registry.password_file; })},
      {"log.standby", flag([](Settings& s) -> bool& { return s.log.standby; })},
      {"keys.file", text([](Settings& s) -> std::filesystem::path& { return s.keys.file; })},
      {"network.net_id", one(set_net_id)},
      {"network.regions", set_regions},
      {"network.deduplication",
       duration([](Settings& s) -> Duration& { return s.network.deduplication; }, 10ms, 800ms)},
      {"network.partitions", number([](Settings& s) -> std::uint32_t& { return s.network.partitions; }, 1, 256)},
      {"network.rx1_delay", duration([](Settings& s) -> Duration& { return s.network.rx1_delay; }, 1s, 15s)},
      {"network.rx2_data_rate", number([](Settings& s) -> std::uint32_t& { return s.network.rx2_data_rate; }, 0, 15)},
      {"network.adr", flag([](Settings& s) -> bool& { return s.network.adr; })},
      {"network.status_interval",
       duration([](Settings& s) -> Duration& { return s.network.status_interval; }, 0s, 24h * 366)},
      {"gateways.udp", address([](Settings& s) -> Address& { return s.gateways.udp; })},
      {"gateways.station", one([](Settings&, const std::string&) -> Result<void> {
         return fail("not_built", "LoRa Basics Station is not built yet; leave gateways.station out");
       })},
      {"gateways.accept_unknown", flag([](Settings& s) -> bool& { return s.gateways.accept_unknown; })},
      {"gateways.record", one([](Settings& s, const std::string& v) -> Result<void> {
         s.gateways.record = v;
         return {};
       })},
      {"http.listen", address([](Settings& s) -> Address& { return s.http.listen; })},
      {"http.shared", one([](Settings& s, const std::string& v) -> Result<void> {
         const auto shared = parse_address(v);
         if (!shared) return std::unexpected(shared.error());
         if (shared->port == 0) return fail("settings_value", fmt::format("'{}': port 0 is nobody else's", v));
         s.http.shared = *shared;
         return {};
       })},
      {"auth.anonymous", one(set_anonymous)},
      {"auth.operator_token_file",
       text([](Settings& s) -> std::filesystem::path& { return s.auth.operator_token_file; })},
      {"windows.sizes", set_window_sizes},
      {"windows.time_zone", one([](Settings& s, const std::string& v) -> Result<void> {
         if (v.empty()) return fail("settings_value", "is empty");
         s.windows.time_zone = v;
         return {};
       })},
      {"windows.grace", one([](Settings& s, const std::string& v) -> Result<void> {
         const auto grace = parse_duration(v);
         if (!grace) return std::unexpected(grace.error());
         s.windows.grace = *grace;
         return {};
       })},
      {"windows.watermark_delay", duration([](Settings& s) -> Duration& { return s.windows.watermark_delay; }, 0s, 1h)},
      {"windows.spread", flag([](Settings& s) -> bool& { return s.windows.spread; })},
      {"windows.workers", number([](Settings& s) -> std::uint32_t& { return s.windows.workers; }, 1, 64)},
      {"windows.memory_mib", number([](Settings& s) -> std::uint32_t& { return s.windows.memory_mib; }, 8, 65'536)},
  };
  add_kafka(all, "log", [](Settings& s) -> Settings::Kafka& { return s.log; });
  add_kafka(all, "outbox", [](Settings& s) -> Settings::Kafka& { return s.outbox; });
  return all;
}

const Setters& setters() {
  static const auto all = all_setters();
  return all;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

/// "; did you mean …?" when a name is near.
std::string suggestion(std::string_view key) {
  std::string_view nearest;
  std::size_t least = 9;  // what is further away is another word
  for (const auto& [name, setter] : setters()) {
    const auto longer = key.size() > name.size() ? key.size() - name.size() : name.size() - key.size();
    if (longer >= least) continue;
    if (const auto distance = edit_distance(key, name); distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest.empty() ? std::string() : fmt::format("; did you mean '{}'?", nearest);
}

Result<void> assign(Settings& settings, const std::string& key, const Values& values) {
  const auto& all = setters();
  const auto found = all.find(key);
  if (found == all.end()) {
    return fail("settings_unknown", fmt::format("there is no setting '{}'{}", key, suggestion(key)));
  }
  if (auto done = found->second(settings, values); !done) {
    return fail(done.error().code, fmt::format("{}: {}", key, done.error().message));
  }
  return {};
}

// Keys have up to three levels. A map below is no value: an alias may even name the map that contains it.
constexpr int kLevels = 3;

Result<void> assign_yaml(Settings& settings, const std::string& prefix, const YAML::Node& node, int level = 0) {
  if (node.IsMap() && level < kLevels) {
    for (const auto& entry : node) {
      const auto name = entry.first.as<std::string>();
      if (auto done = assign_yaml(settings, prefix.empty() ? name : prefix + "." + name, entry.second, level + 1);
          !done)
        return done;
    }
    return {};
  }
  Values values;
  if (node.IsScalar()) values.push_back(node.Scalar());
  if (node.IsSequence()) {
    for (const auto& item : node) {
      if (!item.IsScalar()) return fail("settings_value", prefix + ": a list of plain values is expected");
      values.push_back(item.Scalar());
    }
  }
  return assign(settings, prefix, values);
}

Values split_list(std::string text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  Values values;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    auto item = text.substr(begin, end - begin);
    item.erase(0, item.find_first_not_of(' '));
    item.erase(item.find_last_not_of(' ') + 1);
    values.push_back(std::move(item));
    begin = end + 1;
  }
  return values;
}

}  // namespace

Result<Duration> parse_duration(const std::string& text) {
  static const std::map<std::string, std::int64_t, std::less<>> kUnits{
      {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = whole_number(std::string_view(text).substr(0, digits));
  const auto unit = kUnits.find(std::string_view(text).substr(digits));
  if (!number || *number > 1'000'000 || unit == kUnits.end()) {
    return fail("settings_value", fmt::format("'{}' is no duration such as 200ms, 10s, 15m, 1h, 7d", text));
  }
  return Duration{static_cast<std::int64_t>(*number) * unit->second};
}

Result<Address> parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : whole_number(std::string_view(text).substr(colon + 1));
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (!port || *port > 65535 || host.empty()) return fail("settings_value", fmt::format("'{}' is no HOST:PORT", text));
  return Address{host, static_cast<std::uint16_t>(*port)};
}

std::string to_text(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", address.port);
}

Result<Settings> parse_settings(const std::string& name, const std::string& text) {
  Settings settings;
  try {
    const auto root = YAML::Load(text);
    if (!root.IsMap() && !root.IsNull())
      return fail("settings_file", fmt::format("{}: expected `key: value` lines", name));
    if (root.IsMap()) {
      if (auto done = assign_yaml(settings, "", root); !done) {
        return fail(done.error().code, fmt::format("{}: {}", name, done.error().message));
      }
    }
  } catch (const YAML::Exception& problem) {
    return fail("settings_file", fmt::format("{}: {}", name, problem.what()));
  }
  return settings;
}

std::string_view name_of(Settings::LogType type) noexcept {
  const auto named = std::ranges::find(kLogTypes, type, [](const auto& each) { return each.first; });
  return named == kLogTypes.end() ? std::string_view{} : named->second;
}

Result<Settings> read_settings(const std::filesystem::path& file, const std::vector<std::string>& assignments) {
  Settings settings;
  if (!file.empty()) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    // A folder can be opened, and reads as nothing.
    if (!in || std::filesystem::is_directory(file))
      return fail("settings_file", fmt::format("{}: cannot be read", file.string()));
    auto read = parse_settings(file.string(), text.str());
    if (!read) return read;
    settings = std::move(*read);
  }
  for (const auto& assignment : assignments) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) return fail("settings_value", fmt::format("'{}' is no key=value", assignment));
    if (auto done = assign(settings, assignment.substr(0, equals), split_list(assignment.substr(equals + 1))); !done) {
      return std::unexpected(done.error());
    }
  }
  return settings;
}

}  // namespace lenne::app
