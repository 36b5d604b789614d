#pragma once
// The machine that the server runs on: it dies at writes and between them, and starts again on what the disk kept.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/virtual_server.hpp"
#include "base/random.hpp"
#include "broken_log.hpp"
#include "event_queue.hpp"
#include "recorder.hpp"
#include "scenario.hpp"
#include "storage/memory/memory_log.hpp"
#include "tally.hpp"

namespace lenne::sim {

class Host {
 public:
  Host(EventQueue& queue, const Scenario& scenario, base::Random random, Tally& tally,
       std::vector<std::string>& problems, Recorder& recorder);
  ~Host();

  /// Starts the server now; dies and tries again as the plan says.
  void start();
  /// From here on nothing dies any more.
  void be_kind();

  [[nodiscard]] bool is_up() const noexcept { return server_ != nullptr; }
  /// Lost when the server is down.
  void receive(const ingest::SocketAddress& from, base::ByteView datagram);
  /// An operator's or application's record, through the server's API. False when nobody knows whether it is durable.
  [[nodiscard]] bool append(const storage::Batch& batch);
  /// Lets the server do what there is to do. What it sent goes to `sent`, also when it died over it.
  void settle(const std::function<void(app::SentDatagram&&)>& sent);
  /// When it wants to.
  [[nodiscard]] base::Timestamp next_due() const;

  [[nodiscard]] storage::Log& log() { return *log_; }
  [[nodiscard]] std::uint32_t incarnation() const { return server_ ? server_->identity().incarnation : 0; }
  [[nodiscard]] std::uint64_t writes() const { return disk_->writes(); }
  [[nodiscard]] const app::Settings& settings() const noexcept { return settings_; }
  [[nodiscard]] const network::NetworkSettings& network() const noexcept { return network_; }
  [[nodiscard]] const base::crypto::KeyVault& vault() const noexcept { return vault_; }
  [[nodiscard]] const std::shared_ptr<const decode::SchemaCatalog>& catalog() const noexcept { return catalog_; }
  /// Of all incarnations together.
  [[nodiscard]] const base::Counters& counters() const noexcept { return counters_; }

 private:
  void plan_ending();
  /// The process is gone; another one comes after a pause.
  void die(const base::Error& error);

  EventQueue& queue_;
  const Scenario& scenario_;
  base::Random random_;
  Tally& tally_;
  std::vector<std::string>& problems_;
  Recorder& recorder_;
  bool kind_ = false;
  std::uint64_t ending_ = 0;                         ///< the number of the planned one
  std::optional<storage::MemoryDisk::Fault> fault_;  ///< what the planned write will meet
  app::Settings settings_;
  network::NetworkSettings network_;
  base::Counters counters_;
  base::crypto::KeyVault vault_;
  std::shared_ptr<const decode::SchemaCatalog> catalog_;
  std::shared_ptr<storage::MemoryDisk> disk_;
  std::unique_ptr<storage::Log> log_;
  std::unique_ptr<BrokenLog> commits_;  ///< what the server commits through
  std::unique_ptr<app::VirtualServer> server_;
};

}  // namespace lenne::sim
