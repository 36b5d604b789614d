#pragma once
// Words that the whole folder shares. Everything here is a pure function of its arguments: no clock, socket or log.

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/crypto/key128.hpp"
#include "base/ids.hpp"

namespace lenne::network::lorawan {

/// Which security scheme a session or join uses: LoRaWAN 1.0.x (also a 1.1 device with OptNeg = 0) or 1.1.
enum class Version : std::uint8_t { v1_0, v1_1 };

/// The Dir field of the A and B blocks.
enum class Direction : std::uint8_t { up = 0, down = 1 };

/// Message integrity code in wire order.
using Mic = std::array<std::uint8_t, 4>;

/// Keys of a session. A 1.0 session holds its NwkSKey three times. Stored and wrapped in this order.
struct SessionKeys {
  base::crypto::Key128 f_nwk_s_int_key{};
  base::crypto::Key128 s_nwk_s_int_key{};
  base::crypto::Key128 nwk_s_enc_key{};
  base::crypto::Key128 app_s_key{};

  friend bool operator==(const SessionKeys&, const SessionKeys&) = default;
};

/// Keys of a 1.0 session.
[[nodiscard]] inline SessionKeys session_keys_1_0(const base::crypto::Key128& nwk_s_key,
                                                  const base::crypto::Key128& app_s_key) {
  return {nwk_s_key, nwk_s_key, nwk_s_key, app_s_key};
}

/// Keys of a device. A 1.0.x device has an AppKey only. Stored and wrapped in this order.
struct RootKeys {
  base::crypto::Key128 app_key{};
  base::crypto::Key128 nwk_key{};

  friend bool operator==(const RootKeys&, const RootKeys&) = default;
};

/// Why a device joins: 1.1 section 6.2.3, table 21; part of the 1.1 join-accept's MIC.
enum class JoinReqType : std::uint8_t { join = 0xff, rejoin_0 = 0x00, rejoin_1 = 0x01, rejoin_2 = 0x02 };

/// Longest PHYPayload: a LoRa packet's length is one byte.
inline constexpr std::size_t kMaxPhyPayload = 255;
inline constexpr std::size_t kMicSize = 4;
/// FOptsLen has four bits.
inline constexpr std::size_t kMaxFOpts = 15;
/// JoinNonce has 24 bits; the largest is never used, so that "next" always exists.
inline constexpr std::uint32_t kMaxJoinNonce = 0xfffffe;

}  // namespace lenne::network::lorawan
