// Rules about what leaves.

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "checkers.hpp"
#include "radio.hpp"

namespace lenne::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kLatestDatagram = 30s;
constexpr std::size_t kUnderWay = 4;  // downlinks of one device

/// No FCntDown with two contents, none goes back, over crashes too; JoinNonce rises.
class CountersRise final : public Checker {
 public:
  std::string_view rule() const override { return "FCntDown and JoinNonce are never used twice"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::map<std::uint64_t, std::uint32_t> join_nonces;
    std::map<std::uint64_t, std::uint64_t> resets;
    for (const auto& parsed : evidence.events) {
      const auto& event = parsed.message;
      if (event.has_log() && event.log().code() == "f_cnt_reset") ++resets[event.dev_eui()];
      if (!event.has_join()) continue;
      auto& last = join_nonces[event.dev_eui()];
      if (event.join().join_nonce() <= last)
        findings.say(fmt::format("{:016x}: JoinNonce {} after {}", event.dev_eui(), event.join().join_nonce(), last));
      last = event.join().join_nonce();
    }
    check_frames(evidence, resets, findings);
  }

 private:
  struct Session {
    std::map<std::uint32_t, std::string> frames;  // by FCntDown
    std::deque<std::uint32_t> newest;             // those that may still be tried another way
    std::uint64_t began_anew = 0;
  };

  static void check_frames(const Evidence& evidence, const std::map<std::uint64_t, std::uint64_t>& resets,
                           Findings& findings) {
    std::map<std::pair<std::uint64_t, std::uint32_t>, Session> sessions;
    for (const auto& parsed : evidence.downlinks) {
      const auto& downlink = parsed.message;
      if (downlink.join_accept()) continue;
      auto& session = sessions[{downlink.dev_eui(), downlink.dev_addr()}];
      auto& frames = session.frames;
      const auto name = fmt::format("{:016x} FCntDown {}", downlink.dev_eui(), downlink.f_cnt_down());
      const auto known = frames.find(downlink.f_cnt_down());
      const bool under_way = std::ranges::find(session.newest, downlink.f_cnt_down()) != session.newest.end();
      if (under_way && known->second == downlink.phy_payload()) continue;  // another try of the same frame
      const bool back = known != frames.end() || (!frames.empty() && downlink.f_cnt_down() < frames.rbegin()->first);
      if (back) {
        // Where a device's counters began anew, so do those of its downlinks: once each time.
        const auto allowed = resets.find(downlink.dev_eui());
        if (allowed == resets.end() || ++session.began_anew > allowed->second)
          findings.say(name + " again, or after a higher one");
        frames.clear();
        session.newest.clear();
      }
      frames[downlink.f_cnt_down()] = downlink.phy_payload();
      session.newest.push_back(downlink.f_cnt_down());
      if (session.newest.size() > kUnderWay) session.newest.pop_front();
    }
  }
};

/// A PULL_RESP is one that the network step decided on, leaves in time, from the incarnation that it was for, and once.
class SentOnceInTime final : public Checker {
 public:
  std::string_view rule() const override { return "no downlink late, none twice"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    using Key =
        std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, std::string_view>;  // gateway, tmst, frequency, frame
    struct Decided {
      std::set<std::uint64_t> ids;
      std::int64_t not_after_us = 0;
      std::set<std::uint32_t> incarnations;
    };
    std::map<Key, Decided> decided;
    for (const auto& parsed : evidence.downlinks) {
      const auto& downlink = parsed.message;
      auto& one = decided[{downlink.gateway_id(), downlink.tmst(), downlink.frequency_hz(), downlink.phy_payload()}];
      one.ids.insert(downlink.downlink_id());
      one.not_after_us = std::max(one.not_after_us, downlink.not_after_us());
      one.incarnations.insert(downlink.incarnation());
    }
    std::map<Key, std::size_t> sent;
    for (const auto& response : evidence.facts.responses) {
      const auto gateway = evidence.gateway(response.gateway).id.value;
      const Key key{gateway, response.tmst.value_or(0), response.frequency_hz, base::as_text(response.phy)};
      const auto found = decided.find(key);
      const auto name = fmt::format("a PULL_RESP for {:016x}, tmst {}", gateway, response.tmst.value_or(0));
      if (found == decided.end()) {
        findings.say(name + " that nobody decided on");
        continue;
      }
      if (base::to_us(response.at) > found->second.not_after_us) findings.say(name + " left after its not_after");
      if (!found->second.incarnations.contains(response.incarnation))
        findings.say(name + " was for another incarnation");
      if (++sent[key] > found->second.ids.size()) findings.say(name + " left twice");
    }
  }
};

/// ETSI EN 300 220-2: the share of any hour in a sub-band. Numbers of its own, not the server's.
class DutyCycleHolds final : public Checker {
 public:
  std::string_view rule() const override { return "duty cycle per gateway and sub-band"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    struct Band {
      std::uint32_t from_hz, to_hz;
      base::Duration an_hour;
    };
    constexpr std::array<Band, 6> kBands{{{863'000'000, 865'000'000, 3'600ms},
                                          {865'000'000, 868'000'000, 36s},
                                          {868'000'000, 868'600'000, 36s},
                                          {868'700'000, 869'200'000, 3'600ms},
                                          {869'400'000, 869'650'000, 360s},
                                          {869'700'000, 870'000'000, 36s}}};
    const auto band_of = [&](std::uint32_t hz) {
      return std::ranges::find_if(kBands, [&](const Band& band) { return hz >= band.from_hz && hz < band.to_hz; });
    };
    std::map<std::pair<std::size_t, std::size_t>, std::vector<const GatewayEmission*>> emissions;
    for (const auto& emission : evidence.facts.emissions) {
      const auto band = band_of(emission.frequency_hz);
      if (band == kBands.end()) {
        findings.say(fmt::format("{} Hz lies in no sub-band", emission.frequency_hz));
        continue;
      }
      emissions[{emission.gateway, static_cast<std::size_t>(band - kBands.begin())}].push_back(&emission);
    }
    for (auto& [where, list] : emissions) {
      std::ranges::sort(list, {}, [](const auto* emission) { return emission->start; });
      base::Duration used{};
      std::size_t first = 0;
      for (const auto* emission : list) {
        used += emission->end - emission->start;
        while (list[first]->start <= emission->start - 1h) {
          used -= list[first]->end - list[first]->start;
          ++first;
        }
        if (used > kBands[where.second].an_hour) {
          findings.say(fmt::format("{:016x} sent {} ms in an hour of sub-band {}",
                                   evidence.gateway(where.first).id.value, used.count() / 1000, where.second));
        }
      }
    }
  }
};

/// One incarnation of the server never plans two emissions of one gateway at one time.
class NoOverlap final : public Checker {
 public:
  std::string_view rule() const override { return "emissions of one gateway do not overlap"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::map<std::tuple<std::size_t, std::uint32_t, std::uint32_t>, std::vector<const PullResponse*>> planned;
    for (const auto& response : evidence.facts.responses) {
      if (response.tmst) planned[{response.gateway, response.boot, response.incarnation}].push_back(&response);
    }
    for (const auto& [where, list] : planned) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        for (std::size_t j = i + 1; j < list.size(); ++j) check_pair(*list[i], *list[j], findings);
      }
    }
  }

 private:
  static void check_pair(const PullResponse& a, const PullResponse& b, Findings& findings) {
    const auto airtime = [](const PullResponse& r) {
      return airtime_of(r.spreading_factor, r.phy.size(), false).count();
    };
    if (b.at - a.at > 60s) return;
    if (a.refused_at && *a.refused_at < b.at) return;  // its time was free again
    // Datagrams from before a restart that come after it look like another restart, which frees the plan.
    if (b.at - b.booted < kLatestDatagram) return;
    const auto distance = static_cast<std::int32_t>(*b.tmst - *a.tmst);
    if (distance >= 0 ? distance < airtime(a) : -std::int64_t{distance} < airtime(b)) {
      findings.say(fmt::format("gateway {}: tmst {} and {}", a.gateway, *a.tmst, *b.tmst));
    }
  }
};

/// What the log says of a downlink's fate is true, and each has a fate.
class TrueOutcomes final : public Checker {
 public:
  std::string_view rule() const override { return "what became of a downlink is told, and true"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::set<std::pair<std::uint64_t, std::string_view>> sent;
    for (const auto& response : evidence.facts.responses)
      sent.insert({evidence.gateway(response.gateway).id.value, base::as_text(response.phy)});
    std::map<std::uint64_t, std::string_view> frames;
    for (const auto& parsed : evidence.downlinks)
      frames.emplace(parsed.message.downlink_id(), parsed.message.phy_payload());
    std::map<std::uint64_t, int> outcomes;
    for (const auto& parsed : evidence.events) {
      const auto& event = parsed.message;
      if (!event.has_tx_ack() || event.tx_ack().downlink_id() == 0) continue;
      const auto& ack = event.tx_ack();
      ++outcomes[ack.downlink_id()];
      const auto frame = frames.find(ack.downlink_id());
      if (frame == frames.end()) {
        findings.say("the outcome of a downlink that was never decided on");
      } else if (ack.error() == v1::TX_ERROR_NONE && !sent.contains({ack.gateway_id(), frame->second})) {
        findings.say(fmt::format("downlink {:016x} is told as sent, and was not", ack.downlink_id()));
      }
    }
    // What is removed with its device, and what is decided on at the very end, has no fate yet.
    std::set<std::uint64_t> removed;
    for (const auto& input : evidence.inputs) {
      if (input.message.control().remove().has_device())
        removed.insert(input.message.control().remove().device().dev_eui());
    }
    const auto end = base::to_us(evidence.scenario.start + evidence.scenario.length);
    for (const auto& parsed : evidence.downlinks) {
      const auto& downlink = parsed.message;
      if (outcomes[downlink.downlink_id()] == 0 && !removed.contains(downlink.dev_eui()) &&
          downlink.not_after_us() < end) {
        findings.say(fmt::format("downlink {:016x} has no outcome", downlink.downlink_id()));
      }
    }
    for (const auto& [id, frame] : frames) {
      if (outcomes[id] > 1) findings.say(fmt::format("downlink {:016x} has {} outcomes", id, outcomes[id]));
    }
  }
};

/// A downlink that an application asked for arrives as it was, once, at its own device, or is told as lost.
class ApplicationDownlinks final : public Checker {
 public:
  std::string_view rule() const override { return "an application's downlink arrives once or is told as lost"; }

  void check(const Evidence& evidence, Findings& findings) const override {
    std::map<std::string_view, const AskedDownlink*> asked;
    for (const auto& one : evidence.facts.asked) asked.emplace(base::as_text(one.payload), &one);
    std::map<std::uint64_t, std::set<std::uint32_t>> arrived;
    for (const auto& delivered : evidence.facts.delivered) {
      if (!delivered.f_port || *delivered.f_port == 0) continue;
      const auto& plan = evidence.scenario.devices[delivered.device];
      const auto found = asked.find(base::as_text(delivered.payload));
      if (found == asked.end()) {
        findings.say(fmt::format("{} got a payload that nobody asked for", plan.name));
        continue;
      }
      const auto& want = *found->second;
      if (want.device != delivered.device || !want.own_tenant || want.f_port != *delivered.f_port ||
          want.confirmed != delivered.confirmed) {
        findings.say(
            fmt::format("request {} arrived at {} otherwise than it was asked for", want.request_id, plan.name));
      }
      arrived[want.request_id].insert(delivered.f_cnt);
    }
    // A PULL_RESP that came twice on its way may be sent and refused: only then is one tried again that had arrived.
    const bool doubles =
        std::ranges::any_of(evidence.scenario.gateways, [](const GatewayPlan& plan) { return plan.link.doubled > 0; });
    for (const auto& [request, frames] : arrived) {
      if (frames.size() > 1 && !doubles)
        findings.say(fmt::format("request {} arrived in {} frames", request, frames.size()));
    }
    check_fates(evidence, findings);
    check_acks(evidence, findings);
  }

 private:
  /// Each accepted request ends once, or waits still.
  static void check_fates(const Evidence& evidence, Findings& findings) {
    std::map<std::uint64_t, int> ends;
    std::set<std::uint64_t> confirmed;
    for (const auto& one : evidence.facts.asked) {
      if (one.confirmed) confirmed.insert(one.request_id);
    }
    for (const auto& parsed : evidence.events) {
      if (parsed.message.has_log() && parsed.message.log().code() == "downlink_queued")
        ends[parsed.message.log().request_id()] = 0;
    }
    for (const auto& parsed : evidence.events) {
      const auto& event = parsed.message;
      if (event.has_log() && (event.log().code() == "downlink_dropped" || event.log().code() == "downlink_failed"))
        ++ends[event.log().request_id()];
      if (event.has_ack()) ++ends[event.ack().request_id()];
      if (event.has_tx_ack() && event.tx_ack().error() == v1::TX_ERROR_NONE && event.tx_ack().request_id() != 0 &&
          !confirmed.contains(event.tx_ack().request_id())) {
        ++ends[event.tx_ack().request_id()];
      }
    }
    for (const auto& [request, times] : ends) {
      if (times > 1) findings.say(fmt::format("request {} ended {} times", request, times));
    }
  }

  /// An ACK that is told was given: the device had got what was asked for. In which frame is not said on the air.
  static void check_acks(const Evidence& evidence, Findings& findings) {
    std::set<std::string_view> got;
    for (const auto& delivered : evidence.facts.delivered) {
      if (delivered.confirmed) got.insert(base::as_text(delivered.payload));
    }
    std::map<std::uint64_t, std::string_view> asked;
    for (const auto& one : evidence.facts.asked) asked.emplace(one.request_id, base::as_text(one.payload));
    for (const auto& parsed : evidence.events) {
      const auto& event = parsed.message;
      if (!event.has_ack() || !event.ack().acknowledged()) continue;
      const auto* plan = evidence.device(event.dev_eui());
      // In 1.0 an ACK names no frame. One of class C in a frame that is repeated, or long on its way, beyond the time
      // in which it is waited for is taken for the ACK of the next.
      if (plan != nullptr && plan->class_c) continue;
      const auto found = asked.find(event.ack().request_id());
      if (found == asked.end() || !got.contains(found->second)) {
        findings.say(fmt::format("{:016x}: an ACK for request {}, which never arrived", event.dev_eui(),
                                 event.ack().request_id()));
      }
    }
  }
};

}  // namespace

void add_downlink_checkers(std::vector<std::unique_ptr<Checker>>& checkers) {
  checkers.push_back(std::make_unique<CountersRise>());
  checkers.push_back(std::make_unique<SentOnceInTime>());
  checkers.push_back(std::make_unique<DutyCycleHolds>());
  checkers.push_back(std::make_unique<NoOverlap>());
  checkers.push_back(std::make_unique<TrueOutcomes>());
  checkers.push_back(std::make_unique<ApplicationDownlinks>());
}

}  // namespace lenne::sim
