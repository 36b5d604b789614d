#pragma once
// Adaptive data rate: which data rate, power and number of transmissions fit a device's link. Pure.

#include <cstdint>
#include <span>

#include "network/lorawan/region.hpp"

namespace lenne::network {

/// Uplinks that are looked at: fewer say too little about a link that fades.
inline constexpr std::size_t kAdrHistory = 20;

/// A device's radio parameters.
struct RadioPlan {
  std::uint32_t data_rate = 0;
  std::uint32_t tx_power = 0;  ///< index: 0 is the strongest, each step 2 dB less
  std::uint32_t nb_trans = 1;  ///< 1..15

  friend bool operator==(const RadioPlan&, const RadioPlan&) = default;
};

/// The power indices that a device may be told to use.
struct PowerRange {
  std::uint32_t strongest = 0;
  std::uint32_t weakest = 0;
};

/// What its last uplinks tell.
struct LinkHistory {
  std::span<const std::int32_t> snr_tenths_db;  ///< of the best gateway, one an uplink
  std::span<const std::uint32_t> f_cnt_steps;   ///< how far FCnt is above the one before; 1 = nothing was lost
};

/// SNR that a spreading factor needs, tenths of dB: -7.5 dB at SF7 and 2.5 dB less per step (SX1276, table 13). Zero
/// for other modulations.
[[nodiscard]] std::int32_t required_snr_tenths(std::uint32_t spreading_factor) noexcept;

/// The plan that leaves `margin_db` over what the best of the uplinks had to spare: a faster data rate first, then less
/// power; more power when there is less to spare. Data rates are never made slower: a device that is not heard does
/// that itself (TS001-1.0.4, 4.3.1.1). Repetitions follow the loss. `now` itself while there are fewer than kAdrHistory
/// uplinks, or for a data rate that is not LoRa.
[[nodiscard]] RadioPlan adapt(const lorawan::Region& region, const RadioPlan& now, const PowerRange& powers,
                              const LinkHistory& history, std::int32_t margin_db);

}  // namespace lenne::network
