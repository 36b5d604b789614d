// Published numbers: The Things Stack, pkg/toa/toa_test.go (Apache-2.0); brocaar/lorawan's symbol times (MIT).

#include "network/lorawan/airtime.hpp"

#include <gtest/gtest.h>

#include <array>

#include "network/lorawan/regions/regions.hpp"

namespace lenne::network::lorawan {
namespace {

std::int64_t airtime(std::uint8_t sf, std::uint32_t khz, std::size_t size, std::uint8_t coding_rate = 5) {
  return time_on_air({.spreading_factor = sf, .bandwidth_hz = khz * 1000}, size, {.coding_rate = coding_rate}).count();
}

TEST(GoldenAirtime, lora) {
  const std::pair<std::uint8_t, std::int64_t> by_sf[] = {{7, 41216},   {8, 72192},   {9, 144384},
                                                         {10, 288768}, {11, 577536}, {12, 991232}};
  for (const auto& [sf, expected] : by_sf) EXPECT_EQ(airtime(sf, 125, 10), expected) << int{sf};
  EXPECT_EQ(airtime(7, 250, 10), 20608);
  EXPECT_EQ(airtime(7, 500, 10), 10304);
  EXPECT_EQ(airtime(7, 125, 10, 6), 45312);
  EXPECT_EQ(airtime(7, 125, 10, 7), 49408);
  EXPECT_EQ(airtime(7, 125, 10, 8), 53504);
  for (std::size_t size = 13; size <= 15; ++size) EXPECT_EQ(airtime(7, 125, size), 46336) << size;
  for (std::size_t size = 16; size <= 19; ++size) EXPECT_EQ(airtime(7, 125, size), 51456) << size;
}

// The preamble of one more symbol costs one symbol: SF12/125 32.768 ms, SF9/125 4.096 ms, SF9/500 1.024 ms.
TEST(GoldenAirtime, symbols) {
  const std::tuple<std::uint8_t, std::uint32_t, int> symbols[] = {
      {12, 125'000, 32768}, {9, 125'000, 4096}, {9, 500'000, 1024}};
  for (const auto& [sf, bandwidth, expected] : symbols) {
    const DataRate rate{.spreading_factor = sf, .bandwidth_hz = bandwidth};
    EXPECT_EQ((time_on_air(rate, 10, {.preamble_symbols = 9}) - time_on_air(rate, 10, {.preamble_symbols = 8})).count(),
              expected);
  }
}

// What an uplink of 12 and of 24 bytes costs from SF7 to SF12: 13 bytes of LoRaWAN and the application's, in tenths of
// a millisecond.
TEST(GoldenAirtime, uplinks_of_applications) {
  constexpr std::array<std::int64_t, 6> k12{617, 1132, 2058, 4116, 8233, 14828};
  constexpr std::array<std::int64_t, 6> k24{822, 1439, 2673, 4936, 10691, 19743};
  for (std::uint8_t sf = 7; sf <= 12; ++sf) {
    EXPECT_EQ((airtime(sf, 125, 13 + 12) + 50) / 100, k12[sf - 7U]) << int{sf};
    EXPECT_EQ((airtime(sf, 125, 13 + 24) + 50) / 100, k24[sf - 7U]) << int{sf};
  }
}

// EU868: SF12 of 1482.8 ms on 868.1 MHz at 1 %: 24 fit into an hour, the 25th does not.
TEST(GoldenAirtime, duty_cycle_of_an_hour) {
  const auto one = static_cast<std::uint64_t>(airtime(12, 125, 23));
  EXPECT_EQ(one, 1'482'752U);
  const auto budget = sub_band_of(kEu868, 868'100'000)->airtime_us_per_hour();
  EXPECT_EQ(budget, 36'000'000U);
  EXPECT_LE(24 * one, budget);
  EXPECT_GT(25 * one, budget);
}

TEST(Airtime, downlinks_have_no_crc) {
  const DataRate rate{.spreading_factor = 7, .bandwidth_hz = 125'000};
  EXPECT_EQ(time_on_air(rate, 12, downlink_format()).count(), 41216);  // 12 bytes without CRC are as long as 10 with it
  EXPECT_LT(time_on_air(rate, 13, downlink_format()), time_on_air(rate, 13));
}

TEST(Airtime, fsk_counts_bytes) {
  // 5 preamble, 3 sync word, 1 length, 20, 2 CRC = 31 bytes at 50 kbit/s
  EXPECT_EQ(time_on_air({.modulation = Modulation::fsk, .bit_rate = 50'000}, 20).count(), 4960);
}

TEST(Airtime, lr_fhss_counts_headers_and_blocks) {
  DataRate rate{.modulation = Modulation::lr_fhss, .bandwidth_hz = 137'000, .coding_rate_thirds = 1};
  // 10 bytes: (12 * 8 + 6) * 3 = 306 bits = 6 blocks of 50 and 18 + 2 bits; with 3 * 114 header bits 662 bits
  EXPECT_EQ(time_on_air(rate, 10).count(), 662 * 2048);
  rate.coding_rate_thirds = 2;
  // 153 bits = 3 * 50 + 9 + 2, headers 228
  EXPECT_EQ(time_on_air(rate, 10).count(), 389 * 2048);
}

TEST(Airtime, no_data_rate_has_no_airtime) {
  EXPECT_EQ(airtime(6, 125, 10), 0);
  EXPECT_EQ(airtime(13, 125, 10), 0);
  EXPECT_EQ(airtime(7, 0, 10), 0);
  EXPECT_EQ(time_on_air({.modulation = Modulation::fsk}, 10).count(), 0);
  EXPECT_EQ(time_on_air({.modulation = Modulation::lr_fhss}, 10).count(), 0);
}

TEST(Airtime, grows_with_size_on_every_data_rate) {
  for (const auto& rate : kEu868.data_rates) {
    if (!rate) continue;
    for (std::size_t size = 1; size <= 255; ++size) EXPECT_GE(time_on_air(*rate, size), time_on_air(*rate, size - 1));
    EXPECT_GT(time_on_air(*rate, 255), time_on_air(*rate, 0));
  }
}

}  // namespace
}  // namespace lenne::network::lorawan
