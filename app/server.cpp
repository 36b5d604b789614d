#include "app/server.hpp"

#include <algorithm>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "api/http_server.hpp"
#include "app/open_log.hpp"
#include "app/open_vault.hpp"
#include "app/operator_token.hpp"
#include "app/pipeline.hpp"
#include "app/public_json.hpp"
#include "app/replay/recorder.hpp"
#include "base/counters.hpp"
#include "base/crypto/key_vault.hpp"
#include "base/pause.hpp"
#include "base/slot.hpp"
#include "base/thread_name.hpp"
#include "base/thread_priority.hpp"
#include "decode/schema_catalog.hpp"
#include "ingest/semtech_udp_server.hpp"
#include "network/lorawan/region.hpp"
#include "network/settings.hpp"
#include "processing/fold.hpp"
#include "processing/window_settings.hpp"

namespace lenne::app {
namespace {

using base::Result;
using namespace std::chrono_literals;

constexpr base::Duration kRetainEvery = 10min;

/// A device's panes are in the partition of its DevEUI, an ABP device's in that of its DevAddr: the likely one is read
/// first.
std::vector<v1::Aggregate> provisional_of(const storage::StateReader& state, std::uint32_t partitions,
                                          const processing::WindowSettings& windows, base::DevEui device,
                                          std::string_view window, base::Timestamp from, base::Timestamp to) {
  std::vector<v1::Aggregate> found;
  const auto home = base::partition_of(base::slot_of(device), partitions);
  for (std::uint32_t i = 0; i < partitions; ++i) {
    const auto open = processing::provisional(state, (home + i) % partitions, windows, device, from, to, window);
    if (!open || open->empty()) continue;
    for (const auto& aggregate : *open) {
      const auto start = base::from_us(aggregate.start_us());
      if (start >= from && start < to) found.push_back(aggregate);
    }
    break;
  }
  return found;
}

std::optional<base::Timestamp> day_start_of(const processing::WindowSettings& windows, std::string_view window,
                                            std::chrono::sys_days date) {
  constexpr std::uint32_t kDayS = 86'400;
  if (window == processing::window_name({0, kDayS}))
    return std::ranges::find(windows.windows_s, kDayS) != windows.windows_s.end() ? std::optional(base::Timestamp{date})
                                                                                  : std::nullopt;
  const auto* const info = std::ranges::find(processing::kCalendars, window, &processing::CalendarInfo::window);
  const auto* const table =
      info == processing::kCalendars.end() ? nullptr : windows.days[index_of(info->calendar)].get();
  if (table == nullptr) return std::nullopt;
  // Twelve hours after it begins by the clock of its zone, a day is under way in UTC, too.
  const auto within = base::Timestamp{date} + std::chrono::hours{12 + info->start_hour};
  return base::from_us(table->at(base::to_us(within)).start_us);
}

// The limits of all the regions' sub-bands, each once.
std::vector<api::SubBandLimit> sub_bands_of(std::span<const std::string> regions) {
  std::vector<api::SubBandLimit> limits;
  for (const auto& name : regions) {
    const auto* region = network::lorawan::find_region(name);
    if (region == nullptr) continue;
    for (const auto& band : region->sub_bands) {
      if (std::ranges::find(limits, band.min_hz, &api::SubBandLimit::min_hz) != limits.end()) continue;
      limits.push_back({std::string(band.name), band.min_hz, band.max_hz, band.airtime_us_per_hour()});
    }
  }
  return limits;
}

}  // namespace

struct Server::Impl {
  Impl(const Settings& settings_of, const base::Clock& clock_of) : settings(settings_of), clock(clock_of) {}
  ~Impl() { stop(); }

  Result<void> open() {
    if (auto checked = check_shared(); !checked) return checked;
    std::error_code problem;
    std::filesystem::create_directories(settings.data, problem);
    if (problem) return base::fail("data", fmt::format("{}: {}", settings.data.string(), problem.message()));
    std::filesystem::permissions(settings.data, std::filesystem::perms::owner_all, problem);
    auto schemas = decode::SchemaCatalog::load(settings.devices);
    if (!schemas) return std::unexpected(schemas.error());
    catalog = std::move(*schemas);
    auto opened = open_log(settings, catalog, clock, counters, schema_ids);
    if (!opened) return std::unexpected(opened.error());
    log = std::move(*opened);
    auto key_vault = open_vault(settings, *log);
    if (!key_vault) return std::unexpected(key_vault.error());
    vault = std::make_unique<base::crypto::KeyVault>(std::move(*key_vault));
    if (has(Role::serve)) {
      const auto& file = settings.auth.operator_token_file;
      auto token_text = open_operator_token(file.empty() ? settings.data / "operator.token" : file);
      if (!token_text) return std::unexpected(token_text.error());
      token = std::move(*token_text);
    }
    auto window_settings = window_settings_of(settings);
    if (!window_settings) return std::unexpected(window_settings.error());
    windows = std::move(*window_settings);
    return network::check(network_settings_of(settings));
  }

  /// Who looks at a shared address must find the same behind it, whichever process answers.
  [[nodiscard]] Result<void> check_shared() const {
    if (!settings.http.shared) return {};
    if (settings.log.type != Settings::LogType::kafka || !has(Role::serve))
      return base::fail("settings_value", "http.shared: is for processes with the role serve and log.type kafka");
    if (settings.http.shared == settings.http.listen)
      return base::fail("settings_value", "http.shared: is http.listen, too; that one is the process's own");
    return {};
  }

  [[nodiscard]] bool has(Role role) const { return settings.roles.contains(role); }
  /// Never ahead of what has arrived here and is not in the log yet.
  [[nodiscard]] const base::Clock& log_clock() const { return udp_server ? udp_server->log_clock() : clock; }

  Result<void> prepare_gateways() {
    if (!has(Role::ingest)) return {};
    ingest::SemtechUdpSettings udp_settings;
    udp_settings.address = settings.gateways.udp.host;
    udp_settings.port = settings.gateways.udp.port;
    udp_settings.worker.accept_unknown = settings.gateways.accept_unknown;
    if (!settings.gateways.record.empty()) {
      auto opened = Recorder::open(settings.gateways.record, counters);
      if (!opened) return std::unexpected(opened.error());
      recorder = std::move(*opened);
      udp_settings.tap = recorder.get();
    }
    udp_server = std::make_unique<ingest::SemtechUdpServer>(udp_settings, *log, clock, counters);
    return {};
  }

  Result<void> start_workers() {
    auto opened = Pipeline::open(settings, network_settings_of(settings), *log, *vault, catalog, clock, log_clock(),
                                 counters, {}, schema_ids);
    if (!opened) return std::unexpected(opened.error());
    pipeline = std::move(*opened);
    for (auto& stage : pipeline->stages()) {
      threads.emplace_back([this, &stage](const std::stop_token& stop) {
        base::name_this_thread(stage.name);
        if (!stage.radio_waits) base::let_others_go_first();
        if (auto ended = stage.worker->run(stop); !ended && !stop.stop_requested()) report(stage.name, ended.error());
      });
    }
    if (auto mirrored = start_outbox(); !mirrored) return mirrored;
    threads.emplace_back([this](const std::stop_token& stop) {
      base::name_this_thread("retain");
      retain_now_and_then(stop);
    });
    return {};
  }

  /// Nothing that becomes of it ends the server: it falls behind, and says so.
  Result<void> start_outbox() {
    auto target = open_outbox_target(settings, catalog, *log, clock);
    if (!target) return std::unexpected(target.error());
    if (!*target) return {};
    outbox_target = std::move(*target);
    auto opened = storage::Outbox::open(*log, *outbox_target, clock, counters);
    if (!opened) return std::unexpected(opened.error());
    outbox = std::move(*opened);
    threads.emplace_back([this](const std::stop_token& stop) {
      base::name_this_thread("outbox");
      const auto done = outbox->run(stop, [this](const std::optional<base::Error>& why) {
        if (why) {
          spdlog::warn("outbox: waits for the cluster: {} ({})", why->message, why->code);
        } else {
          spdlog::info("outbox: mirrors to {} under {}", fmt::join(settings.outbox.brokers, ","),
                       settings.outbox.prefix);
        }
      });
      if (!done) spdlog::error("outbox: mirrors nothing any more: {} ({})", done.error().message, done.error().code);
    });
    return {};
  }

  Result<void> start_sockets() {
    if (udp_server) {
      const auto endpoint = udp_server->start();
      if (!endpoint) return std::unexpected(endpoint.error());
      udp = fmt::format("{}:{}", endpoint->address, endpoint->port);
    }

    api::HttpSettings http_settings;
    http_settings.listen = to_text(settings.http.listen);
    if (settings.http.shared) http_settings.shared = to_text(*settings.http.shared);
    http_settings.views = has(Role::serve);
    http_settings.operator_token = token;
    http_settings.anonymous = settings.auth.anonymous_read ? api::Anonymous::read : api::Anonymous::none;
    http_settings.simulated = settings.simulated;
    http_settings.version = LENNE_VERSION;
    http_settings.log_type = name_of(settings.log.type);
    http_settings.regions = {settings.network.regions.begin(), settings.network.regions.end()};
    http_settings.sub_bands = sub_bands_of(settings.network.regions);
    http_server = std::make_unique<api::HttpServer>(std::move(http_settings),
                                                    api::Dependencies{*log, log_clock(), counters, *vault, hooks()});
    auto bound = http_server->start();
    if (!bound) return std::unexpected(bound.error());
    http = std::move(*bound);
    return {};
  }

  api::Hooks hooks() {
    api::Hooks hooks;
    hooks.render_message = message_renderer(catalog);
    hooks.provisional = [this](base::DevEui device, std::string_view window, base::Timestamp from, base::Timestamp to) {
      return provisional_of(log->state(), settings.network.partitions, windows, device, window, from, to);
    };
    hooks.day_start = [this](std::string_view window, std::chrono::sys_days date) {
      return day_start_of(windows, window, date);
    };
    hooks.schema_exists = [this](std::string_view schema) { return catalog->find(schema) != nullptr; };
    hooks.shortest_instead_of = processing::shortest_instead_of;
    return hooks;
  }

  void retain_now_and_then(const std::stop_token& stop) {
    for (;;) {
      base::pause(kRetainEvery, stop);
      if (stop.stop_requested()) return;
      const auto deleted = log->retain(clock.now());
      if (!deleted) spdlog::error("retention: {} ({})", deleted.error().message, deleted.error().code);
    }
  }

  void report(const std::string& worker, const base::Error& error) {
    spdlog::critical("{} has stopped: {} ({})", worker, error.message, error.code);
    const std::lock_guard lock(failure_mutex);
    if (!failed) failed = base::Error{error.code, worker + ": " + error.message};
  }

  void stop() {
    if (http_server) http_server->stop();
    if (udp_server) udp_server->stop();
    for (auto& thread : threads) thread.request_stop();
    threads.clear();  // joins
  }

  const Settings settings;
  const base::Clock& clock;
  base::Counters counters;
  storage::SchemaIds schema_ids;
  std::unique_ptr<storage::Log> log;
  std::unique_ptr<base::crypto::KeyVault> vault;
  std::string token;
  processing::WindowSettings windows;
  std::shared_ptr<const decode::SchemaCatalog> catalog;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<ingest::SemtechUdpServer> udp_server;
  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<storage::OutboxTarget> outbox_target;
  std::unique_ptr<storage::Outbox> outbox;
  std::unique_ptr<api::HttpServer> http_server;
  std::string udp;
  std::string http;
  mutable std::mutex failure_mutex;
  std::optional<base::Error> failed;
  std::vector<std::jthread> threads;
};

Result<std::unique_ptr<Server>> Server::start(const Settings& settings, const base::Clock& clock) {
  auto impl = std::make_unique<Impl>(settings, clock);
  for (const auto step : {&Impl::open, &Impl::prepare_gateways, &Impl::start_workers, &Impl::start_sockets}) {
    if (auto done = (impl.get()->*step)(); !done) return std::unexpected(done.error());
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

std::string Server::udp() const { return impl_->udp; }
std::string Server::http() const { return impl_->http; }
bool Server::holds_shared() const { return impl_->http_server->holds_shared(); }
const std::string& Server::operator_token() const { return impl_->token; }

Server::Restore Server::restoring() const {
  return {impl_->counters.value("storage.changelog.behind"), impl_->counters.value("storage.changelog.eta_s")};
}

std::optional<base::Error> Server::failure() const {
  {
    const std::lock_guard lock(impl_->failure_mutex);
    if (impl_->failed) return impl_->failed;
  }
  return impl_->log->failure();
}

}  // namespace lenne::app
