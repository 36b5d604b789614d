#include "network/lorawan/mac_command.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "tests/unit/network/lorawan/texts.hpp"

namespace lenne::network::lorawan {
namespace {

using base::Bytes;
using testing::bytes_of;

std::string names_of(MacCommandReader& reader) {
  std::string names;
  while (const auto command = reader.next()) names += std::string(command->info->name) + " ";
  return names;
}

template <typename Command>
std::string hex_of(const Command& command) {
  Bytes out;
  append_command(out, command);
  return base::to_hex(out);
}

template <typename Command>
std::optional<Command> decoded(const Bytes& bytes) {
  MacCommandReader reader(Version::v1_1, Command::kDirection, bytes);
  const auto raw = reader.next();
  return raw ? decode_command<Command>(*raw) : std::nullopt;
}

TEST(MacCommand, table_has_each_command_once) {
  std::set<std::pair<int, int>> seen;
  for (const auto& info : mac_commands()) {
    EXPECT_TRUE(seen.emplace(info.cid, static_cast<int>(info.direction)).second) << info.name;
    EXPECT_EQ(find_mac_command(Version::v1_1, info.direction, info.cid), &info);
    EXPECT_EQ(find_mac_command(Version::v1_0, info.direction, info.cid) != nullptr, info.since == Version::v1_0);
    EXPECT_LE(info.length, 5);
  }
}

TEST(MacCommand, reader_takes_commands_in_order) {
  const auto bytes = bytes_of(
      "02"
      "0307"
      "06ff20"
      "0d");
  MacCommandReader reader(Version::v1_0, Direction::up, bytes);
  EXPECT_EQ(names_of(reader), "LinkCheckReq LinkADRAns DevStatusAns DeviceTimeReq ");
  EXPECT_TRUE(reader.rest().empty());
}

TEST(MacCommand, reader_stops_at_the_first_unknown_and_keeps_what_came_before) {
  const auto bytes = bytes_of(
      "0307"
      "80"
      "02");
  MacCommandReader reader(Version::v1_0, Direction::up, bytes);
  EXPECT_EQ(names_of(reader), "LinkADRAns ");
  EXPECT_EQ(base::to_hex(reader.rest()), "8002");
  EXPECT_FALSE(reader.next());
}

TEST(MacCommand, reader_stops_at_a_command_that_is_cut_off) {
  const auto bytes = bytes_of(
      "02"
      "06ff");
  MacCommandReader reader(Version::v1_0, Direction::up, bytes);
  EXPECT_EQ(names_of(reader), "LinkCheckReq ");
  EXPECT_EQ(base::to_hex(reader.rest()), "06ff");
}

// Random bytes of a 1.0 device must not change its version.
TEST(MacCommand, rekey_and_reset_do_not_exist_in_1_0) {
  for (const auto* text : {"0b01", "0101"}) {
    const auto bytes = bytes_of(text);
    MacCommandReader old(Version::v1_0, Direction::up, bytes);
    EXPECT_FALSE(old.next());
    MacCommandReader current(Version::v1_1, Direction::up, bytes);
    EXPECT_TRUE(current.next());
  }
}

// Layouts as drawn in TS001-1.0.4 section 5.
TEST(MacCommand, layouts) {
  EXPECT_EQ(hex_of(LinkCheckReq{}), "02");
  EXPECT_EQ(hex_of(LinkCheckAns{.margin_db = 20, .gateway_count = 3}), "021403");
  EXPECT_EQ(hex_of(LinkAdrReq{.data_rate = 5, .tx_power = 2, .ch_mask = 0x00ff, .ch_mask_cntl = 6, .nb_trans = 1}),
            "0352ff0061");
  EXPECT_EQ(hex_of(LinkAdrAns{.channel_mask_ok = true, .data_rate_ok = false, .power_ok = true}), "0305");
  EXPECT_EQ(hex_of(DutyCycleReq{.max_duty_cycle = 7}), "0407");
  EXPECT_EQ(hex_of(RxParamSetupReq{.rx2_data_rate = 3, .rx1_dr_offset = 2, .frequency_hz = 869'525'000}), "0523d2ad84");
  EXPECT_EQ(hex_of(RxParamSetupAns{.channel_ok = true, .rx2_data_rate_ok = true, .rx1_dr_offset_ok = true}), "0507");
  EXPECT_EQ(hex_of(DevStatusReq{}), "06");
  EXPECT_EQ(hex_of(DevStatusAns{.battery = 254, .margin_db = -1}), "06fe3f");
  EXPECT_EQ(hex_of(NewChannelReq{.index = 3, .frequency_hz = 867'100'000, .min_data_rate = 0, .max_data_rate = 5}),
            "0703184f8450");
  EXPECT_EQ(hex_of(NewChannelAns{.frequency_ok = true, .data_rates_ok = false}), "0701");
  EXPECT_EQ(hex_of(RxTimingSetupReq{.delay_s = 5}), "0805");
  EXPECT_EQ(hex_of(RxTimingSetupAns{}), "08");
  EXPECT_EQ(hex_of(DlChannelReq{.index = 1, .frequency_hz = 867'100'000}), "0a01184f84");
  EXPECT_EQ(hex_of(DlChannelAns{.frequency_ok = true, .uplink_exists = true}), "0a03");
  EXPECT_EQ(hex_of(DeviceTimeAns{.gps_seconds = 1139322288, .fraction = 128}), "0db0ade84380");
  EXPECT_EQ(hex_of(RekeyConf{.minor = 1}), "0b01");
  EXPECT_EQ(hex_of(ResetConf{.minor = 1}), "0101");
}

TEST(MacCommand, dev_status_margin_is_signed) {
  for (int margin = -32; margin <= 31; ++margin) {
    Bytes out;
    append_command(out, DevStatusAns{.battery = 0, .margin_db = static_cast<std::int8_t>(margin)});
    EXPECT_EQ(decoded<DevStatusAns>(out).value().margin_db, margin);
  }
  // RFU bits are ignored.
  EXPECT_EQ(decoded<DevStatusAns>(bytes_of("0600c1")).value().margin_db, 1);
}

TEST(MacCommand, decode_undoes_encode) {
  EXPECT_TRUE(rc::check([] {
    const auto bits = [](unsigned width) { return *rc::gen::inRange<std::uint32_t>(0, 1U << width); };
    const LinkAdrReq adr{.data_rate = static_cast<std::uint8_t>(bits(4)),
                         .tx_power = static_cast<std::uint8_t>(bits(4)),
                         .ch_mask = static_cast<std::uint16_t>(bits(16)),
                         .ch_mask_cntl = static_cast<std::uint8_t>(bits(3)),
                         .nb_trans = static_cast<std::uint8_t>(bits(4))};
    const NewChannelReq channel{.index = static_cast<std::uint8_t>(bits(8)),
                                .frequency_hz = bits(24) * 100,
                                .min_data_rate = static_cast<std::uint8_t>(bits(4)),
                                .max_data_rate = static_cast<std::uint8_t>(bits(4))};
    const RxParamSetupReq rx{.rx2_data_rate = static_cast<std::uint8_t>(bits(4)),
                             .rx1_dr_offset = static_cast<std::uint8_t>(bits(3)),
                             .frequency_hz = bits(24) * 100};
    const DeviceTimeAns time{.gps_seconds = *rc::gen::arbitrary<std::uint32_t>(),
                             .fraction = static_cast<std::uint8_t>(bits(8))};
    Bytes out;
    append_command(out, adr);
    append_command(out, channel);
    append_command(out, rx);
    append_command(out, time);
    MacCommandReader reader(Version::v1_0, Direction::down, out);
    RC_ASSERT(decode_command<LinkAdrReq>(reader.next().value()) == adr);
    RC_ASSERT(decode_command<NewChannelReq>(reader.next().value()) == channel);
    RC_ASSERT(decode_command<RxParamSetupReq>(reader.next().value()) == rx);
    RC_ASSERT(decode_command<DeviceTimeAns>(reader.next().value()) == time);
    RC_ASSERT(!reader.next());
    RC_ASSERT(reader.rest().empty());
  }));
}

TEST(MacCommand, decode_refuses_another_command) {
  const auto bytes = bytes_of("0307");
  MacCommandReader reader(Version::v1_0, Direction::up, bytes);
  const auto raw = reader.next().value();
  EXPECT_TRUE(decode_command<LinkAdrAns>(raw));
  EXPECT_FALSE(decode_command<LinkAdrReq>(raw));
  EXPECT_FALSE(decode_command<NewChannelAns>(raw));
  EXPECT_FALSE(decode_command<LinkAdrAns>(MacCommand{}));
}

}  // namespace
}  // namespace lenne::network::lorawan
