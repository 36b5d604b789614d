// Published numbers: The Things Stack, pkg/crypto/{data_messages,join_messages,key_derivation}_test.go (Apache-2.0).

#include "network/lorawan/crypto.hpp"

#include <gtest/gtest.h>

#include "network/lorawan/build.hpp"
#include "tests/unit/network/lorawan/texts.hpp"

namespace lenne::network::lorawan {
namespace {

using base::Bytes;
using base::ByteView;
using testing::bytes_of;
using testing::repeated;

std::string hex_of(const Key128& key) { return base::to_hex(ByteView(key.bytes)); }
std::string hex_of(const Mic& mic) { return base::to_hex(ByteView(mic)); }

const Key128 kKey = repeated(1);
const SessionKeys kKeys{kKey, kKey, kKey, kKey};
constexpr base::DevAddr kAddr{0x01020304};

TEST(GoldenCrypto, frm_payload) {
  Aes128 aes;
  const auto plain = bytes_of("01020304");
  Bytes out(4);
  crypt_payload(aes, kKey, Direction::up, kAddr, 1, plain, out.data());
  EXPECT_EQ(base::to_hex(out), "cff30b4e");
  crypt_payload(aes, kKey, Direction::down, kAddr, 1, plain, out.data());
  EXPECT_EQ(base::to_hex(out), "4e75f440");
}

// From AES of the Python package cryptography, by the blocks A_i of the specification (4.3.3).
TEST(GoldenCrypto, frm_payload_by_all_32_bits_of_the_counter) {
  Aes128 aes;
  Key128 key;
  ASSERT_TRUE(base::from_hex_exactly("2b7e151628aed2a6abf7158809cf4f3c", key.bytes));
  const auto plain = base::as_bytes("hello, region of 59");
  Bytes out(plain.size());
  crypt_payload(aes, key, Direction::up, {0x26011bda}, 0x0000'0001, plain, out.data());
  EXPECT_EQ(base::to_hex(out), "ea9655037be334e82d373bd02e61cb2a265fc2");
  crypt_payload(aes, key, Direction::up, {0x26011bda}, 0x0001'0001, plain, out.data());
  EXPECT_EQ(base::to_hex(out), "e2ad8d4a9852e770ddeff6d23448f4da2bf3db");
}

TEST(GoldenCrypto, f_opts_with_the_erratum) {
  Aes128 aes;
  const auto plain = bytes_of("01020304");
  Bytes out(4);
  crypt_f_opts(aes, kKey, FOptsCounter::up_or_n_f_cnt_down, Direction::up, kAddr, 1, plain, out.data());
  EXPECT_EQ(base::to_hex(out), "23615f18");
  crypt_f_opts(aes, kKey, FOptsCounter::up_or_n_f_cnt_down, Direction::down, kAddr, 1, plain, out.data());
  EXPECT_EQ(base::to_hex(out), "b2dbe391");
}

TEST(GoldenCrypto, data_mic) {
  Aes128 aes;
  auto message = bytes_of(
      "4004030201000100"
      "01"
      "01020304");
  EXPECT_EQ(hex_of(data_mic(aes, Version::v1_0, kKeys, message, {.f_cnt = 1})), "3b073182");
  EXPECT_EQ(hex_of(data_mic(aes, Version::v1_1, kKeys, message, {.f_cnt = 1})), "3b073b07");
}

// The published downlink vector takes the uplink's bytes with Dir = 1, which no frame has. So B0 is written out here
// once, which also shows that the value comes from the block as the specification draws it.
TEST(GoldenCrypto, downlink_mic_block) {
  Aes128 aes;
  const auto message = bytes_of(
      "4004030201000100"
      "01"
      "01020304");
  const auto b0 = bytes_of(
      "49"
      "00000000"
      "01"
      "04030201"
      "01000000"
      "00"
      "0d");
  EXPECT_EQ(base::to_hex(aes.cmac(kKey, b0, message)).substr(0, 8), "a5609fa9");
  auto down = message;
  down[0] = 0x60;
  const auto expected = base::to_hex(aes.cmac(kKey, b0, down)).substr(0, 8);
  EXPECT_EQ(hex_of(data_mic(aes, Version::v1_0, kKeys, down, {.f_cnt = 1})), expected);
  EXPECT_EQ(hex_of(data_mic(aes, Version::v1_1, kKeys, down, {.f_cnt = 1})), expected);
}

// LoRaWAN 1.1 section 4.4: ConfFCnt is little-endian in B0 and B1 and counts only with ACK; TxDr and TxCh follow it.
TEST(GoldenCrypto, conf_f_cnt_is_little_endian_and_needs_ack) {
  Aes128 aes;
  const SessionKeys keys{repeated(1), repeated(2), repeated(3), repeated(4)};
  const MicContext context{.f_cnt = 0x00010001, .conf_f_cnt = 0x1234, .tx_dr = 5, .tx_ch = 7};
  const auto up = bytes_of("4004030201200100");
  const auto b0 = bytes_of(
      "49"
      "00000000"
      "00"
      "04030201"
      "01000100"
      "00"
      "08");
  const auto b1 = bytes_of(
      "49"
      "34120507"
      "00"
      "04030201"
      "01000100"
      "00"
      "08");
  EXPECT_EQ(hex_of(data_mic(aes, Version::v1_1, keys, up, context)),
            base::to_hex(aes.cmac(repeated(2), b1, up)).substr(0, 4) +
                base::to_hex(aes.cmac(repeated(1), b0, up)).substr(0, 4));
  const auto down = bytes_of("6004030201200100");
  const auto b0_down = bytes_of(
      "49"
      "34120000"
      "01"
      "04030201"
      "01000100"
      "00"
      "08");
  EXPECT_EQ(hex_of(data_mic(aes, Version::v1_1, keys, down, context)),
            base::to_hex(aes.cmac(repeated(2), b0_down, down)).substr(0, 8));

  auto other = context;
  other.conf_f_cnt = 0x4321;
  for (const auto* text : {"4004030201000100", "6004030201000100"}) {
    const auto without_ack = bytes_of(text);
    EXPECT_EQ(data_mic(aes, Version::v1_1, keys, without_ack, context),
              data_mic(aes, Version::v1_1, keys, without_ack, other));
  }
  EXPECT_NE(data_mic(aes, Version::v1_1, keys, up, context), data_mic(aes, Version::v1_1, keys, up, other));
  EXPECT_NE(data_mic(aes, Version::v1_1, keys, down, context), data_mic(aes, Version::v1_1, keys, down, other));
}

TEST(GoldenCrypto, join_request) {
  Aes128 aes;
  const auto eui = 0x0102030405060708U;
  EXPECT_EQ(base::to_hex(build_join_request(aes, kKey, base::JoinEui{eui}, base::DevEui{eui}, 0x0102)),
            "00"
            "0807060504030201"
            "0807060504030201"
            "0201"
            "e6e10c55");
}

TEST(GoldenCrypto, join_accept) {
  Aes128 aes;
  const JoinAccept accept{.join_nonce = 0x010203,
                          .net_id = base::NetId{0x010203},
                          .dev_addr = kAddr,
                          .dl_settings = {},
                          .rx_delay = 1,
                          .cf_list = {}};
  const auto frame = build_join_accept(aes, kKey, kKey, accept);
  EXPECT_EQ(base::to_hex(frame), "20c9fbb259e11649096a568a9e3b7117c3");
  const auto parsed = parse_frame(frame);
  const auto opened = decrypt_join_accept(aes, kKey, std::get<EncryptedJoinAccept>(*parsed));
  EXPECT_EQ(opened.accept, accept);
  EXPECT_EQ(hex_of(opened.mic), "32f54ab3");
  EXPECT_TRUE(join_accept_mic_valid(aes, Version::v1_0, kKey, opened));
}

TEST(GoldenCrypto, key_derivation) {
  Aes128 aes;
  Key128 root;
  ASSERT_TRUE(base::from_hex_exactly("bec499c69e9c939e413b663961636c61", root.bytes));
  constexpr base::JoinEui kJoinEui{0x0000001223224242};
  constexpr base::DevEui kDevEui{0x0042004213424341};
  const auto v1_0 = derive_session_1_0(aes, root, 0xae3b1c, base::NetId{0x020101}, 0x7369);
  EXPECT_EQ(hex_of(v1_0.f_nwk_s_int_key), "0db924ee6af90698e05fc7ce48303c01");
  EXPECT_EQ(v1_0.s_nwk_s_int_key, v1_0.f_nwk_s_int_key);
  EXPECT_EQ(v1_0.nwk_s_enc_key, v1_0.f_nwk_s_int_key);
  EXPECT_EQ(hex_of(v1_0.app_s_key), "8c1e0543a229088de6f84e74bb46bd62");

  const auto v1_1 = derive_session_1_1(aes, {root, root}, 0xae3b1c, kJoinEui, 0x7369);
  EXPECT_EQ(hex_of(v1_1.app_s_key), "b035cce24e4a040eb5cecbf21724412d");
  EXPECT_EQ(hex_of(v1_1.f_nwk_s_int_key), "379084e7ce22ff191bff4b77536f2aa3");
  EXPECT_EQ(hex_of(v1_1.s_nwk_s_int_key), "63c59309d53485bc5164dbf71627aeb9");
  EXPECT_EQ(hex_of(v1_1.nwk_s_enc_key), "ce07a009a3970ac0519a099ed53e550b");
  EXPECT_EQ(hex_of(derive_js_int_key(aes, root, kDevEui)), "cb8e9ee114c3fb5ce472a5aa13ab1855");
  EXPECT_EQ(hex_of(derive_js_enc_key(aes, root, kDevEui)), "bb711eefb9829b4a75866f8616bacd6d");

  // AppSKey comes from AppKey, the rest from NwkKey.
  const auto mixed = derive_session_1_1(aes, {kKey, root}, 0xae3b1c, kJoinEui, 0x7369);
  EXPECT_EQ(mixed.f_nwk_s_int_key, v1_1.f_nwk_s_int_key);
  EXPECT_NE(mixed.app_s_key, v1_1.app_s_key);
}

}  // namespace
}  // namespace lenne::network::lorawan
