#include "tally.hpp"

#include <fmt/format.h>

namespace lenne::sim {
namespace {

constexpr std::array<std::string_view, kHappeningCount> kNames{
    "uplink",
    "uplink_event",
    "join",
    "join_lost",
    "bad_mic",
    "replayed_frame",
    "nonce_replay",
    "radio_collision",
    "half_duplex_loss",
    "leakage",
    "retransmission",
    "late_copy",
    "datagram_lost",
    "datagram_doubled",
    "datagrams_reordered",
    "unknown_gateway",
    "gateway_restart",
    "gateway_moved",
    "counter_wrap",
    "f_cnt_wrap",
    "f_cnt_reset",
    "device_restart",
    "shared_address",
    "tx_sent",
    "tx_too_late",
    "tx_collision",
    "tx_other_error",
    "tx_no_answer",
    "timeline_refusal",
    "duty_cycle_refusal",
    "no_path",
    "rx1_delivery",
    "rx2_delivery",
    "rx2_fallback",
    "other_gateway",
    "class_c_delivery",
    "confirmed_up_acked",
    "confirmed_up_unacked",
    "confirmed_down_acked",
    "confirmed_down_unacked",
    "app_downlink",
    "app_downlink_refused",
    "link_check",
    "device_time",
    "device_status",
    "operator_write",
    "operator_refused",
    "operator_repeat",
    "device_removed",
    "crash_before",
    "crash_after",
    "crash_between",
    "crash_at_start",
    "link_adr",
    "rx_param",
    "aggregate",
};

}  // namespace

std::string_view name_of(Happening happening) noexcept { return kNames[static_cast<std::size_t>(happening)]; }

std::vector<std::string_view> Tally::missing() const {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kHappeningCount; ++i) {
    if (counts_[i] == 0) names.push_back(kNames[i]);
  }
  return names;
}

std::string Tally::to_text() const {
  std::string text;
  for (std::size_t i = 0; i < kHappeningCount; ++i) text += fmt::format("{:24} {:>10}\n", kNames[i], counts_[i]);
  return text;
}

}  // namespace lenne::sim
