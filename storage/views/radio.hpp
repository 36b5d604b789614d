#pragma once
// How well devices are heard and how gateways do, over about the last day. Kept in parts of six hours, so that a row
// stays small; sums of parts do not depend on the order of records.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "lenne/v1/event.pb.h"
#include "lenne/v1/gateway.pb.h"
#include "lenne/v1/view.pb.h"

namespace lenne::storage::views {

inline constexpr std::int64_t kRadioPartUs = 6LL * 3600 * 1'000'000;
/// The present part and those before it: the last 24 to 30 hours.
inline constexpr int kRadioParts = 5;
/// Frequencies of a gateway that are told apart: of two plans of eight.
inline constexpr int kChannels = 16;
/// A device that sent nothing for so many of its intervals is silent.
inline constexpr std::int64_t kSilentIntervals = 3;

/// The network server's own measures that are added up here (processing/network_measures.hpp names them).
inline constexpr std::string_view kLost = "uplinks_lost";
inline constexpr std::string_view kUplinkAirtime = "gateway_uplink_airtime";
inline constexpr std::string_view kDownlinkAirtime = "gateway_downlink_airtime";
inline constexpr std::string_view kDownlinks = "gateway_downlinks";
inline constexpr std::string_view kForeignAirtime = "gateway_foreign_airtime";
inline constexpr std::string_view kForeignFrames = "gateway_foreign_frames";

/// Gateways of a device that are told apart in one part of a day: more hear hardly any.
inline constexpr int kHeardBy = 16;
/// What a gateway sent is kept by five minutes, and by as many frequencies as a plan of ours has and some.
inline constexpr std::int64_t kSentStepUs = 300LL * 1'000'000;
inline constexpr int kSentEntries = 512;

/// An uplink arrived, and `lost` ones of its session had not. What is older than the kept parts is left out.
void note_uplink(v1::DeviceView& device, std::int64_t lost, std::int64_t received_us);
/// The copies of a transmission were collected. Late copies are not counted: they belong to one that was.
void note_reception(v1::DeviceView& device, const v1::Reception& reception, std::int64_t received_us);

/// It joined, or joined again.
void note_join(v1::DeviceView& device, std::int64_t received_us);

/// Something came from the gateway: its minute counts as one in which it was there.
void note_alive(v1::GatewayView& gateway, std::int64_t received_us);
/// It heard a device's transmission, in time or late.
void note_frame(v1::GatewayView& gateway, const v1::Reception& reception, std::int64_t received_us);
void note_report(v1::GatewayView& gateway, const v1::GatewayStatus& status);
/// What became of a frame that it was to send. False: what it sent has no place any more.
[[nodiscard]] bool note_downlink(v1::GatewayView& gateway, const v1::TxAck& ack, std::int64_t received_us);
/// One of the measures above, in whole units or, of airtime, µs.
void note_measure(v1::GatewayView& gateway, std::string_view measure, std::int64_t value, std::int64_t time_us);

/// Sums over the kept parts at `now_us`.
struct DeviceRadio {
  std::uint64_t uplinks = 0;
  std::uint64_t lost = 0;
  std::uint64_t receptions = 0;
  std::uint64_t copies = 0;
  std::uint64_t alone = 0;
  std::uint64_t margins = 0;
  std::int64_t margin_sum_tenths_db = 0;
  std::int32_t margin_least_tenths_db = 0;              ///< of nothing when there are no margins
  std::array<std::uint64_t, 6> spreading_factors = {};  ///< SF7 to SF12
  std::uint64_t airtime_us = 0;
  std::uint64_t joins = 0;
};
void add(DeviceRadio& sum, const DeviceRadio& more);
[[nodiscard]] DeviceRadio radio_of(const v1::DeviceView& device, std::int64_t now_us);

/// The gateways that heard a device in the kept parts, ascending. A set: it does not depend on the order of records.
struct HeardBy {
  std::vector<std::uint64_t> gateways = {};
  bool more = false;  ///< than are told apart
};
[[nodiscard]] HeardBy heard_by(const v1::DeviceView& device, std::int64_t now_us);

struct ChannelSum {
  std::uint64_t frames = 0;
  std::uint64_t airtime_us = 0;
};
struct GatewayRadio {
  std::int64_t minutes = 0;        ///< whole ones since it was first heard, of the kept parts
  std::int64_t minutes_alive = 0;  ///< of these: something came from it
  std::uint64_t frames = 0;
  std::uint64_t alone = 0;
  std::uint64_t uplink_airtime_us = 0;
  std::uint64_t downlink_airtime_us = 0;
  std::uint64_t downlinks = 0;
  std::uint64_t rx_received = 0;
  std::uint64_t rx_ok = 0;
  std::map<std::uint32_t, ChannelSum> channels = {};  ///< by frequency in Hz
  std::uint64_t foreign_frames = 0;
  std::uint64_t foreign_airtime_us = 0;
  std::uint64_t downlinks_refused = 0;
  std::uint64_t duty_cycle_refused = 0;
};
[[nodiscard]] GatewayRadio radio_of(const v1::GatewayView& gateway, std::int64_t now_us);

/// What it sent in [min_hz, max_hz) since now - 1 h, µs. Of five minutes that began before that all of it counts: never
/// less than the truth.
[[nodiscard]] std::uint64_t sent_within_hour(const v1::GatewayView& gateway, std::uint32_t min_hz, std::uint32_t max_hz,
                                             std::int64_t now_us) noexcept;

/// Where the kept parts begin.
[[nodiscard]] std::int64_t radio_since_us(std::int64_t now_us) noexcept;
/// Nothing for a device whose interval is unknown, or that was never heard.
[[nodiscard]] std::optional<bool> is_silent(const v1::DeviceView& device, std::int64_t now_us) noexcept;

}  // namespace lenne::storage::views
