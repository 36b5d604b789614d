#pragma once
// All settings of a Lenne process: one validated value, read from a YAML file and `--set key=value`. Each has a
// default.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "processing/window_settings.hpp"

namespace lenne::app {

/// host:port as people write it; port 0 lets the system choose.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const Address&, const Address&) = default;
};

/// What a process does. With Kafka as its log one network is shared by several processes.
enum class Role : std::uint8_t {
  ingest,   ///< owns a socket for gateways
  network,  ///< the network step and decoding
  windows,
  serve,  ///< views, HTTP API and page
};

struct Settings {
  std::set<Role> roles = {Role::ingest, Role::network, Role::windows, Role::serve};
  std::filesystem::path data = "data";

  /// A cluster, and what is written to it.
  struct Kafka {
    std::vector<std::string> brokers;  ///< host:port of some of the cluster's
    std::string prefix = "lenne.";     ///< of the names of topics, groups and transactions
    std::uint32_t replication = 1;     ///< copies of each topic that is made
    bool json = false;                 ///< tenants' topics as JSON, too
    struct {
      std::filesystem::path ca;           ///< PEM: who may sign the brokers' certificates; empty = no TLS
      std::filesystem::path certificate;  ///< this process's own, and
      std::filesystem::path key;          ///< its key; empty = none
    } tls;
    struct {
      std::string mechanism;                ///< SCRAM-SHA-256, SCRAM-SHA-512, PLAIN or OAUTHBEARER; empty = none
      std::string username;                 ///< OAUTHBEARER: the client id
      std::filesystem::path password_file;  ///< one line; OAUTHBEARER: the client secret
      std::string token_url;                ///< OAUTHBEARER: https://…, where tokens are given
      std::string scope;                    ///< OAUTHBEARER: asked for with a token; empty = none
    } sasl;
  };

  enum class LogType : std::uint8_t { rocksdb, memory, kafka };
  struct Log : Kafka {
    LogType type = LogType::rocksdb;
    bool sync = true;           ///< rocksdb: wait for the disk before anything is acknowledged
    bool public_topics = true;  ///< kafka: copy what tenants' devices do to topics of their own
    struct {
      std::string url;       ///< http://HOST:PORT of a schema registry; empty = none, schemas have ids of our own
      std::string username;  ///< empty = none
      std::filesystem::path password_file;  ///< one line
    } schema_registry;
    bool standby = true;  ///< kafka: copy the state of others with the same roles, to take over at once
  } log;

  Kafka outbox;  ///< rocksdb: where what tenants' devices do is mirrored to; no brokers = nowhere

  struct {
    std::filesystem::path file;  ///< the key-encryption key; empty = `kek` in the data directory
  } keys;

  struct {
    base::NetId net_id{};
    std::vector<std::string> regions = {"EU868"};
    base::Duration deduplication = std::chrono::milliseconds{200};
    std::uint32_t partitions = 16;
    base::Duration rx1_delay = std::chrono::seconds{1};  ///< of devices that join; whole seconds
    std::uint32_t rx2_data_rate = 0;                     ///< devices that have another one are told by RXParamSetupReq
    bool adr = true;                                     ///< command data rate and power of devices that allow it
    base::Duration status_interval = std::chrono::hours{24};  ///< between two DevStatusReq of a device; 0 = never
  } network;

  struct {
    Address udp{"0.0.0.0", 1700};
    bool accept_unknown = false;
    std::filesystem::path record;  ///< where to record all datagrams; empty = nowhere
  } gateways;

  struct {
    Address listen{"127.0.0.1", 8080};
    std::optional<Address> shared;  ///< kafka: the page's address, taken as soon as no other process has it
  } http;

  struct {
    bool anonymous_read = false;                ///< auth.anonymous: none | read
    std::filesystem::path operator_token_file;  ///< empty = `operator.token` in the data directory
  } auth;

  struct {
    /// The smallest is computed per sample.
    processing::WindowSizes sizes{{900, 3600, 86400},
                                  {processing::Calendar::day_local, processing::Calendar::day_cet,
                                   processing::Calendar::rain_day, processing::Calendar::gas_day}};
    std::string time_zone = "Europe/Berlin";  ///< of local days
    std::optional<base::Duration> grace;      ///< one for all series instead of their class's
    base::Duration watermark_delay = std::chrono::seconds{30};
    bool spread = true;              ///< results that close together are emitted over up to a minute
    std::uint32_t workers = 1;       ///< threads, each with a share of the partitions; on Kafka processes have that
    std::uint32_t memory_mib = 128;  ///< of the newest panes, all partitions of a process together
  } windows;

  std::filesystem::path devices;  ///< an operator's own device schemas, beside the built-in ones; empty = none
  bool simulated = false;         ///< marks all data as simulated on the page
};

/// As it is written in settings.
[[nodiscard]] std::string_view name_of(Settings::LogType type) noexcept;

/// Reads the file (if any), then the assignments `key=value` with dotted keys, in order.
/// Errors: settings_file (cannot be read, no YAML), settings_unknown (a key that does not exist, with the nearest one),
/// settings_value (what is wrong with which value), not_built (a value of the contract that this version cannot do
/// yet).
[[nodiscard]] base::Result<Settings> read_settings(const std::filesystem::path& file,
                                                   const std::vector<std::string>& assignments);

/// The same for the text of a file. `name` stands in messages.
[[nodiscard]] base::Result<Settings> parse_settings(const std::string& name, const std::string& text);

/// `200ms`, `10s`, `15m`, `1h`, `7d` as a duration.
[[nodiscard]] base::Result<base::Duration> parse_duration(const std::string& text);

/// "host:port", "[v6]:port".
[[nodiscard]] base::Result<Address> parse_address(const std::string& text);
[[nodiscard]] std::string to_text(const Address& address);

}  // namespace lenne::app
