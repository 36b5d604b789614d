// What a gateway writes, the server reads; what the server writes, a gateway reads.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ingest/base64.hpp"
#include "ingest/semtech_udp_gateway.hpp"

namespace lenne::ingest {
namespace {

using rc::gen::inRange;

RxFrame any_frame() {
  RxFrame frame;
  const auto payload = *rc::gen::resize(60, rc::gen::nonEmpty<std::vector<std::uint8_t>>());
  frame.size = static_cast<std::uint8_t>(std::min<std::size_t>(payload.size(), 255));
  std::copy_n(payload.begin(), frame.size, frame.payload.begin());
  frame.tmst = *rc::gen::arbitrary<std::uint32_t>();
  frame.frequency_hz = *inRange<std::uint32_t>(100'000'000, 1'000'000'000);
  if (*rc::gen::arbitrary<bool>()) {
    frame.rate = {*inRange<std::uint32_t>(5, 13), *rc::gen::element<std::uint32_t>(125'000, 250'000, 500'000), 0};
    frame.coding_rate = *inRange<std::uint8_t>(5, 9);
  } else {
    frame.rate.bit_rate = *inRange<std::uint32_t>(500, 300'001);
    frame.frequency_deviation_hz = *inRange<std::uint32_t>(0, 200'000);
  }
  frame.rssi_dbm = *inRange(-150, 10);
  frame.snr_tenths_db = *inRange(-300, 300);
  frame.channel = *inRange<std::uint32_t>(0, 64);
  frame.rf_chain = *inRange<std::uint32_t>(0, 2);
  frame.antenna = *inRange<std::uint32_t>(0, 4);
  if (*rc::gen::arbitrary<bool>()) frame.gps_time_us = *inRange<std::int64_t>(1, 2'000'000'000'000) * 1'000;
  if (*rc::gen::arbitrary<bool>()) frame.gateway_time = base::from_us(*inRange<std::int64_t>(0, 4'000'000'000'000'000));
  return frame;
}

void expect_equal(const RxFrame& a, const RxFrame& b) {
  RC_ASSERT(base::to_hex(a.phy_payload()) == base::to_hex(b.phy_payload()));
  RC_ASSERT(a.tmst == b.tmst);
  RC_ASSERT(a.frequency_hz == b.frequency_hz);
  RC_ASSERT(a.rate == b.rate);
  RC_ASSERT(a.coding_rate == b.coding_rate);
  RC_ASSERT(a.rssi_dbm == b.rssi_dbm);
  RC_ASSERT(a.snr_tenths_db == b.snr_tenths_db);
  RC_ASSERT(a.frequency_deviation_hz == b.frequency_deviation_hz);
  RC_ASSERT(a.gps_time_us == b.gps_time_us);
  RC_ASSERT(a.gateway_time == b.gateway_time);
  RC_ASSERT(a.channel == b.channel);
  RC_ASSERT(a.rf_chain == b.rf_chain);
  RC_ASSERT(a.antenna == b.antenna);
}

RC_GTEST_PROP(SemtechUdpCodecProperty, PushDataComesBack, ()) {
  std::vector<RxFrame> frames;
  const auto count = *inRange<std::size_t>(0, 6);
  for (std::size_t i = 0; i < count; ++i) frames.push_back(any_frame());
  GatewayStat stat;
  stat.rx_received = *rc::gen::arbitrary<std::uint32_t>();
  stat.tx_emitted = *rc::gen::arbitrary<std::uint32_t>();
  stat.ack_rate_permille = *inRange<std::uint32_t>(0, 1'001);
  const auto version = *rc::gen::element<std::uint8_t>(1, 2);
  const auto token = *rc::gen::arbitrary<std::uint16_t>();
  const base::GatewayId gateway{*rc::gen::arbitrary<std::uint64_t>()};
  const bool with_stat = *rc::gen::arbitrary<bool>();
  const auto datagram = encode_push_data(version, token, gateway, frames, with_stat ? &stat : nullptr);

  const auto header = parse_header(datagram);
  RC_ASSERT(header.has_value());
  RC_ASSERT(header->version == version);
  RC_ASSERT(header->token == token);
  RC_ASSERT(header->gateway == gateway);
  UplinkDecoder decoder;
  PushData push;
  RC_ASSERT(decoder.decode_push_data(header->json, push).has_value());
  RC_ASSERT(push.refused.empty());
  RC_ASSERT(push.frames.size() == frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) expect_equal(push.frames[i], frames[i]);
  RC_ASSERT(push.stat.has_value() == with_stat);
  if (with_stat) {
    RC_ASSERT(push.stat->rx_received == stat.rx_received);
    RC_ASSERT(push.stat->tx_emitted == stat.tx_emitted);
    RC_ASSERT(push.stat->ack_rate_permille == stat.ack_rate_permille);
  }
}

RC_GTEST_PROP(SemtechUdpCodecProperty, PullRespComesBack, ()) {
  const auto frame = any_frame();
  TxRequest request{{}, frame.frequency_hz, *inRange(0, kMaxPower + 1), frame.rate, frame.phy_payload()};
  if (*rc::gen::arbitrary<bool>()) request.tmst = frame.tmst;
  const auto token = *rc::gen::arbitrary<std::uint16_t>();
  const auto message = decode_server_message(encode_pull_resp(2, token, request));
  RC_ASSERT(message.has_value());
  RC_ASSERT(message->type == PacketType::pull_resp);
  RC_ASSERT(message->token == token);
  RC_ASSERT(message->tmst == request.tmst);
  RC_ASSERT(message->frequency_hz == request.frequency_hz);
  RC_ASSERT(message->power_dbm == request.power_dbm);
  RC_ASSERT(message->rate == request.rate);
  RC_ASSERT(message->inverted == (request.rate.bit_rate == 0));
  RC_ASSERT(message->without_crc == (request.rate.bit_rate == 0));
  RC_ASSERT(base::to_hex(message->phy_payload) == base::to_hex(request.phy_payload));
}

RC_GTEST_PROP(SemtechUdpCodecProperty, Base64ComesBack, (const std::vector<std::uint8_t>& bytes)) {
  auto text = to_base64(bytes);
  std::vector<std::uint8_t> out(bytes.size());
  RC_ASSERT(from_base64(text, out) == bytes.size());
  RC_ASSERT(out == bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  RC_ASSERT(from_base64(text, out) == bytes.size());
  RC_ASSERT(out == bytes);
  // With less room it still says how much there is.
  RC_ASSERT(from_base64(text, {}) == bytes.size());
}

}  // namespace
}  // namespace lenne::ingest
