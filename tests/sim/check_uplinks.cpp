// Rules about what devices sent.

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "checkers.hpp"

namespace lenne::sim {
namespace {

[[nodiscard]] bool says(const SentUplink& sent, const v1::DeviceEvent& event) {
  const auto& uplink = event.uplink();
  const bool same_port =
      uplink.has_f_port() ? sent.f_port == std::optional(static_cast<std::uint8_t>(uplink.f_port())) : !sent.f_port;
  return same_port && sent.confirmed == uplink.confirmed() && base::as_text(sent.payload) == uplink.payload() &&
         base::to_us(sent.first_end) <= event.received_us();
}

/// An FCntUp is accepted once per session; an event is what its device sent, payload, port and all.
class AcceptedOnce final : public Checker {
 public:
  std::string_view rule() const override { return "an FCntUp is accepted once, and only what was sent"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::multimap<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>, std::size_t> sent;
    const auto& uplinks = evidence.facts.uplinks;
    for (std::size_t i = 0; i < uplinks.size(); ++i) {
      const auto& device = evidence.scenario.devices[uplinks[i].device];
      sent.emplace(std::tuple(device.eui.value, uplinks[i].dev_addr.value, uplinks[i].f_cnt), i);
    }
    std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>> counters;
    std::set<std::uint64_t> ids;
    std::set<std::pair<std::size_t, std::uint64_t>> accepted;
    for (const auto& [partition, offset, tenant, event] : evidence.events) {
      if (!event.has_uplink()) continue;
      const auto& uplink = event.uplink();
      const auto name = fmt::format("{:016x} FCnt {}", event.dev_eui(), uplink.f_cnt());
      if (!counters.insert({event.dev_eui(), uplink.session(), uplink.f_cnt()}).second)
        findings.say(name + " accepted twice in one session");
      if (!ids.insert(uplink.id()).second) findings.say(name + ": an uplink's id came twice");
      const auto [first, last] = sent.equal_range({event.dev_eui(), uplink.dev_addr(), uplink.f_cnt()});
      auto found = first;
      while (found != last && !says(uplinks[found->second], event)) ++found;
      if (found == last) {
        findings.say(name + " was not sent so");
        continue;
      }
      // Where counters may begin anew an old frame may be heard again, in another session.
      const auto* plan = evidence.device(event.dev_eui());
      const bool resets = plan->abp && plan->abp->resets;
      if (!accepted.insert({found->second, resets ? uplink.session() : 0}).second)
        findings.say(name + ": one frame, two uplinks");
    }
  }
};

/// What was acknowledged to a gateway is in the log, and the network step did one thing with it.
class Accounted final : public Checker {
 public:
  std::string_view rule() const override { return "what was acknowledged is accounted for"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::set<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, std::string_view>> logged;
    std::uint64_t frames = 0;
    for (const auto& input : evidence.inputs) {
      if (!input.message.has_frame()) continue;
      ++frames;
      const auto& frame = input.message.frame();
      logged.insert({frame.gateway_id(), frame.tmst(), frame.frequency_hz(), frame.phy_payload()});
    }
    for (const auto& forwarded : evidence.facts.forwarded) {
      const auto& gateway = evidence.gateway(forwarded.gateway);
      if (forwarded.acknowledged &&
          !logged.contains({gateway.id.value, forwarded.tmst, forwarded.frequency_hz, base::as_text(forwarded.phy)})) {
        findings.say(fmt::format("a frame that {:016x} heard at tmst {} was acknowledged and is nowhere",
                                 gateway.id.value, forwarded.tmst));
      }
    }
    check_outcomes(evidence, frames, findings);
    check_receptions(evidence, findings);
  }

 private:
  static void check_outcomes(const Evidence& evidence, std::uint64_t frames, Findings& findings) {
    const auto run = evidence.run_network(0, false);
    if (!run.replayed) return;  // told by the purity rules
    std::uint64_t outcomes = 0;
    for (const auto& [name, value] : run.counters->snapshot()) {
      if (name == "network.uplinks" || name == "network.joins" || name == "network.repetitions" ||
          name == "network.copies" || name == "network.late_copies" || name == "network.dropped.late_copy" ||
          name.starts_with("network.refused.")) {
        outcomes += value;
      }
    }
    const auto handled = run.counters->value("network.frames");
    if (outcomes != handled) findings.say(fmt::format("{} frames have {} outcomes", handled, outcomes));
    const auto told = static_cast<std::uint64_t>(
        std::ranges::count_if(evidence.events, [](const auto& event) { return event.message.has_uplink(); }));
    if (const auto uplinks = run.counters->value("network.uplinks"); told != uplinks)
      findings.say(fmt::format("{} uplinks in the log, {} events of them", uplinks, told));
    std::uint64_t dropped =
        run.counters->value("network.dropped.repeated_record") + run.counters->value("network.dropped.stale_record");
    if (handled > frames || handled + dropped < frames)
      findings.say(fmt::format("{} frames in the log, {} handled, {} records dropped", frames, handled, dropped));
  }

  static void check_receptions(const Evidence& evidence, Findings& findings) {
    std::map<std::uint64_t, int> receptions;
    for (const auto& parsed : evidence.events) {
      if (parsed.message.has_uplink()) receptions.try_emplace(parsed.message.uplink().id(), 0);
    }
    for (const auto& parsed : evidence.events) {
      if (!parsed.message.has_reception()) continue;
      const auto& reception = parsed.message.reception();
      const auto found = receptions.find(reception.uplink_id());
      if (found == receptions.end()) {
        findings.say("a reception of no uplink");
      } else if (!reception.retransmission() && !reception.late()) {
        ++found->second;
      }
      std::set<std::uint64_t> gateways;
      for (const auto& hearing : reception.gateways()) {
        if (!gateways.insert(hearing.gateway_id()).second) findings.say("one gateway twice in a reception");
      }
    }
    for (const auto& [id, times] : receptions) {
      if (times != 1) findings.say(fmt::format("uplink {:016x} has {} receptions", id, times));
    }
  }
};

/// Counters begin anew in the log as often as they did in the device.
class TrueBeginnings final : public Checker {
 public:
  std::string_view rule() const override { return "counters begin anew only when the device's did"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::map<std::uint64_t, std::uint32_t> lives;
    for (const auto& sent : evidence.facts.uplinks) {
      auto& life = lives[evidence.scenario.devices[sent.device].eui.value];
      life = std::max(life, sent.life);
    }
    std::map<std::uint64_t, std::uint32_t> told;
    for (const auto& parsed : evidence.events) {
      const auto& event = parsed.message;
      if (event.has_log() && event.log().code() == "f_cnt_reset" && ++told[event.dev_eui()] > lives[event.dev_eui()]) {
        findings.say(fmt::format("{:016x}: {}", event.dev_eui(), event.log().message()));
      }
    }
  }
};

/// What a device was told of its own uplink is true.
class TrueAcknowledgements final : public Checker {
 public:
  std::string_view rule() const override { return "an acknowledged uplink was accepted"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::set<std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>> accepted;
    for (const auto& parsed : evidence.events) {
      const auto& event = parsed.message;
      if (event.has_uplink()) accepted.insert({event.dev_eui(), event.uplink().dev_addr(), event.uplink().f_cnt()});
    }
    for (const auto& sent : evidence.facts.uplinks) {
      const auto& plan = evidence.scenario.devices[sent.device];
      if (sent.acknowledged && !accepted.contains({plan.eui.value, sent.dev_addr.value, sent.f_cnt})) {
        findings.say(fmt::format("{} FCnt {}: acknowledged to the device, and no event", plan.name, sent.f_cnt));
      }
    }
  }
};

}  // namespace

void add_uplink_checkers(std::vector<std::unique_ptr<Checker>>& checkers) {
  checkers.push_back(std::make_unique<AcceptedOnce>());
  checkers.push_back(std::make_unique<Accounted>());
  checkers.push_back(std::make_unique<TrueAcknowledgements>());
  checkers.push_back(std::make_unique<TrueBeginnings>());
}

}  // namespace lenne::sim
