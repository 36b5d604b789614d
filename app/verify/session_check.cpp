#include "app/verify/session_check.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/verify/words.hpp"
#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "base/ids.hpp"
#include "base/slot.hpp"
#include "lenne/v1/control.pb.h"
#include "network/dev_nonces.hpp"
#include "network/gateway_airtime.hpp"
#include "network/gateway_table.hpp"
#include "network/row_check.hpp"
#include "network/use_case_table.hpp"

namespace lenne::app {
namespace {

/// A frame is sent again within seconds: so many frames back its bytes are remembered.
constexpr std::size_t kFrames = 16;

std::string device(std::uint64_t dev_eui) { return "device " + base::to_hex(base::DevEui{dev_eui}); }

}  // namespace

void SessionCheck::take(const storage::Record& record) {
  if (record.topic == storage::Topic::event) take_event(record);
  if (record.topic == storage::Topic::gateway_downlink) take_downlink(record);
  v1::Device keys;
  if (record.topic == storage::Topic::keys && parse(keys, record.value)) renewed_.insert(keys.dev_eui());
}

void SessionCheck::take_event(const storage::Record& record) {
  v1::DeviceEvent event;
  if (!parse(event, record.value)) return;
  stepped_.insert(event.input().partition());
  if (event.has_uplink()) take_uplink(record, event);
  if (event.has_join()) take_join(record, event);
}

/// The counter of a session only rises, so an uplink that was published twice is seen without remembering them all.
void SessionCheck::take_uplink(const storage::Record& record, const v1::DeviceEvent& event) {
  const auto& uplink = event.uplink();
  auto& session = sessions_[uplink.session()];
  if (session.f_cnt_up && uplink.f_cnt() <= *session.f_cnt_up) {
    faults_.add(where_of(record),
                fmt::format("{} uplink {} with counter {} comes after counter {} of its session",
                            device(event.dev_eui()), base::hex_of(uplink.id(), 16), uplink.f_cnt(), *session.f_cnt_up));
  }
  session.f_cnt_up = std::max(session.f_cnt_up.value_or(0), uplink.f_cnt());
  addresses_[{event.dev_eui(), uplink.dev_addr()}].sessions.insert(uplink.session());
}

void SessionCheck::take_join(const storage::Record& record, const v1::DeviceEvent& event) {
  const auto& join = event.join();
  auto& last = joins_[event.dev_eui()];
  if (join.join_nonce() <= last.join_nonce()) {
    faults_.add(where_of(record), fmt::format("{} JoinNonce {} comes after {}", device(event.dev_eui()),
                                              join.join_nonce(), last.join_nonce()));
  }
  last = join;
  renewed_.erase(event.dev_eui());
  addresses_[{event.dev_eui(), join.dev_addr()}].sessions.insert(join.session());
}

void SessionCheck::take_downlink(const storage::Record& record) {
  v1::GatewayDownlink downlink;
  if (!parse(downlink, record.value) || downlink.join_accept()) return;
  auto& address = addresses_[{downlink.dev_eui(), downlink.dev_addr()}];
  if (address.sessions.size() > 1) return;
  address.f_cnt_down = std::max(address.f_cnt_down.value_or(0), downlink.f_cnt_down());
  const auto hash = base::hash64(base::as_bytes(downlink.phy_payload()));
  const auto [known, added] = address.frames.try_emplace(downlink.f_cnt_down(), hash);
  if (!added && known->second != hash) {
    faults_.add(where_of(record), fmt::format("{} counter {} was used for another downlink before",
                                              device(downlink.dev_eui()), downlink.f_cnt_down()));
  }
  if (address.frames.size() > kFrames) address.frames.erase(address.frames.begin());
}

void SessionCheck::take_last_value(const storage::Record& record) {
  v1::ControlState state;
  if (record.topic == storage::Topic::control && parse(state, record.value) && state.object().has_device())
    declared_.insert(state.object().device().dev_eui());
}

void SessionCheck::take_row(storage::Store store, std::uint32_t partition, std::string_view key,
                            std::string_view value) {
  if (store == storage::Store::device) return take_device(partition, key, value);
  if (store != storage::Store::network) return;
  if (key.starts_with('j')) return take_memory(partition, key, value);
  if (key.starts_with(network::OriginMemory::kPrefix)) {  // after the row of its partition, in the order of keys
    if (origins_of_ != partition || !origins_.load_row(key, value))
      faults_.add(where_of(store, partition, key), "is damaged");
    return;
  }
  if (key.starts_with(network::AirtimeTable::kPrefix) || key.starts_with(network::GatewayTable::kPrefix) ||
      key.starts_with(network::UseCaseTable::kPrefix)) {
    if (!network::AirtimeTable().load_row(key, value) && !network::GatewayTable().load_row(key, value) &&
        !network::UseCaseTable().load_row(key, value))
      faults_.add(where_of(store, partition, key), "is damaged");
    return;
  }
  v1::NetworkPartition row;
  if (key != "p" || !parse(row, value) || !network::is_sound(row) || !origins_.load(row))
    return faults_.add(where_of(store, partition, key), "is damaged");
  origins_of_ = partition;
  stepped_.erase(partition);
}

void SessionCheck::take_device(std::uint32_t partition, std::string_view key, std::string_view value) {
  v1::NetworkDevice row;
  const auto place = where_of(storage::Store::device, partition, key);
  if (key.size() != 8 || !parse(row, value) || !network::is_sound(row) ||
      row.device().dev_eui() != base::read_be<std::uint64_t>(base::as_bytes(key)))
    return faults_.add(place, "is damaged");
  const auto dev_eui = row.device().dev_eui();
  const auto where = device(dev_eui);
  const auto home = base::partition_of(base::slot_of(base::DevEui{dev_eui}), partitions_);
  const bool abp = row.device().activation() == v1::ACTIVATION_ABP;
  const auto frames =
      abp ? base::partition_of(base::slot_of(base::DevAddr{row.device().dev_addr()}), partitions_) : home;
  if (partition != home && partition != frames) faults_.add(place, "is in a partition that is not the device's");
  if (partition == home && declared_.erase(dev_eui) == 0) faults_.add(where, "is kept, but nobody declared it");
  keys_.device(where, row.device(), true);
  if (row.has_active()) check_session(where, dev_eui, row.active());
  if (row.has_pending()) check_session(where + " (pending)", dev_eui, row.pending());
}

void SessionCheck::take_memory(std::uint32_t partition, std::string_view key, std::string_view value) {
  v1::NetworkJoinMemory row;
  if (key.size() != 9 || !parse(row, value) || !network::is_sound(row))
    return faults_.add(where_of(storage::Store::network, partition, key), "is damaged");
  const auto dev_eui = base::read_be<std::uint64_t>(base::as_bytes(key.substr(1)));
  for (const auto& session : row.retired()) check_session(device(dev_eui) + " (retired)", dev_eui, session);
  const auto found = joins_.find(dev_eui);
  if (found == joins_.end()) return;
  const auto& join = found->second;
  if (row.last_join_nonce() < join.join_nonce()) {
    faults_.add(device(dev_eui), fmt::format("JoinNonce {} was used, the last one kept is {}", join.join_nonce(),
                                             row.last_join_nonce()));
  }
  const auto nonce = static_cast<std::uint16_t>(join.dev_nonce());
  if (nonce >= row.next_dev_nonce() && !network::seen_dev_nonce(row.seen_dev_nonces(), nonce) &&
      !renewed_.contains(dev_eui))
    faults_.add(device(dev_eui), fmt::format("DevNonce {} was used, but is not kept", nonce));
  joins_.erase(found);
}

void SessionCheck::check_session(const std::string& where, std::uint64_t dev_eui, const v1::NetworkSession& session) {
  keys_.wrapped(where, session.wrapped_keys(), {4});
  const auto events = sessions_.find(session.id());
  if (events != sessions_.end() && events->second.f_cnt_up && session.next_f_cnt_up() <= *events->second.f_cnt_up) {
    faults_.add(where, fmt::format("uplink counter {} was accepted, the next one kept is {}", *events->second.f_cnt_up,
                                   session.next_f_cnt_up()));
  }
  const auto address = addresses_.find({dev_eui, session.dev_addr()});
  if (address == addresses_.end()) return;
  const auto& sent = address->second;
  // An address that had other sessions says nothing about this one.
  if (sent.sessions.size() != 1 || !sent.sessions.contains(session.id())) return;
  if (sent.f_cnt_down && session.next_f_cnt_down() <= *sent.f_cnt_down) {
    faults_.add(where, fmt::format("downlink counter {} was sent, the next one kept is {}", *sent.f_cnt_down,
                                   session.next_f_cnt_down()));
  }
}

void SessionCheck::finish() {
  for (const auto dev_eui : declared_) faults_.add(device(dev_eui), "is declared, but nothing is kept of it");
  for (const auto& [dev_eui, join] : joins_) faults_.add(device(dev_eui), "has joined, but its nonces are not kept");
  for (const auto partition : stepped_)
    faults_.add(fmt::format("store network partition {}", partition), "the partition's time is missing");
}

}  // namespace lenne::app
