// EU868 against golden pairs of RP002-1.0.4 that several stacks agree on, and the laws that any region keeps.

#include <gtest/gtest.h>

#include <array>

#include "network/lorawan/regions/regions.hpp"

namespace lenne::network::lorawan {
namespace {

TEST(Eu868, rx_windows) {
  struct Row {
    std::uint32_t uplink_hz;
    std::uint8_t uplink_dr, offset, rx1_dr;
  };
  constexpr Row kRows[] = {{868'100'000, 5, 0, 5}, {868'300'000, 0, 5, 0}, {868'500'000, 3, 2, 1},
                           {868'800'000, 7, 5, 2}, {867'500'000, 8, 0, 1}, {867'500'000, 11, 1, 1}};
  for (const auto& row : kRows) {
    EXPECT_EQ(rx1_frequency(kEu868, row.uplink_hz), row.uplink_hz);
    EXPECT_EQ(rx1_data_rate(kEu868, row.uplink_dr, row.offset), row.rx1_dr);
  }
  EXPECT_EQ(kEu868.rx2_hz, 869'525'000U);
  EXPECT_EQ(kEu868.rx2_data_rate, 0);
  EXPECT_EQ(kEu868.receive_delay1_s, 1);
  EXPECT_EQ(kEu868.join_accept_delay1_s, 5);
  EXPECT_FALSE(rx1_data_rate(kEu868, 5, 6));
  EXPECT_FALSE(rx1_data_rate(kEu868, 12, 0));
  EXPECT_FALSE(rx1_data_rate(kEu868, 255, 0));
}

TEST(Eu868, rx1_is_slower_by_the_offset) {
  for (std::uint8_t offset = 0; offset <= 5; ++offset) {
    const auto slower = [&](std::uint8_t data_rate) {
      return static_cast<std::uint8_t>(data_rate > offset ? data_rate - offset : 0);
    };
    for (std::uint8_t data_rate = 0; data_rate <= 7; ++data_rate)
      EXPECT_EQ(rx1_data_rate(kEu868, data_rate, offset), slower(data_rate)) << +data_rate << ' ' << +offset;
    for (const auto lr_fhss : std::array<std::uint8_t, 2>{8, 10})
      EXPECT_EQ(rx1_data_rate(kEu868, lr_fhss, offset), slower(1));
    for (const auto lr_fhss : std::array<std::uint8_t, 2>{9, 11})
      EXPECT_EQ(rx1_data_rate(kEu868, lr_fhss, offset), slower(2));
  }
}

TEST(Eu868, cf_list) {
  const std::uint32_t five[] = {867'100'000, 867'300'000, 867'500'000, 867'700'000, 867'900'000};
  const auto list = make_cf_list(kEu868, five).value();
  EXPECT_EQ(base::to_hex(list), "184f84e85684b85e84886684586e8400");
  EXPECT_EQ(base::to_hex(make_cf_list(kEu868, std::span(five).first(1)).value()), "184f8400000000000000000000000000");
  const auto frequencies = cf_list_frequencies(kEu868, list).value();
  EXPECT_TRUE(std::equal(frequencies.begin(), frequencies.end(), std::begin(five)));
  auto masks = list;
  masks[15] = 1;
  EXPECT_FALSE(cf_list_frequencies(kEu868, masks));
}

TEST(Eu868, cf_list_refuses_what_devices_may_not_use) {
  const std::uint32_t six[6] = {867'100'000, 867'100'000, 867'100'000, 867'100'000, 867'100'000, 867'100'000};
  EXPECT_FALSE(make_cf_list(kEu868, six));
  for (const std::uint32_t hz : {862'999'900U, 870'000'100U, 867'100'050U, 868'650'000U, 0U}) {
    EXPECT_FALSE(make_cf_list(kEu868, std::span(&hz, 1))) << hz;
  }
}

TEST(Eu868, max_payload) {
  const std::uint8_t expected[] = {59, 59, 59, 123, 250, 250, 250, 250, 58, 123, 58, 123};
  for (std::uint8_t dr = 0; dr < 12; ++dr) {
    const auto size = max_payload(kEu868, dr).value();
    EXPECT_EQ(size.m, expected[dr]);
    EXPECT_EQ(size.n, expected[dr] - 8);
    EXPECT_EQ(max_payload(kEu868, dr, true).value().m, expected[dr] == 250 ? 230 : expected[dr]);
  }
  EXPECT_EQ(max_payload(kEu868, 4).value().n, 242);  // not the repeater's 222
  EXPECT_FALSE(max_payload(kEu868, 12));
  EXPECT_FALSE(max_payload(kEu868, 200));
}

TEST(Eu868, data_rates_as_gateways_name_them) {
  const std::tuple<std::uint8_t, const char*, const char*> names[] = {
      {0, "SF12BW125", ""},  {1, "SF11BW125", ""},  {2, "SF10BW125", ""},   {3, "SF9BW125", ""},
      {4, "SF8BW125", ""},   {5, "SF7BW125", ""},   {6, "SF7BW250", ""},    {7, "FSK50", ""},
      {8, "M0CW137", "1/3"}, {9, "M0CW137", "2/3"}, {10, "M0CW336", "1/3"}, {11, "M0CW336", "2/3"}};
  for (const auto& [index, name, coding_rate] : names) {
    const auto* rate = data_rate_of(kEu868, index, Direction::up);
    ASSERT_NE(rate, nullptr);
    EXPECT_EQ(to_text(*rate), name);
    EXPECT_EQ(coding_rate_text(*rate), coding_rate);
    EXPECT_EQ(index_of(kEu868, parse_data_rate(name, coding_rate).value(), Direction::up), index);
    EXPECT_EQ(data_rate_of(kEu868, index, Direction::down) != nullptr, index < 8);
  }
  // Other notation of the same LR-FHSS rates.
  EXPECT_EQ(parse_data_rate("M0CW137", "2/6"), parse_data_rate("M0CW137", "1/3"));
  EXPECT_EQ(parse_data_rate("M0CW137", "4/6"), parse_data_rate("M0CW137", "2/3"));
}

TEST(Eu868, names_that_are_no_data_rate) {
  for (const auto* text : {"",
                           "SF",
                           "SF7",
                           "SF7BW",
                           "SFBW125",
                           "SF6BW125",
                           "SF13BW125",
                           "SF7BW62",
                           "SF07BW125",
                           "SF7BW125 ",
                           "sf7bw125",
                           "SF7BW-125",
                           "SF99999999999BW125",
                           "FSK",
                           "FSK0",
                           "FSK50000",
                           "M0CW",
                           "M0CW137",
                           "M0CW0",
                           "BW125SF7"}) {
    EXPECT_FALSE(parse_data_rate(text)) << text;
  }
  EXPECT_FALSE(parse_data_rate("M0CW137", "4/5"));
  EXPECT_FALSE(index_of(kEu868, *parse_data_rate("SF9BW500"), Direction::up));
  EXPECT_FALSE(index_of(kEu868, *parse_data_rate("M0CW137", "1/3"), Direction::down));
}

TEST(Eu868, tx_power) {
  for (std::uint8_t index = 0; index <= 7; ++index) EXPECT_EQ(tx_power_dbm(kEu868, index), 16 - 2 * index);
  EXPECT_FALSE(tx_power_dbm(kEu868, 8));
  EXPECT_FALSE(tx_power_dbm(kEu868, 15));
}

TEST(Eu868, sub_bands_and_their_edges) {
  const std::tuple<std::uint32_t, std::string_view, std::uint32_t, int> rows[] = {
      {863'000'000, "K", 1'000, 16},   {864'999'900, "K", 1'000, 16},
      {865'000'000, "K", 1'000, 16},  // the stricter of K and L
      {865'000'100, "L", 10'000, 16},  {868'000'000, "L", 10'000, 16},
      {868'000'100, "M", 10'000, 16},  {868'100'000, "M", 10'000, 16},
      {868'600'000, "M", 10'000, 16},  {868'700'000, "N", 1'000, 16},
      {869'200'000, "N", 1'000, 16},   {869'400'000, "P", 100'000, 29},
      {869'525'000, "P", 100'000, 29}, {869'650'000, "P", 100'000, 29},
      {869'700'000, "R", 10'000, 16},  {870'000'000, "R", 10'000, 16}};
  for (const auto& [hz, name, ppm, eirp] : rows) {
    const auto* band = sub_band_of(kEu868, hz);
    ASSERT_NE(band, nullptr) << hz;
    EXPECT_EQ(band->name, name) << hz;
    EXPECT_EQ(band->duty_cycle_ppm, ppm) << hz;
    EXPECT_EQ(band->gateway_eirp_dbm, eirp) << hz;
    EXPECT_EQ(band->max_erp_mdbm, eirp == 29 ? 27'000 : 14'000) << hz;
  }
  for (const std::uint32_t hz : {0U, 862'999'999U, 868'600'001U, 868'650'000U, 868'699'999U, 869'200'001U, 869'300'000U,
                                 869'399'999U, 869'650'001U, 869'699'999U, 870'000'001U, 4'294'967'295U}) {
    EXPECT_EQ(sub_band_of(kEu868, hz), nullptr) << hz;
  }
  EXPECT_EQ(sub_band_of(kEu868, 863'000'000)->airtime_us_per_hour(), 3'600'000U);
  EXPECT_EQ(sub_band_of(kEu868, 869'525'000)->airtime_us_per_hour(), 360'000'000U);
}

TEST(Eu868, a_careful_transmitter_keeps_its_bandwidth_inside) {
  EXPECT_NE(sub_band_of(kEu868, 868'537'500, 125'000), nullptr);
  EXPECT_EQ(sub_band_of(kEu868, 868'537'600, 125'000), nullptr);
  EXPECT_EQ(sub_band_of(kEu868, 865'000'000, 125'000), nullptr);
  EXPECT_EQ(sub_band_of(kEu868, 870'000'000, 4'000'000'000U), nullptr);
  for (const auto& channel : kEu868.default_channels)
    EXPECT_NE(sub_band_of(kEu868, channel.frequency_hz, 125'000), nullptr);
  EXPECT_NE(sub_band_of(kEu868, kEu868.rx2_hz, 125'000), nullptr);
}

TEST(Eu868, channels) {
  const Channel extra[] = {{867'100'000, 0, 5}, {0, 0, 0}, {868'300'000, 6, 6}};
  EXPECT_EQ(channel_index(kEu868, extra, 868'100'000, 0), 0);
  EXPECT_EQ(channel_index(kEu868, extra, 868'500'000, 5), 2);
  EXPECT_EQ(channel_index(kEu868, extra, 867'100'000, 5), 3);
  EXPECT_EQ(channel_index(kEu868, extra, 868'300'000, 6), 5);
  EXPECT_EQ(channel_index(kEu868, extra, 868'300'000, 5), 1);
  EXPECT_FALSE(channel_index(kEu868, extra, 868'100'000, 6));
  EXPECT_FALSE(channel_index(kEu868, extra, 0, 0));
  EXPECT_FALSE(channel_index(kEu868, {}, 867'100'000, 0));
  const std::array<Channel, 20> many = [] {
    std::array<Channel, 20> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = {static_cast<std::uint32_t>(865'100'000 + 100'000 * i), 0, 5};
    return all;
  }();
  EXPECT_EQ(channel_index(kEu868, many, many[12].frequency_hz, 0), 15);
  EXPECT_FALSE(channel_index(kEu868, many, many[13].frequency_hz, 0));
}

TEST(Regions, are_found_by_name) {
  EXPECT_EQ(find_region("EU868"), &kEu868);
  EXPECT_EQ(find_region("eu868"), nullptr);
  EXPECT_EQ(find_region(""), nullptr);
  for (const auto* region : all_regions()) EXPECT_EQ(find_region(region->name), region);
}

// What must hold in every region, whatever its numbers are.
TEST(Regions, laws) {
  for (const auto* region : all_regions()) {
    SCOPED_TRACE(region->name);
    for (std::uint8_t dr = 0; dr < kDataRates; ++dr) {
      const auto& rate = region->data_rates[dr];
      EXPECT_EQ(max_payload(*region, dr).has_value(), rate.has_value());
      if (!rate) continue;
      if (const auto repeater = max_payload(*region, dr, true)) {
        EXPECT_LE(repeater->m, max_payload(*region, dr)->m);
      }
      for (const auto direction : {Direction::up, Direction::down}) {
        if (data_rate_of(*region, dr, direction) != nullptr) {
          EXPECT_EQ(index_of(*region, *rate, direction), dr);
        }
      }
      for (std::uint8_t offset = 0; offset <= region->max_rx1_dr_offset; ++offset) {
        if (const auto down = rx1_data_rate(*region, dr, offset)) {
          EXPECT_NE(data_rate_of(*region, *down, Direction::down), nullptr);
        }
      }
    }
    EXPECT_NE(data_rate_of(*region, region->rx2_data_rate, Direction::down), nullptr);
    EXPECT_NE(data_rate_of(*region, region->max_adr_data_rate, Direction::up), nullptr);
    EXPECT_FALSE(region->default_channels.empty());
    for (const auto& channel : region->default_channels) {
      EXPECT_GE(channel.frequency_hz, region->min_hz);
      EXPECT_LE(channel.frequency_hz, region->max_hz);
      EXPECT_EQ(channel.frequency_hz % region->frequency_step_hz, 0U);
      EXPECT_LE(channel.min_data_rate, channel.max_data_rate);
    }
    for (std::size_t i = 0; i < region->sub_bands.size(); ++i) {
      EXPECT_LT(region->sub_bands[i].min_hz, region->sub_bands[i].max_hz);
      if (i > 0) {
        EXPECT_GE(region->sub_bands[i].min_hz, region->sub_bands[i - 1].max_hz);
      }
    }
  }
}

}  // namespace
}  // namespace lenne::network::lorawan
