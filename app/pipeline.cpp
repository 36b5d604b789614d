#include "app/pipeline.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "app/time_zone.hpp"
#include "app/view_processor.hpp"
#include "lenne/v1/network_in.pb.h"
#include "network/network_processor.hpp"
#include "processing/window_processor.hpp"

namespace lenne::app {
namespace {

base::Result<void> append_tick(storage::Log& log, std::uint32_t partition, base::Timestamp now) {
  v1::NetworkIn record;
  record.set_received_us(base::to_us(now));
  record.mutable_tick();
  storage::Batch batch;
  // A partition's own number is one of its slots.
  batch.append(storage::Topic::network_in, partition, {}, std::string(1, static_cast<char>(partition)),
               record.SerializeAsString());
  if (auto appended = log.append(batch); !appended) return std::unexpected(appended.error());
  return {};
}

}  // namespace

network::NetworkSettings network_settings_of(const Settings& settings) {
  network::NetworkSettings network;
  network.net_id = settings.network.net_id;
  network.regions = settings.network.regions;
  network.deduplication = settings.network.deduplication;
  network.partitions = settings.network.partitions;
  network.rx1_delay_s =
      static_cast<std::uint8_t>(std::chrono::duration_cast<std::chrono::seconds>(settings.network.rx1_delay).count());
  network.rx2_data_rate = static_cast<std::uint8_t>(settings.network.rx2_data_rate);
  network.adr = settings.network.adr;
  network.status_interval = settings.network.status_interval;
  return network;
}

base::Result<processing::WindowSettings> window_settings_of(const Settings& settings) {
  processing::WindowSettings windows;
  windows.windows_s = settings.windows.sizes.lengths_s;
  if (settings.windows.sizes.local_day) {
    auto days = local_days_of(settings.windows.time_zone);
    if (!days) return std::unexpected(days.error());
    windows.local_days = std::move(*days);
    if (!windows.local_days->is_multiple_of(windows.pane_s()))
      return base::fail(
          "bad_time_zone",
          fmt::format("the days of {} are no multiples of {}; choose a smaller window or another time zone",
                      settings.windows.time_zone, processing::window_name({0, windows.pane_s()})));
  }
  windows.grace = settings.windows.grace;
  windows.watermark_delay = settings.windows.watermark_delay;
  windows.spread = settings.windows.spread;
  return windows;
}

Pipeline::Pipeline(std::shared_ptr<const decode::SchemaCatalog> catalog, base::Counters& counters)
    : decoder_(std::move(catalog), counters), views_(counters) {}

base::Result<std::unique_ptr<Pipeline>> Pipeline::open(const Settings& settings,
                                                       const network::NetworkSettings& network, storage::Log& log,
                                                       const base::crypto::KeyVault& vault,
                                                       std::shared_ptr<const decode::SchemaCatalog> catalog,
                                                       const base::Clock& clock, base::Counters& counters,
                                                       std::function<void(const base::Result<void>&)> on_tick) {
  const auto windows = window_settings_of(settings);
  if (!windows) return std::unexpected(windows.error());
  std::unique_ptr<Pipeline> pipeline(new Pipeline(std::move(catalog), counters));
  auto& stages = pipeline->stages_;
  stages.push_back(
      {"network", std::make_unique<network::NetworkProcessor>(network, vault, pipeline->decoder_, counters), {}, {}});
  stages.push_back({"windows", std::make_unique<processing::WindowProcessor>(*windows, counters), {}, {}});
  stages.push_back({"views", std::make_unique<ViewProcessor>(pipeline->views_), {}, {}});
  const std::vector<storage::Topic> topics[] = {
      {storage::Topic::network_in},
      {storage::Topic::measurement},
      {std::begin(storage::views::kViewTopics), std::end(storage::views::kViewTopics)}};
  const auto tick = [&log, &clock, on_tick = std::move(on_tick)](std::uint32_t partition) -> base::Result<void> {
    auto appended = append_tick(log, partition, clock.now());
    if (on_tick) on_tick(appended);
    return appended;
  };
  for (std::size_t i = 0; i < stages.size(); ++i) {
    auto& stage = stages[i];
    auto consumer = log.consumer({stage.name, topics[i]});
    if (!consumer) return std::unexpected(consumer.error());
    stage.consumer = std::move(*consumer);
    stage.worker = std::make_unique<processing::Worker>(stage.name, *stage.consumer, *stage.processor, log.state(),
                                                        clock, counters, tick);
  }
  return pipeline;
}

}  // namespace lenne::app
