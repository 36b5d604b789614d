#pragma once
// Readings of the log's past, each on a thread of its own: on Kafka one is a new client of the cluster and may take
// seconds, for which the server's thread must not stand still.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "api/request.hpp"

namespace lenne::api {

/// One reading. Made by HistoryReadings.
class HistoryReading {
 public:
  /// Does the work; looks now and then whether anybody still wants it.
  using Read = std::function<Response(const std::atomic<bool>& unwanted)>;

  explicit HistoryReading(Read read);
  /// Waits for its thread.
  ~HistoryReading() = default;
  HistoryReading(const HistoryReading&) = delete;
  HistoryReading& operator=(const HistoryReading&) = delete;

  [[nodiscard]] bool is_done() const noexcept { return done_; }
  /// Its answer, once it is done; the first call takes it.
  [[nodiscard]] std::optional<Response> take();
  /// Nobody waits for it any more.
  void abandon() noexcept { unwanted_ = true; }

 private:
  std::atomic<bool> unwanted_ = false;
  std::atomic<bool> done_ = false;
  std::optional<Response> response_;  ///< written before done_, read after it
  std::jthread thread_;               ///< the last member: it ends before the others
};

/// Those of a server. One thread; destroying it abandons and waits for them.
class HistoryReadings {
 public:
  explicit HistoryReadings(std::size_t most) : most_(most) {}
  ~HistoryReadings();
  HistoryReadings(const HistoryReadings&) = delete;
  HistoryReadings& operator=(const HistoryReadings&) = delete;

  /// Null when as many as may be are at work, those included that were abandoned.
  [[nodiscard]] std::shared_ptr<HistoryReading> start(HistoryReading::Read read);

 private:
  std::size_t most_;
  std::vector<std::shared_ptr<HistoryReading>> readings_;
};

}  // namespace lenne::api
