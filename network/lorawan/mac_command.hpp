#pragma once
// MAC commands (TS001-1.0.4 section 5, 1.1 section 5) as data: one table of all CIDs, one reader, and one list of bit
// fields per command from which both its encoder and its decoder follow.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "network/lorawan/types.hpp"

namespace lenne::network::lorawan {

/// One line of the table: a CID in one direction.
struct MacCommandInfo {
  std::uint8_t cid = 0;
  Direction direction = Direction::up;
  std::uint8_t length = 0;  ///< bytes after the CID
  Version since = Version::v1_0;
  std::string_view name{};  ///< as in the specification
};

/// All commands of LoRaWAN 1.0.x and 1.1 (without the relay's, TS011).
[[nodiscard]] std::span<const MacCommandInfo> mac_commands() noexcept;
/// The command of a CID, or null when the version has none of it in this direction.
[[nodiscard]] const MacCommandInfo* find_mac_command(Version version, Direction direction, std::uint8_t cid) noexcept;

/// One command of a frame; the payload is a view into the caller's bytes.
struct MacCommand {
  const MacCommandInfo* info = nullptr;
  base::ByteView payload{};
};

/// Reads the commands of FOpts or of FRMPayload with FPort 0, in clear. It stops at the first CID that it does not know
/// and at a command that is cut off: their length is unknown, what came before stands.
class MacCommandReader {
 public:
  MacCommandReader(Version version, Direction direction, base::ByteView bytes) noexcept
      : version_(version), direction_(direction), rest_(bytes) {}

  /// The next command; absent at the end or where reading stops.
  [[nodiscard]] std::optional<MacCommand> next() noexcept;
  /// What was not read: empty when all was understood.
  [[nodiscard]] base::ByteView rest() const noexcept { return rest_; }

 private:
  Version version_;
  Direction direction_;
  base::ByteView rest_;
};

/// A run of bits in a command's payload, seen as one little-endian number; `unit` scales it (frequencies count 100 Hz).
template <typename Command, typename Number>
struct BitField {
  Number Command::* member;
  unsigned bit = 0;
  unsigned width = 8;
  std::uint32_t unit = 1;
};

struct LinkCheckReq {
  static constexpr std::uint8_t kCid = 0x02, kLength = 0;
  static constexpr Direction kDirection = Direction::up;
  static constexpr std::tuple<> fields() { return {}; }
  friend bool operator==(const LinkCheckReq&, const LinkCheckReq&) = default;
};

struct LinkCheckAns {
  static constexpr std::uint8_t kCid = 0x02, kLength = 2;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t margin_db = 0;      ///< 0..254 over the demodulation floor of the best gateway
  std::uint8_t gateway_count = 0;  ///< distinct gateways
  static constexpr auto fields() {
    return std::tuple{BitField{&LinkCheckAns::margin_db, 0, 8}, BitField{&LinkCheckAns::gateway_count, 8, 8}};
  }
  friend bool operator==(const LinkCheckAns&, const LinkCheckAns&) = default;
};

struct LinkAdrReq {
  static constexpr std::uint8_t kCid = 0x03, kLength = 4;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t data_rate = 0;  ///< 15 = keep (1.0.4, 1.1)
  std::uint8_t tx_power = 0;   ///< 15 = keep (1.0.4, 1.1)
  std::uint16_t ch_mask = 0;
  std::uint8_t ch_mask_cntl = 0;
  std::uint8_t nb_trans = 0;  ///< 0 = default
  static constexpr auto fields() {
    return std::tuple{BitField{&LinkAdrReq::tx_power, 0, 4}, BitField{&LinkAdrReq::data_rate, 4, 4},
                      BitField{&LinkAdrReq::ch_mask, 8, 16}, BitField{&LinkAdrReq::nb_trans, 24, 4},
                      BitField{&LinkAdrReq::ch_mask_cntl, 28, 3}};
  }
  friend bool operator==(const LinkAdrReq&, const LinkAdrReq&) = default;
};

struct LinkAdrAns {
  static constexpr std::uint8_t kCid = 0x03, kLength = 1;
  static constexpr Direction kDirection = Direction::up;
  bool channel_mask_ok = false, data_rate_ok = false, power_ok = false;
  static constexpr auto fields() {
    return std::tuple{BitField{&LinkAdrAns::channel_mask_ok, 0, 1}, BitField{&LinkAdrAns::data_rate_ok, 1, 1},
                      BitField{&LinkAdrAns::power_ok, 2, 1}};
  }
  friend bool operator==(const LinkAdrAns&, const LinkAdrAns&) = default;
};

struct DutyCycleReq {
  static constexpr std::uint8_t kCid = 0x04, kLength = 1;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t max_duty_cycle = 0;  ///< 1 / 2^n
  static constexpr auto fields() { return std::tuple{BitField{&DutyCycleReq::max_duty_cycle, 0, 4}}; }
  friend bool operator==(const DutyCycleReq&, const DutyCycleReq&) = default;
};

struct RxParamSetupReq {
  static constexpr std::uint8_t kCid = 0x05, kLength = 4;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t rx2_data_rate = 0;
  std::uint8_t rx1_dr_offset = 0;
  std::uint32_t frequency_hz = 0;  ///< of RX2
  static constexpr auto fields() {
    return std::tuple{BitField{&RxParamSetupReq::rx2_data_rate, 0, 4}, BitField{&RxParamSetupReq::rx1_dr_offset, 4, 3},
                      BitField{&RxParamSetupReq::frequency_hz, 8, 24, 100}};
  }
  friend bool operator==(const RxParamSetupReq&, const RxParamSetupReq&) = default;
};

struct RxParamSetupAns {
  static constexpr std::uint8_t kCid = 0x05, kLength = 1;
  static constexpr Direction kDirection = Direction::up;
  bool channel_ok = false, rx2_data_rate_ok = false, rx1_dr_offset_ok = false;
  static constexpr auto fields() {
    return std::tuple{BitField{&RxParamSetupAns::channel_ok, 0, 1}, BitField{&RxParamSetupAns::rx2_data_rate_ok, 1, 1},
                      BitField{&RxParamSetupAns::rx1_dr_offset_ok, 2, 1}};
  }
  friend bool operator==(const RxParamSetupAns&, const RxParamSetupAns&) = default;
};

struct DevStatusReq {
  static constexpr std::uint8_t kCid = 0x06, kLength = 0;
  static constexpr Direction kDirection = Direction::down;
  static constexpr std::tuple<> fields() { return {}; }
  friend bool operator==(const DevStatusReq&, const DevStatusReq&) = default;
};

struct DevStatusAns {
  static constexpr std::uint8_t kCid = 0x06, kLength = 2;
  static constexpr Direction kDirection = Direction::up;
  std::uint8_t battery = 0;   ///< 0 external power, 1..254 level, 255 unknown
  std::int8_t margin_db = 0;  ///< SNR of the last DevStatusReq, -32..31
  static constexpr auto fields() {
    return std::tuple{BitField{&DevStatusAns::battery, 0, 8}, BitField{&DevStatusAns::margin_db, 8, 6}};
  }
  friend bool operator==(const DevStatusAns&, const DevStatusAns&) = default;
};

struct NewChannelReq {
  static constexpr std::uint8_t kCid = 0x07, kLength = 5;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t index = 0;
  std::uint32_t frequency_hz = 0;  ///< 0 removes the channel
  std::uint8_t min_data_rate = 0, max_data_rate = 0;
  static constexpr auto fields() {
    return std::tuple{BitField{&NewChannelReq::index, 0, 8}, BitField{&NewChannelReq::frequency_hz, 8, 24, 100},
                      BitField{&NewChannelReq::min_data_rate, 32, 4}, BitField{&NewChannelReq::max_data_rate, 36, 4}};
  }
  friend bool operator==(const NewChannelReq&, const NewChannelReq&) = default;
};

struct NewChannelAns {
  static constexpr std::uint8_t kCid = 0x07, kLength = 1;
  static constexpr Direction kDirection = Direction::up;
  bool frequency_ok = false, data_rates_ok = false;
  static constexpr auto fields() {
    return std::tuple{BitField{&NewChannelAns::frequency_ok, 0, 1}, BitField{&NewChannelAns::data_rates_ok, 1, 1}};
  }
  friend bool operator==(const NewChannelAns&, const NewChannelAns&) = default;
};

struct RxTimingSetupReq {
  static constexpr std::uint8_t kCid = 0x08, kLength = 1;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t delay_s = 0;  ///< 0 means 1 s
  static constexpr auto fields() { return std::tuple{BitField{&RxTimingSetupReq::delay_s, 0, 4}}; }
  friend bool operator==(const RxTimingSetupReq&, const RxTimingSetupReq&) = default;
};

struct RxTimingSetupAns {
  static constexpr std::uint8_t kCid = 0x08, kLength = 0;
  static constexpr Direction kDirection = Direction::up;
  static constexpr std::tuple<> fields() { return {}; }
  friend bool operator==(const RxTimingSetupAns&, const RxTimingSetupAns&) = default;
};

struct DlChannelReq {
  static constexpr std::uint8_t kCid = 0x0a, kLength = 4;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t index = 0;
  std::uint32_t frequency_hz = 0;
  static constexpr auto fields() {
    return std::tuple{BitField{&DlChannelReq::index, 0, 8}, BitField{&DlChannelReq::frequency_hz, 8, 24, 100}};
  }
  friend bool operator==(const DlChannelReq&, const DlChannelReq&) = default;
};

struct DlChannelAns {
  static constexpr std::uint8_t kCid = 0x0a, kLength = 1;
  static constexpr Direction kDirection = Direction::up;
  bool frequency_ok = false, uplink_exists = false;
  static constexpr auto fields() {
    return std::tuple{BitField{&DlChannelAns::frequency_ok, 0, 1}, BitField{&DlChannelAns::uplink_exists, 1, 1}};
  }
  friend bool operator==(const DlChannelAns&, const DlChannelAns&) = default;
};

struct DeviceTimeReq {
  static constexpr std::uint8_t kCid = 0x0d, kLength = 0;
  static constexpr Direction kDirection = Direction::up;
  static constexpr std::tuple<> fields() { return {}; }
  friend bool operator==(const DeviceTimeReq&, const DeviceTimeReq&) = default;
};

struct DeviceTimeAns {
  static constexpr std::uint8_t kCid = 0x0d, kLength = 5;
  static constexpr Direction kDirection = Direction::down;
  std::uint32_t gps_seconds = 0;  ///< GPS time of the end of the uplink, modulo 2^32
  std::uint8_t fraction = 0;      ///< 1/256 s
  static constexpr auto fields() {
    return std::tuple{BitField{&DeviceTimeAns::gps_seconds, 0, 32}, BitField{&DeviceTimeAns::fraction, 32, 8}};
  }
  friend bool operator==(const DeviceTimeAns&, const DeviceTimeAns&) = default;
};

/// 1.1 OTAA: the device speaks 1.x with this minor version.
struct RekeyInd {
  static constexpr std::uint8_t kCid = 0x0b, kLength = 1;
  static constexpr Direction kDirection = Direction::up;
  std::uint8_t minor = 0;
  static constexpr auto fields() { return std::tuple{BitField{&RekeyInd::minor, 0, 4}}; }
  friend bool operator==(const RekeyInd&, const RekeyInd&) = default;
};

struct RekeyConf {
  static constexpr std::uint8_t kCid = 0x0b, kLength = 1;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t minor = 0;
  static constexpr auto fields() { return std::tuple{BitField{&RekeyConf::minor, 0, 4}}; }
  friend bool operator==(const RekeyConf&, const RekeyConf&) = default;
};

/// 1.1 ABP: the device was reset and speaks 1.x with this minor version.
struct ResetInd {
  static constexpr std::uint8_t kCid = 0x01, kLength = 1;
  static constexpr Direction kDirection = Direction::up;
  std::uint8_t minor = 0;
  static constexpr auto fields() { return std::tuple{BitField{&ResetInd::minor, 0, 4}}; }
  friend bool operator==(const ResetInd&, const ResetInd&) = default;
};

struct ResetConf {
  static constexpr std::uint8_t kCid = 0x01, kLength = 1;
  static constexpr Direction kDirection = Direction::down;
  std::uint8_t minor = 0;
  static constexpr auto fields() { return std::tuple{BitField{&ResetConf::minor, 0, 4}}; }
  friend bool operator==(const ResetConf&, const ResetConf&) = default;
};

/// Appends CID and payload. Numbers that do not fit their field lose their upper bits; RFU bits are 0.
template <typename Command>
void append_command(base::Bytes& out, const Command& command) {
  std::uint64_t bits = 0;
  const auto put = [&](const auto& field) {
    const auto number = static_cast<std::uint64_t>(static_cast<std::int64_t>(command.*(field.member))) / field.unit;
    bits |= (number & ((std::uint64_t{1} << field.width) - 1)) << field.bit;
  };
  std::apply([&](const auto&... field) { (put(field), ...); }, Command::fields());
  out.push_back(Command::kCid);
  for (unsigned i = 0; i < Command::kLength; ++i) out.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
}

/// The command as a struct; absent when it is another one. RFU bits are ignored.
template <typename Command>
[[nodiscard]] std::optional<Command> decode_command(const MacCommand& raw) {
  if (raw.info == nullptr || raw.info->cid != Command::kCid || raw.info->direction != Command::kDirection)
    return std::nullopt;
  if (raw.payload.size() != Command::kLength) return std::nullopt;
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < Command::kLength; ++i) bits |= static_cast<std::uint64_t>(raw.payload[i]) << (8 * i);
  Command command;
  const auto take = [&](const auto& field) {
    using Number = std::remove_reference_t<decltype(command.*(field.member))>;
    std::uint64_t number = (bits >> field.bit) & ((std::uint64_t{1} << field.width) - 1);
    if constexpr (std::is_signed_v<Number>) {
      if ((number >> (field.width - 1)) != 0) number |= ~std::uint64_t{0} << field.width;
    }
    command.*(field.member) = static_cast<Number>(number * field.unit);
  };
  std::apply([&](const auto&... field) { (take(field), ...); }, Command::fields());
  return command;
}

}  // namespace lenne::network::lorawan
