// EU863-870: RP002-1.0.4 section 2.4; sub-bands: ETSI EN 300 220-2 and ERC/REC 70-03 annex 1.

#include "network/lorawan/regions/regions.hpp"

namespace lenne::network::lorawan {
namespace {

constexpr Channel kChannels[] = {{868'100'000, 0, 5}, {868'300'000, 0, 5}, {868'500'000, 0, 5}};

// Between the bands lie 868.6-868.7, 869.2-869.4 and 869.65-869.7 MHz, which belong to alarm systems: not to be used.
// EIRP = ERP + 2.15 dB: 14 dBm ERP allow 16 dBm EIRP, 27 dBm ERP allow 29 dBm EIRP.
constexpr SubBand kSubBands[] = {
    {"K", 863'000'000, 865'000'000, 1'000, 14'000, 16},   {"L", 865'000'000, 868'000'000, 10'000, 14'000, 16},
    {"M", 868'000'000, 868'600'000, 10'000, 14'000, 16},  {"N", 868'700'000, 869'200'000, 1'000, 14'000, 16},
    {"P", 869'400'000, 869'650'000, 100'000, 27'000, 29}, {"R", 869'700'000, 870'000'000, 10'000, 14'000, 16},
};

constexpr DataRate lora(std::uint8_t sf, std::uint32_t bandwidth_hz) {
  return {.modulation = Modulation::lora, .spreading_factor = sf, .bandwidth_hz = bandwidth_hz};
}
// Devices only send LR-FHSS; the answer comes in LoRa.
constexpr DataRate lr_fhss(std::uint32_t width_hz, std::uint8_t thirds) {
  return {.modulation = Modulation::lr_fhss, .bandwidth_hz = width_hz, .coding_rate_thirds = thirds, .downlink = false};
}

constexpr MaxPayload size_of(std::uint8_t m) { return {m, static_cast<std::uint8_t>(m - 8)}; }

constexpr std::array<std::optional<MaxPayload>, kDataRates> sizes(std::uint8_t longest) {
  return {size_of(59),      size_of(59),      size_of(59), size_of(123), size_of(longest), size_of(longest),
          size_of(longest), size_of(longest), size_of(58), size_of(123), size_of(58),      size_of(123)};
}

}  // namespace

constexpr Region kEu868{
    .name = "EU868",
    .min_hz = 863'000'000,
    .max_hz = 870'000'000,
    .frequency_step_hz = 100,
    .default_channels = kChannels,
    .max_channels = 16,
    .cf_list_channels = 5,
    .cf_list_min_data_rate = 0,
    .cf_list_max_data_rate = 5,
    .data_rates = {lora(12, 125'000), lora(11, 125'000), lora(10, 125'000), lora(9, 125'000), lora(8, 125'000),
                   lora(7, 125'000), lora(7, 250'000), DataRate{.modulation = Modulation::fsk, .bit_rate = 50'000},
                   lr_fhss(137'000, 1), lr_fhss(137'000, 2), lr_fhss(336'000, 1), lr_fhss(336'000, 2)},
    .max_payload = sizes(250),
    .max_payload_repeater = sizes(230),
    .max_rx1_dr_offset = 5,
    .rx1_data_rates = {{{0, 0, 0, 0, 0, 0},
                        {1, 0, 0, 0, 0, 0},
                        {2, 1, 0, 0, 0, 0},
                        {3, 2, 1, 0, 0, 0},
                        {4, 3, 2, 1, 0, 0},
                        {5, 4, 3, 2, 1, 0},
                        {6, 5, 4, 3, 2, 1},
                        {7, 6, 5, 4, 3, 2},
                        {1, 0, 0, 0, 0, 0},
                        {2, 1, 0, 0, 0, 0},
                        {1, 0, 0, 0, 0, 0},
                        {2, 1, 0, 0, 0, 0}}},
    .rx2_hz = 869'525'000,
    .rx2_data_rate = 0,
    .receive_delay1_s = 1,
    .join_accept_delay1_s = 5,
    .max_eirp_dbm = 16,
    .max_tx_power_index = 7,
    .max_adr_data_rate = 5,
    .adr_ack_limit = 64,
    .adr_ack_delay = 32,
    .sub_bands = kSubBands,
};

}  // namespace lenne::network::lorawan
