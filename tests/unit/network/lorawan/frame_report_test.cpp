#include "network/lorawan/frame_report.hpp"

#include <gtest/gtest.h>

#include "tests/unit/network/lorawan/texts.hpp"

namespace lenne::network::lorawan {
namespace {

using base::Bytes;
using testing::repeated;

std::string json_of(const Bytes& frame, FrameQuery query = {}) {
  Aes128 aes;
  query.phy_payload = frame;
  const auto report = report_frame(aes, query);
  return report ? to_json(*report) : to_json(report.error());
}
std::string json_of(std::string_view hex, const FrameQuery& query = {}) {
  return json_of(base::from_hex(hex).value(), query);
}

bool has(const std::string& json, std::string_view part) { return json.find(part) != std::string::npos; }

constexpr std::string_view kUplink =
    "4004030201000100"
    "01"
    "cff30b4e";  // clear payload 01020304 under 16 x 01

std::string with_mic(std::string_view message, Version version, const MicContext& context) {
  Aes128 aes;
  const auto bytes = base::from_hex(message).value();
  const auto mic = data_mic(aes, version, {repeated(1), repeated(1), repeated(1), repeated(1)}, bytes, context);
  return std::string(message) + base::to_hex(mic);
}

TEST(FrameReport, data_without_keys) {
  EXPECT_EQ(json_of(with_mic(kUplink, Version::v1_0, {.f_cnt = 1})),
            R"({"type":"unconfirmed_up","dev_addr":"01020304","f_cnt":1,"adr":false,)"
            R"("adr_ack_req":false,"ack":false,"f_pending":false,)"
            R"("class_b":false,"f_opts":"","f_port":1,"payload":null,"mic_valid":null})");
}

TEST(FrameReport, data_with_keys) {
  FrameQuery query;
  ASSERT_TRUE(query.keys.set("nwk_s_key", repeated(1)));
  ASSERT_TRUE(query.keys.set("app_s_key", repeated(1)));
  const auto good = json_of(with_mic(kUplink, Version::v1_0, {.f_cnt = 1}), query);
  EXPECT_TRUE(has(good, R"("payload":"01020304","mic_valid":true})")) << good;
  query.keys.nwk_s_key = repeated(2);
  EXPECT_TRUE(has(json_of(with_mic(kUplink, Version::v1_0, {.f_cnt = 1}), query), R"("mic_valid":false)"));
}

TEST(FrameReport, f_cnt_gives_the_upper_bits) {
  FrameQuery query;
  query.keys.nwk_s_key = repeated(1);
  query.f_cnt = 0x00050001;
  const auto json = json_of(with_mic(kUplink, Version::v1_0, {.f_cnt = 0x00050001}), query);
  EXPECT_TRUE(has(json, R"("f_cnt":327681,)")) << json;
  EXPECT_TRUE(has(json, R"("mic_valid":true)")) << json;
  query.f_cnt.reset();
  EXPECT_TRUE(has(json_of(with_mic(kUplink, Version::v1_0, {.f_cnt = 0x00050001}), query), R"("f_cnt":1,)"));
}

TEST(FrameReport, data_of_1_1) {
  FrameQuery query{.version = Version::v1_1, .conf_f_cnt = 0x1234, .tx_dr = 5, .tx_ch = 2};
  // FOpts 01020304 under the key 16 x 01, ACK set, no FPort.
  const auto frame = with_mic(
      "4004030201240100"
      "23615f18",
      Version::v1_1, {.f_cnt = 1, .conf_f_cnt = 0x1234, .tx_dr = 5, .tx_ch = 2});
  EXPECT_TRUE(has(json_of(frame, query), R"("f_opts":null,"f_port":null,"payload":null,"mic_valid":null})"))
      << json_of(frame, query);
  query.keys.s_nwk_s_int_key = repeated(1);
  EXPECT_TRUE(has(json_of(frame, query), R"("mic_valid":null)"));  // an uplink needs both integrity keys
  query.keys.f_nwk_s_int_key = repeated(1);
  query.keys.nwk_s_enc_key = repeated(1);
  EXPECT_TRUE(has(json_of(frame, query), R"("ack":true,"f_pending":false,"class_b":false,"f_opts":"01020304",)"))
      << json_of(frame, query);
  EXPECT_TRUE(has(json_of(frame, query), R"("mic_valid":true)"));
  query.tx_ch = 3;
  EXPECT_TRUE(has(json_of(frame, query), R"("mic_valid":false)"));
}

TEST(FrameReport, port_0_is_the_networks) {
  Aes128 aes;
  const SessionKeys keys{repeated(1), repeated(2), repeated(3), repeated(4)};
  const Bytes commands{0x06};
  const DataSpec spec{
      .direction = Direction::down, .confirmed = true, .f_pending = true, .f_cnt = 9, .f_port = 0, .payload = commands};
  const auto frame = build_data(aes, Version::v1_1, keys, spec).value();
  FrameQuery query{.version = Version::v1_1};
  query.keys.app_s_key = repeated(4);
  query.keys.s_nwk_s_int_key = repeated(2);
  EXPECT_TRUE(has(json_of(frame, query), R"({"type":"confirmed_down",)"));
  EXPECT_TRUE(has(json_of(frame, query), R"("f_pending":true,)"));
  EXPECT_TRUE(has(json_of(frame, query), R"("f_port":0,"payload":null,"mic_valid":true})"));
  query.keys.nwk_s_enc_key = repeated(3);
  EXPECT_TRUE(has(json_of(frame, query), R"("payload":"06")"));
}

TEST(FrameReport, an_empty_payload_is_not_an_absent_one) {
  FrameQuery query;
  query.keys.app_s_key = repeated(1);
  EXPECT_TRUE(has(json_of("4004030201000100"
                          "05"
                          "00000000",
                          query),
                  R"("f_port":5,"payload":"")"));
  EXPECT_TRUE(has(json_of("4004030201000100"
                          "00000000",
                          query),
                  R"("f_port":null,"payload":null)"));
}

constexpr std::string_view kJoinRequest =
    "00"
    "0807060504030201"
    "0807060504030201"
    "0201"
    "e6e10c55";

TEST(FrameReport, join_request) {
  const auto rest = [](std::string_view mic) {
    return std::string(R"({"type":"join_request","join_eui":"0102030405060708",)"
                       R"("dev_eui":"0102030405060708","dev_nonce":258,"join_nonce":null,)"
                       R"("net_id":null,"dev_addr":null,)"
                       R"("dl_settings":null,"rx_delay":null,"cf_list":null,"rj_count":null,"mic_valid":)") +
           std::string(mic) + "}";
  };
  EXPECT_EQ(json_of(kJoinRequest), rest("null"));
  FrameQuery query;
  query.keys.app_key = repeated(1);
  EXPECT_EQ(json_of(kJoinRequest, query), rest("true"));
  query.version = Version::v1_1;
  EXPECT_EQ(json_of(kJoinRequest, query), rest("null"));
  query.keys.nwk_key = repeated(2);
  EXPECT_EQ(json_of(kJoinRequest, query), rest("false"));
}

TEST(FrameReport, join_accept_of_1_0) {
  constexpr std::string_view kAccept = "20c9fbb259e11649096a568a9e3b7117c3";
  const auto closed = json_of(kAccept);
  EXPECT_TRUE(has(closed, R"({"type":"join_accept",)"));
  EXPECT_TRUE(has(closed, R"("join_nonce":null,)"));
  EXPECT_TRUE(has(closed, R"("mic_valid":null})"));
  FrameQuery query;
  query.keys.app_key = repeated(1);
  query.dev_nonce = 0x7369;
  const auto open = json_of(kAccept, query);
  EXPECT_TRUE(
      has(open,
          R"("join_nonce":66051,"net_id":"010203","dev_addr":"01020304","dl_settings":0,"rx_delay":1,"cf_list":null,)"))
      << open;
  Aes128 aes;
  const auto keys = derive_session_1_0(aes, repeated(1), 0x010203, base::NetId{0x010203}, 0x7369);
  EXPECT_TRUE(has(open, R"("app_s_key":")" + base::to_hex(keys.app_s_key.bytes) + R"(","nwk_s_key":")" +
                            base::to_hex(keys.f_nwk_s_int_key.bytes)))
      << open;
  EXPECT_TRUE(has(open, R"("mic_valid":true})"));
  query.keys.app_key = repeated(2);
  EXPECT_TRUE(has(json_of(kAccept, query), R"("app_s_key":null,)"));
  EXPECT_TRUE(has(json_of(kAccept, query), R"("mic_valid":false})"));
}

TEST(FrameReport, join_accepts_of_1_1) {
  Aes128 aes;
  const RootKeys root{repeated(1), repeated(2)};
  const base::JoinEui join_eui{0x1234};
  const auto js_int = derive_js_int_key(aes, root.nwk_key, base::DevEui{7});
  const auto js_enc = derive_js_enc_key(aes, root.nwk_key, base::DevEui{7});
  JoinAccept accept{.join_nonce = 5,
                    .net_id = base::NetId{0x13},
                    .dev_addr = base::DevAddr{0x26000001},
                    .dl_settings = {.opt_neg = true},
                    .rx_delay = 1,
                    .cf_list = CfList{}};
  const auto session = derive_session_1_1(aes, root, 5, join_eui, 3);
  FrameQuery query{.version = Version::v1_1, .dev_nonce = 3, .join_eui = join_eui};
  query.keys.app_key = root.app_key;
  query.keys.nwk_key = root.nwk_key;
  query.keys.js_int_key = js_int;

  const auto answer = build_join_accept(aes, js_int, root.nwk_key, accept, {JoinReqType::join, join_eui, 3});
  const auto json = json_of(answer, query);
  EXPECT_TRUE(has(json, R"("dl_settings":128,)")) << json;
  EXPECT_TRUE(has(json, R"("cf_list":"00000000000000000000000000000000",)")) << json;
  EXPECT_TRUE(has(json, R"("app_s_key":")" + base::to_hex(session.app_s_key.bytes) +
                            R"(","nwk_s_key":null,"f_nwk_s_int_key":")" + base::to_hex(session.f_nwk_s_int_key.bytes) +
                            R"(","s_nwk_s_int_key":")" + base::to_hex(session.s_nwk_s_int_key.bytes) +
                            R"(","nwk_s_enc_key":")" + base::to_hex(session.nwk_s_enc_key.bytes) +
                            R"(","mic_valid":true})"))
      << json;
  query.keys.js_int_key.reset();
  EXPECT_TRUE(has(json_of(answer, query), R"("mic_valid":null})"));

  // The answer to a rejoin-request is encrypted with JSEncKey, and its type is part of the MIC.
  const auto rejoin_answer = build_join_accept(aes, js_int, js_enc, accept, {JoinReqType::rejoin_0, join_eui, 3});
  query.keys.js_int_key = js_int;
  query.join_req_type = 0;
  EXPECT_TRUE(has(json_of(rejoin_answer, query), R"("join_nonce":null,)"));
  query.keys.js_enc_key = js_enc;
  EXPECT_TRUE(has(json_of(rejoin_answer, query), R"("mic_valid":true})"));
  query.join_req_type = 2;
  EXPECT_TRUE(has(json_of(rejoin_answer, query), R"("mic_valid":false})"));

  // OptNeg = 0: everything as in 1.0, from NwkKey.
  accept.dl_settings.opt_neg = false;
  query.join_req_type = 0xff;
  const auto old_session = derive_session_1_0(aes, root.nwk_key, 5, accept.net_id, 3);
  const auto old_json = json_of(build_join_accept(aes, root.nwk_key, root.nwk_key, accept), query);
  EXPECT_TRUE(has(old_json, R"("nwk_s_key":")" + base::to_hex(old_session.f_nwk_s_int_key.bytes))) << old_json;
  EXPECT_TRUE(has(old_json, R"("mic_valid":true})")) << old_json;
}

TEST(FrameReport, rejoin_requests) {
  Aes128 aes;
  FrameQuery query{.version = Version::v1_1};
  query.keys.s_nwk_s_int_key = repeated(1);
  query.keys.nwk_key = repeated(2);
  RejoinRequest request;
  request.dev_eui = base::DevEui{7};
  request.rj_count = 258;
  request.net_id = base::NetId{0x13};
  for (const auto type : {std::uint8_t{0}, std::uint8_t{2}}) {
    request.type = type;
    const auto json = json_of(build_rejoin_request(aes, repeated(1), request), query);
    EXPECT_TRUE(has(json, R"({"type":"rejoin_request_)" + std::to_string(int{type}) +
                              R"(","join_eui":null,"dev_eui":"0000000000000007",)"))
        << json;
    EXPECT_TRUE(has(json, R"("net_id":"000013",)")) << json;
    EXPECT_TRUE(has(json, R"("rj_count":258,"mic_valid":true})")) << json;
  }
  request.type = 1;
  request.join_eui = base::JoinEui{9};
  const auto frame = build_rejoin_request(aes, derive_js_int_key(aes, repeated(2), request.dev_eui), request);
  const auto json = json_of(frame, query);
  EXPECT_TRUE(has(json, R"({"type":"rejoin_request_1","join_eui":"0000000000000009","dev_eui":"0000000000000007",)"))
      << json;
  EXPECT_TRUE(has(json, R"("mic_valid":true})")) << json;
  query.keys.js_int_key = repeated(3);
  EXPECT_TRUE(has(json_of(frame, query), R"("mic_valid":false})"));
}

TEST(FrameReport, proprietary_and_errors) {
  EXPECT_EQ(json_of("e00a0b"), R"({"type":"proprietary","payload":"0a0b","mic_valid":null})");
  EXPECT_EQ(json_of(""), R"({"error":"too_short"})");
  EXPECT_EQ(json_of("41"), R"({"error":"bad_major"})");
}

TEST(FrameReport, keys_have_names) {
  NamedKeys keys;
  for (const auto* name : {"app_key", "nwk_key", "app_s_key", "nwk_s_key", "f_nwk_s_int_key", "s_nwk_s_int_key",
                           "nwk_s_enc_key", "js_int_key", "js_enc_key"}) {
    EXPECT_TRUE(keys.set(name, repeated(1))) << name;
  }
  EXPECT_TRUE(keys.js_enc_key && keys.app_key);
  EXPECT_FALSE(keys.set("app_skey", repeated(1)));
  EXPECT_FALSE(keys.set("", repeated(1)));
}

}  // namespace
}  // namespace lenne::network::lorawan
