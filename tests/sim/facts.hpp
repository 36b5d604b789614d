#pragma once
// What truly happened, written down by those who did it: what checkers compare the server's log with.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "network/lorawan/types.hpp"

namespace lenne::sim {

/// An uplink that a device made; the transmissions of it are one.
struct SentUplink {
  std::size_t device = 0;
  base::DevAddr dev_addr;
  std::uint32_t f_cnt = 0;
  std::optional<std::uint8_t> f_port;
  base::Bytes payload;  ///< clear
  bool confirmed = false;
  base::Bytes phy;
  base::Timestamp first_end{};  ///< of its first transmission
  std::uint32_t life = 0;       ///< how often the device's counters began anew before
  bool acknowledged = false;    ///< the device got an ACK for it
};

struct SentJoin {
  std::size_t device = 0;
  std::uint16_t dev_nonce = 0;
  base::Bytes phy;
  base::Timestamp end{};
};

/// A frame that a gateway forwarded.
struct Forwarded {
  std::size_t gateway = 0;
  std::uint32_t tmst = 0;
  std::uint32_t frequency_hz = 0;
  base::Bytes phy;
  base::Timestamp heard{};
  bool acknowledged = false;  ///< a PUSH_ACK for it reached the gateway
};

/// A PULL_RESP as it left the server.
struct PullResponse {
  base::Timestamp at{};
  std::size_t gateway = 0;
  std::uint32_t incarnation = 0;  ///< of the server
  std::uint32_t boot = 0;         ///< of the gateway, when it left
  base::Timestamp booted{};       ///< when that one began
  std::optional<std::uint32_t> tmst;
  std::uint32_t frequency_hz = 0;
  int spreading_factor = 0;
  base::Bytes phy;
  std::optional<base::Timestamp> refused_at;  ///< by the gateway
};

/// What a gateway put on the air.
struct GatewayEmission {
  std::size_t gateway = 0;
  base::Timestamp start{};
  base::Timestamp end{};
  std::uint32_t frequency_hz = 0;
  int spreading_factor = 0;
  base::Bytes phy;
};

/// A data downlink that a device accepted.
struct Delivered {
  std::size_t device = 0;
  base::Timestamp at{};
  base::DevAddr dev_addr;
  std::uint32_t f_cnt = 0;
  bool ack = false;
  bool confirmed = false;
  std::optional<std::uint8_t> f_port;
  base::Bytes payload;
  std::uint32_t life = 0;
};

/// A downlink that an application asked for.
struct AskedDownlink {
  std::uint64_t request_id = 0;
  std::size_t device = 0;
  std::uint8_t f_port = 1;
  base::Bytes payload;
  bool confirmed = false;
  bool own_tenant = true;
};

struct Facts {
  std::vector<SentUplink> uplinks;
  std::vector<SentJoin> joins;
  std::vector<Forwarded> forwarded;
  std::vector<PullResponse> responses;
  std::vector<GatewayEmission> emissions;
  std::vector<Delivered> delivered;
  std::vector<AskedDownlink> asked;
  std::vector<base::crypto::Key128> keys;  ///< every key that any device ever had
  std::vector<std::string> problems;       ///< what devices and gateways themselves found wrong
};

}  // namespace lenne::sim
