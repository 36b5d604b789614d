#include "network/lorawan/frame.hpp"

#include <gtest/gtest.h>

#include "base/slot.hpp"
#include "tests/unit/network/lorawan/texts.hpp"

namespace lenne::network::lorawan {
namespace {

using base::Bytes;
using testing::bytes_of;

FrameError error_of(std::string_view hex) {
  const auto parsed = parse_frame(bytes_of(hex));
  EXPECT_FALSE(parsed) << hex;
  return parsed ? FrameError{} : parsed.error();
}

TEST(Frame, data_up) {
  const auto bytes = bytes_of(
      "80"
      "04030201"
      "f2"
      "0100"
      "0a0b"
      "07"
      "aabb"
      "01020304");
  const auto parsed = parse_frame(bytes);
  const auto& data = std::get<DataFrame>(*parsed);
  EXPECT_EQ(data.direction, Direction::up);
  EXPECT_TRUE(data.confirmed && data.adr && data.adr_ack_req && data.ack && data.class_b);
  EXPECT_FALSE(data.f_pending);
  EXPECT_EQ(data.dev_addr.value, 0x01020304U);
  EXPECT_EQ(data.f_cnt, 1);
  EXPECT_EQ(base::to_hex(data.f_opts), "0a0b");
  EXPECT_EQ(data.f_port, 7);
  EXPECT_EQ(base::to_hex(data.frm_payload), "aabb");
  EXPECT_EQ(data.message.size(), bytes.size() - 4);
  EXPECT_EQ(base::to_hex(data.mic), "01020304");
}

TEST(Frame, data_down_has_other_bits) {
  const auto bytes = bytes_of(
      "60"
      "04030201"
      "70"
      "ffff"
      "01020304");
  const auto parsed = parse_frame(bytes);
  const auto& data = std::get<DataFrame>(*parsed);
  EXPECT_EQ(data.direction, Direction::down);
  EXPECT_TRUE(data.ack && data.f_pending);
  EXPECT_FALSE(data.confirmed || data.adr || data.adr_ack_req || data.class_b);
  EXPECT_EQ(data.f_cnt, 0xffff);
}

TEST(Frame, port_may_be_absent_and_payload_empty) {
  const auto without_port = bytes_of(
      "40"
      "04030201"
      "00"
      "0100"
      "01020304");
  const auto first = parse_frame(without_port);
  EXPECT_FALSE(std::get<DataFrame>(*first).f_port);
  const auto empty = bytes_of(
      "40"
      "04030201"
      "00"
      "0100"
      "05"
      "01020304");
  const auto second = parse_frame(empty);
  EXPECT_EQ(std::get<DataFrame>(*second).f_port, 5);
  EXPECT_TRUE(std::get<DataFrame>(*second).frm_payload.empty());
  const auto options_fill_all = bytes_of(
      "40"
      "04030201"
      "02"
      "0100"
      "0203"
      "01020304");
  const auto third = parse_frame(options_fill_all);
  EXPECT_EQ(std::get<DataFrame>(*third).f_opts.size(), 2U);
  EXPECT_FALSE(std::get<DataFrame>(*third).f_port);
}

TEST(Frame, errors) {
  EXPECT_EQ(error_of(""), FrameError::too_short);
  EXPECT_EQ(error_of("40"), FrameError::too_short);
  EXPECT_EQ(error_of("4004030201000100010203"), FrameError::too_short);  // 11 bytes
  EXPECT_EQ(error_of("4104030201000100"
                     "01020304"),
            FrameError::bad_major);
  EXPECT_EQ(error_of("e3"), FrameError::bad_major);
  EXPECT_EQ(error_of("40"
                     "04030201"
                     "01"
                     "0100"
                     "01020304"),
            FrameError::fopts_too_long);
  EXPECT_EQ(error_of("40"
                     "04030201"
                     "0f"
                     "0100"
                     "0000000000000000000000000000"
                     "01020304"),
            FrameError::fopts_too_long);
  EXPECT_EQ(error_of("40"
                     "04030201"
                     "01"
                     "0100"
                     "02"
                     "00"
                     "01020304"),
            FrameError::fopts_with_port_0);
  EXPECT_EQ(error_of("00"), FrameError::bad_length);
  EXPECT_EQ(error_of("20"
                     "00"),
            FrameError::bad_length);
  EXPECT_EQ(error_of("c0"), FrameError::too_short);
  EXPECT_EQ(error_of("c003"), FrameError::bad_rejoin_type);
  EXPECT_EQ(error_of("c000"), FrameError::bad_length);
  EXPECT_EQ(parse_frame(Bytes(256, 0xe0)).error(), FrameError::too_long);
  EXPECT_TRUE(parse_frame(Bytes(255, 0xe0)));
}

TEST(Frame, only_the_exact_lengths_of_joins) {
  for (std::size_t size = 1; size <= 40; ++size) {
    Bytes bytes(size);
    EXPECT_EQ(parse_frame(bytes).has_value(), size == 23) << size;
    bytes[0] = 0x20;
    EXPECT_EQ(parse_frame(bytes).has_value(), size == 17 || size == 33) << size;
    bytes[0] = 0xc0;
    EXPECT_EQ(parse_frame(bytes).has_value(), size == 19) << size;
    if (size < 2) continue;
    bytes[1] = 1;
    EXPECT_EQ(parse_frame(bytes).has_value(), size == 24) << size;
    bytes[1] = 2;
    EXPECT_EQ(parse_frame(bytes).has_value(), size == 19) << size;
  }
}

TEST(Frame, join_request_is_little_endian) {
  const auto bytes = bytes_of(
      "00"
      "0807060504030201"
      "1817161514131211"
      "3412"
      "01020304");
  const auto parsed = parse_frame(bytes);
  const auto& join = std::get<JoinRequest>(*parsed);
  EXPECT_EQ(base::to_hex(join.join_eui), "0102030405060708");
  EXPECT_EQ(base::to_hex(join.dev_eui), "1112131415161718");
  EXPECT_EQ(join.dev_nonce, 0x1234);
}

TEST(Frame, rejoin_requests) {
  const auto type_0 = bytes_of(
      "c0"
      "00"
      "030201"
      "1817161514131211"
      "3412"
      "01020304");
  const auto first = parse_frame(type_0);
  EXPECT_EQ(std::get<RejoinRequest>(*first).net_id.value, 0x010203U);
  EXPECT_EQ(std::get<RejoinRequest>(*first).dev_eui.value, 0x1112131415161718U);
  EXPECT_EQ(std::get<RejoinRequest>(*first).rj_count, 0x1234);
  // RJcount1 stands in bytes 18 and 19, after both EUIs.
  const auto type_1 = bytes_of(
      "c0"
      "01"
      "0807060504030201"
      "1817161514131211"
      "3412"
      "01020304");
  const auto second = parse_frame(type_1);
  EXPECT_EQ(std::get<RejoinRequest>(*second).join_eui.value, 0x0102030405060708U);
  EXPECT_EQ(std::get<RejoinRequest>(*second).dev_eui.value, 0x1112131415161718U);
  EXPECT_EQ(std::get<RejoinRequest>(*second).rj_count, 0x1234);
}

TEST(Frame, proprietary_may_be_empty) {
  const auto bytes = bytes_of("e0");
  EXPECT_TRUE(std::get<Proprietary>(*parse_frame(bytes)).payload.empty());
}

TEST(RoutingKey, follows_the_type) {
  constexpr base::DevEui kEui{0x1112131415161718};
  const auto key = [](std::string_view hex) { return routing_key(bytes_of(hex)); };
  EXPECT_EQ(key("40"
                "04030201"
                "00"
                "0100"
                "01020304"),
            RoutingKey(base::DevAddr{0x01020304}));
  EXPECT_EQ(slot_of(key("80"
                        "04030201"
                        "00"
                        "0100"
                        "01020304")),
            0x04);
  EXPECT_EQ(key("00"
                "0807060504030201"
                "1817161514131211"
                "3412"
                "01020304"),
            RoutingKey(kEui));
  EXPECT_EQ(key("c0"
                "00"
                "030201"
                "1817161514131211"
                "3412"
                "01020304"),
            RoutingKey(kEui));
  EXPECT_EQ(key("c0"
                "01"
                "0807060504030201"
                "1817161514131211"
                "3412"
                "01020304"),
            RoutingKey(kEui));
  EXPECT_EQ(slot_of(RoutingKey(kEui)), base::slot_of(kEui));
  for (const auto* hex : {"", "40", "4004030201",
                          "60"
                          "04030201"
                          "00"
                          "0100"
                          "01020304",
                          "e0",
                          "41"
                          "04030201"
                          "00"
                          "0100"
                          "01020304",
                          "00", "c001"}) {
    EXPECT_EQ(key(hex), RoutingKey()) << hex;
    EXPECT_EQ(slot_of(key(hex)), 0);
  }
}

}  // namespace
}  // namespace lenne::network::lorawan
