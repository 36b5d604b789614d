#pragma once
// Regional parameters as values (RP002-1.0.4): a region is one constant of type Region and one line in regions/all.cpp.
// Frequencies in Hz, powers in dBm EIRP unless the name says ERP, sizes in bytes.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "network/lorawan/build.hpp"
#include "network/lorawan/types.hpp"

namespace lenne::network::lorawan {

enum class Modulation : std::uint8_t { lora, fsk, lr_fhss };

/// One data rate. Which members count depends on the modulation.
struct DataRate {
  Modulation modulation = Modulation::lora;
  std::uint8_t spreading_factor = 0;    ///< LoRa 5..12
  std::uint32_t bandwidth_hz = 0;       ///< LoRa; LR-FHSS: operating channel width
  std::uint32_t bit_rate = 0;           ///< FSK, bit/s
  std::uint8_t coding_rate_thirds = 0;  ///< LR-FHSS: 1 = 1/3, 2 = 2/3
  bool uplink = true;
  bool downlink = true;

  friend bool operator==(const DataRate&, const DataRate&) = default;
};

/// The data rate as text: "SF7BW125", "FSK50" (kbit/s) or "M0CW137" (LR-FHSS: kHz; its coding rate is a text of its
/// own).
[[nodiscard]] std::string to_text(const DataRate& data_rate);
/// "1/3" or "2/3" for LR-FHSS, empty for the others.
[[nodiscard]] std::string_view coding_rate_text(const DataRate& data_rate) noexcept;

struct Channel {
  std::uint32_t frequency_hz = 0;
  std::uint8_t min_data_rate = 0;
  std::uint8_t max_data_rate = 0;

  friend bool operator==(const Channel&, const Channel&) = default;
};

/// M = MACPayload, N = FRMPayload when FOpts is empty = M - 8.
struct MaxPayload {
  std::uint8_t m = 0;
  std::uint8_t n = 0;

  friend bool operator==(const MaxPayload&, const MaxPayload&) = default;
};

/// A regulatory sub-band; both edges belong to it.
struct SubBand {
  std::string_view name{};  ///< ETSI EN 300 220-2: "K" … "R"
  std::uint32_t min_hz = 0;
  std::uint32_t max_hz = 0;
  std::uint32_t duty_cycle_ppm = 0;   ///< share of any hour that one transmitter may use, millionths
  std::int32_t max_erp_mdbm = 0;      ///< thousandths of dBm
  std::int32_t gateway_eirp_dbm = 0;  ///< what a gateway sends at: the limit as EIRP, whole dB, rounded down

  /// Time on air a transmitter may use in any hour.
  [[nodiscard]] constexpr std::uint64_t airtime_us_per_hour() const noexcept {
    return std::uint64_t{3600} * duty_cycle_ppm;
  }
};

inline constexpr std::size_t kDataRates = 16;
inline constexpr std::size_t kRx1Offsets = 8;

/// Everything that differs from region to region and is needed by a class A network server and gateway timeline.
struct Region {
  std::string_view name{};
  std::uint32_t min_hz = 0;
  std::uint32_t max_hz = 0;
  std::uint32_t frequency_step_hz = 100;        ///< unit of a 24-bit frequency on air
  std::span<const Channel> default_channels{};  ///< indices 0…, cannot be removed
  std::uint8_t max_channels = 16;
  std::uint8_t cf_list_channels = 5;       ///< of CFList type 0
  std::uint8_t cf_list_min_data_rate = 0;  ///< of the channels that a CFList adds
  std::uint8_t cf_list_max_data_rate = 5;
  std::array<std::optional<DataRate>, kDataRates> data_rates{};
  std::array<std::optional<MaxPayload>, kDataRates> max_payload{};  ///< no repeater
  std::array<std::optional<MaxPayload>, kDataRates> max_payload_repeater{};
  std::uint8_t max_rx1_dr_offset = 0;
  std::array<std::array<std::uint8_t, kRx1Offsets>, kDataRates> rx1_data_rates{};  ///< [uplink data rate][offset]
  std::uint32_t rx2_hz = 0;
  std::uint8_t rx2_data_rate = 0;
  std::uint8_t receive_delay1_s = 1;  ///< RX2 is always 1 s later
  std::uint8_t join_accept_delay1_s = 5;
  std::int32_t max_eirp_dbm = 0;        ///< of devices
  std::uint8_t max_tx_power_index = 0;  ///< EIRP = max_eirp - 2 * index
  std::uint8_t max_adr_data_rate = 0;
  std::uint16_t adr_ack_limit = 64;
  std::uint16_t adr_ack_delay = 32;
  std::span<const SubBand> sub_bands{};  ///< ascending; a frequency in none is not to be used
};

/// All regions that are built in, and one by its name ("EU868"); null if there is none.
[[nodiscard]] std::span<const Region* const> all_regions() noexcept;
[[nodiscard]] const Region* find_region(std::string_view name) noexcept;

/// A data rate of the region that may be used in the direction; null otherwise.
[[nodiscard]] const DataRate* data_rate_of(const Region& region, std::uint8_t index, Direction direction) noexcept;
/// The index of a data rate that a gateway reported. LR-FHSS is compared by width and coding rate.
[[nodiscard]] std::optional<std::uint8_t> index_of(const Region& region, const DataRate& data_rate,
                                                   Direction direction) noexcept;
/// Reads to_text's form ("SF7BW125", "FSK50", "M0CW137"), SF7 to SF12 on 125, 250 or 500 kHz. LR-FHSS needs its coding
/// rate: "1/3", "2/3", or "2/6", "4/6" as some gateways say. The flags uplink and downlink are set. Absent: no such
/// form.
[[nodiscard]] std::optional<DataRate> parse_data_rate(std::string_view text,
                                                      std::string_view coding_rate = {}) noexcept;

/// Data rate of RX1. Absent: the offset or the data rate does not exist.
[[nodiscard]] std::optional<std::uint8_t> rx1_data_rate(const Region& region, std::uint8_t uplink_data_rate,
                                                        std::uint8_t rx1_dr_offset) noexcept;
/// Frequency of RX1 for an uplink, without a DlChannelReq.
[[nodiscard]] std::uint32_t rx1_frequency(const Region& region, std::uint32_t uplink_hz) noexcept;

[[nodiscard]] std::optional<MaxPayload> max_payload(const Region& region, std::uint8_t data_rate,
                                                    bool repeater = false) noexcept;
/// EIRP of a device at a TXPower index; absent for RFU.
[[nodiscard]] std::optional<std::int32_t> tx_power_dbm(const Region& region, std::uint8_t index) noexcept;

/// The sub-band of a centre frequency: on a shared edge the stricter one, of equals the lower one. Null: not to be
/// used.
[[nodiscard]] const SubBand* sub_band_of(const Region& region, std::uint32_t hz) noexcept;
/// As above, but with centre ± half the bandwidth inside one band as well: what a careful transmitter asks.
[[nodiscard]] const SubBand* sub_band_of(const Region& region, std::uint32_t hz, std::uint32_t bandwidth_hz) noexcept;

/// Index of the channel an uplink came on: the default channels, then `extra` (as in the device's CFList or
/// NewChannelReq). The data rate must be allowed there. Frequencies of gateways are exact to 100 Hz here.
[[nodiscard]] std::optional<std::uint8_t> channel_index(const Region& region, std::span<const Channel> extra,
                                                        std::uint32_t hz, std::uint8_t data_rate) noexcept;

/// CFList type 0 of up to five frequencies; absent if there are more, or one is outside the region or not on its
/// raster.
[[nodiscard]] std::optional<CfList> make_cf_list(const Region& region,
                                                 std::span<const std::uint32_t> frequencies_hz) noexcept;
/// Frequencies of a CFList type 0 (0 = unused); absent for another type.
[[nodiscard]] std::optional<std::array<std::uint32_t, 5>> cf_list_frequencies(const Region& region,
                                                                              const CfList& cf_list) noexcept;

}  // namespace lenne::network::lorawan
