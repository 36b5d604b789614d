// What gateways in the field do, one test each.

#include "ingest/semtech_udp_codec.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "datagrams.hpp"

namespace lenne::ingest {
namespace {

using testing::push_of;

struct Decoded {
  bool good;
  PushData push;
  std::optional<Refusal> error;
};

Decoded decode(std::string_view json) {
  UplinkDecoder decoder;
  Decoded out{};
  const auto result = decoder.decode_push_data(base::as_bytes(json), out.push);
  out.good = result.has_value();
  if (!result) out.error = result.error();
  return out;
}

/// A good frame with some of its fields replaced or, by "", left out; further text as it is.
std::string frame_json(const std::vector<std::pair<std::string, std::string>>& changes = {},
                       const std::string& more = {}) {
  std::vector<std::pair<std::string, std::string>> fields{
      {"tmst", "1000"},          {"chan", "0"},        {"rfch", "1"},
      {"freq", "868.1"},         {"stat", "1"},        {"modu", R"("LORA")"},
      {"datr", R"("SF7BW125")"}, {"codr", R"("4/5")"}, {"rssi", "-60"},
      {"lsnr", "7.5"},           {"size", "4"},        {"data", R"("QAECAw==")"}};
  for (const auto& [name, value] : changes) {
    for (auto& field : fields) {
      if (field.first == name) field.second = value;
    }
  }
  std::string json = "{";
  for (const auto& [name, value] : fields) {
    if (!value.empty()) json += fmt::format(R"({}"{}":{})", json.size() > 1 ? "," : "", name, value);
  }
  return json + more + "}";
}

std::string rxpk(const std::string& frames) { return R"({"rxpk":[)" + frames + "]}"; }

RxFrame only_frame(const std::string& frame) {
  const auto decoded = decode(rxpk(frame));
  EXPECT_TRUE(decoded.good) << frame;
  EXPECT_TRUE(decoded.push.refused.empty()) << frame << ": " << name_of(decoded.push.refused.front());
  EXPECT_EQ(decoded.push.frames.size(), 1u);
  return decoded.push.frames.empty() ? RxFrame{} : decoded.push.frames.front();
}

void expect_refused(const std::string& frame, Refusal reason) {
  // A good frame on either side is used all the same.
  const auto decoded = decode(rxpk(frame_json() + "," + frame + "," + frame_json()));
  ASSERT_TRUE(decoded.good) << frame;
  EXPECT_EQ(decoded.push.frames.size(), 2u) << frame;
  ASSERT_EQ(decoded.push.refused.size(), 1u) << frame;
  EXPECT_EQ(name_of(decoded.push.refused.front()), name_of(reason)) << frame;
}

TEST(SemtechUdpHeader, RefusesByReason) {
  const auto error_of = [](const base::Bytes& bytes) { return parse_header(bytes).error(); };
  EXPECT_EQ(error_of({}), Refusal::too_short);
  EXPECT_EQ(error_of({2, 0, 0}), Refusal::too_short);
  EXPECT_EQ(error_of({2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7}), Refusal::too_short);
  EXPECT_EQ(error_of({0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}), Refusal::bad_version);
  EXPECT_EQ(error_of({3, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}), Refusal::bad_version);
  for (const int type : {1, 3, 4, 6, 255}) {
    EXPECT_EQ(error_of({2, 0, 0, static_cast<std::uint8_t>(type), 1, 2, 3, 4, 5, 6, 7, 8}), Refusal::unknown_type)
        << type;
  }
}

TEST(SemtechUdpCodec, RefusesFramesByReason) {
  expect_refused(frame_json({{"stat", "-1"}}), Refusal::crc_bad);
  expect_refused(frame_json({{"stat", "0"}}), Refusal::crc_absent);
  expect_refused(frame_json({{"stat", ""}}), Refusal::crc_absent);
  expect_refused(frame_json({{"stat", "2"}}), Refusal::bad_crc_status);
  expect_refused(frame_json({{"stat", "\"1\""}}), Refusal::bad_crc_status);
  expect_refused(frame_json({{"data", ""}}), Refusal::rxpk_without_data);
  expect_refused(frame_json({{"data", "\"\""}, {"size", "0"}}), Refusal::rxpk_without_data);
  expect_refused(frame_json({{"data", "17"}}), Refusal::rxpk_without_data);
  expect_refused(frame_json({{"data", "\"QAEC*w==\""}}), Refusal::bad_base64);
  expect_refused(frame_json({{"data", "\"QAECA\""}}), Refusal::bad_base64);
  expect_refused(frame_json({{"data", "\"=QAECAw\""}}), Refusal::bad_base64);
  expect_refused(frame_json({{"size", "5"}}), Refusal::size_mismatch);
  expect_refused(frame_json({{"size", "-4"}}), Refusal::size_mismatch);
  expect_refused(frame_json({{"data", '"' + std::string(344, 'A') + '"'}, {"size", "258"}}), Refusal::too_long);
  expect_refused(frame_json({{"freq", ""}}), Refusal::bad_frequency);
  expect_refused(frame_json({{"freq", "-868.1"}}), Refusal::bad_frequency);
  expect_refused(frame_json({{"freq", "868100000"}}), Refusal::bad_frequency);
  expect_refused(frame_json({{"freq", "\"868.1\""}}), Refusal::bad_frequency);
  expect_refused(frame_json({{"modu", "\"LR-FHSS\""}}), Refusal::bad_modulation);
  expect_refused(frame_json({{"modu", ""}}), Refusal::bad_modulation);
  for (const auto* rate :
       {"\"SF13BW125\"", "\"SF4BW125\"", "\"SF7BW126\"", "\"SF7\"", "\"SF7BW\"", "\"BW125\"", "7", "{}"}) {
    expect_refused(frame_json({{"datr", rate}}), Refusal::bad_data_rate);
  }
  expect_refused(frame_json({{"modu", "\"FSK\""}, {"datr", "-50000"}}), Refusal::bad_data_rate);
  expect_refused(frame_json({{"tmst", ""}}), Refusal::bad_tmst);
  expect_refused(frame_json({{"tmst", "4294967296"}}), Refusal::bad_tmst);
  expect_refused(frame_json({{"tmst", "1.5"}}), Refusal::bad_tmst);
  expect_refused("17", Refusal::rxpk_not_object);
  expect_refused("[]", Refusal::rxpk_not_object);
}

TEST(SemtechUdpCodec, ReadsTheWholeFrame) {
  const auto frame =
      only_frame(frame_json({{"rfch", "1"}, {"chan", "5"}}, R"(,"tmms":1234567890123,"ant":1,"brd":0,"x":[{"y":[]}])"));
  EXPECT_EQ(base::to_hex(frame.phy_payload()), "40010203");
  EXPECT_EQ(frame.gps_time_us, 1'234'567'890'123'000);
  EXPECT_EQ(frame.antenna, 1u);
  EXPECT_EQ(frame.rf_chain, 1u);
  EXPECT_EQ(frame.channel, 5u);
  EXPECT_EQ(frame.snr_tenths_db, 75);
  EXPECT_FALSE(frame.gateway_time);
}

TEST(SemtechUdpCodec, AcceptsBase64WithAndWithoutPaddingInEitherAlphabet) {
  EXPECT_EQ(base::to_hex(only_frame(frame_json({{"data", "\"QAECAw\""}})).phy_payload()), "40010203");
  EXPECT_EQ(base::to_hex(only_frame(frame_json({{"data", "\"QAECAw=\""}})).phy_payload()), "40010203");
  EXPECT_EQ(base::to_hex(only_frame(frame_json({{"data", "\"-_-_\""}, {"size", "3"}})).phy_payload()), "fbffbf");
  EXPECT_EQ(base::to_hex(only_frame(frame_json({{"data", "\"+/+/\""}, {"size", ""}})).phy_payload()), "fbffbf");
}

TEST(SemtechUdpCodec, RoundsFrequenciesToHertz) {
  for (const std::uint32_t khz :
       {867'100u, 867'300u, 867'500u, 867'700u, 867'900u, 868'100u, 868'300u, 868'500u, 868'800u, 869'525u}) {
    EXPECT_EQ(only_frame(frame_json({{"freq", fmt::format("{}.{:03}", khz / 1'000, khz % 1'000)}})).frequency_hz,
              khz * 1'000);
    EXPECT_EQ(only_frame(frame_json({{"freq", fmt::format("{:.6f}", khz / 1e3)}})).frequency_hz, khz * 1'000);
  }
  EXPECT_EQ(only_frame(frame_json({{"freq", "868.0999985"}})).frequency_hz, 868'099'999u);
  EXPECT_EQ(only_frame(frame_json({{"freq", "869"}})).frequency_hz, 869'000'000u);
}

TEST(SemtechUdpCodec, TheStrongestAntennaOfRsigCounts) {
  const auto frame = only_frame(frame_json(
      {{"rssi", ""}, {"lsnr", ""}, {"chan", ""}},
      R"(,"rsig":[{"ant":0,"chan":3,"rssic":-101,"lsnr":1.2},{"ant":1,"chan":4,"rssic":-97,"lsnr":4.4,"etime":"x"},7])"));
  EXPECT_EQ(frame.antenna, 1u);
  EXPECT_EQ(frame.channel, 4u);
  EXPECT_EQ(frame.rssi_dbm, -97);
  EXPECT_EQ(frame.snr_tenths_db, 44);
}

TEST(SemtechUdpCodec, FskHasABitRateAndNoSnr) {
  const auto frame =
      only_frame(frame_json({{"modu", "\"FSK\""}, {"datr", "50000"}, {"lsnr", ""}, {"codr", ""}}, R"(,"fdev":25000)"));
  EXPECT_EQ(frame.rate, (RadioRate{0, 0, 50'000}));
  EXPECT_EQ(frame.frequency_deviation_hz, 25'000u);
  EXPECT_EQ(frame.snr_tenths_db, 0);
  EXPECT_EQ(only_frame(frame_json({{"modu", "\"FSK\""}, {"datr", "\"50000\""}})).rate.bit_rate, 50'000u);
}

TEST(SemtechUdpCodec, AcceptsTimesOfAnyPrecision) {
  const auto time_of = [](const std::string& text) {
    const auto frame = only_frame(frame_json({}, R"(,"time":")" + text + '"'));
    return frame.gateway_time ? base::to_rfc3339(*frame.gateway_time) : std::string("-");
  };
  EXPECT_EQ(time_of("2026-11-24T00:15:26Z"), "2026-11-24T00:15:26.000000Z");
  EXPECT_EQ(time_of("2026-11-24T00:15:26.5Z"), "2026-11-24T00:15:26.500000Z");
  EXPECT_EQ(time_of("2026-11-24T00:15:26.123456789Z"), "2026-11-24T00:15:26.123456Z");
  EXPECT_EQ(time_of("2026-11-24T01:15:26.000001+01:00"), "2026-11-24T00:15:26.000001Z");
  EXPECT_EQ(time_of("2026-11-24T00:15:26.000001"), "2026-11-24T00:15:26.000001Z");
  EXPECT_EQ(time_of("yesterday"), "-");
  EXPECT_EQ(time_of(""), "-");
}

TEST(SemtechUdpCodec, ReadsSignedAndFractionalSpellingsOfNumbers) {
  EXPECT_EQ(only_frame(frame_json({{"tmst", "-1"}})).tmst, 0xffffffffu);
  EXPECT_EQ(only_frame(frame_json({{"tmst", "4294967295.0"}})).tmst, 0xffffffffu);
  EXPECT_EQ(only_frame(frame_json({{"rssi", "-60.6"}})).rssi_dbm, -61);
  EXPECT_EQ(only_frame(frame_json({{"lsnr", "-0.25"}})).snr_tenths_db, -3);
  EXPECT_EQ(only_frame(frame_json({{"rssi", ""}})).rssi_dbm, kUnknownRssi);
  EXPECT_EQ(only_frame(frame_json({{"rssi", "1e99"}, {"lsnr", "-1e99"}, {"chan", "-3"}})).rssi_dbm, kUnknownRssi);
}

TEST(SemtechUdpCodec, OneAbsurdNumberDoesNotCostTheOthers) {
  expect_refused(frame_json({{"tmst", "99999999999999999999999999"}}), Refusal::bad_tmst);
  expect_refused(frame_json({{"freq", "1e999"}}), Refusal::bad_frequency);
  expect_refused(frame_json({{"size", "-99999999999999999999999999"}}), Refusal::size_mismatch);
}

TEST(SemtechUdpCodec, AcceptsWhatStandsAroundTheObject) {
  const auto json = rxpk(frame_json());
  for (const auto& text : {"\xef\xbb\xbf" + json, "\r\n " + json, json + "\n", json + std::string(1, '\0'),
                           json + "garbage }{", json + std::string(40, '\0'), json + json}) {
    EXPECT_EQ(decode(text).push.frames.size(), 1u) << text;
  }
}

TEST(SemtechUdpCodec, AcceptsALatin1Description) {
  const auto decoded = decode(R"({"stat":{"rxnb":3,"desc":"M)"
                              "\xfc"
                              R"(schede"},"rxpk":[)" +
                              frame_json() + "]}");
  ASSERT_TRUE(decoded.good);
  EXPECT_EQ(decoded.push.frames.size(), 1u);
  EXPECT_EQ(decoded.push.stat->rx_received, 3u);
}

TEST(SemtechUdpCodec, RefusesWhatIsNoObject) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += R"({"a":)";
  for (const auto& text : {std::string{}, std::string("[]"), std::string("17"), std::string("{"),
                           std::string("{\"rxpk\":"), std::string("\"{}\""), std::string(R"({"rxpk":[nan]})"),
                           deep + "1" + std::string(40, '}'), std::string(1'000, '{'), std::string(5, '\0')}) {
    EXPECT_EQ(decode(text).error, Refusal::bad_json) << text;
  }
}

TEST(SemtechUdpCodec, AnEmptyObjectIsFine) {
  EXPECT_TRUE(decode("{}").good);
  EXPECT_EQ(decode(R"({"rxpk":{}})").push.refused, std::vector{Refusal::rxpk_not_array});
  EXPECT_EQ(decode(R"({"stat":[]})").push.refused, std::vector{Refusal::bad_stat});
}

TEST(SemtechUdpCodec, AKeyThatComesTwiceCountsOnce) {
  EXPECT_EQ(decode(R"({"rxpk":[)" + frame_json() + R"(],"rxpk":[)" + frame_json() + "]}").push.frames.size(), 1u);
}

TEST(SemtechUdpCodec, TheNumberOfFramesIsBounded) {
  auto frames = frame_json({{"size", ""}, {"codr", ""}});
  for (std::size_t i = 1; i < kMaxFrames + 3; ++i) frames += "," + frame_json({{"size", ""}, {"codr", ""}});
  const auto decoded = decode(rxpk(frames));
  EXPECT_EQ(decoded.push.frames.size(), kMaxFrames);
  EXPECT_EQ(decoded.push.refused, std::vector(3, Refusal::too_many_frames));
}

TEST(SemtechUdpCodec, AStatWithoutFixHasNoLocation) {
  const auto decoded = decode(R"({"stat":{"lati":0.0,"long":0,"alti":0,"rxnb":-1,"txnb":5e3,"ackr":-3}})");
  ASSERT_TRUE(decoded.push.stat);
  EXPECT_FALSE(decoded.push.stat->latitude);
  EXPECT_FALSE(decoded.push.stat->altitude_m);
  EXPECT_FALSE(decoded.push.stat->ack_rate_permille);
  EXPECT_EQ(decoded.push.stat->rx_received, 0u);
  EXPECT_EQ(decoded.push.stat->tx_emitted, 5'000u);
}

TEST(SemtechUdpCodec, ReadsTxAcks) {
  UplinkDecoder decoder;
  const auto ack_of = [&](std::string_view json) { return decoder.decode_tx_ack(base::as_bytes(json)); };
  for (const auto& sent :
       {std::string{}, std::string(1, '\0'), std::string("{}"), std::string(R"({"txpk_ack":{"error":"NONE"}})"),
        std::string(R"({"txpk_ack":{"error":17}})")}) {
    ASSERT_TRUE(ack_of(sent)) << sent;
    EXPECT_EQ(ack_of(sent)->error, "") << sent;
  }
  EXPECT_EQ(ack_of(R"({"txpk_ack":{"error":"TOO_LATE"}})")->error, "TOO_LATE");
  const auto warned = ack_of(R"({"txpk_ack":{"warn":"TX_POWER","value":20}})");
  EXPECT_EQ(warned->error, "");
  EXPECT_EQ(warned->warning, "TX_POWER");
  EXPECT_EQ(ack_of("nonsense").error(), Refusal::bad_json);
  EXPECT_EQ(ack_of(R"({"txpk_ack":{"error":")" + std::string(500, 'X') + "\"}}")->error.size(), 64u);
}

TEST(SemtechUdpCodec, EachRefusalHasItsOwnName) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kRefusals; ++i) names.insert(name_of(static_cast<Refusal>(i)));
  EXPECT_EQ(names.size(), kRefusals);
}

}  // namespace
}  // namespace lenne::ingest
