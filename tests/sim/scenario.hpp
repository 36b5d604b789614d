#pragma once
// What a seed decides before anything happens: who is there, where, and how badly everything goes.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crypto/key128.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "broken_log.hpp"
#include "lenne/v1/control.pb.h"
#include "network/lorawan/types.hpp"

namespace lenne::sim {

/// Kilometres on a plane.
struct Place {
  double x = 0;
  double y = 0;
};

struct AbpPlan {
  base::DevAddr address;
  network::lorawan::SessionKeys keys;
  std::uint32_t first_f_cnt = 0;  ///< declared, and where the device stands
  bool resets = false;            ///< begins at 0 after a power cut, and is declared so
  bool shares_address = false;
};

struct DevicePlan {
  base::DevEui eui;
  base::JoinEui join_eui;
  std::string name;
  std::string tenant;
  std::string mac_version;
  bool class_c = false;
  base::crypto::Key128 app_key{};
  std::optional<AbpPlan> abp;
  bool decoded = false;  ///< has a schema, so its payloads are measurements
  Place place;
  int extra_spreading = 0;         ///< spreading factors above the smallest that would do
  base::Duration interval{};       ///< mean pause between uplinks
  double confirmed = 0;            ///< share of uplinks
  int transmissions = 1;           ///< NbTrans of unconfirmed uplinks
  base::Duration restart_every{};  ///< mean; 0 = never
  double replays_nonce = 0;        ///< share of joins with a DevNonce that was used
  bool adr = false;                ///< lets the network command its data rate
  bool declared = true;            ///< operators know it
};

struct LinkPlan {
  base::Duration least{};  ///< one way
  base::Duration most{};
  double lost = 0;
  double doubled = 0;
  double delayed = 0;  ///< share of datagrams that take up to `delay` more
  base::Duration delay{};
};

struct GatewayPlan {
  base::GatewayId id;
  std::string tenant;
  Place place;
  std::uint8_t version = 2;  ///< of the protocol
  bool gps = false;
  double drift_ppm = 0;
  std::uint32_t first_tmst = 0;
  base::Duration restart_every{};  ///< mean; 0 = never
  base::Duration moves_every{};    ///< mean; 0 = never: its address changes
  base::Duration declared_after{};
  double beacon = 0;       ///< share of downlinks refused for a beacon
  double unlocked = 0;     ///< share of downlinks refused for want of GPS
  bool low_power = false;  ///< refuses what is above 16 dBm
  LinkPlan link;
};

/// How the server's process ends.
struct CrashPlan {
  double mean_writes = 0;  ///< until one fails; 0 = none does
  double between = 0;      ///< share of endings that hit no write
  base::Duration longest_pause{};
  /// Exactly one ending, at this write (1 = the first of all), instead of random ones.
  std::optional<std::uint64_t> only_at;
  bool only_after = false;  ///< that write is made all the same
};

struct Scenario {
  std::uint64_t seed = 0;
  base::Timestamp start{};
  base::Duration length{};
  std::uint32_t partitions = 4;
  base::Duration deduplication{};
  std::uint32_t rx1_delay_s = 1;  ///< what the network tells its devices
  std::uint8_t rx1_dr_offset = 0;
  std::uint8_t rx2_data_rate = 0;
  base::Duration status_interval{};
  std::vector<std::string> tenants;
  std::vector<DevicePlan> devices;
  std::vector<GatewayPlan> gateways;
  CrashPlan crashes;
  CommitFault commit_fault = CommitFault::none;  ///< a server that is broken on purpose
  base::Duration forged_every{};                 ///< mean: frames that nobody of ours sent
  base::Duration operator_every{};               ///< mean: writes after the first ones
  base::Duration downlinks_every{};              ///< mean: of applications
};

[[nodiscard]] Scenario scenario_of(std::uint64_t seed);

/// A small world without random crashes, for dying at each write once.
[[nodiscard]] Scenario small_scenario(std::uint64_t seed);

}  // namespace lenne::sim
