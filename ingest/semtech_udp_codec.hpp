#pragma once
// The Semtech packet forwarder's UDP protocol, versions 1 and 2, as pure functions: the server's side.
// Source: Semtech, "Basic communication protocol between LoRa gateway and server" (PROTOCOL.TXT of packet_forwarder,
// PROTOCOL.md of sx1302_hal), and what gateways in the field do beside it. The gateway's side: semtech_udp_gateway.hpp.

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace lenne::ingest {

/// Byte 3 of every datagram.
enum class PacketType : std::uint8_t {
  push_data = 0,
  push_ack = 1,
  pull_data = 2,
  pull_resp = 3,
  pull_ack = 4,
  tx_ack = 5
};

/// Why a datagram, or one frame of it, was not used. Closed: each has a counter `ingest.refused.<name>`.
enum class Refusal : std::uint8_t {
  // of the whole datagram: not acknowledged
  too_short,        ///< shorter than its header
  bad_version,      ///< neither 1 nor 2
  unknown_type,     ///< not PUSH_DATA, PULL_DATA or TX_ACK
  bad_json,         ///< no JSON object, or nested deeper than 16
  unknown_gateway,  ///< not declared by an operator
  address_rate,     ///< its address sent too many
  gateway_rate,     ///< its gateway sent too many
  // of a part of it: the rest is used, and the datagram acknowledged
  rxpk_not_array,
  rxpk_not_object,
  too_many_frames,  ///< beyond kMaxFrames in one datagram
  rxpk_without_data,
  bad_base64,
  size_mismatch,   ///< `size` differs from the bytes of `data`
  too_long,        ///< more than 255 bytes
  bad_frequency,   ///< absent, or not between 100 MHz and 4,294 MHz
  bad_modulation,  ///< neither LORA nor FSK
  bad_data_rate,
  bad_tmst,        ///< absent, or not a number of 32 bits: no downlink could be timed by it
  crc_bad,         ///< `stat` -1
  crc_absent,      ///< `stat` 0 or absent
  bad_crc_status,  ///< `stat` neither -1, 0 nor 1
  bad_stat,        ///< the gateway's status is no object
};
inline constexpr std::size_t kRefusals = static_cast<std::size_t>(Refusal::bad_stat) + 1;

[[nodiscard]] std::string_view name_of(Refusal refusal) noexcept;

inline constexpr std::size_t kMaxFrames = 256;
inline constexpr std::size_t kMaxPhyPayload = 255;
/// The highest `powe` that Semtech's forwarder takes from its gain table, dBm.
inline constexpr int kMaxPower = 27;
/// Stands for an absent or impossible RSSI: weaker than anything real, so that no gateway is preferred for it.
inline constexpr int kUnknownRssi = -255;

/// LoRa: spreading factor and bandwidth; FSK: bit rate. What is not its own is 0.
struct RadioRate {
  std::uint32_t spreading_factor = 0;
  std::uint32_t bandwidth_hz = 0;
  std::uint32_t bit_rate = 0;

  friend bool operator==(const RadioRate&, const RadioRate&) = default;
};

/// One entry of `rxpk` that can be used: CRC right, all of it plausible.
struct RxFrame {
  std::array<std::uint8_t, kMaxPhyPayload> payload{};
  std::uint8_t size = 0;
  std::uint8_t coding_rate = 0;  ///< n of "4/n", 0 = not stated
  std::uint32_t tmst = 0;        ///< end of reception by the gateway's counter, us modulo 2^32
  std::uint32_t frequency_hz = 0;
  RadioRate rate;
  std::int32_t rssi_dbm = kUnknownRssi;
  std::int32_t snr_tenths_db = 0;
  std::uint32_t frequency_deviation_hz = 0;     ///< FSK `fdev`, 0 = not stated
  std::optional<std::int64_t> gps_time_us;      ///< since the GPS epoch (`tmms`)
  std::optional<base::Timestamp> gateway_time;  ///< `time`
  std::uint32_t channel = 0;
  std::uint32_t rf_chain = 0;
  std::uint32_t antenna = 0;  ///< of the strongest hearing in `rsig`, else `ant`

  [[nodiscard]] base::ByteView phy_payload() const noexcept { return base::ByteView(payload).first(size); }
};

/// `stat`: what a gateway says of itself. Absent or impossible numbers are 0 or nothing.
struct GatewayStat {
  std::uint32_t rx_received = 0;
  std::uint32_t rx_ok = 0;
  std::uint32_t rx_forwarded = 0;
  std::uint32_t tx_requested = 0;
  std::uint32_t tx_emitted = 0;
  std::optional<std::uint32_t> ack_rate_permille;
  std::optional<double> latitude;  ///< degrees; nothing for (0, 0), which means "no fix"
  std::optional<double> longitude;
  std::optional<std::int32_t> altitude_m;
};

/// The body of a PUSH_DATA. Reused from datagram to datagram.
struct PushData {
  std::vector<RxFrame> frames;
  std::optional<GatewayStat> stat;
  std::vector<Refusal> refused;  ///< one for each part that was not used

  void clear() {
    frames.clear();
    stat.reset();
    refused.clear();
  }
};

/// A gateway's answer to a PULL_RESP.
struct TxAckBody {
  std::string error;    ///< "TOO_LATE" …; empty = sent
  std::string warning;  ///< sent with a limitation, e.g. "TX_POWER"
};

/// The fixed part of what a gateway sends; `json` points into the datagram.
struct Header {
  std::uint8_t version = 0;
  std::uint16_t token = 0;  ///< as its two bytes stand, most significant first
  PacketType type = PacketType::push_data;
  base::GatewayId gateway;
  base::ByteView json;
};

/// Error: too_short, bad_version, unknown_type.
[[nodiscard]] std::expected<Header, Refusal> parse_header(base::ByteView datagram) noexcept;

/// Reads the JSON of datagrams. Keeps its buffers; one thread.
class UplinkDecoder {
 public:
  UplinkDecoder();
  ~UplinkDecoder();
  UplinkDecoder(UplinkDecoder&&) noexcept;
  UplinkDecoder& operator=(UplinkDecoder&&) noexcept;

  /// The body of a PUSH_DATA into `out` (cleared first). Error: bad_json.
  [[nodiscard]] std::expected<void, Refusal> decode_push_data(base::ByteView json, PushData& out);
  /// The body of a TX_ACK; an empty one means "sent". Error: bad_json.
  [[nodiscard]] std::expected<TxAckBody, Refusal> decode_tx_ack(base::ByteView json);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// PUSH_ACK and PULL_ACK.
using Acknowledgement = std::array<std::uint8_t, 4>;
[[nodiscard]] Acknowledgement encode_acknowledgement(const Header& request) noexcept;

/// What a gateway is to send.
struct TxRequest {
  std::optional<std::uint32_t> tmst;  ///< start of emission by the gateway's counter; nothing = immediately
  std::uint32_t frequency_hz = 0;
  int power_dbm = 0;  ///< EIRP, 0 … kMaxPower
  RadioRate rate;
  base::ByteView phy_payload;  ///< 1 … 255 bytes
};

/// A PULL_RESP of a protocol version. LoRa: inverted polarity and no payload CRC, as LoRaWAN downlinks are.
[[nodiscard]] base::Bytes encode_pull_resp(std::uint8_t version, std::uint16_t token, const TxRequest& request);

/// "SF7BW125" or, for FSK, nothing. Error: nothing for what is neither.
[[nodiscard]] std::optional<RadioRate> parse_lora_rate(std::string_view text) noexcept;

}  // namespace lenne::ingest
