// The examples of Semtech's own protocol description (packet_forwarder PROTOCOL.TXT sections 4 and 6), both versions.

#include <gtest/gtest.h>

#include "../../unit/ingest/datagrams.hpp"

namespace lenne::ingest {
namespace {

using testing::push_of;

constexpr std::string_view kExample = R"({"rxpk":[
	{
		"time":"2013-03-31T16:21:17.528002Z",
		"tmst":3512348611,
		"chan":2,
		"rfch":0,
		"freq":866.349812,
		"stat":1,
		"modu":"LORA",
		"datr":"SF7BW125",
		"codr":"4/6",
		"rssi":-35,
		"lsnr":5.1,
		"size":32,
		"data":"-DS4CGaDCdG+48eJNM3Vai-zDpsR71Pn9CPA9uCON84"
	},{
		"time":"2013-03-31T16:21:17.530974Z",
		"tmst":3512348514,
		"chan":9,
		"rfch":1,
		"freq":869.1,
		"stat":1,
		"modu":"FSK",
		"datr":50000,
		"rssi":-75,
		"size":16,
		"data":"VEVTVF9QQUNLRVRfMTIzNA=="
	},{
		"time":"2013-03-31T16:21:17.532038Z",
		"tmst":3316387610,
		"chan":0,
		"rfch":0,
		"freq":863.00981,
		"stat":1,
		"modu":"LORA",
		"datr":"SF10BW125",
		"codr":"4/7",
		"rssi":-38,
		"lsnr":5.5,
		"size":32,
		"data":"ysgRl452xNLep9S1NTIg2lomKDxUgn3DJ7DE+b00Ass"
	}
]})";

TEST(SemtechUdpProtocol, RxpkExampleInBothVersions) {
  for (const std::uint8_t version : {std::uint8_t{1}, std::uint8_t{2}}) {
    const auto datagram = push_of(kExample, version);
    const auto header = parse_header(datagram);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->version, version);
    EXPECT_EQ(header->token, 0x1234);
    EXPECT_EQ(header->gateway, testing::kGateway);
    EXPECT_EQ(encode_acknowledgement(*header), (Acknowledgement{version, 0x12, 0x34, 1}));

    UplinkDecoder decoder;
    PushData push;
    ASSERT_TRUE(decoder.decode_push_data(header->json, push));
    EXPECT_TRUE(push.refused.empty());
    ASSERT_EQ(push.frames.size(), 3u);
    const auto& first = push.frames[0];
    EXPECT_EQ(first.tmst, 3'512'348'611u);
    EXPECT_EQ(first.frequency_hz, 866'349'812u);
    EXPECT_EQ(first.rate, (RadioRate{7, 125'000, 0}));
    EXPECT_EQ(first.coding_rate, 6);
    EXPECT_EQ(first.rssi_dbm, -35);
    EXPECT_EQ(first.snr_tenths_db, 51);
    EXPECT_EQ(first.channel, 2u);
    EXPECT_EQ(base::to_hex(first.phy_payload()), "f834b808668309d1bee3c78934cdd56a2fb30e9b11ef53e7f423c0f6e08e37ce");
    ASSERT_TRUE(first.gateway_time);
    EXPECT_EQ(base::to_rfc3339(*first.gateway_time), "2013-03-31T16:21:17.528002Z");
    EXPECT_EQ(base::as_text(push.frames[1].phy_payload()), "TEST_PACKET_1234");
    EXPECT_EQ(push.frames[1].rate, (RadioRate{0, 0, 50'000}));
    EXPECT_EQ(push.frames[1].rf_chain, 1u);
    EXPECT_EQ(push.frames[2].frequency_hz, 863'009'810u);
    EXPECT_EQ(push.frames[2].rate.spreading_factor, 10u);
    EXPECT_EQ(push.frames[2].size, 32);
  }
}

TEST(SemtechUdpProtocol, StatExample) {
  const auto datagram = push_of(R"({"stat":{
	"time":"2014-01-12 08:59:28 GMT",
	"lati":46.24000,
	"long":3.25230,
	"alti":145,
	"rxnb":2,
	"rxok":2,
	"rxfw":2,
	"ackr":100.0,
	"dwnb":2,
	"txnb":2
}})");
  UplinkDecoder decoder;
  PushData push;
  ASSERT_TRUE(decoder.decode_push_data(parse_header(datagram)->json, push));
  ASSERT_TRUE(push.stat);
  EXPECT_TRUE(push.frames.empty());
  EXPECT_DOUBLE_EQ(*push.stat->latitude, 46.24);
  EXPECT_DOUBLE_EQ(*push.stat->longitude, 3.2523);
  EXPECT_EQ(push.stat->altitude_m, 145);
  EXPECT_EQ(push.stat->rx_received, 2u);
  EXPECT_EQ(push.stat->rx_ok, 2u);
  EXPECT_EQ(push.stat->rx_forwarded, 2u);
  EXPECT_EQ(push.stat->ack_rate_permille, 1'000u);
  EXPECT_EQ(push.stat->tx_requested, 2u);
  EXPECT_EQ(push.stat->tx_emitted, 2u);
}

TEST(SemtechUdpProtocol, PullDataIsAcknowledgedWithPullAck) {
  const base::Bytes datagram{1, 0xab, 0xcd, 2, 0xaa, 0x55, 0x5a, 0, 0, 0, 1, 1};
  const auto header = parse_header(datagram);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, PacketType::pull_data);
  EXPECT_EQ(encode_acknowledgement(*header), (Acknowledgement{1, 0xab, 0xcd, 4}));
}

TEST(SemtechUdpProtocol, PullRespOfAScheduledLoraFrame) {
  const base::Bytes payload{0x60, 1, 2, 3};
  const auto datagram = encode_pull_resp(2, 0xbeef, {4'294'000'000u, 868'100'000, 14, {7, 125'000, 0}, payload});
  EXPECT_EQ(base::to_hex(base::ByteView(datagram).first(4)), "02beef03");
  EXPECT_EQ(base::as_text(base::ByteView(datagram).subspan(4)),
            R"({"txpk":{"tmst":4294000000,"freq":868.100000,"rfch":0,"powe":14,"modu":"LORA","datr":"SF7BW125",)"
            R"("codr":"4/5","ipol":true,"ncrc":true,"size":4,"data":"YAECAw=="}})");
}

TEST(SemtechUdpProtocol, PullRespOfAnImmediateFskFrameAndTheHighestPower) {
  const base::Bytes payload{0x60};
  const auto datagram = encode_pull_resp(1, 1, {std::nullopt, 868'800'000, 29, {0, 0, 50'000}, payload});
  EXPECT_EQ(
      base::as_text(base::ByteView(datagram).subspan(4)),
      R"({"txpk":{"imme":true,"freq":868.800000,"rfch":0,"powe":27,"modu":"FSK","datr":50000,"fdev":25000,"prea":5,)"
      R"("size":1,"data":"YA=="}})");
}

}  // namespace
}  // namespace lenne::ingest
