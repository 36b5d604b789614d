#include "ingest/downlink_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.hpp"
#include "ingest/gateway_timeline.hpp"
#include "lenne/v1/gateway.pb.h"
#include "network/lorawan/airtime.hpp"

namespace lenne::ingest {
namespace {

namespace lorawan = network::lorawan;

constexpr std::string_view kLedgerPrefix = "airtime/";
constexpr std::string_view kLedgerEnd = "airtime0";  // the byte after "/"

struct Word {
  std::string_view text;
  v1::TxError error;
};
constexpr std::array kWords{
    Word{"", v1::TX_ERROR_NONE},
    Word{"NONE", v1::TX_ERROR_NONE},
    Word{"TOO_LATE", v1::TX_ERROR_TOO_LATE},
    Word{"TOO_EARLY", v1::TX_ERROR_TOO_EARLY},
    Word{"COLLISION_PACKET", v1::TX_ERROR_COLLISION_PACKET},
    Word{"COLLISION_BEACON", v1::TX_ERROR_COLLISION_BEACON},
    Word{"TX_FREQ", v1::TX_ERROR_TX_FREQ},
    Word{"TX_POWER", v1::TX_ERROR_TX_POWER},
    Word{"GPS_UNLOCKED", v1::TX_ERROR_GPS_UNLOCKED},
};

std::string ledger_key(base::GatewayId gateway) {
  std::array<std::uint8_t, 8> bytes{};
  base::write_be(bytes.data(), gateway.value);
  return std::string(kLedgerPrefix) + std::string(base::as_text(bytes));
}

std::optional<base::GatewayId> gateway_of_key(std::string_view key) {
  if (key.size() != kLedgerPrefix.size() + 8 || !key.starts_with(kLedgerPrefix)) return std::nullopt;
  return base::GatewayId{base::read_be<std::uint64_t>(base::as_bytes(key.substr(kLedgerPrefix.size())))};
}

/// The data rate as the airtime formula takes it, or nothing when no gateway could send it.
std::optional<lorawan::DataRate> rate_of(const v1::DataRate& rate) {
  if (rate.bit_rate() != 0) {
    if (rate.spreading_factor() != 0 || rate.bit_rate() < 500 || rate.bit_rate() > 300'000) return std::nullopt;
    return lorawan::DataRate{.modulation = lorawan::Modulation::fsk, .bit_rate = rate.bit_rate()};
  }
  const auto text = fmt::format("SF{}BW{}", rate.spreading_factor(), rate.bandwidth_hz() / 1'000);
  const auto known = parse_lora_rate(text);
  if (!known || known->bandwidth_hz != rate.bandwidth_hz()) return std::nullopt;
  return lorawan::DataRate{.modulation = lorawan::Modulation::lora,
                           .spreading_factor = static_cast<std::uint8_t>(rate.spreading_factor()),
                           .bandwidth_hz = rate.bandwidth_hz()};
}

TxOutcome outcome_of(const v1::GatewayDownlink& downlink, v1::TxError error, std::string detail) {
  return {downlink.downlink_id(),
          base::GatewayId{downlink.gateway_id()},
          base::DevEui{downlink.dev_eui()},
          base::DevAddr{downlink.dev_addr()},
          downlink.f_cnt_down(),
          error,
          std::move(detail)};
}

}  // namespace

v1::TxError tx_error_of(std::string_view word) noexcept {
  for (const auto& known : kWords) {
    if (known.text == word) return known.error;
  }
  return v1::TX_ERROR_OTHER;
}

struct DownlinkSender::Impl {
  using Key = std::pair<std::uint64_t, std::uint16_t>;  // gateway, token

  /// A PULL_RESP that is planned: its airtime is taken, its token waits for an answer.
  struct Planned {
    Path path;
    Key key;
    base::Bytes datagram;
    base::Timestamp not_after;
  };
  struct Waiting {
    TxOutcome outcome;
    GatewayTimeline::Reservation reservation;
    base::Timestamp deadline;
    bool sent;
  };

  SenderSettings settings;
  Identity identity;
  storage::Log& log;
  const GatewayPaths& paths;
  base::Counters& counters;
  Transmit transmit;

  mutable std::mutex mutex;
  std::unordered_map<base::GatewayId, GatewayTimeline> timelines;
  std::map<Key, Waiting> waiting;
  std::unordered_set<std::uint64_t> remembered;
  std::deque<std::uint64_t> remembered_order;

  Impl(SenderSettings s, Identity i, storage::Log& l, const GatewayPaths& p, base::Counters& c, Transmit t)
      : settings(s), identity(i), log(l), paths(p), counters(c), transmit(std::move(t)) {}

  GatewayTimeline* timeline_of(base::GatewayId gateway, base::Timestamp now) {
    if (const auto found = timelines.find(gateway); found != timelines.end()) return &found->second;
    if (timelines.size() >= settings.max_gateways) {
      for (auto it = timelines.begin(); it != timelines.end();)
        it = it->second.idle(now) ? timelines.erase(it) : std::next(it);
    }
    if (timelines.size() >= settings.max_gateways) {
      counters.count("ingest.downlink.timelines_full");
      return nullptr;
    }
    return &timelines[gateway];
  }

  /// False when the downlink was seen before.
  bool remember(std::uint64_t id) {
    if (!remembered.insert(id).second) return false;
    remembered_order.push_back(id);
    if (remembered_order.size() > settings.max_remembered) {
      remembered.erase(remembered_order.front());
      remembered_order.pop_front();
    }
    return true;
  }

  /// What forbids a downlink whatever its gateway is doing; TX_ERROR_NONE = nothing.
  std::pair<v1::TxError, std::string> check(const v1::GatewayDownlink& downlink, base::Timestamp now) const {
    if (downlink.incarnation() != identity.incarnation) return {v1::TX_ERROR_NO_PATH, "another incarnation"};
    if (now > base::from_us(downlink.not_after_us())) return {v1::TX_ERROR_TOO_LATE, "not_after"};
    if (downlink.phy_payload().empty() || downlink.phy_payload().size() > kMaxPhyPayload) {
      return {v1::TX_ERROR_OTHER, "payload of no or more than 255 bytes"};
    }
    if (!rate_of(downlink.data_rate())) return {v1::TX_ERROR_OTHER, "data rate"};
    if (downlink.when_case() == v1::GatewayDownlink::WHEN_NOT_SET ||
        (downlink.when_case() == v1::GatewayDownlink::kImmediately && !downlink.immediately())) {
      return {v1::TX_ERROR_OTHER, "neither a time nor immediately"};
    }
    if (waiting.size() >= settings.max_waiting) return {v1::TX_ERROR_OTHER, "too many downlinks wait for their answer"};
    return {v1::TX_ERROR_NONE, {}};
  }

  /// A downlink's token follows from what it is, not from what was sent before: so the answers of a recording fit when
  /// it is replayed, whatever else is on its way, and a late answer to another downlink hardly ever does.
  std::uint16_t free_token(base::GatewayId gateway, std::uint8_t version, const TxRequest& request) const {
    auto token = static_cast<std::uint16_t>(base::hash64(encode_pull_resp(version, 0, request), gateway.value));
    while (waiting.contains({gateway.value, token})) ++token;  // fewer than 65,536 wait, so one is free
    return token;
  }

  std::expected<Planned, TxOutcome> plan_one(const v1::GatewayDownlink& downlink, base::Timestamp now) {
    const auto refuse = [&](v1::TxError error, std::string detail) {
      return std::unexpected(outcome_of(downlink, error, std::move(detail)));
    };
    if (auto [error, detail] = check(downlink, now); error != v1::TX_ERROR_NONE)
      return refuse(error, std::move(detail));
    const base::GatewayId gateway{downlink.gateway_id()};
    const auto path = paths.find(gateway, now);
    if (!path) return refuse(v1::TX_ERROR_NO_PATH, "no PULL_DATA");
    auto* const timeline = timeline_of(gateway, now);
    if (timeline == nullptr) return refuse(v1::TX_ERROR_OTHER, "too many gateways");

    const auto rate = *rate_of(downlink.data_rate());
    Emission emission;
    if (downlink.when_case() == v1::GatewayDownlink::kTmst) emission.tmst = downlink.tmst();
    emission.airtime =
        lorawan::time_on_air(rate, downlink.phy_payload().size(), {.crc = rate.modulation == lorawan::Modulation::fsk});
    emission.sub_band = sub_band_of(settings.regions, downlink.frequency_hz(), rate.bandwidth_hz);
    const auto reservation = timeline->reserve(emission, now);
    if (!reservation) {
      switch (reservation.error()) {
        case Conflict::frequency:
          return refuse(v1::TX_ERROR_TX_FREQ, "in no sub-band");
        case Conflict::duty_cycle:
          return refuse(v1::TX_ERROR_DUTY_CYCLE, std::string(emission.sub_band->name));
        case Conflict::collision:
          return refuse(v1::TX_ERROR_COLLISION_PACKET, "timeline");
      }
    }
    TxRequest request{emission.tmst,
                      downlink.frequency_hz(),
                      downlink.power_dbm(),
                      {downlink.data_rate().spreading_factor(), downlink.data_rate().bandwidth_hz(), rate.bit_rate},
                      base::as_bytes(downlink.phy_payload())};
    const int allowed = std::min(kMaxPower, static_cast<int>(emission.sub_band->gateway_eirp_dbm));
    if (request.power_dbm > allowed) {
      request.power_dbm = allowed;
      counters.count("ingest.downlink.power_capped");
    }
    const auto token = free_token(gateway, path->version, request);
    waiting.emplace(Key{gateway.value, token},
                    Waiting{outcome_of(downlink, v1::TX_ERROR_NONE, {}), *reservation, {}, false});
    return Planned{*path,
                   {gateway.value, token},
                   encode_pull_resp(path->version, token, request),
                   base::from_us(downlink.not_after_us())};
  }

  std::vector<Planned> plan(std::span<const std::string_view> records, base::Timestamp now,
                            std::vector<TxOutcome>& outcomes) {
    std::vector<Planned> planned;
    v1::GatewayDownlink downlink;
    for (const auto& record : records) {
      if (!downlink.ParseFromArray(record.data(), static_cast<int>(record.size()))) {
        counters.count("ingest.downlink.bad_record");
      } else if (downlink.instance() != identity.instance) {
        counters.count("ingest.downlink.other_instance");
      } else if (!remember(downlink.downlink_id())) {
        counters.count("ingest.downlink.repeated");
      } else if (auto one = plan_one(downlink, now)) {
        planned.push_back(std::move(*one));
      } else {
        counters.count(fmt::format("ingest.downlink.refused.{}", v1::TxError_Name(one.error().error)));
        outcomes.push_back(std::move(one.error()));
      }
    }
    return planned;
  }

  /// Ends the wait of an answer with an error of ours; its airtime is free again.
  TxOutcome withdraw(const Key& key, v1::TxError error, std::string detail) {
    auto entry = waiting.extract(key);
    auto& outcome = entry.mapped().outcome;
    release(outcome.gateway, entry.mapped().reservation);
    outcome.error = error;
    outcome.detail = std::move(detail);
    counters.count(fmt::format("ingest.downlink.refused.{}", v1::TxError_Name(error)));
    return std::move(outcome);
  }

  void release(base::GatewayId gateway, GatewayTimeline::Reservation reservation) {
    if (const auto found = timelines.find(gateway); found != timelines.end()) found->second.release(reservation);
  }

  storage::Batch ledger_of(const std::vector<Planned>& planned) {
    storage::Batch batch;
    std::unordered_set<std::uint64_t> done;
    for (const auto& one : planned) {
      if (!done.insert(one.key.first).second) continue;
      const base::GatewayId gateway{one.key.first};
      batch.put(storage::Store::ingest, 0, ledger_key(gateway), timelines[gateway].ledger().encode());
    }
    return batch;
  }

  /// Without the lock: the network may be slow to take it, and answers may come at once.
  void send(const Planned& one, const base::Clock& clock, std::vector<TxOutcome>& outcomes) {
    const auto now = clock.now();
    if (now > one.not_after) {
      const std::lock_guard lock(mutex);
      outcomes.push_back(withdraw(one.key, v1::TX_ERROR_TOO_LATE, "not_after"));
      return;
    }
    {
      const std::lock_guard lock(mutex);
      auto& entry = waiting.at(one.key);
      entry.sent = true;
      entry.deadline = now + settings.answer_timeout;
    }
    const bool taken = transmit(one.path.address, one.datagram);
    const std::lock_guard lock(mutex);
    if (!taken) {
      if (waiting.contains(one.key)) outcomes.push_back(withdraw(one.key, v1::TX_ERROR_OTHER, "not sent"));
      return;
    }
    counters.count("ingest.downlink.sent");
    if (one.path.version == 1) {  // has no TX_ACK: counts as sent
      if (auto entry = waiting.extract(one.key)) outcomes.push_back(std::move(entry.mapped().outcome));
    }
  }
};

DownlinkSender::DownlinkSender(SenderSettings settings, Identity identity, storage::Log& log, const GatewayPaths& paths,
                               base::Counters& counters, Transmit transmit)
    : impl_(std::make_unique<Impl>(settings, identity, log, paths, counters, std::move(transmit))) {}
DownlinkSender::~DownlinkSender() = default;

base::Result<void> DownlinkSender::restore(base::Timestamp now) {
  const std::lock_guard lock(impl_->mutex);
  storage::Batch old;
  const auto scanned = impl_->log.state().scan(storage::Store::ingest, 0, kLedgerPrefix, kLedgerEnd,
                                               [&](std::string_view key, std::string_view value) {
                                                 AirtimeLedger ledger;
                                                 const auto gateway = gateway_of_key(key);
                                                 if (!gateway || !ledger.decode(value)) {
                                                   impl_->counters.count("ingest.downlink.bad_ledger");
                                                   return true;
                                                 }
                                                 ledger.forget_old(now);
                                                 if (ledger.empty()) {
                                                   old.erase(storage::Store::ingest, 0, key);
                                                 } else if (auto* const timeline = impl_->timeline_of(*gateway, now)) {
                                                   timeline->ledger() = ledger;
                                                 }
                                                 return true;
                                               });
  if (!scanned) return std::unexpected(scanned.error());
  if (old.empty()) return {};
  if (const auto put = impl_->log.put_state(old); !put) return std::unexpected(put.error());
  return {};
}

std::vector<TxOutcome> DownlinkSender::handle(std::span<const std::string_view> records, const base::Clock& clock) {
  std::vector<TxOutcome> outcomes;
  std::vector<Impl::Planned> planned;
  storage::Batch ledger;
  {
    const std::lock_guard lock(impl_->mutex);
    planned = impl_->plan(records, clock.now(), outcomes);
    ledger = impl_->ledger_of(planned);
  }
  if (planned.empty()) return outcomes;
  // Duty cycle must hold across a restart: what is sent is on record first.
  if (const auto put = impl_->log.put_state(ledger); !put) {
    impl_->counters.count("ingest.downlink.ledger_failed");
    const std::lock_guard lock(impl_->mutex);
    for (const auto& one : planned)
      outcomes.push_back(impl_->withdraw(one.key, v1::TX_ERROR_OTHER, "ledger: " + put.error().code));
    return outcomes;
  }
  for (const auto& one : planned) impl_->send(one, clock, outcomes);
  return outcomes;
}

std::optional<TxOutcome> DownlinkSender::acknowledged(base::GatewayId gateway, std::uint16_t token,
                                                      const TxAckBody& answer) {
  const std::lock_guard lock(impl_->mutex);
  const auto found = impl_->waiting.find({gateway.value, token});
  if (found == impl_->waiting.end() || !found->second.sent) {
    impl_->counters.count("ingest.tx_ack.unmatched");
    return std::nullopt;
  }
  auto outcome = std::move(found->second.outcome);
  outcome.error = tx_error_of(answer.error);
  outcome.detail = answer.error.empty() ? answer.warning : answer.error;
  if (const auto timeline = impl_->timelines.find(gateway);
      outcome.error != v1::TX_ERROR_NONE && timeline != impl_->timelines.end()) {
    timeline->second.refused(found->second.reservation);
  }
  impl_->waiting.erase(found);
  impl_->counters.count(fmt::format("ingest.tx_ack.{}", v1::TxError_Name(outcome.error)));
  return outcome;
}

std::vector<TxOutcome> DownlinkSender::expire(base::Timestamp now) {
  std::vector<TxOutcome> outcomes;
  const std::lock_guard lock(impl_->mutex);
  for (auto it = impl_->waiting.begin(); it != impl_->waiting.end();) {
    auto& entry = it->second;
    if (!entry.sent || now < entry.deadline) {
      ++it;
      continue;
    }
    // Perhaps it was sent all the same, so its airtime stays taken.
    entry.outcome.error = v1::TX_ERROR_NO_ANSWER;
    outcomes.push_back(std::move(entry.outcome));
    impl_->counters.count("ingest.downlink.no_answer");
    it = impl_->waiting.erase(it);
  }
  return outcomes;
}

std::optional<base::Timestamp> DownlinkSender::next_deadline() const {
  const std::lock_guard lock(impl_->mutex);
  std::optional<base::Timestamp> next;
  for (const auto& [key, entry] : impl_->waiting) {
    if (entry.sent && (!next || entry.deadline < *next)) next = entry.deadline;
  }
  return next;
}

void DownlinkSender::observe(base::GatewayId gateway, std::uint32_t tmst, base::Timestamp received) {
  const std::lock_guard lock(impl_->mutex);
  if (auto* const timeline = impl_->timeline_of(gateway, received)) timeline->observe(tmst, received);
}

std::size_t DownlinkSender::waiting() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->waiting.size();
}

}  // namespace lenne::ingest
