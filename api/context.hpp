#pragma once
// What every handler works with. One thread (the server's).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/auth.hpp"
#include "api/event_source.hpp"
#include "api/history_readings.hpp"
#include "api/http_server.hpp"
#include "api/request.hpp"
#include "storage/views/queries.hpp"

namespace lenne::api {

struct Context {
  Context(HttpSettings given, Dependencies dependencies);

  HttpSettings settings;
  Dependencies deps;
  storage::views::Queries queries;
  Authenticator auth;
  base::Timestamp started;
  std::uint64_t next_request_id;  ///< consecutive, so that a request's outcomes have slots of their own
  std::map<std::uint32_t, storage::Offset> known_applied;  ///< of writes whose effect was seen in the views
  std::size_t connections = 0;
  std::size_t live_clients = 0;
  std::size_t waiting = 0;
  std::optional<EventSource> end_source = {};
  std::optional<std::string> known_end = {};
  std::optional<base::Duration> asked_end = {};  ///< when, by the monotonic clock
  HistoryReadings history;                       ///< the last member: they use the others

  /// The position after all events, of within the last second; nothing while the log does not say. A reader is kept for
  /// it: on Kafka each one is a client of the cluster, with threads and connections.
  [[nodiscard]] std::optional<std::string> log_end();

  void refuse(std::string_view what) { deps.counters.count("api.refused." + std::string(what)); }
};

/// "0:12,3:44" -> the offsets that the views must contain. Error bad_parameter.
[[nodiscard]] base::Result<std::map<std::uint32_t, storage::Offset>> parse_positions(std::string_view text);
[[nodiscard]] std::string positions_text(const std::map<std::uint32_t, storage::Offset>& positions);
/// Whether the views contain them all.
[[nodiscard]] base::Result<bool> views_contain(const Context& context,
                                               const std::map<std::uint32_t, storage::Offset>& positions);

}  // namespace lenne::api
