#include "app/pipeline.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <span>
#include <utility>

#include "app/command_processor.hpp"
#include "app/publication_processor.hpp"
#include "app/time_zone.hpp"
#include "app/view_processor.hpp"
#include "lenne/v1/event.pb.h"
#include "lenne/v1/network_in.pb.h"
#include "network/network_processor.hpp"
#include "processing/alerts/alert_processor.hpp"
#include "processing/rollup/rollup_processor.hpp"

namespace lenne::app {
namespace {

base::Result<void> append_ticks(storage::Log& log, std::span<const std::uint32_t> partitions, base::Timestamp now) {
  v1::NetworkIn record;
  record.set_received_us(base::to_us(now));
  record.mutable_tick();
  const auto value = record.SerializeAsString();
  storage::Batch batch;
  for (const auto partition : partitions) {
    const char key = static_cast<char>(partition);  // a partition's own number is one of its slots
    batch.append(storage::Topic::network_in, partition, {}, {&key, 1}, value);
  }
  if (auto appended = log.append(batch); !appended) return std::unexpected(appended.error());
  return {};
}

/// Commands of a poll: each may have 64 KiB.
constexpr std::size_t kCommands = 200;

/// How long after its uplink reached us each event was durable, in buckets that Prometheus calls cumulative.
class EventLatency {
 public:
  explicit EventLatency(base::Counters& counters) {
    for (std::size_t i = 0; i < kBoundsMs.size(); ++i)
      cells_[i] = &counters.cell(fmt::format("network.event_latency.le_{}ms", kBoundsMs[i]));
    all_ = &counters.cell("network.event_latency.count");
  }

  /// Looks at a few events of the batch: the others of it wait as long.
  void note(const storage::Batch& committed, base::Timestamp now) {
    for (std::size_t i = 0, looked = 0; i < committed.appends() && looked < kOfOneBatch; ++i) {
      const auto append = committed.append_at(i);
      if (append.topic != storage::Topic::event) continue;
      ++looked;
      if (!event_.ParseFromArray(append.value.data(), static_cast<int>(append.value.size())) || !event_.has_uplink())
        continue;
      const auto late = now - base::from_us(event_.received_us());
      for (std::size_t bound = 0; bound < kBoundsMs.size(); ++bound) {
        if (late <= std::chrono::milliseconds{kBoundsMs[bound]}) ++*cells_[bound];
      }
      ++*all_;
    }
  }

 private:
  static constexpr std::array kBoundsMs{1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000};
  static constexpr std::size_t kOfOneBatch = 8;
  std::array<base::Counters::Cell*, kBoundsMs.size()> cells_{};
  base::Counters::Cell* all_;
  v1::DeviceEvent event_;
};

processing::WindowBounds bounds_of(const Settings& settings, std::size_t workers) {
  return {.pane_bytes = (std::size_t{settings.windows.memory_mib} << 20) / workers};
}

/// Of each windows worker its partitions; none are named where one has all.
std::vector<std::vector<std::uint32_t>> shares_of(const Settings& settings) {
  const auto partitions = settings.network.partitions;
  std::vector<std::vector<std::uint32_t>> shares(std::min(settings.windows.workers, partitions));
  for (std::uint32_t p = 0; shares.size() > 1 && p < partitions; ++p) shares[p % shares.size()].push_back(p);
  return shares;
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
  windows.hopping = settings.windows.sizes.hopping;
  for (const auto calendar : settings.windows.sizes.calendars) {
    const auto& info = processing::info_of(calendar);
    const auto zone = info.time_zone.empty() ? settings.windows.time_zone : std::string(info.time_zone);
    auto days = days_of(zone, std::chrono::hours{info.start_hour});
    if (!days) return std::unexpected(days.error());
    if (!(*days)->is_multiple_of(windows.pane_s()))
      return base::fail(
          "bad_time_zone",
          fmt::format("the days of {} are no multiples of {}; choose a smaller window or another time zone", zone,
                      processing::window_name({0, windows.pane_s()})));
    windows.days[processing::index_of(calendar)] = std::move(*days);
  }
  windows.grace = settings.windows.grace;
  windows.watermark_delay = settings.windows.watermark_delay;
  windows.spread = settings.windows.spread;
  return windows;
}

std::unique_ptr<processing::Processor> results_of(const processing::WindowSettings& windows, base::Counters& counters,
                                                  const processing::WindowBounds& bounds) {
  return std::make_unique<processing::alerts::AlertProcessor>(
      std::make_unique<processing::WindowProcessor>(windows, counters, bounds), counters);
}

Pipeline::Pipeline(std::shared_ptr<const decode::SchemaCatalog> catalog, base::Counters& counters)
    : decoder_(std::move(catalog), counters), views_(counters) {}

base::Result<std::unique_ptr<Pipeline>> Pipeline::open(
    const Settings& settings, const network::NetworkSettings& network, storage::Log& log,
    const base::crypto::KeyVault& vault, std::shared_ptr<const decode::SchemaCatalog> catalog, const base::Clock& clock,
    const base::Clock& log_clock, base::Counters& counters, std::function<void(const base::Result<void>&)> on_tick,
    storage::SchemaIds schema_ids) {
  const auto windows = window_settings_of(settings);
  if (!windows) return std::unexpected(windows.error());
  std::unique_ptr<Pipeline> pipeline(new Pipeline(std::move(catalog), counters));
  auto& stages = pipeline->stages_;
  const auto tick = [&log, &log_clock, on_tick = std::move(on_tick)](std::span<const std::uint32_t> partitions) {
    auto appended = append_ticks(log, partitions, log_clock.now());
    if (on_tick) on_tick(appended);
    return appended;
  };
  using Sharing = storage::ConsumerSpec::Sharing;
  const auto add = [&](Role role, std::string name, std::unique_ptr<processing::Processor> processor,
                       std::vector<storage::Topic> topics, Sharing sharing, processing::WorkerSettings worker,
                       const std::vector<std::uint32_t>& own = {}) -> base::Result<void> {
    if (!settings.roles.contains(role)) return {};
    auto consumer = log.consumer({name, std::move(topics), own, sharing});
    if (!consumer) return std::unexpected(consumer.error());
    auto& stage = stages.emplace_back(std::move(name), std::move(processor), std::move(*consumer));
    stage.worker = std::make_unique<processing::Worker>(stage.name, *stage.consumer, *stage.processor, log.state(),
                                                        log_clock, counters, tick, std::move(worker));
    stage.radio_waits = role == Role::network;
    return {};
  };
  using std::chrono::milliseconds;
  // An uplink's event waits for the network's rest, a person for the views'; windows wait for minutes anyway.
  // A commit on Kafka is some ten requests to the cluster: fewer of them, each of more.
  const bool far = settings.log.type == Settings::LogType::kafka;
  processing::WorkerSettings of_network{.linger = milliseconds{far ? 10 : 2},
                                        .quiet_linger = milliseconds{far ? 20 : 8}};
  of_network.committed = [&clock, latency = EventLatency(counters)](const storage::Batch& batch) mutable {
    latency.note(batch, clock.now());
  };
  if (auto added = add(Role::network, "network",
                       std::make_unique<network::NetworkProcessor>(network, vault, pipeline->decoder_, counters),
                       {storage::Topic::network_in}, Sharing::partitions, std::move(of_network));
      !added)
    return std::unexpected(added.error());
  if (far && settings.log.public_topics) {
    const CommandSettings commands{settings.network.partitions, schema_ids.command};
    if (auto added =
            add(Role::network, "commands", std::make_unique<CommandProcessor>(commands, log_clock, counters),
                {storage::Topic::command}, Sharing::partitions, {.quiet_linger = milliseconds{5}, .most = kCommands});
        !added)
      return std::unexpected(added.error());
    // A tenant is declared on topic control: then its topics are made.
    if (auto added = add(Role::network, "publication", std::make_unique<PublicationProcessor>(),
                         {storage::Topic::event, storage::Topic::measurement, storage::Topic::aggregate,
                          storage::Topic::alert, storage::Topic::control},
                         Sharing::publication, {.linger = milliseconds{10}, .quiet_linger = milliseconds{10}});
        !added)
      return std::unexpected(added.error());
  }
  const auto shares = shares_of(settings);
  for (const auto& own : shares) {
    if (auto added = add(Role::windows, "windows", results_of(*windows, counters, bounds_of(settings, shares.size())),
                         {storage::Topic::measurement}, Sharing::partitions,
                         {.linger = milliseconds{100}, .quiet_linger = milliseconds{100}}, own);
        !added)
      return std::unexpected(added.error());
  }
  if (auto added =
          add(Role::windows, "rollups",
              std::make_unique<processing::rollup::RollupProcessor>(*windows, settings.network.partitions, counters),
              {storage::Topic::rollup_in}, Sharing::partitions,
              {.linger = milliseconds{200}, .quiet_linger = milliseconds{200}});
      !added)
    return std::unexpected(added.error());
  if (auto added = add(Role::serve, "views", std::make_unique<ViewProcessor>(pipeline->views_),
                       {std::begin(storage::views::kViewTopics), std::end(storage::views::kViewTopics)},
                       Sharing::everything, {.linger = milliseconds{50}, .quiet_linger = milliseconds{50}});
      !added)
    return std::unexpected(added.error());
  return pipeline;
}

}  // namespace lenne::app
