#pragma once
// How often each interesting thing happened: a universe in which nothing interesting happens proves nothing.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lenne::sim {

/// Closed; each has a name in tally.cpp. All must happen in a run of the continuous integration.
enum class Happening : std::uint8_t {
  uplink,            ///< a frame that a device made
  uplink_event,      ///< told as an event
  join,              ///< a join-accept reached its device
  join_lost,         ///< a join-request without an answer
  bad_mic,           ///< refused: no session's keys fit
  replayed_frame,    ///< refused: a counter that was used
  nonce_replay,      ///< refused: a DevNonce that was used
  radio_collision,   ///< two frames on one channel and spreading factor, at least one lost
  half_duplex_loss,  ///< a gateway that sends does not hear
  leakage,           ///< one frame heard on two channels by one gateway
  retransmission,    ///< by the device
  late_copy,         ///< a copy that arrived after its window
  datagram_lost,
  datagram_doubled,
  datagrams_reordered,
  unknown_gateway,
  gateway_restart,
  gateway_moved,  ///< another address or port
  counter_wrap,   ///< a gateway's 32-bit counter began anew
  f_cnt_wrap,     ///< an uplink counter went past 65,535
  f_cnt_reset,    ///< an ABP device that began anew was welcomed
  device_restart,
  shared_address,    ///< an uplink of a device that shares its DevAddr
  tx_sent,           ///< a gateway sent a downlink
  tx_too_late,       ///< a gateway's TX_ACK said so
  tx_collision,      ///< a gateway's TX_ACK said so
  tx_other_error,    ///< another error in a TX_ACK
  tx_no_answer,      ///< no TX_ACK in time
  timeline_refusal,  ///< the server kept two emissions of one gateway apart
  duty_cycle_refusal,
  no_path,  ///< a downlink for another incarnation, or a gateway that does not pull
  rx1_delivery,
  rx2_delivery,
  rx2_fallback,   ///< a frame that RX1 could not carry came in RX2
  other_gateway,  ///< the same frame tried through a second gateway
  class_c_delivery,
  confirmed_up_acked,
  confirmed_up_unacked,
  confirmed_down_acked,
  confirmed_down_unacked,
  app_downlink,  ///< an application's downlink reached its device
  app_downlink_refused,
  link_check,
  device_time,
  device_status,
  operator_write,
  operator_refused,
  operator_repeat,  ///< a write whose outcome was not known is made again
  device_removed,
  crash_before,    ///< a write that was not made
  crash_after,     ///< a write that was made, and nobody was told
  crash_between,   ///< the process killed between two writes
  crash_at_start,  ///< a crash while starting
  link_adr,        ///< a device took a LinkADRReq
  rx_param,        ///< a device took an RXParamSetupReq
  aggregate,       ///< a window's result
};

inline constexpr std::size_t kHappeningCount = static_cast<std::size_t>(Happening::aggregate) + 1;

[[nodiscard]] std::string_view name_of(Happening happening) noexcept;

class Tally {
 public:
  void count(Happening happening, std::uint64_t by = 1) noexcept { counts_[static_cast<std::size_t>(happening)] += by; }
  [[nodiscard]] std::uint64_t of(Happening happening) const noexcept {
    return counts_[static_cast<std::size_t>(happening)];
  }
  void add(const Tally& other) noexcept {
    for (std::size_t i = 0; i < kHappeningCount; ++i) counts_[i] += other.counts_[i];
  }
  /// What never happened.
  [[nodiscard]] std::vector<std::string_view> missing() const;
  /// A table, one line each.
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const Tally&, const Tally&) = default;

 private:
  std::array<std::uint64_t, kHappeningCount> counts_{};
};

}  // namespace lenne::sim
