#include "app/virtual_server.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <span>
#include <utility>

#include "app/pipeline.hpp"
#include "base/thread_name.hpp"
#include "ingest/semtech_udp_engine.hpp"

namespace lenne::app {
namespace {

using base::Result;

constexpr base::Duration kNoPatience{};
constexpr std::size_t kPoll = 2'000;
/// So far behind may the second thread be; windows that close together make some turns longer than others.
constexpr int kTurnsBehind = 30;

}  // namespace

struct VirtualServer::Impl {
  struct Arrived {
    base::Bytes bytes;
    ingest::SocketAddress from;
    base::Timestamp at;
  };

  explicit Impl(const Parts& given) : parts(given), log_clock(given.clock.now()) {}

  Result<void> open(const Settings& settings, std::uint32_t fresh_instance) {
    const auto network = parts.network.value_or(network_settings_of(settings));
    if (auto good = network::check(network); !good) return good;
    auto processors = Pipeline::open(settings, network, parts.log, parts.vault, parts.catalog, parts.clock, log_clock,
                                     parts.counters, [this](const Result<void>& appended) {
                                       moved = true;
                                       if (appended) return;
                                       const std::lock_guard lock(tick_mutex);
                                       tick_failure = appended.error();
                                     });
    if (!processors) return std::unexpected(processors.error());
    pipeline = std::move(*processors);
    ingest::SemtechUdpEngine::Settings udp;
    udp.worker.accept_unknown = settings.gateways.accept_unknown;
    auto opened =
        ingest::SemtechUdpEngine::open(udp, fresh_instance, parts.log, parts.clock, parts.clock, parts.counters,
                                       [this](const ingest::SocketAddress& to, base::ByteView datagram) {
                                         sent.push_back({to, {datagram.begin(), datagram.end()}});
                                         return true;
                                       });
    if (!opened) return std::unexpected(opened.error());
    gateways = std::move(*opened);
    return {};
  }

  Result<void> take_datagrams() {
    if (arrived.empty() && !outcomes && gateways->next_tick() > parts.clock.now()) {
      log_clock.advance_to(parts.clock.now());
      return {};
    }
    const auto batch = std::exchange(arrived, {});
    std::vector<ingest::Datagram> datagrams;
    datagrams.reserve(batch.size());
    for (const auto& one : batch) datagrams.push_back({one.bytes, one.from, one.at});
    outcomes = false;
    for (const auto& reply : gateways->handle(datagrams))
      sent.push_back({reply.to, {reply.bytes.begin(), reply.bytes.end()}});
    if (const auto& failure = gateways->append_failure()) return std::unexpected(*failure);
    log_clock.advance_to(parts.clock.now());
    moved = true;
    return {};
  }

  Result<void> send_downlinks() {
    const auto followed = gateways->follow(kNoPatience);
    if (!followed) return std::unexpected(followed.error());
    outcomes = outcomes || followed->outcomes > 0;
    if (followed->records > 0 || followed->outcomes > 0) moved = true;
    return {};
  }

  /// One turn of each of the stages. True: there was something to do.
  Result<bool> turn(std::span<Pipeline::Stage> stages) {
    bool any = false;
    for (auto& stage : stages) {
      const auto records = stage.worker->run_once(kNoPatience, kPoll);
      if (!records) return std::unexpected(records.error());
      any = any || *records > 0;
    }
    // A worker tries again later; here nothing would come later.
    const std::lock_guard lock(tick_mutex);
    if (tick_failure) return std::unexpected(*tick_failure);
    return any;
  }

  [[nodiscard]] std::span<Pipeline::Stage> followers() { return std::span(pipeline->stages()).subspan(1); }
  [[nodiscard]] std::span<Pipeline::Stage> stages_of_settle() {
    return std::span(pipeline->stages()).first(follow_every == base::Duration{} ? pipeline->stages().size() : 1);
  }

  Result<void> process() {
    const auto any = turn(stages_of_settle());
    if (!any) return std::unexpected(any.error());
    if (*any) moved = true;
    return {};
  }

  Result<void> follow() {
    for (;;) {
      const auto any = turn(followers());
      if (!any) return std::unexpected(any.error());
      if (!*any) return {};
    }
  }

  /// Waits for the second thread, and says what became of its turn.
  Result<void> end_of_turn() { return following.valid() ? following.get() : Result<void>{}; }

  /// Gives the second thread its next turn, if it is time for one and the last one has ended or is too far behind.
  Result<void> follow_when_due() {
    const auto now = parts.clock.now();
    if (follow_every == base::Duration{} || now < next_turn) return {};
    next_turn = now + follow_every;
    const bool runs = following.valid() && following.wait_for(std::chrono::seconds{0}) != std::future_status::ready;
    if (runs && now - turn_began < kTurnsBehind * follow_every) return {};
    if (auto ended = end_of_turn(); !ended) return ended;
    turn_began = now;
    following = std::async(std::launch::async, [this] {
      base::name_this_thread("follow");
      return follow();
    });
    return {};
  }

  const Parts parts;
  base::ManualClock log_clock;  ///< as far as all that has arrived is in the log
  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<ingest::SemtechUdpEngine> gateways;
  std::vector<Arrived> arrived;
  std::vector<SentDatagram> sent;
  std::mutex tick_mutex;
  std::optional<base::Error> tick_failure;
  bool outcomes = false;           ///< of downlinks, waiting for the next append
  std::atomic<bool> moved{false};  ///< something happened in this round
  base::Duration follow_every{};
  base::Timestamp next_turn{};
  base::Timestamp turn_began{};
  std::future<Result<void>> following;  ///< ends before what it works on
};

Result<std::unique_ptr<VirtualServer>> VirtualServer::start(const Settings& settings, const Parts& parts,
                                                            std::uint32_t fresh_instance) {
  auto impl = std::make_unique<Impl>(parts);
  if (auto opened = impl->open(settings, fresh_instance); !opened) return std::unexpected(opened.error());
  return std::unique_ptr<VirtualServer>(new VirtualServer(std::move(impl)));
}

VirtualServer::VirtualServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VirtualServer::~VirtualServer() = default;

void VirtualServer::receive(const ingest::SocketAddress& from, base::ByteView datagram) {
  impl_->arrived.push_back({{datagram.begin(), datagram.end()}, from, impl_->parts.clock.now()});
}

void VirtualServer::let_follow(base::Duration every) {
  impl_->follow_every = every;
  impl_->next_turn = impl_->parts.clock.now();
}

Result<void> VirtualServer::settle() {
  auto& self = *impl_;
  if (self.follow_every == base::Duration{}) {
    if (auto ended = self.end_of_turn(); !ended) return ended;
  }
  do {
    self.moved = false;
    for (const auto role : {&Impl::take_datagrams, &Impl::send_downlinks, &Impl::process}) {
      if (auto done = (self.*role)(); !done) return done;
    }
  } while (self.moved);
  return self.follow_when_due();
}

std::vector<SentDatagram> VirtualServer::take_sent() { return std::exchange(impl_->sent, {}); }

base::Timestamp VirtualServer::next_due() const {
  const auto& self = *impl_;
  if (!self.arrived.empty() || self.outcomes) return self.parts.clock.now();
  auto next = self.gateways->next_tick();
  if (const auto deadline = self.gateways->next_deadline()) next = std::min(next, *deadline);
  for (const auto& stage : impl_->stages_of_settle()) {
    if (const auto due = stage.worker->next_due()) next = std::min(next, *due);
  }
  if (self.follow_every != base::Duration{}) next = std::min(next, self.next_turn);
  return std::max(next, self.parts.clock.now());
}

ingest::Identity VirtualServer::identity() const { return impl_->gateways->identity(); }

}  // namespace lenne::app
