#include "universe.hpp"

#include <algorithm>
#include <memory>

#include "checkers.hpp"
#include "device.hpp"
#include "gateway.hpp"
#include "host.hpp"
#include "ingest/semtech_udp_gateway.hpp"
#include "operator.hpp"
#include "radio.hpp"
#include "recorder.hpp"
#include "stranger.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;

/// After this devices only end what they have begun, and nothing dies any more.
constexpr base::Duration kDrain = 90s;
constexpr double kMarginDb = 4;

class Universe {
 public:
  explicit Universe(const Scenario& scenario)
      : scenario_(scenario),
        random_(scenario.seed ^ 0x5117),
        queue_(scenario.start),
        air_(queue_, random_.fork(1), outcome_.tally),
        host_(queue_, scenario, random_.fork(2), outcome_.tally, facts_.problems, recorder_),
        operator_(queue_, scenario, random_.fork(3), facts_, outcome_.tally, host_),
        stranger_(queue_, air_, scenario, random_.fork(4), facts_) {
    for (std::size_t i = 0; i < scenario.gateways.size(); ++i) {
      gateways_.push_back(std::make_unique<Gateway>(
          queue_, air_, scenario.gateways[i], i, random_.fork(100 + i), facts_, outcome_.tally,
          [this](const auto& from, base::ByteView datagram) { arrive(from, datagram); }));
    }
    for (std::size_t i = 0; i < scenario.devices.size(); ++i) {
      devices_.push_back(std::make_unique<Device>(queue_, air_, scenario.devices[i], i,
                                                  spreading_of(scenario.devices[i]), random_.fork(1'000 + i), facts_,
                                                  outcome_.tally));
    }
  }

  Outcome live() {
    const auto quiet = scenario_.start + scenario_.length;
    host_.start();
    operator_.start(quiet);
    for (const auto& gateway : gateways_) gateway->start();
    for (const auto& device : devices_) device->start(quiet);
    stranger_.start(quiet);
    run_until(quiet);
    host_.be_kind();
    run_until(quiet + kDrain);
    judge();
    return std::move(outcome_);
  }

 private:
  /// The smallest spreading factor that carries to the nearest gateway, and what its plan adds.
  [[nodiscard]] int spreading_of(const DevicePlan& plan) const {
    double best = -300;
    for (const auto& gateway : scenario_.gateways) {
      best = std::max(best, air_.mean_rssi(plan.eui.value, plan.place, gateway.id.value, gateway.place, kDeviceDbm));
    }
    auto factor = 7;
    while (factor < 12 && best + 117 < required_snr(factor) + kMarginDb) ++factor;
    return std::min(12, factor + plan.extra_spreading);
  }

  void run_until(base::Timestamp end) {
    while (true) {
      const auto event = queue_.next().value_or(base::Timestamp::max());
      const auto next = std::min(event, host_.next_due());
      if (next > end) break;
      queue_.advance_to(next);
      if (std::exchange(arrived_, false) || operator_.take_wrote() || host_.next_due() <= queue_.now()) {
        host_.settle([this](app::SentDatagram&& sent) { leave(std::move(sent)); });
      }
    }
    queue_.advance_to(end);
  }

  void arrive(const ingest::SocketAddress& from, base::ByteView datagram) {
    arrived_ = true;
    host_.receive(from, datagram);
  }

  void leave(app::SentDatagram&& sent) {
    const auto found = std::ranges::find_if(gateways_, [&](const auto& gateway) { return gateway->owns(sent.to); });
    if (found == gateways_.end()) return facts_.problems.push_back("a datagram to nobody");
    if (const auto message = ingest::decode_server_message(sent.bytes);
        message && message->type == ingest::PacketType::pull_resp) {
      facts_.responses.push_back({queue_.now(),
                                  static_cast<std::size_t>(found - gateways_.begin()),
                                  host_.incarnation(),
                                  (*found)->boot(),
                                  (*found)->booted(),
                                  message->tmst,
                                  message->frequency_hz,
                                  static_cast<int>(message->rate.spreading_factor),
                                  message->phy_payload,
                                  {}});
    }
    (*found)->from_server(sent.to, std::move(sent.bytes));
  }

  void judge() {
    if (!host_.is_up()) {
      outcome_.findings.emplace_back("the server did not come back");
      return;
    }
    Findings findings;
    findings.of("the log can be read");
    if (auto drained = recorder_.drain(host_.log()); !drained) findings.say(drained.error().message);
    const Evidence evidence(scenario_, facts_, host_, recorder_.records());
    for (const auto& checker : all_checkers()) {
      findings.of(checker->rule());
      checker->check(evidence, findings);
    }
    outcome_.findings = findings.all();
    count_evidence(evidence, outcome_.tally);
    outcome_.writes = host_.writes();
    outcome_.records = recorder_.records().size();
    for (const auto& record : recorder_.records()) {
      outcome_.fingerprint = base::hash64(base::as_bytes(record.value), outcome_.fingerprint ^ record.offset);
    }
  }

  const Scenario& scenario_;
  Outcome outcome_;
  Facts facts_;
  Recorder recorder_;
  base::Random random_;
  EventQueue queue_;
  Air air_;
  Host host_;
  Operator operator_;
  Stranger stranger_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::vector<std::unique_ptr<Device>> devices_;
  bool arrived_ = false;
};

}  // namespace

Outcome run_universe(const Scenario& scenario) { return Universe(scenario).live(); }

}  // namespace lenne::sim
