// What is not counted where it happens: it is read from the log and the counters of the whole life.

#include <map>
#include <set>

#include "checkers.hpp"

namespace lenne::sim {
namespace {

void count_counters(const base::Counters& counters, Tally& tally) {
  const auto add = [&](Happening happening, std::string_view name) { tally.count(happening, counters.value(name)); };
  add(Happening::bad_mic, "network.refused.mic");
  add(Happening::replayed_frame, "network.refused.replayed");
  add(Happening::nonce_replay, "network.refused.dev_nonce_used");
  add(Happening::late_copy, "network.late_copies");
  add(Happening::unknown_gateway, "ingest.refused.unknown_gateway");
  add(Happening::f_cnt_reset, "network.f_cnt_resets");
  add(Happening::tx_no_answer, "ingest.downlink.no_answer");
  add(Happening::timeline_refusal, "ingest.downlink.refused.TX_ERROR_COLLISION_PACKET");
  add(Happening::duty_cycle_refusal, "ingest.downlink.refused.TX_ERROR_DUTY_CYCLE");
  add(Happening::no_path, "ingest.downlink.refused.TX_ERROR_NO_PATH");
  add(Happening::link_adr, "network.mac.link_adr_accepted");
  add(Happening::rx_param, "network.mac.rx_param_accepted");
  add(Happening::operator_refused, "network.control.refused");
}

void count_events(const Evidence& evidence, Tally& tally) {
  std::set<std::uint64_t> asked;
  for (const auto& one : evidence.facts.asked) asked.insert(one.request_id);
  for (const auto& parsed : evidence.events) {
    const auto& event = parsed.message;
    if (event.has_status()) tally.count(Happening::device_status);
    if (event.has_ack())
      tally.count(event.ack().acknowledged() ? Happening::confirmed_down_acked : Happening::confirmed_down_unacked);
    if (event.has_log() && asked.contains(event.log().request_id()) && event.log().level() == v1::LOG_LEVEL_ERROR) {
      tally.count(Happening::app_downlink_refused);
    }
    if (event.has_uplink()) tally.count(Happening::uplink_event);
  }
}

/// The same frame through RX2 after RX1, or through a second gateway.
void count_tries(const Evidence& evidence, Tally& tally) {
  std::map<std::string_view, std::vector<const PullResponse*>> tries;
  for (const auto& response : evidence.facts.responses) tries[base::as_text(response.phy)].push_back(&response);
  for (const auto& [phy, list] : tries) {
    for (std::size_t i = 1; i < list.size(); ++i) {
      if (list[i]->gateway != list[0]->gateway) tally.count(Happening::other_gateway);
      if (list[i]->gateway == list[i - 1]->gateway && list[i]->frequency_hz != list[i - 1]->frequency_hz)
        tally.count(Happening::rx2_fallback);
    }
  }
}

}  // namespace

void count_evidence(const Evidence& evidence, Tally& tally) {
  count_counters(evidence.host.counters(), tally);
  count_events(evidence, tally);
  count_tries(evidence, tally);
  for (const auto& record : evidence.records) {
    if (record.topic == storage::Topic::aggregate) tally.count(Happening::aggregate);
  }
}

}  // namespace lenne::sim
