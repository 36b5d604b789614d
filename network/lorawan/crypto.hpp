#pragma once
// Integrity codes, encryption and key derivation of LoRaWAN 1.0.x and 1.1 (TS001-1.0.4 sections 4.3.3, 4.4, 6.2; 1.1
// the same; FOpts as the erratum of 1.1 says). Every function takes the caller's cipher context, so no key costs a
// context.

#include <cstdint>
#include <span>

#include "base/crypto/aes128.hpp"
#include "network/lorawan/frame.hpp"
#include "network/lorawan/types.hpp"

namespace lenne::network::lorawan {

using base::crypto::Aes128;
using base::crypto::Key128;

/// What the MIC of a data frame covers beside its bytes.
struct MicContext {
  std::uint32_t f_cnt = 0;  ///< all 32 bits
  std::uint16_t conf_f_cnt =
      0;                   ///< 1.1, with ACK: low 16 bits of the counter of the confirmed frame; ignored without ACK
  std::uint8_t tx_dr = 0;  ///< 1.1 up: data rate of this very transmission
  std::uint8_t tx_ch = 0;  ///< 1.1 up: index of its channel
};

/// MIC of a data frame's `message` (MHDR to FRMPayload, encrypted; direction, DevAddr and ACK are read from it).
/// The caller guarantees message.size() >= 8 and <= 251.
/// 1.0: f_nwk_s_int_key (= NwkSKey). 1.1 up: both integrity keys; 1.1 down: s_nwk_s_int_key.
[[nodiscard]] Mic data_mic(Aes128& aes, Version version, const SessionKeys& keys, base::ByteView message,
                           const MicContext& context);
/// Whether a parsed frame carries that MIC. context.f_cnt is the full counter to try.
[[nodiscard]] bool data_mic_valid(Aes128& aes, Version version, const SessionKeys& keys, const DataFrame& frame,
                                  const MicContext& context);
/// The two bytes of a 1.1 uplink's MIC that a forwarding network server can check (cmacF); enough to tell candidates
/// apart.
[[nodiscard]] bool f_nwk_mic_valid(Aes128& aes, const Key128& f_nwk_s_int_key, const DataFrame& frame,
                                   std::uint32_t f_cnt);

/// Encrypts or decrypts FRMPayload (the same operation). `out` may be `in`; both have the same size.
void crypt_payload(Aes128& aes, const Key128& key, Direction direction, base::DevAddr dev_addr, std::uint32_t f_cnt,
                   base::ByteView in, std::uint8_t* out);
/// The key of FRMPayload: FPort 0 carries MAC commands under the network's key, all others under AppSKey.
[[nodiscard]] inline const Key128& payload_key(const SessionKeys& keys, std::uint8_t f_port) noexcept {
  return f_port == 0 ? keys.nwk_s_enc_key : keys.app_s_key;
}

/// Which counter encrypts 1.1 FOpts: the A block's constant (erratum). Downlinks with FPort > 0 use AFCntDown, all
/// else 1.
enum class FOptsCounter : std::uint8_t { up_or_n_f_cnt_down = 1, a_f_cnt_down = 2 };
[[nodiscard]] constexpr FOptsCounter f_opts_counter(Direction direction, bool has_app_port) noexcept {
  return direction == Direction::down && has_app_port ? FOptsCounter::a_f_cnt_down : FOptsCounter::up_or_n_f_cnt_down;
}
/// Encrypts or decrypts 1.1 FOpts (at most 15 bytes). `out` may be `in`.
void crypt_f_opts(Aes128& aes, const Key128& nwk_s_enc_key, FOptsCounter counter, Direction direction,
                  base::DevAddr dev_addr, std::uint32_t f_cnt, base::ByteView in, std::uint8_t* out);

/// First four bytes of CMAC(key, message): join-request (1.0 AppKey, 1.1 NwkKey), 1.0 join-accept, rejoin-request
/// (types 0 and 2 SNwkSIntKey, type 1 JSIntKey).
[[nodiscard]] Mic plain_mic(Aes128& aes, const Key128& key, base::ByteView message);
/// MIC of a join-accept with OptNeg = 1: CMAC(JSIntKey, JoinReqType | JoinEUI | DevNonce or RJcount | MHDR … CFList).
[[nodiscard]] Mic join_accept_mic_1_1(Aes128& aes, const Key128& js_int_key, JoinReqType type, base::JoinEui join_eui,
                                      std::uint16_t dev_nonce, base::ByteView message);

/// Session keys of LoRaWAN 1.0.x: from AppKey; from NwkKey when a 1.1 device joins with OptNeg = 0.
[[nodiscard]] SessionKeys derive_session_1_0(Aes128& aes, const Key128& root, std::uint32_t join_nonce,
                                             base::NetId net_id, std::uint16_t dev_nonce);
/// Session keys of LoRaWAN 1.1; dev_nonce is RJcount in the answer to a rejoin-request.
[[nodiscard]] SessionKeys derive_session_1_1(Aes128& aes, const RootKeys& root, std::uint32_t join_nonce,
                                             base::JoinEui join_eui, std::uint16_t dev_nonce);
/// 1.1 keys of a device's life: integrity of rejoin type 1 and of join-accepts; encryption of answers to rejoins.
[[nodiscard]] Key128 derive_js_int_key(Aes128& aes, const Key128& nwk_key, base::DevEui dev_eui);
[[nodiscard]] Key128 derive_js_enc_key(Aes128& aes, const Key128& nwk_key, base::DevEui dev_eui);

}  // namespace lenne::network::lorawan
