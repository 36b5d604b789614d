#include "host.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "app/pipeline.hpp"
#include "dice.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;
using Fault = storage::MemoryDisk::Fault;

constexpr std::uint32_t kInstance = 0x5117;

// A counter that makes each payload its own, then two values.
constexpr std::string_view kSchema = R"(
syntax = "proto3";
package lenne.dev.sim;
import "codec/options.proto";
message Probe {
  uint32 number = 1 [(codec.f) = {bits: 32}];
  optional sint32 temperature = 2 [(codec.f) = {bits: 8 rep: SIGNED}, (codec.m) = {quantity: "temperature" unit: "Cel"}];
  bool occupied = 3 [(codec.f) = {skip: 7 bits: 1}, (codec.m) = {quantity: "parking_occupied"}];
}
)";

std::shared_ptr<const decode::SchemaCatalog> make_catalog() {
  // Compiled once: it is the same for all universes.
  static const auto catalog = decode::SchemaCatalog::from_files({{"sim/probe.proto", std::string(kSchema)}}).value();
  return catalog;
}

}  // namespace

Host::Host(EventQueue& queue, const Scenario& scenario, base::Random random, Tally& tally,
           std::vector<std::string>& problems, Recorder& recorder)
    : queue_(queue),
      scenario_(scenario),
      random_(random),
      tally_(tally),
      problems_(problems),
      recorder_(recorder),
      vault_(base::crypto::KeyVault::of(std::array<std::uint8_t, 32>{9, 9, 9})),
      catalog_(make_catalog()),
      disk_(std::make_shared<storage::MemoryDisk>()) {
  settings_.log.type = app::Settings::LogType::memory;
  settings_.network.partitions = scenario.partitions;
  settings_.network.deduplication = scenario.deduplication;
  settings_.windows.sizes = {{60, 300}};
  settings_.windows.grace = 20s;
  network_ = app::network_settings_of(settings_);
  network_.rx1_delay_s = static_cast<std::uint8_t>(scenario.rx1_delay_s);
  network_.rx1_dr_offset = scenario.rx1_dr_offset;
  network_.rx2_data_rate = scenario.rx2_data_rate;
  network_.status_interval = scenario.status_interval;
}

Host::~Host() = default;

void Host::plan_ending() {
  ++ending_;
  fault_.reset();
  disk_->fail_write(0);
  const auto& plan = scenario_.crashes;
  if (kind_ || plan.mean_writes <= 0) return;
  const auto writes = 1 + static_cast<std::uint64_t>(-std::log(1.0 - random_.unit()) * plan.mean_writes);
  if (random_.chance(plan.between)) {
    // As many seconds as it would have been writes is about right: a universe makes one or a few a second.
    queue_.after(base::Duration{std::chrono::milliseconds{300 * writes}}, [this, number = ending_] {
      if (number != ending_ || kind_ || !server_) return;
      tally_.count(Happening::crash_between);
      die({"killed", ""});
    });
    return;
  }
  fault_ = random_.chance(0.5) ? Fault::before : Fault::after;
  disk_->fail_write(writes, *fault_);
}

void Host::start() {
  plan_ending();
  const auto& plan = scenario_.crashes;
  if (plan.only_at && *plan.only_at > disk_->writes() && !kind_) {
    fault_ = plan.only_after ? Fault::after : Fault::before;
    disk_->fail_write(*plan.only_at - disk_->writes(), *fault_);
  }
  auto log = storage::MemoryLog::open(disk_, scenario_.partitions, queue_.clock(), counters_);
  if (!log) {
    tally_.count(Happening::crash_at_start);
    return die(log.error());
  }
  log_ = std::move(*log);
  // Each log reads on where the one before it stopped.
  if (auto drained = recorder_.drain(*log_); !drained)
    problems_.push_back("the log cannot be read: " + drained.error().message);
  commits_ = std::make_unique<BrokenLog>(*log_, scenario_.commit_fault);
  auto server = app::VirtualServer::start(settings_, {*commits_, queue_.clock(), vault_, catalog_, counters_, network_},
                                          kInstance);
  if (!server) {
    tally_.count(Happening::crash_at_start);
    return die(server.error());
  }
  server_ = std::move(*server);
}

void Host::die(const base::Error& error) {
  server_.reset();
  if (error.code != "killed") {
    if (error.code != "log_write" || !fault_)
      problems_.push_back(fmt::format("the server stopped by itself: {}: {}", error.code, error.message));
    if (fault_) tally_.count(*fault_ == Fault::before ? Happening::crash_before : Happening::crash_after);
  }
  ++ending_;
  queue_.after(between(random_, 10ms, std::max(scenario_.crashes.longest_pause, base::Duration{100ms})),
               [this] { start(); });
}

void Host::be_kind() {
  kind_ = true;
  ++ending_;
  disk_->fail_write(0);
}

void Host::receive(const ingest::SocketAddress& from, base::ByteView datagram) {
  if (server_) server_->receive(from, datagram);
}

bool Host::append(const storage::Batch& batch) {
  if (!server_) return false;
  const auto appended = log_->append(batch);
  if (!appended) die(appended.error());
  return appended.has_value();
}

void Host::settle(const std::function<void(app::SentDatagram&&)>& sent) {
  if (!server_) return;
  const auto settled = server_->settle();
  for (auto& datagram : server_->take_sent()) sent(std::move(datagram));
  if (!settled) die(settled.error());
}

base::Timestamp Host::next_due() const { return server_ ? server_->next_due() : base::Timestamp::max(); }

}  // namespace lenne::sim
