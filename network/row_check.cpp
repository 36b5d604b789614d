#include "network/row_check.hpp"

#include <algorithm>
#include <cstdint>

#include "base/fixed_point.hpp"
#include "network/adr.hpp"
#include "network/control.hpp"
#include "network/dev_nonces.hpp"
#include "network/frame_counter.hpp"
#include "network/gateway_airtime.hpp"
#include "network/lorawan/types.hpp"
#include "network/quality.hpp"
#include "network/windows.hpp"

namespace lenne::network {
namespace {

// Beyond it (the year 38,505) sums of times could not be held.
constexpr std::int64_t kLatestUs = std::int64_t{1} << 60;
constexpr std::uint32_t kMostDelayS = 255;
constexpr std::uint32_t kMostDataRate = 15;

[[nodiscard]] bool is_time(std::int64_t us) { return us >= 0 && us <= kLatestUs; }

[[nodiscard]] bool is_sound(const v1::NetworkSession& session) {
  return session.next_f_cnt_up() <= kFCntEnd && session.next_f_cnt_down() <= kFCntEnd &&
         session.rx1_delay_s() <= kMostDelayS && session.rx1_dr_offset() <= kMostDataRate &&
         session.rx2_data_rate() <= kMostDataRate;
}

[[nodiscard]] bool is_level(std::int32_t snr_tenths_db) {
  return snr_tenths_db >= -kMostSnrTenthsDb && snr_tenths_db <= kMostSnrTenthsDb;
}

[[nodiscard]] bool is_sound(const v1::NetworkCopy& copy) {
  const auto& hearing = copy.hearing();
  return is_time(hearing.received_us()) && is_level(hearing.snr_tenths_db()) && hearing.rssi_dbm() >= -kMostRssiDbm &&
         hearing.rssi_dbm() <= kMostRssiDbm;
}

[[nodiscard]] bool is_sound(const v1::NetworkTransmission& transmission) {
  return !transmission.copies().empty() && is_time(transmission.due_us()) &&
         std::ranges::all_of(transmission.copies(), [](const auto& copy) { return is_sound(copy); });
}

[[nodiscard]] bool is_sound(const v1::NetworkDownlink& downlink) {
  return downlink.way() < static_cast<std::uint32_t>(downlink.ways_size()) && is_time(downlink.expires_us()) &&
         std::ranges::all_of(downlink.ways(), [](const auto& way) { return is_time(way.not_after_us()); });
}

[[nodiscard]] bool is_sound(const v1::NetworkMac& mac) {
  return mac.snr_tenths_db_size() == mac.f_cnt_steps_size() &&
         static_cast<std::size_t>(mac.snr_tenths_db_size()) <= kAdrHistory && is_time(mac.status_due_us()) &&
         std::ranges::all_of(mac.snr_tenths_db(), is_level);
}

[[nodiscard]] bool is_sound(const v1::NetworkQuality& known) {
  return !known.measure().empty() && base::is_exponent(known.exponent()) && is_time(known.good_us()) &&
         is_time(known.last_us());
}

}  // namespace

bool is_sound(const v1::NetworkDevice& row) {
  const auto sound = [](const auto& part) { return is_sound(part); };
  return (!row.has_active() || is_sound(row.active())) && (!row.has_pending() || is_sound(row.pending())) &&
         row.quality_size() <= kQualityMeasures && std::ranges::all_of(row.quality(), sound) &&
         std::ranges::all_of(row.transmissions(), sound) && std::ranges::all_of(row.downlinks(), sound) &&
         is_sound(row.mac()) && is_time(row.carried().ack_due_us()) && is_time(row.wake_us()) &&
         is_time(row.busy_until_us());
}

bool is_sound(const v1::NetworkJoinMemory& row) {
  return row.last_join_nonce() <= lorawan::kMaxJoinNonce && row.next_dev_nonce() <= 0x10000 &&
         is_dev_nonce_set(row.seen_dev_nonces()) &&
         std::ranges::all_of(row.retired(), [](const auto& session) { return is_sound(session); });
}

bool is_sound(const v1::NetworkPartition& row) { return is_time(row.now_us()); }

bool is_sound(const v1::GatewayAirtime& row) {
  // Each frame lasts at least a microsecond.
  const auto is_sum = [](const v1::AirtimeSum& sum) {
    return sum.frames() <= sum.airtime_us() && sum.airtime_us() <= static_cast<std::uint64_t>(base::kMaxSteps);
  };
  return is_time(row.start_us()) && row.start_us() % AirtimeTable::kBucketUs == 0 && is_sum(row.heard()) &&
         is_sum(row.sent()) && is_sum(row.foreign()) &&
         row.heard().frames() + row.sent().frames() + row.foreign().frames() > 0;
}

bool is_sound(const v1::Gateway& row) { return row.gateway_id() != 0 && !row.tenant().empty(); }

bool is_sound(const v1::UseCase& row) { return check_use_case(row).has_value(); }

}  // namespace lenne::network
