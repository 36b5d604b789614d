#include "ingest/semtech_udp_server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "base/crypto/key_vault.hpp"
#include "base/thread_name.hpp"
#include "ingest/semtech_udp_engine.hpp"
#include "ingest/udp_socket.hpp"

namespace lenne::ingest {
namespace {

/// Datagrams in one call from which on it pays to let more gather: a wait costs more than a few of them.
constexpr std::size_t kBusyReceive = 3;
/// An append with less than this takes a longer nap to be worth it.
constexpr std::size_t kBusyGroup = 8;
/// With a small socket buffer a burst must be drained at once; from here on a nap cannot overflow it.
constexpr std::size_t kRoomyBuffer = std::size_t{4} << 20;
/// How long the threads wait for something before they look at the time.
constexpr base::Duration kWorkerPatience = std::chrono::seconds{1};
constexpr base::Duration kWorkerImpatience = std::chrono::milliseconds{20};
constexpr base::Duration kDownlinkPatience = std::chrono::milliseconds{100};

std::uint32_t random_instance() {
  std::array<std::uint8_t, 4> bytes{};
  std::uint32_t instance = 0;
  while (instance == 0) {
    base::crypto::random_bytes(bytes);
    instance = base::read_be<std::uint32_t>(bytes);
  }
  return instance;
}

}  // namespace

struct SemtechUdpServer::Impl final : base::Clock {
  SemtechUdpSettings settings;
  storage::Log& log;
  const base::Clock& clock;
  base::Counters& counters;

  DatagramBuffer buffer;
  std::optional<UdpSocket> socket;
  std::unique_ptr<SemtechUdpEngine> engine;
  std::atomic<bool> stopping{false};
  std::vector<std::thread> threads;

  Impl(SemtechUdpSettings s, storage::Log& l, const base::Clock& k, base::Counters& c)
      : settings(std::move(s)), log(l), clock(k), counters(c), buffer(settings.buffer_bytes) {}

  // the log's clock
  [[nodiscard]] base::Timestamp now() const override { return buffer.heard_until(clock); }
  [[nodiscard]] base::Duration monotonic() const override { return clock.monotonic(); }

  std::span<const Datagram> receive() {
    buffer.expect(clock);
    return socket->receive(clock);
  }

  void receive_all() {
    base::name_this_thread("receive");
    auto& lost = counters.cell("ingest.buffer.dropped");
    auto& dropped = counters.cell("ingest.socket.dropped");
    const auto nap = socket->receive_buffer_bytes() >= kRoomyBuffer ? settings.nap : base::Duration{};
    while (socket->wait()) {
      std::size_t most = 0;
      for (auto datagrams = receive(); !datagrams.empty(); datagrams = receive()) {
        most = std::max(most, datagrams.size());
        lost.fetch_add(datagrams.size() - buffer.push(datagrams), std::memory_order_relaxed);
        dropped.store(socket->dropped(), std::memory_order_relaxed);
        if (stopping.load(std::memory_order_relaxed)) return;
      }
      buffer.push({});  // nothing is expected any more
      if (most >= kBusyReceive && nap > base::Duration{} && !socket->pause(nap)) return;
    }
  }

  void work() {
    base::name_this_thread("uplinks");
    auto& unsent = counters.cell("ingest.acknowledgements.unsent");
    for (auto nap = settings.quiet_nap;;) {
      const auto patience = std::clamp(engine->next_tick() - now(), kWorkerImpatience, kWorkerPatience);
      const auto group = buffer.take(settings.group, patience, nap);
      if (stopping.load()) return;
      nap = group.size() < kBusyGroup ? settings.quiet_nap : settings.nap;
      if (settings.tap != nullptr) settings.tap->received(group);
      auto replies = engine->handle(group);
      while (engine->waiting() && !stopping.load()) replies = engine->retry();
      const auto sent = socket->send(replies);
      if (settings.tap != nullptr) settings.tap->acknowledged(replies.first(sent), clock.now());
      unsent.fetch_add(replies.size() - sent, std::memory_order_relaxed);
    }
  }

  bool transmit(const SocketAddress& to, base::ByteView datagram) {
    if (!socket->send(to, datagram)) return false;
    if (settings.tap != nullptr) settings.tap->sent(to, datagram, clock.now());
    return true;
  }

  void follow_downlinks() {
    base::name_this_thread("downlinks");
    while (!stopping.load()) {
      const auto followed = engine->follow(kDownlinkPatience);
      if (!followed || followed->outcomes > 0) buffer.wake();
      if (!followed && !socket->pause(kDownlinkPatience)) return;
    }
  }

  base::Result<void> prepare() {
    auto opened = SemtechUdpEngine::open(
        {settings.worker, settings.sender}, settings.instance != 0 ? settings.instance : random_instance(), log, clock,
        *this, counters, [this](const SocketAddress& to, base::ByteView datagram) { return transmit(to, datagram); });
    if (!opened) return std::unexpected(opened.error());
    engine = std::move(*opened);
    if (settings.tap != nullptr) settings.tap->started(engine->identity(), clock.now());
    return {};
  }
};

SemtechUdpServer::SemtechUdpServer(SemtechUdpSettings settings, storage::Log& log, const base::Clock& clock,
                                   base::Counters& counters)
    : impl_(std::make_unique<Impl>(std::move(settings), log, clock, counters)) {}

SemtechUdpServer::~SemtechUdpServer() { stop(); }

base::Result<Endpoint> SemtechUdpServer::start() {
  auto& self = *impl_;
  const auto local = make_socket_address(self.settings.address, self.settings.port);
  if (!local) return base::fail("bad_address", "'" + self.settings.address + "' is no IP address");
  if (const auto prepared = self.prepare(); !prepared) return std::unexpected(prepared.error());
  auto socket = UdpSocket::open(*local, self.settings.socket_buffer_bytes);
  if (!socket) return std::unexpected(socket.error());
  self.socket.emplace(std::move(*socket));
  const auto granted = self.socket->receive_buffer_bytes();
  self.counters.cell("ingest.socket.buffer_bytes").store(granted);
  self.threads.emplace_back([&self] { self.receive_all(); });
  self.threads.emplace_back([&self] { self.work(); });
  self.threads.emplace_back([&self] { self.follow_downlinks(); });
  return Endpoint{self.settings.address, self.socket->local().port, granted};
}

void SemtechUdpServer::stop() {
  auto& self = *impl_;
  if (self.threads.empty()) return;
  self.stopping.store(true);
  self.buffer.close();
  self.socket->interrupt();
  for (auto& thread : self.threads) thread.join();
  self.threads.clear();
  self.socket.reset();
}

const base::Clock& SemtechUdpServer::log_clock() const noexcept { return *impl_; }

Identity SemtechUdpServer::identity() const { return impl_->engine ? impl_->engine->identity() : Identity{}; }

}  // namespace lenne::ingest
