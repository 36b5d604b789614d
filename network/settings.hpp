#pragma once
// What the network step must be told. Plain values; nothing is read from the environment.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace lenne::network {

/// Settings of one network. All processes of a network must use the same ones: results depend on them.
struct NetworkSettings {
  base::NetId net_id{0};                                          ///< 24 bits; must leave at least 8 bits for addresses
  std::vector<std::string> regions{"EU868"};                      ///< regions that devices may have
  base::Duration deduplication = std::chrono::milliseconds{200};  ///< how long copies of a transmission are collected
  std::uint32_t partitions = 16;  ///< of network-in: fixed when the network is created; 1..256
  bool foreign_addresses = true;  ///< accept ABP devices whose DevAddr is outside of net_id (moved from elsewhere)

  // What join-accepts tell devices.
  std::uint8_t rx1_delay_s = 1;    ///< 1..15
  std::uint8_t rx1_dr_offset = 0;  ///< checked against the region
  std::uint8_t rx2_data_rate = 0;  ///< index of the region
  /// Channels beside the region's default ones, for the CFList: at most five, in Hz.
  std::vector<std::uint32_t> extra_channels_hz{867'100'000, 867'300'000, 867'500'000, 867'700'000, 867'900'000};

  std::int32_t most_eirp_dbm = 27;  ///< of gateways: common forwarders refuse more than their table holds

  // Adaptive data rate, and what is asked of devices.
  bool adr = true;                   ///< command the data rate and power of devices that allow it
  std::int32_t adr_margin_db = 10;   ///< that a link keeps over the demodulation floor
  base::Duration status_interval{};  ///< between two DevStatusReq of a device; 0 = never asked

  // Class C.
  base::Duration class_c_ack_timeout = std::chrono::seconds{8};  ///< CLASS_C_RESP_TIMEOUT (RP002-1.0.4, 3.1)

  // Time.
  base::Duration most_ahead = std::chrono::seconds{2};          ///< of a record's time before the log's own append time
  base::Duration newest_credible = std::chrono::seconds{60};    ///< of a gateway's GPS time after the receive time
  base::Duration oldest_credible = std::chrono::hours{24 * 7};  ///< of a gateway's GPS time before the receive time

  // Bounds. What goes beyond one is counted under network.refused or network.dropped.
  std::size_t devices_per_partition = 200'000;  ///< removed devices that had joined are counted too
  std::size_t sessions_per_address = 16;        ///< devices on one DevAddr
  std::size_t mics_per_frame = 32;              ///< CMACs that one frame may cost
  std::size_t copies_per_transmission = 64;     ///< gateways that are kept of one transmission
  std::uint32_t repetitions = 15;               ///< of one frame by its device (NbTrans goes to 15)
  std::uint32_t logs_per_hour = 20;             ///< log events of one device
  std::size_t queue_per_device = 32;            ///< downlinks of applications that wait
  std::uint32_t attempts_per_downlink = 8;      ///< frames that no gateway would send before it is given up
  std::size_t airtime_sums = 8'192;             ///< of gateways and five minutes that a partition has open
  std::size_t gateways = 65'536;                ///< declared
  std::size_t use_cases = 512;                  ///< declared; every partition keeps them all
  std::uint32_t reset_limit = 100;              ///< f_cnt_reset: the largest FCnt that starts the counters anew
};

/// What is wrong with settings. Errors: net_id, partitions, region, deduplication, rx1_delay, rx1_dr_offset,
/// rx2_data_rate, extra_channels, bounds.
[[nodiscard]] base::Result<void> check(const NetworkSettings& settings);

}  // namespace lenne::network
