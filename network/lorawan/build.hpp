#pragma once
// Frames put together, both directions: the network server sends downlinks and join-accepts, virtual devices send the
// rest. What these functions return is a complete PHYPayload: encrypted, with MIC. parse_frame is their inverse.

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "network/lorawan/crypto.hpp"
#include "network/lorawan/frame.hpp"

namespace lenne::network::lorawan {

/// Why a frame can't be built.
enum class BuildError : std::uint8_t {
  too_long,              ///< more than 255 bytes (a region's limit is smaller: see max_payload)
  fopts_too_long,        ///< more than 15 bytes: they belong into FRMPayload with FPort 0
  fopts_with_port_0,     ///< MAC commands in both places
  payload_without_port,  ///< a payload needs an FPort
};
[[nodiscard]] std::string_view to_text(BuildError error) noexcept;

/// A data frame in clear. The views are read during the call only.
struct DataSpec {
  Direction direction = Direction::up;
  bool confirmed = false;
  base::DevAddr dev_addr{};
  bool adr = false;
  bool adr_ack_req = false;  ///< up only
  bool ack = false;
  bool class_b = false;     ///< up only
  bool f_pending = false;   ///< down only
  std::uint32_t f_cnt = 0;  ///< all 32 bits; 1.1 down: AFCntDown with FPort > 0, else NFCntDown
  base::ByteView f_opts{};  ///< MAC commands in clear
  std::optional<std::uint8_t> f_port{};
  base::ByteView payload{};      ///< in clear; MAC commands for FPort 0
  std::uint16_t conf_f_cnt = 0;  ///< 1.1 with ACK: counter of the frame that is acknowledged
  std::uint8_t tx_dr = 0;        ///< 1.1 up
  std::uint8_t tx_ch = 0;        ///< 1.1 up
};

/// Builds a data frame of a 1.0 or 1.1 session.
[[nodiscard]] std::expected<base::Bytes, BuildError> build_data(Aes128& aes, Version version, const SessionKeys& keys,
                                                                const DataSpec& spec);

/// `key`: AppKey (1.0), NwkKey (1.1).
[[nodiscard]] base::Bytes build_join_request(Aes128& aes, const Key128& key, base::JoinEui join_eui,
                                             base::DevEui dev_eui, std::uint16_t dev_nonce);

/// `key`: SNwkSIntKey for types 0 and 2, JSIntKey for type 1. `request.message` and `request.mic` are not read.
[[nodiscard]] base::Bytes build_rejoin_request(Aes128& aes, const Key128& key, const RejoinRequest& request);

/// DLSettings (1.1 section 6.2.3): OptNeg is RFU in 1.0.
struct DlSettings {
  bool opt_neg = false;
  std::uint8_t rx1_dr_offset = 0;  ///< 0..7
  std::uint8_t rx2_data_rate = 0;  ///< 0..15

  friend bool operator==(const DlSettings&, const DlSettings&) = default;
};
[[nodiscard]] std::uint8_t encode(DlSettings settings) noexcept;
[[nodiscard]] DlSettings dl_settings_of(std::uint8_t byte) noexcept;

using CfList = std::array<std::uint8_t, 16>;

/// A join-accept in clear.
struct JoinAccept {
  std::uint32_t join_nonce = 0;  ///< 24 bits
  base::NetId net_id{};
  base::DevAddr dev_addr{};
  DlSettings dl_settings{};
  std::uint8_t rx_delay = 0;  ///< seconds, 0 = 1 s
  std::optional<CfList> cf_list{};

  friend bool operator==(const JoinAccept&, const JoinAccept&) = default;
};

/// What a join-accept answers; read only when OptNeg is set.
struct JoinContext {
  JoinReqType type = JoinReqType::join;
  base::JoinEui join_eui{};
  std::uint16_t dev_nonce = 0;  ///< or RJcount
};

/// 17 or 33 bytes. `mic_key`: AppKey (1.0), NwkKey (1.1 device with OptNeg = 0), JSIntKey (OptNeg = 1).
/// `encryption_key`: AppKey (1.0), NwkKey (1.1 answer to a join-request), JSEncKey (answer to a rejoin-request).
[[nodiscard]] base::Bytes build_join_accept(Aes128& aes, const Key128& mic_key, const Key128& encryption_key,
                                            const JoinAccept& accept, const JoinContext& context = {});

/// A join-accept opened with a key; nothing says yet that the key was right.
struct OpenedJoinAccept {
  JoinAccept accept{};
  std::array<std::uint8_t, 33> bytes{};  ///< MHDR, then the fields and the MIC in clear
  std::size_t size = 0;                  ///< 17 or 33
  Mic mic{};

  /// What the MIC covers.
  [[nodiscard]] base::ByteView message() const noexcept { return base::ByteView(bytes).first(size - kMicSize); }
};
/// Opens a parsed join-accept (the device's side). The caller guarantees that it comes from parse_frame.
[[nodiscard]] OpenedJoinAccept decrypt_join_accept(Aes128& aes, const Key128& encryption_key,
                                                   const EncryptedJoinAccept& frame);
/// Whether an opened join-accept carries the right MIC: `version` 1.1 looks at OptNeg, in 1.0 that bit is RFU.
[[nodiscard]] bool join_accept_mic_valid(Aes128& aes, Version version, const Key128& mic_key,
                                         const OpenedJoinAccept& opened, const JoinContext& context = {});

}  // namespace lenne::network::lorawan
