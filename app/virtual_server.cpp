#include "app/virtual_server.hpp"

#include <algorithm>
#include <utility>

#include "app/pipeline.hpp"
#include "ingest/semtech_udp_engine.hpp"

namespace lenne::app {
namespace {

using base::Result;

constexpr base::Duration kNoPatience{};
constexpr std::size_t kPoll = 2'000;

}  // namespace

struct VirtualServer::Impl {
  struct Arrived {
    base::Bytes bytes;
    ingest::SocketAddress from;
    base::Timestamp at;
  };

  explicit Impl(const Parts& given) : parts(given) {}

  Result<void> open(const Settings& settings, std::uint32_t fresh_instance) {
    const auto network = parts.network.value_or(network_settings_of(settings));
    if (auto good = network::check(network); !good) return good;
    auto processors = Pipeline::open(settings, network, parts.log, parts.vault, parts.catalog, parts.clock, parts.clock,
                                     parts.counters, [this](const Result<void>& appended) {
                                       moved = true;
                                       if (!appended) tick_failure = appended.error();
                                     });
    if (!processors) return std::unexpected(processors.error());
    pipeline = std::move(*processors);
    ingest::SemtechUdpEngine::Settings udp;
    udp.worker.accept_unknown = settings.gateways.accept_unknown;
    udp.worker.load_patience = kNoPatience;
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
    if (arrived.empty() && !outcomes && gateways->next_tick() > parts.clock.now()) return {};
    const auto batch = std::exchange(arrived, {});
    std::vector<ingest::Datagram> datagrams;
    datagrams.reserve(batch.size());
    for (const auto& one : batch) datagrams.push_back({one.bytes, one.from, one.at});
    outcomes = false;
    for (const auto& reply : gateways->handle(datagrams))
      sent.push_back({reply.to, {reply.bytes.begin(), reply.bytes.end()}});
    if (const auto& failure = gateways->append_failure()) return std::unexpected(*failure);
    moved = true;
    return {};
  }

  Result<void> send_downlinks() {
    const auto followed = gateways->follow(kNoPatience);
    if (!followed) return std::unexpected(followed.error());
    outcomes = outcomes || followed->outcomes > 0;
    moved = moved || followed->records > 0 || followed->outcomes > 0;
    return {};
  }

  Result<void> process() {
    for (auto& stage : pipeline->stages()) {
      const auto records = stage.worker->run_once(kNoPatience, kPoll);
      if (!records) return std::unexpected(records.error());
      moved = moved || *records > 0;
    }
    // A worker tries again later; here nothing would come later.
    if (tick_failure) return std::unexpected(*tick_failure);
    return {};
  }

  const Parts parts;
  std::unique_ptr<Pipeline> pipeline;
  std::unique_ptr<ingest::SemtechUdpEngine> gateways;
  std::vector<Arrived> arrived;
  std::vector<SentDatagram> sent;
  std::optional<base::Error> tick_failure;
  bool outcomes = false;  ///< of downlinks, waiting for the next append
  bool moved = false;     ///< something happened in this round
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

Result<void> VirtualServer::settle() {
  auto& self = *impl_;
  do {
    self.moved = false;
    for (const auto role : {&Impl::take_datagrams, &Impl::send_downlinks, &Impl::process}) {
      if (auto done = (self.*role)(); !done) return done;
    }
  } while (self.moved);
  return {};
}

std::vector<SentDatagram> VirtualServer::take_sent() { return std::exchange(impl_->sent, {}); }

base::Timestamp VirtualServer::next_due() const {
  const auto& self = *impl_;
  if (!self.arrived.empty() || self.outcomes) return self.parts.clock.now();
  auto next = self.gateways->next_tick();
  if (const auto deadline = self.gateways->next_deadline()) next = std::min(next, *deadline);
  for (const auto& stage : self.pipeline->stages()) {
    if (const auto due = stage.worker->next_due()) next = std::min(next, *due);
  }
  return std::max(next, self.parts.clock.now());
}

ingest::Identity VirtualServer::identity() const { return impl_->gateways->identity(); }

}  // namespace lenne::app
