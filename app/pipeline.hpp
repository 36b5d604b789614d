#pragma once
// What comes behind ingest: the network step with its decoder, the windows and the views, each with its consumer on one
// log. The server turns them by threads, the virtual server by hand.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/counters.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/error.hpp"
#include "decode/device_decoder.hpp"
#include "network/settings.hpp"
#include "processing/processor.hpp"
#include "processing/window_processor.hpp"
#include "processing/window_settings.hpp"
#include "processing/worker.hpp"
#include "storage/kafka/kafka_log.hpp"
#include "storage/log.hpp"
#include "storage/views/views.hpp"

namespace lenne::app {

[[nodiscard]] network::NetworkSettings network_settings_of(const Settings& settings);
/// Reads the time-zone database when there are local days. Error: bad_time_zone.
[[nodiscard]] base::Result<processing::WindowSettings> window_settings_of(const Settings& settings);

/// What consumer "windows" does with a measurement: windows, then alerts.
[[nodiscard]] std::unique_ptr<processing::Processor> results_of(const processing::WindowSettings& windows,
                                                                base::Counters& counters,
                                                                const processing::WindowBounds& bounds = {});

class Pipeline {
 public:
  struct Stage {
    std::string name;
    std::unique_ptr<processing::Processor> processor;
    std::unique_ptr<storage::Consumer> consumer;
    std::unique_ptr<processing::Worker> worker;
    bool radio_waits = false;  ///< for what it does: a downlink must be in time for a receive window
  };

  /// Opens a consumer for each processor of the settings' roles. `network` has passed network::check(). `log_clock`
  /// gives the time to ticks, and is never ahead of what has arrived and is not in the log yet. Log, vault, clocks and
  /// counters outlive it. `on_tick` is told what became of the ticks that a worker appends to network-in. Error: of the
  /// log.
  [[nodiscard]] static base::Result<std::unique_ptr<Pipeline>> open(
      const Settings& settings, const network::NetworkSettings& network, storage::Log& log,
      const base::crypto::KeyVault& vault, std::shared_ptr<const decode::SchemaCatalog> catalog,
      const base::Clock& clock, const base::Clock& log_clock, base::Counters& counters,
      std::function<void(const base::Result<void>& appended)> on_tick = {}, storage::SchemaIds schema_ids = {});

  /// In the order of the way of an uplink. Each worker may have a thread of its own.
  [[nodiscard]] std::vector<Stage>& stages() noexcept { return stages_; }

 private:
  Pipeline(std::shared_ptr<const decode::SchemaCatalog> catalog, base::Counters& counters);

  decode::DeviceDecoder decoder_;
  storage::views::Views views_;
  std::vector<Stage> stages_;
};

}  // namespace lenne::app
