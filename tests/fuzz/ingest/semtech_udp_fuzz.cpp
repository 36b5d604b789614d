// Any bytes as a datagram: nothing crashes, and what is accepted keeps its bounds.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ingest/semtech_udp_gateway.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lenne::ingest;
  static UplinkDecoder decoder;
  static PushData push;
  const lenne::base::ByteView bytes(data, size);
  static_cast<void>(decode_server_message(bytes));
  const auto header = parse_header(bytes);
  if (!header) return 0;
  static_cast<void>(decoder.decode_tx_ack(header->json));
  if (!decoder.decode_push_data(header->json, push)) return 0;
  require(push.frames.size() <= kMaxFrames);
  for (const auto& frame : push.frames) {
    require(frame.size > 0);
    require(frame.frequency_hz >= 100'000'000);
    require((frame.rate.bit_rate != 0) != (frame.rate.spreading_factor != 0));
    require(frame.rssi_dbm >= kUnknownRssi && frame.rssi_dbm <= 50);
    require(frame.snr_tenths_db >= -1'000 && frame.snr_tenths_db <= 1'000);
  }
  // What was accepted can be written and read again.
  const auto again = encode_push_data(header->version, header->token, header->gateway, push.frames);
  static UplinkDecoder second;
  static PushData copy;
  require(second.decode_push_data(parse_header(again)->json, copy).has_value());
  require(copy.refused.empty() && copy.frames.size() == push.frames.size());
  return 0;
}
