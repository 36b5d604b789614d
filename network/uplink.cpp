#include "network/uplink.hpp"

#include <string>
#include <vector>

#include "network/control.hpp"
#include "network/frame_counter.hpp"
#include "network/gateway_airtime.hpp"
#include "network/lorawan/crypto.hpp"
#include "network/lorawan/mac_command.hpp"
#include "network/mac_requests.hpp"
#include "network/measuring.hpp"
#include "network/queue.hpp"
#include "network/versions.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

using lorawan::Direction;
using lorawan::Version;

struct Match {
  Candidate candidate;
  CounterGuess counter;
};

// The session whose key fits. Each try costs a CMAC, so there is a limit.
[[nodiscard]] std::optional<Match> match_mic(Step& step, const std::vector<Candidate>& candidates,
                                             const lorawan::DataFrame& data, bool& cut) {
  const auto& settings = step.services.settings;
  std::size_t tries = 0;
  // All likeliest counters first, then the second ones: whoever is heard most does not keep the others out.
  for (std::size_t round = 0; round < 3; ++round) {
    for (const auto& candidate : candidates) {
      const auto& device = candidate.entry->row.device();
      const bool may_reset = device.activation() == v1::ACTIVATION_ABP && device.f_cnt_reset();
      const CounterGuesses guesses(candidate.session().next_f_cnt_up(), data.f_cnt,
                                   may_reset ? std::optional(settings.reset_limit) : std::nullopt);
      if (round >= guesses.all().size()) continue;
      const auto keys = keys_of(candidate, step.services.vault);
      if (!keys) {
        step.count("network.refused.key_unwrap");
        continue;
      }
      if (tries++ >= settings.mics_per_frame) {
        cut = true;
        return std::nullopt;
      }
      step.count("network.mics");
      const auto guess = guesses.all()[round];
      if (lorawan::data_mic_valid(step.services.aes, Version::v1_0, **keys, data, {.f_cnt = guess.f_cnt}))
        return Match{candidate, guess};
    }
  }
  return std::nullopt;
}

void read_commands(base::ByteView bytes, v1::NetworkTransmission& transmission, MacAnswers& answers, Step& step) {
  lorawan::MacCommandReader reader(Version::v1_0, Direction::up, bytes);
  while (const auto command = reader.next()) {
    if (lorawan::decode_command<lorawan::LinkCheckReq>(*command)) transmission.set_link_check(true);
    if (lorawan::decode_command<lorawan::DeviceTimeReq>(*command)) transmission.set_device_time(true);
    if (const auto adr = lorawan::decode_command<lorawan::LinkAdrAns>(*command)) answers.link_adr = adr;
    if (const auto rx = lorawan::decode_command<lorawan::RxParamSetupAns>(*command)) answers.rx_param = rx;
    if (const auto status = lorawan::decode_command<lorawan::DevStatusAns>(*command)) answers.status = status;
  }
  if (!reader.rest().empty()) step.count("network.mac_unread");
  if (transmission.link_check() || transmission.device_time()) transmission.set_answer_due(true);
}

void publish_status(Step& step, const DeviceEntry& entry, const v1::DeviceEvent& uplink,
                    const lorawan::DevStatusAns& answer) {
  auto event = make_event(step, entry, uplink.received_us(), uplink.received_us(), step.offset);
  auto& status = *event.mutable_status();
  constexpr std::uint8_t kExternal = 0;
  constexpr std::uint8_t kUnknown = 255;
  constexpr std::uint32_t kFull = 254;
  if (answer.battery == kExternal) {
    status.set_external_power(true);
  } else if (answer.battery != kUnknown) {
    status.set_battery_percent((answer.battery * 100U + kFull / 2) / kFull);
  }
  status.set_margin_db(answer.margin_db);
  step.state.outbox.event(event);
}

void fill_uplink(const lorawan::DataFrame& data, const v1::NetworkTransmission& transmission, v1::Uplink& uplink) {
  const auto& first = transmission.copies(0);
  uplink.set_id(transmission.uplink_id());
  uplink.set_dev_addr(transmission.dev_addr());
  uplink.set_session(transmission.session());
  uplink.set_f_cnt(transmission.f_cnt());
  if (data.f_port) uplink.set_f_port(*data.f_port);
  uplink.set_confirmed(data.confirmed);
  uplink.set_adr(data.adr);
  *uplink.mutable_data_rate() = first.data_rate();
  uplink.set_frequency_hz(first.frequency_hz());
  *uplink.mutable_first() = first.hearing();
}

// The first copy of a new uplink: all that others wait for leaves here.
void publish(Step& step, DeviceEntry& entry, const lorawan::SessionKeys& keys, const lorawan::DataFrame& data,
             std::uint32_t lost, v1::NetworkTransmission& transmission) {
  const auto& first = transmission.copies(0).hearing();
  const auto time = event_time(step.services.settings, first);
  auto event = make_event(step, entry, time.us, first.received_us(), step.offset);
  auto& uplink = *event.mutable_uplink();
  fill_uplink(data, transmission, uplink);
  uplink.set_time_source(time.source);
  MacAnswers answers;
  read_commands(data.f_opts, transmission, answers, step);
  if (data.f_port) {
    base::Bytes clear(data.frm_payload.size());
    lorawan::crypt_payload(step.services.aes, lorawan::payload_key(keys, *data.f_port), Direction::up, data.dev_addr,
                           transmission.f_cnt(), data.frm_payload, clear.data());
    uplink.set_payload(clear.data(), clear.size());
    if (*data.f_port == 0) read_commands(clear, transmission, answers, step);
  }
  step.count("network.uplinks");
  publish_measurement(step, entry, lost, event);
  if (answers.status) publish_status(step, entry, event, *answers.status);
  take_answers(step, entry, answers);
  take_ack(step, entry, data.ack);
}

// A frame that the device sent again: no event of its own, but a window, and an answer if it wants one.
void repeat(Step& step, DeviceEntry& entry, const HeardFrame& heard, const v1::NetworkCopy& copy) {
  const auto& before = *newest_of(entry, heard.hash);
  const bool current = entry.row.has_active() && entry.row.active().id() == before.session() &&
                       std::uint64_t{before.f_cnt()} + 1 == entry.row.active().next_f_cnt_up();
  if (!current)
    return refuse(step, entry, "replayed", "a frame that is older than the last one", copy.hearing().gateway_id());
  if (before.ordinal() >= step.services.settings.repetitions) {
    return refuse(step, entry, "repeated_too_often", "more repetitions than a device makes",
                  copy.hearing().gateway_id());
  }
  const auto source = before;
  auto& transmission = open_window(step, entry, heard, copy);
  transmission.set_uplink_id(source.uplink_id());
  transmission.set_session(source.session());
  transmission.set_f_cnt(source.f_cnt());
  transmission.set_dev_addr(source.dev_addr());
  transmission.set_ordinal(source.ordinal() + 1);
  transmission.set_confirmed(source.confirmed());
  transmission.set_answer_due(source.answer_due());
  transmission.set_link_check(source.link_check());
  transmission.set_device_time(source.device_time());
  step.count("network.repetitions");
}

// Whether the counter is one that this session may still use; tells why not.
[[nodiscard]] bool counter_is_new(Step& step, const Match& match, std::uint64_t gateway_id) {
  auto& entry = *match.candidate.entry;
  const auto next = match.candidate.session().next_f_cnt_up();
  const auto last = last_f_cnt(next);
  const auto version = mac_version_of(entry.row.device().mac_version());
  const auto most = version == MacVersion::v1_0_4 ? std::nullopt : std::optional(lorawan::kMaxFCntGap);
  const auto said = [&] {
    return "FCnt " + std::to_string(match.counter.f_cnt) + " after " + std::to_string(last.value_or(0));
  };
  switch (lorawan::judge_f_cnt(last, match.counter.f_cnt, most)) {
    case lorawan::FCntVerdict::fresh:
      return true;
    case lorawan::FCntVerdict::gap_too_large:
      refuse(step, entry, "f_cnt_gap", said() + ": more than 16384 lost, which LoRaWAN before 1.0.4 does not allow",
             gateway_id);
      return false;
    case lorawan::FCntVerdict::repeat:
    case lorawan::FCntVerdict::replay:
      refuse(step, entry, "replayed", said(), gateway_id);
      return false;
  }
  return false;
}

void restart_counters(Step& step, DeviceEntry& entry, const CounterGuess& counter, std::uint64_t gateway_id) {
  const auto before = last_f_cnt(entry.row.active().next_f_cnt_up()).value_or(0);
  restart_abp_session(step, entry);
  publish_log(step, subject_of(entry.row.device()),
              {.level = v1::LOG_LEVEL_INFO,
               .code = "f_cnt_reset",
               .message = "FCnt " + std::to_string(counter.f_cnt) + " after " + std::to_string(before) +
                          ": counters start anew",
               .gateway_id = gateway_id});
  step.count("network.f_cnt_resets");
}

void refuse_unmatched(Step& step, const std::vector<Candidate>& candidates, bool cut, std::uint64_t gateway_id) {
  if (cut) return refuse(step, "too_many_candidates");
  const bool one_device =
      candidates.size() == 1 || (candidates.size() == 2 && candidates[0].entry == candidates[1].entry);
  if (!one_device) return refuse(step, "mic");
  refuse(step, *candidates.front().entry, "mic",
         "wrong session keys, forged, or another network's device with this DevAddr", gateway_id);
}

void accept(Step& step, const Match& match, const lorawan::DataFrame& data, const HeardFrame& heard,
            const v1::NetworkCopy& copy) {
  auto& entry = *match.candidate.entry;
  if (match.counter.reset) {
    restart_counters(step, entry, match.counter, copy.hearing().gateway_id());
  } else if (match.candidate.pending) {
    step.state.devices.promote(entry);
    step.count("network.sessions_confirmed");
  }
  const Candidate active{&entry, false};
  auto& session = active.session();
  const auto keys = keys_of(active, step.services.vault);
  if (!keys) return refuse(step, entry, "key_unwrap", keys.error().message, copy.hearing().gateway_id());
  const auto last = last_f_cnt(session.next_f_cnt_up());
  const auto lost = last && session.heard() ? match.counter.f_cnt - *last - 1 : 0;
  session.set_next_f_cnt_up(std::uint64_t{match.counter.f_cnt} + 1);
  session.set_seen_offset(step.offset);
  session.set_heard(true);
  auto& transmission = open_window(step, entry, heard, copy);
  transmission.set_uplink_id(uplink_id(entry.eui(), session.id(), match.counter.f_cnt, data.mic));
  transmission.set_session(session.id());
  transmission.set_f_cnt(match.counter.f_cnt);
  transmission.set_dev_addr(session.dev_addr());
  transmission.set_confirmed(data.confirmed);
  transmission.set_answer_due(data.adr_ack_req);
  transmission.set_adr(data.adr);
  publish(step, entry, **keys, data, lost, transmission);
}

}  // namespace

void handle_data(Step& step, const v1::GatewayFrame& frame, const lorawan::DataFrame& data) {
  if (data.direction != Direction::up) return refuse(step, "downlink_type");
  // A copy of the list: accepting a frame changes the table.
  const auto candidates = step.state.devices.candidates(data.dev_addr);
  if (candidates.empty()) {
    note_foreign(step, frame);
    return refuse(step, "unknown_dev_addr");
  }
  const HeardFrame heard(frame);
  const auto copy = copy_of(frame, step.received_us);
  for (const auto& candidate : candidates) {
    switch (take_copy(step, *candidate.entry, heard, copy)) {
      case Known::copy:
        return;
      case Known::repetition:
        return repeat(step, *candidate.entry, heard, copy);
      case Known::no:
        break;
    }
  }
  bool cut = false;
  const auto match = match_mic(step, candidates, data, cut);
  if (!match) return refuse_unmatched(step, candidates, cut, frame.gateway_id());
  if (match->counter.reset && may_be_late(*match->candidate.entry, copy)) {
    return refuse(step, *match->candidate.entry, "replayed", "it may be a late frame, from before the last one",
                  frame.gateway_id());
  }
  if (!match->counter.reset && !counter_is_new(step, *match, frame.gateway_id())) return;
  accept(step, *match, data, heard, copy);
}

}  // namespace lenne::network
