#pragma once
// A PHYPayload taken apart (LoRaWAN 1.0.4 section 4, 1.1 sections 4 and 6.2) without a copy: views into the caller's
// bytes. Nothing is decrypted or verified here.

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <variant>

#include "network/lorawan/types.hpp"

namespace lenne::network::lorawan {

/// MHDR bits 7..5.
enum class FType : std::uint8_t {
  join_request = 0,
  join_accept = 1,
  unconfirmed_up = 2,
  unconfirmed_down = 3,
  confirmed_up = 4,
  confirmed_down = 5,
  rejoin_request = 6,
  proprietary = 7,
};

/// Why bytes are not a frame. to_text gives the stable name, such as "fopts_with_port_0".
enum class FrameError : std::uint8_t {
  too_short,          ///< empty, or shorter than the fixed part of its type
  too_long,           ///< more than 255 bytes
  bad_major,          ///< MHDR Major is not 0
  bad_length,         ///< a join or rejoin of another length than its type has
  bad_rejoin_type,    ///< rejoin-request of type 3 or above
  fopts_too_long,     ///< FOptsLen reaches beyond the frame
  fopts_with_port_0,  ///< FPort 0 with FOpts: to be discarded (4.3.1.6)
};

[[nodiscard]] std::string_view to_text(FrameError error) noexcept;
[[nodiscard]] std::string_view to_text(FType type) noexcept;

/// Data frame, either direction. Bits that do not exist in the direction are false.
struct DataFrame {
  Direction direction = Direction::up;
  bool confirmed = false;
  base::DevAddr dev_addr{};
  bool adr = false;
  bool adr_ack_req = false;  ///< up
  bool ack = false;
  bool class_b = false;     ///< up
  bool f_pending = false;   ///< down
  std::uint16_t f_cnt = 0;  ///< the low 16 bits
  base::ByteView f_opts{};  ///< as on air: encrypted in 1.1
  std::optional<std::uint8_t> f_port{};
  base::ByteView frm_payload{};  ///< encrypted; empty without FPort
  base::ByteView message{};      ///< all that the MIC covers: MHDR to FRMPayload
  Mic mic{};
};

struct JoinRequest {
  base::JoinEui join_eui{};
  base::DevEui dev_eui{};
  std::uint16_t dev_nonce = 0;
  base::ByteView message{};
  Mic mic{};
};

/// A join-accept as on air; decrypt_join_accept opens it.
struct EncryptedJoinAccept {
  std::uint8_t mhdr = 0;
  base::ByteView encrypted{};  ///< 16 or 32 bytes, the MIC among them
};

/// Rejoin-request (1.1 section 6.2.4).
struct RejoinRequest {
  std::uint8_t type = 0;     ///< 0, 1, 2
  base::NetId net_id{};      ///< types 0 and 2
  base::JoinEui join_eui{};  ///< type 1
  base::DevEui dev_eui{};
  std::uint16_t rj_count = 0;  ///< RJcount0 for types 0 and 2, RJcount1 for type 1
  base::ByteView message{};
  Mic mic{};
};

struct Proprietary {
  base::ByteView payload{};  ///< what follows the MHDR; it has no MIC that we know
};

using Frame = std::variant<DataFrame, JoinRequest, EncryptedJoinAccept, RejoinRequest, Proprietary>;

/// Takes a PHYPayload apart. The views live as long as the bytes. RFU bits of the MHDR are ignored, as receivers shall.
[[nodiscard]] std::expected<Frame, FrameError> parse_frame(base::ByteView phy_payload) noexcept;

/// The type in the MHDR. The caller guarantees at least one byte.
[[nodiscard]] constexpr FType f_type_of(base::ByteView phy_payload) noexcept {
  return static_cast<FType>(phy_payload[0] >> 5);
}

/// What chooses the partition of an uplink: the DevAddr of data, the DevEUI of joins and rejoins, nothing for the rest
/// (proprietary, downlink types, too short to hold it). Far cheaper than parse_frame and never wrong where that
/// succeeds.
using RoutingKey = std::variant<std::monostate, base::DevAddr, base::DevEui>;
[[nodiscard]] RoutingKey routing_key(base::ByteView phy_payload) noexcept;
/// The slot of a routing key; 0 for none.
[[nodiscard]] std::uint8_t slot_of(const RoutingKey& key) noexcept;

}  // namespace lenne::network::lorawan
