#pragma once
// Time on air: what duty cycle, collisions and timelines are made of. Integers only, so every machine agrees.

#include <chrono>
#include <cstdint>

#include "network/lorawan/region.hpp"

namespace lenne::network::lorawan {

/// How a packet is put on air beside its data rate. The defaults are an uplink's; a downlink has crc = false (`ncrc`).
struct PacketFormat {
  bool crc = true;
  bool explicit_header = true;
  std::uint8_t coding_rate = 5;        ///< LoRa 4/n, n = 5..8
  std::uint16_t preamble_symbols = 8;  ///< LoRa
  std::uint8_t fsk_preamble_bytes = 5;
};

/// Time on air of `size` PHYPayload bytes, rounded up to microseconds. LoRa: Semtech SX1276 data sheet section 4.1.1.7
/// with low-data-rate optimisation where a symbol lasts 16 ms or more (SF11 and SF12 at 125 kHz, SF12 at 250 kHz). FSK:
/// preamble, 3 bytes sync word, length byte, CRC. LR-FHSS: 3 headers (1/3) or 2 (2/3) of 114 bits, blocks of 48 + 2
/// bits, 488.28 bit/s. Zero for a data rate that is none (SF outside 7..12, no bandwidth).
[[nodiscard]] std::chrono::microseconds time_on_air(const DataRate& data_rate, std::size_t size,
                                                    const PacketFormat& format = {}) noexcept;

/// The format of a downlink: inverted I/Q without CRC.
[[nodiscard]] constexpr PacketFormat downlink_format() noexcept { return {.crc = false}; }

}  // namespace lenne::network::lorawan
