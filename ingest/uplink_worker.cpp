#include "ingest/uplink_worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <mutex>
#include <unordered_map>

#include "ingest/gateway_directory.hpp"
#include "ingest/routing.hpp"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/network_in.pb.h"

namespace lenne::ingest {
namespace {

/// How stale the list of gateways may be when something arrives.
constexpr base::Duration kDirectoryInterval = std::chrono::milliseconds{100};
/// How often an unknown gateway may ask for a fresh list: it may have been declared a moment ago.
constexpr base::Duration kUnknownInterval = std::chrono::milliseconds{5};
constexpr std::size_t kPoll = 1'024;

}  // namespace

struct UplinkWorker::Impl {
  WorkerSettings settings;
  Identity identity;
  storage::Log& log;
  GatewayPaths& paths;
  DownlinkSender& downlinks;
  base::Counters& counters;

  std::string path_text;
  UplinkDecoder decoder;
  PushData push;
  GatewayDirectory directory;
  RateLimiter per_gateway;
  RateLimiter per_address;
  std::array<base::Counters::Cell*, kRefusals> refused{};
  base::Counters::Cell& datagrams;
  base::Counters::Cell& bytes;
  base::Counters::Cell& frames;
  base::Counters::Cell& acknowledged;

  // one group
  storage::Batch batch;
  std::string value;
  v1::NetworkIn record;
  std::vector<Reply> replies;
  std::vector<base::GatewayId> recorded_paths;
  struct Heard {
    std::uint32_t tmst;
    base::Timestamp received;
  };
  std::unordered_map<base::GatewayId, Heard> heard;
  std::vector<TxOutcome> outcomes;  // in this group
  base::Timestamp now;
  base::Duration monotonic{};

  std::uint64_t sequence = 0;
  std::uint64_t shared_seen = 0;
  base::Timestamp next_tick{};
  bool ticks = false;  // are in the group
  std::optional<base::Error> append_failure;
  std::optional<base::Duration> refreshed;

  std::mutex report_mutex;
  std::deque<TxOutcome> reported;

  Impl(WorkerSettings s, Identity i, storage::Log& l, GatewayPaths& p, DownlinkSender& d, base::Counters& c)
      : settings(s),
        identity(i),
        log(l),
        paths(p),
        downlinks(d),
        counters(c),
        path_text(to_text(i)),
        directory(l, c, s.max_gateways),
        per_gateway(s.per_gateway, s.max_gateways),
        per_address(s.per_address, s.max_addresses),
        datagrams(c.cell("ingest.datagrams")),
        bytes(c.cell("ingest.bytes")),
        frames(c.cell("ingest.frames")),
        acknowledged(c.cell("ingest.acknowledged")) {
    for (std::size_t n = 0; n < kRefusals; ++n) {
      refused[n] = &c.cell(fmt::format("ingest.refused.{}", name_of(static_cast<Refusal>(n))));
    }
  }

  static void add(base::Counters::Cell& cell, std::uint64_t by = 1) { cell.fetch_add(by, std::memory_order_relaxed); }
  void refuse(Refusal reason) { add(*refused[static_cast<std::size_t>(reason)]); }

  void refresh_directory() {
    refreshed = monotonic;
    const auto removed = directory.refresh();
    if (!removed) {
      counters.count("ingest.gateways.read_failed");
      return;
    }
    for (const auto gateway : *removed) paths.forget(gateway);
  }

  bool known(base::GatewayId gateway) {
    if (settings.accept_unknown || directory.contains(gateway)) return true;
    if (refreshed && monotonic - *refreshed < kUnknownInterval) return false;
    refresh_directory();
    return directory.contains(gateway);
  }

  void append_record(std::uint8_t slot, base::Timestamp received) {
    record.set_received_us(base::to_us(received));
    auto& origin = *record.mutable_origin();
    origin.set_instance(identity.instance);
    origin.set_incarnation(identity.incarnation);
    origin.set_sequence(++sequence);
    value.clear();
    record.AppendToString(&value);
    const char key = static_cast<char>(slot);
    batch.append(storage::Topic::network_in, base::partition_of(slot, log.network_partitions()), {}, {&key, 1}, value);
  }

  void append_frame(base::GatewayId gateway, const RxFrame& rx, base::Timestamp received) {
    auto& frame = *record.mutable_frame();
    frame.Clear();
    frame.set_gateway_id(gateway.value);
    frame.set_phy_payload(rx.payload.data(), rx.size);
    frame.set_frequency_hz(rx.frequency_hz);
    auto& rate = *frame.mutable_data_rate();
    rate.set_spreading_factor(rx.rate.spreading_factor);
    rate.set_bandwidth_hz(rx.rate.bandwidth_hz);
    rate.set_bit_rate(rx.rate.bit_rate);
    if (rx.coding_rate != 0) {
      const std::array<char, 3> text{'4', '/', static_cast<char>('0' + rx.coding_rate)};
      frame.set_coding_rate(text.data(), text.size());
    }
    frame.set_rssi_dbm(rx.rssi_dbm);
    frame.set_snr_tenths_db(rx.snr_tenths_db);
    frame.set_tmst(rx.tmst);
    if (rx.gps_time_us) frame.set_gps_time_us(*rx.gps_time_us);
    if (rx.gateway_time) frame.set_gateway_time_us(base::to_us(*rx.gateway_time));
    frame.set_channel(rx.channel);
    frame.set_rf_chain(rx.rf_chain);
    frame.set_antenna(rx.antenna);
    frame.set_path(path_text);
    append_record(slot_of_frame(rx.phy_payload()), received);
    add(frames);
  }

  void append_status(base::GatewayId gateway, const GatewayStat& stat, base::Timestamp received) {
    v1::GatewayStatus status;
    status.set_gateway_id(gateway.value);
    status.set_received_us(base::to_us(received));
    status.set_rx_received(stat.rx_received);
    status.set_rx_ok(stat.rx_ok);
    status.set_rx_forwarded(stat.rx_forwarded);
    status.set_tx_requested(stat.tx_requested);
    status.set_tx_emitted(stat.tx_emitted);
    if (stat.ack_rate_permille) status.set_ack_rate_permille(*stat.ack_rate_permille);
    if (stat.latitude) status.set_latitude(*stat.latitude);
    if (stat.longitude) status.set_longitude(*stat.longitude);
    if (stat.altitude_m) status.set_altitude_m(*stat.altitude_m);
    batch.append(storage::Topic::gateway_status, 0, {}, base::to_hex(gateway), status.SerializeAsString());
    counters.count("ingest.stats");
  }

  void append_outcome(const TxOutcome& outcome) {
    auto& result = *record.mutable_tx_result();
    result.Clear();
    result.set_downlink_id(outcome.downlink_id);
    result.set_gateway_id(outcome.gateway.value);
    result.set_dev_eui(outcome.dev_eui.value);
    result.set_dev_addr(outcome.dev_addr.value);
    result.set_f_cnt_down(outcome.f_cnt_down);
    result.set_error(outcome.error);
    result.set_detail(outcome.detail);
    // When the answer arrived, and not when its group was taken: what a gateway sent belongs to the hour of its TX_ACK.
    append_record(slot_of_device(outcome.dev_addr.value, outcome.dev_eui.value), outcome.answered.value_or(now));
  }

  void append_ticks() {
    const auto partitions = log.network_partitions();
    for (std::uint32_t partition = 0; partition < partitions; ++partition) {
      record.mutable_tick();
      append_record(static_cast<std::uint8_t>(partition), now);  // the slot of the same number is in that partition
    }
  }

  void acknowledge(const Header& header, const SocketAddress& to) {
    replies.push_back({to, encode_acknowledgement(header)});
  }

  void handle_push_data(const Header& header, const Datagram& datagram) {
    if (const auto decoded = decoder.decode_push_data(header.json, push); !decoded) {
      refuse(decoded.error());
      return;
    }
    for (const auto reason : push.refused) refuse(reason);
    for (const auto& frame : push.frames) append_frame(header.gateway, frame, datagram.received);
    if (!push.frames.empty()) heard[header.gateway] = {push.frames.back().tmst, datagram.received};
    if (push.stat) append_status(header.gateway, *push.stat, datagram.received);
    acknowledge(header, datagram.source);
  }

  void handle_pull_data(const Header& header, const Datagram& datagram) {
    counters.count("ingest.pull_data");
    const auto change = paths.heard(header.gateway, datagram.source, header.version, datagram.received);
    if (change == GatewayPaths::Change::refused) {
      counters.count("ingest.paths.overflow");
      return;
    }
    if (change == GatewayPaths::Change::moved) counters.count("ingest.paths.moved");
    if (change != GatewayPaths::Change::none) {
      v1::GatewayPath path;
      path.set_gateway_id(header.gateway.value);
      path.set_instance(identity.instance);
      path.set_incarnation(identity.incarnation);
      path.set_address(to_text(datagram.source));
      path.set_protocol_version(header.version);
      path.set_seen_us(base::to_us(datagram.received));
      batch.append(storage::Topic::gateway_path, 0, {}, base::to_hex(header.gateway), path.SerializeAsString());
      recorded_paths.push_back(header.gateway);
    }
    acknowledge(header, datagram.source);
  }

  void handle_tx_ack(const Header& header, const Datagram& datagram) {
    const auto body = decoder.decode_tx_ack(header.json);
    if (!body) {
      refuse(body.error());
      return;
    }
    auto outcome = downlinks.acknowledged(header.gateway, header.token, *body);
    if (!outcome) return;
    outcome->answered = datagram.received;
    outcomes.push_back(std::move(*outcome));
  }

  void handle_datagram(const Datagram& datagram) {
    add(datagrams);
    add(bytes, datagram.bytes.size());
    if (!per_address.allow(limit_key_of(datagram.source), monotonic)) return refuse(Refusal::address_rate);
    const auto header = parse_header(datagram.bytes);
    if (!header) return refuse(header.error());
    if (!known(header->gateway)) return refuse(Refusal::unknown_gateway);
    if (!per_gateway.allow(header->gateway.value, monotonic)) return refuse(Refusal::gateway_rate);
    switch (header->type) {
      case PacketType::push_data:
        return handle_push_data(*header, datagram);
      case PacketType::pull_data:
        return handle_pull_data(*header, datagram);
      default:
        return handle_tx_ack(*header, datagram);
    }
  }

  void take_reported() {
    const std::lock_guard lock(report_mutex);
    std::move(reported.begin(), reported.end(), std::back_inserter(outcomes));
    reported.clear();
  }

  void queue(std::vector<TxOutcome> more) {
    const std::lock_guard lock(report_mutex);
    for (auto& outcome : more) {
      if (reported.size() < settings.max_outcomes) {
        reported.push_back(std::move(outcome));
      } else {
        counters.count("ingest.outcomes.dropped");
      }
    }
  }

  void failed(const base::Error& error) {
    counters.count("ingest.append.failed");
    counters.count(fmt::format("ingest.append.failed.{}", error.code));
    counters.count("ingest.withheld", replies.size());
    replies.clear();
    for (const auto gateway : recorded_paths) paths.not_recorded(gateway);
    queue(std::move(outcomes));
    append_failure = error;
  }

  [[nodiscard]] bool waiting() const { return append_failure && append_failure->code == "log_unavailable"; }

  /// Returns the replies that may be sent.
  std::span<const Reply> commit() {
    append_failure.reset();
    if (!batch.empty()) append();
    if (waiting()) return {};
    add(acknowledged, replies.size());
    return replies;
  }

  void append() {
    if (const auto committed = log.append(batch); !committed) {
      if (committed.error().code != "log_unavailable") return failed(committed.error());
      counters.count("ingest.append.waiting");
      append_failure = committed.error();
      return;
    }
    counters.count("ingest.groups");
    // A failed tick is tried again with the next group.
    if (ticks) next_tick = now + settings.tick;
  }
};

UplinkWorker::UplinkWorker(WorkerSettings settings, Identity identity, storage::Log& log, GatewayPaths& paths,
                           DownlinkSender& downlinks, base::Counters& counters)
    : impl_(std::make_unique<Impl>(settings, identity, log, paths, downlinks, counters)) {}
UplinkWorker::~UplinkWorker() = default;

base::Result<void> UplinkWorker::load(base::Timestamp now) {
  if (const auto loaded = impl_->directory.load(); !loaded) return std::unexpected(loaded.error());
  const auto reader = impl_->log.reader({storage::Topic::gateway_path});
  if (!reader) return std::unexpected(reader.error());
  if (const auto sought = (*reader)->seek({storage::SeekTo::Where::beginning}); !sought)
    return std::unexpected(sought.error());
  for (;;) {
    const auto polled = (*reader)->poll_to_end(kPoll);
    if (!polled) return std::unexpected(polled.error());
    if (polled->records.empty()) return {};
    for (const auto& record : polled->records) {
      v1::GatewayPath path;
      if (record.tombstone || !path.ParseFromArray(record.value.data(), static_cast<int>(record.value.size())))
        continue;
      const auto address = parse_socket_address(path.address());
      const auto seen = base::from_us(path.seen_us());
      if (!address || path.instance() != impl_->identity.instance || now - seen > kPathLifetime) continue;
      impl_->paths.restore(base::GatewayId{path.gateway_id()},
                           {*address, static_cast<std::uint8_t>(path.protocol_version() == 1 ? 1 : 2), seen});
    }
  }
}

std::span<const Reply> UplinkWorker::handle(std::span<const Datagram> datagrams, base::Timestamp now,
                                            base::Duration monotonic) {
  auto& self = *impl_;
  self.now = now;
  self.monotonic = monotonic;
  self.batch.clear();
  self.replies.clear();
  self.recorded_paths.clear();
  self.heard.clear();
  self.outcomes.clear();
  self.ticks = now >= self.next_tick || self.next_tick - now > self.settings.tick;
  if (self.ticks || (!datagrams.empty() && (!self.refreshed || monotonic - *self.refreshed >= kDirectoryInterval))) {
    self.refresh_directory();
  }
  for (const auto& datagram : datagrams) self.handle_datagram(datagram);
  for (const auto& [gateway, heard] : self.heard) self.downlinks.observe(gateway, heard.tmst, heard.received);
  self.take_reported();
  for (const auto& outcome : self.outcomes) self.append_outcome(outcome);
  if (self.ticks) self.append_ticks();
  if (const auto shared = self.per_address.shared() + self.per_gateway.shared(); shared != self.shared_seen) {
    self.counters.count("ingest.limits.shared", shared - self.shared_seen);
    self.shared_seen = shared;
  }
  return self.commit();
}

bool UplinkWorker::waiting() const { return impl_->waiting(); }

std::span<const Reply> UplinkWorker::retry() { return impl_->commit(); }

void UplinkWorker::report(std::vector<TxOutcome> outcomes) { impl_->queue(std::move(outcomes)); }

const std::optional<base::Error>& UplinkWorker::append_failure() const { return impl_->append_failure; }

base::Timestamp UplinkWorker::next_tick() const { return impl_->next_tick; }

}  // namespace lenne::ingest
