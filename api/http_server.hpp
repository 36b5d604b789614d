#pragma once
// The HTTP and WebSocket server: reads views and the log, takes operators' documents, serves the page.
// One thread of its own; Asio and Beast stay behind it.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "lenne/v1/aggregate.pb.h"
#include "storage/log.hpp"

namespace lenne::api {

/// What bounds the server. Whatever goes beyond is refused with a status and counted under api.refused.*.
struct HttpLimits {
  std::size_t connections = 512;
  std::size_t live_clients = 128;        ///< WebSockets at once, else 429
  std::size_t waiting = 64;              ///< requests at once that wait for the views, else 429
  std::size_t header_bytes = 16 * 1024;  ///< else 431
  std::size_t body_bytes = 64 * 1024;    ///< else 413
  std::size_t apply_body_bytes = 8 * 1024 * 1024;
  std::size_t documents = 20'000;         ///< of one apply, else 413
  std::size_t rows = 10'000;              ///< most rows of a page; more asked for means this many
  std::size_t scanned_rows = 50'000;      ///< looked at for one page
  std::size_t provisional_devices = 500;  ///< devices of one query that get provisional rows
  std::size_t response_bytes = 16 * 1024 * 1024;
  std::size_t tokens = 10'000;  ///< read tokens in all
  base::Duration header_timeout = std::chrono::seconds{10};
  base::Duration body_timeout = std::chrono::seconds{30};
  base::Duration idle_timeout = std::chrono::seconds{60};
  base::Duration write_timeout = std::chrono::seconds{30};
  base::Duration live_write_timeout =
      std::chrono::seconds{10};  ///< a live client that takes nothing for so long is cut
  base::Duration live_poll = std::chrono::milliseconds{100};
  base::Duration wait = std::chrono::seconds{5};           ///< min_position and apply
  std::size_t history_readings = 8;                        ///< of the log at once, else 429
  base::Duration history_wait = std::chrono::seconds{30};  ///< for one of them
};

enum class Anonymous : std::uint8_t { none, read };

/// A part of the spectrum in which a transmitter may be on the air for a share of any hour (ETSI EN 300 220-2).
struct SubBandLimit {
  std::string name;
  std::uint32_t min_hz = 0;
  std::uint32_t max_hz = 0;
  std::uint64_t airtime_us_per_hour = 0;
};

struct HttpSettings {
  std::string listen = "127.0.0.1:8080";  ///< HOST:PORT or [V6]:PORT; port 0 takes a free one
  std::string shared = {};                ///< one more, taken as soon as no other process has it; empty: none
  bool views = true;                      ///< false: only what needs no token (health, metrics) is answered
  std::string operator_token = {};        ///< empty: nobody is operator
  Anonymous anonymous = Anonymous::none;  ///< read: everybody may read the data of all tenants
  bool simulated = false;                 ///< said in /v1/status
  std::string version = "0.1.0";
  std::string log_type = "rocksdb";
  std::set<std::string, std::less<>> regions = {"EU868"};    ///< what a device may name
  std::vector<SubBandLimit> sub_bands = {};                  ///< of these regions: what a gateway may send in any hour
  base::Duration gateway_online = std::chrono::seconds{90};  ///< heard within: online
  HttpLimits limits = {};
};

/// What other folders do for the server. Called on its thread; must not block long and must not throw.
struct Hooks {
  /// A device's own message as JSON text; nothing when the schema is unknown. Arguments: Uplink.schema, Uplink.message.
  std::function<std::optional<std::string>(std::string_view schema, std::string_view message)> render_message;
  /// Results of windows that are not final yet, for one device, all measures, window starts in [from, to).
  std::function<std::vector<v1::Aggregate>(base::DevEui device, std::string_view window, base::Timestamp from,
                                           base::Timestamp to)>
      provisional;
  /// When a day begins. Arguments: the window of days of its kind ("P1D": local ones, "P1D-RAIN"), its date. Nothing
  /// when the windows have no such days.
  std::function<std::optional<base::Timestamp>(std::string_view window, std::chrono::sys_days date)> day_start;
  /// Whether "<vendor>/<model>" is a schema that can be decoded.
  std::function<bool(std::string_view schema)> schema_exists;
  /// When a measure never has results for windows of that name ("PT15M"), for they are too short: its shortest window.
  std::function<std::optional<std::string>(std::string_view window, std::string_view measure)> shortest_instead_of;
};

/// All outlive the server.
struct Dependencies {
  storage::Log& log;
  const base::Clock& clock;  ///< gives the time to records, too
  base::Counters& counters;
  const base::crypto::KeyVault& vault;
  Hooks hooks;
};

class HttpServer {
 public:
  HttpServer(HttpSettings settings, Dependencies dependencies);
  /// Stops.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and starts its thread. Returns what is bound of `listen`, "HOST:PORT". The shared address is tried at once,
  /// and twice a second from then on: `api.shared.refused` counts how often another process had it, `api.shared.held`
  /// is 1 while this one has it. Errors: http_listen, http_shared.
  [[nodiscard]] base::Result<std::string> start();
  /// Whether the shared address is this server's. Any thread.
  [[nodiscard]] bool holds_shared() const noexcept;
  /// Closes all connections and joins. May be called twice; from any thread but its own.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::api
