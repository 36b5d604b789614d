#include "ingest/semtech_udp_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "ingest/base64.hpp"

namespace lenne::ingest {
namespace {

constexpr std::size_t kHeaderSize = 4;
constexpr std::size_t kIdentifiedSize = 12;
constexpr std::array<std::uint32_t, 7> kBandwidthsKhz{125, 250, 500, 203, 406, 812, 1'625};  // the last four: 2.4 GHz

}  // namespace

std::string_view name_of(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::too_short:
      return "too_short";
    case Refusal::bad_version:
      return "bad_version";
    case Refusal::unknown_type:
      return "unknown_type";
    case Refusal::bad_json:
      return "bad_json";
    case Refusal::unknown_gateway:
      return "unknown_gateway";
    case Refusal::address_rate:
      return "address_rate";
    case Refusal::gateway_rate:
      return "gateway_rate";
    case Refusal::rxpk_not_array:
      return "rxpk_not_array";
    case Refusal::rxpk_not_object:
      return "rxpk_not_object";
    case Refusal::too_many_frames:
      return "too_many_frames";
    case Refusal::rxpk_without_data:
      return "rxpk_without_data";
    case Refusal::bad_base64:
      return "bad_base64";
    case Refusal::size_mismatch:
      return "size_mismatch";
    case Refusal::too_long:
      return "too_long";
    case Refusal::bad_frequency:
      return "bad_frequency";
    case Refusal::bad_modulation:
      return "bad_modulation";
    case Refusal::bad_data_rate:
      return "bad_data_rate";
    case Refusal::bad_tmst:
      return "bad_tmst";
    case Refusal::crc_bad:
      return "crc_bad";
    case Refusal::crc_absent:
      return "crc_absent";
    case Refusal::bad_crc_status:
      return "bad_crc_status";
    case Refusal::bad_stat:
      return "bad_stat";
  }
  return "unknown";
}

std::expected<Header, Refusal> parse_header(base::ByteView datagram) noexcept {
  if (datagram.size() < kHeaderSize) return std::unexpected(Refusal::too_short);
  Header header;
  header.version = datagram[0];
  header.token = base::read_be<std::uint16_t>(datagram.subspan(1));
  header.type = static_cast<PacketType>(datagram[3]);
  if (header.version != 1 && header.version != 2) return std::unexpected(Refusal::bad_version);
  if (header.type != PacketType::push_data && header.type != PacketType::pull_data &&
      header.type != PacketType::tx_ack) {
    return std::unexpected(Refusal::unknown_type);
  }
  if (datagram.size() < kIdentifiedSize) return std::unexpected(Refusal::too_short);
  header.gateway.value = base::read_be<std::uint64_t>(datagram.subspan(kHeaderSize));
  header.json = datagram.subspan(kIdentifiedSize);
  return header;
}

Acknowledgement encode_acknowledgement(const Header& request) noexcept {
  Acknowledgement bytes{request.version};
  base::write_be(bytes.data() + 1, request.token);
  bytes[3] =
      static_cast<std::uint8_t>(request.type == PacketType::pull_data ? PacketType::pull_ack : PacketType::push_ack);
  return bytes;
}

base::Bytes encode_pull_resp(std::uint8_t version, std::uint16_t token, const TxRequest& request) {
  const int power = std::clamp(request.power_dbm, 0, kMaxPower);
  // "brd" and "ant" are left out: forwarders with one board refuse others than 0.
  auto json =
      request.tmst ? fmt::format(R"({{"txpk":{{"tmst":{})", *request.tmst) : std::string(R"({"txpk":{"imme":true)");
  fmt::format_to(std::back_inserter(json), R"(,"freq":{}.{:06},"rfch":0,"powe":{})", request.frequency_hz / 1'000'000,
                 request.frequency_hz % 1'000'000, power);
  if (request.rate.bit_rate != 0) {
    fmt::format_to(std::back_inserter(json), R"(,"modu":"FSK","datr":{},"fdev":{},"prea":5)", request.rate.bit_rate,
                   request.rate.bit_rate / 2);
  } else {
    fmt::format_to(std::back_inserter(json), R"(,"modu":"LORA","datr":"SF{}BW{}","codr":"4/5","ipol":true,"ncrc":true)",
                   request.rate.spreading_factor, request.rate.bandwidth_hz / 1'000);
  }
  fmt::format_to(std::back_inserter(json), R"(,"size":{},"data":"{}"}}}})", request.phy_payload.size(),
                 to_base64(request.phy_payload));
  base::Bytes datagram(kHeaderSize);
  datagram[0] = version;
  base::write_be(datagram.data() + 1, token);
  datagram[3] = static_cast<std::uint8_t>(PacketType::pull_resp);
  datagram.insert(datagram.end(), json.begin(), json.end());
  return datagram;
}

std::optional<RadioRate> parse_lora_rate(std::string_view text) noexcept {
  RadioRate rate;
  const char* const end = text.data() + text.size();
  if (!text.starts_with("SF")) return std::nullopt;
  const auto factor = std::from_chars(text.data() + 2, end, rate.spreading_factor);
  if (factor.ec != std::errc{} || rate.spreading_factor < 5 || rate.spreading_factor > 12) return std::nullopt;
  if (end - factor.ptr < 3 || factor.ptr[0] != 'B' || factor.ptr[1] != 'W') return std::nullopt;
  std::uint32_t khz = 0;
  const auto bandwidth = std::from_chars(factor.ptr + 2, end, khz);
  if (bandwidth.ec != std::errc{} || bandwidth.ptr != end) return std::nullopt;
  if (std::find(kBandwidthsKhz.begin(), kBandwidthsKhz.end(), khz) == kBandwidthsKhz.end()) return std::nullopt;
  rate.bandwidth_hz = khz * 1'000;
  return rate;
}

}  // namespace lenne::ingest
