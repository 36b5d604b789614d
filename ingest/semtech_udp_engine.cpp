#include "ingest/semtech_udp_engine.hpp"

#include <iterator>
#include <utility>

namespace lenne::ingest {
namespace {

constexpr std::size_t kDownlinkPoll = 256;

}  // namespace

SemtechUdpEngine::SemtechUdpEngine(const Settings& settings, Identity identity, storage::Log& log,
                                   const base::Clock& clock, const base::Clock& log_clock, base::Counters& counters,
                                   DownlinkSender::Transmit transmit)
    : log_(log),
      clock_(clock),
      log_clock_(log_clock),
      counters_(counters),
      identity_(identity),
      paths_(settings.worker.max_gateways),
      sender_(settings.sender, identity, log, paths_, counters, std::move(transmit)),
      worker_(settings.worker, identity, log, paths_, sender_, counters) {}

base::Result<std::unique_ptr<SemtechUdpEngine>> SemtechUdpEngine::open(
    const Settings& settings, std::uint32_t fresh_instance, storage::Log& log, const base::Clock& clock,
    const base::Clock& log_clock, base::Counters& counters, DownlinkSender::Transmit transmit) {
  const auto identity = next_identity(log, fresh_instance);
  if (!identity) return std::unexpected(identity.error());
  std::unique_ptr<SemtechUdpEngine> engine(
      new SemtechUdpEngine(settings, *identity, log, clock, log_clock, counters, std::move(transmit)));
  if (const auto loaded = engine->load(); !loaded) return std::unexpected(loaded.error());
  return engine;
}

base::Result<void> SemtechUdpEngine::load() {
  if (const auto restored = sender_.restore(clock_.now()); !restored) return restored;
  if (const auto loaded = worker_.load(log_clock_.now()); !loaded) return loaded;
  auto reader = log_.reader({storage::Topic::gateway_downlink});
  if (!reader) return std::unexpected(reader.error());
  if (const auto sought = (*reader)->seek({storage::SeekTo::Where::end}); !sought) return sought;
  downlinks_ = std::move(*reader);
  return {};
}

std::span<const Reply> SemtechUdpEngine::handle(std::span<const Datagram> datagrams) {
  return worker_.handle(datagrams, log_clock_.now(), clock_.monotonic());
}

base::Result<SemtechUdpEngine::Followed> SemtechUdpEngine::follow(base::Duration patience) {
  const auto polled = downlinks_->poll(patience, kDownlinkPoll);
  records_.clear();
  if (polled) {
    for (const auto& record : polled->records) records_.push_back(record.value);
  } else {
    counters_.count("ingest.downlink.read_failed");
  }
  auto outcomes = sender_.handle(records_, clock_);
  auto late = sender_.expire(clock_.now());
  std::move(late.begin(), late.end(), std::back_inserter(outcomes));
  const Followed followed{records_.size(), outcomes.size()};
  if (!outcomes.empty()) worker_.report(std::move(outcomes));
  if (!polled) return std::unexpected(polled.error());
  return followed;
}

}  // namespace lenne::ingest
