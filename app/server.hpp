#pragma once
// The roles of a process: ingest, network + decode, windows, views and api, on one log. All of them, or, with Kafka,
// some.

#include <memory>
#include <optional>
#include <string>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"

namespace lenne::app {

class Server {
 public:
  /// Opens the data directory, starts all threads and sockets. Errors: of the log, the key file, the schemas, the
  /// sockets.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(const Settings& settings, const base::Clock& clock);
  /// Stops: first the sockets, then the workers behind them.
  ~Server();

  /// What is really bound, "HOST:PORT"; empty when that is off.
  [[nodiscard]] std::string udp() const;
  [[nodiscard]] std::string http() const;
  /// Whether `http.shared` is this process's by now. Any thread.
  [[nodiscard]] bool holds_shared() const;
  [[nodiscard]] const std::string& operator_token() const;

  /// Why a worker has stopped by itself (disk full, damaged state); nothing while all is well. Any thread.
  [[nodiscard]] std::optional<base::Error> failure() const;

  /// On Kafka: what is still to be copied of the state of partitions that this process was given.
  struct Restore {
    std::uint64_t records;
    std::uint64_t eta_s;  ///< 0: not known yet
  };
  /// Any thread.
  [[nodiscard]] Restore restoring() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lenne::app
