// The JSON of PUSH_DATA and TX_ACK: read leniently in form, strictly in meaning.

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

#include "ingest/base64.hpp"
#include "ingest/json_text.hpp"
#include "ingest/semtech_udp_codec.hpp"

namespace lenne::ingest {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxDepth = 16;
constexpr std::size_t kMaxJson = 65'536;
constexpr std::int64_t kMaxGpsMillis = 8'000'000'000'000;  // the year 2233; beyond, microseconds would still fit

/// Any JSON number as a double, or nothing.
std::optional<double> number_of(const dom::element& value) {
  double number = 0;
  if (value.get(number) != simdjson::SUCCESS) return std::nullopt;
  return number;
}

/// A whole number in [low, high], or nothing. 7.0 is one.
std::optional<std::int64_t> whole_of(const dom::element& value, std::int64_t low, std::int64_t high) {
  std::int64_t whole = 0;
  if (value.get(whole) != simdjson::SUCCESS) {
    const auto number = number_of(value);
    if (!number || !(std::fabs(*number) < 9e15) || *number != std::floor(*number)) return std::nullopt;
    whole = static_cast<std::int64_t>(*number);
  }
  if (whole < low || whole > high) return std::nullopt;
  return whole;
}

std::uint32_t count_of(const dom::element& value) {
  return static_cast<std::uint32_t>(whole_of(value, 0, UINT32_MAX).value_or(0));
}

std::optional<std::string_view> text_of(const dom::element& value) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

/// ISO 8601 with any number of decimals; without an offset it is UTC, as the protocol says.
std::optional<base::Timestamp> time_of(const dom::element& value) {
  const auto text = text_of(value);
  if (!text || text->size() < 19 || text->size() > 64) return std::nullopt;
  if (const auto time = base::parse_rfc3339(*text)) return *time;
  if (const auto time = base::parse_rfc3339(std::string(*text) + "Z")) return *time;
  return std::nullopt;
}

std::int32_t rssi_of(const dom::element& value) {
  const auto rssi = number_of(value);
  if (!rssi || !(*rssi > kUnknownRssi && *rssi <= 50)) return kUnknownRssi;
  return static_cast<std::int32_t>(std::lround(*rssi));
}

std::int32_t snr_of(const dom::element& value) {
  const auto snr = number_of(value);
  return snr && std::fabs(*snr) <= 100 ? static_cast<std::int32_t>(std::lround(*snr * 10)) : 0;
}

/// One entry of `rxpk` as it stands there: what was present, judged afterwards, because the order of fields is free.
struct RawFrame {
  std::optional<std::string_view> data;
  std::optional<std::int64_t> size;
  bool has_size = false;
  std::optional<double> frequency_mhz;
  std::string_view modulation;
  std::optional<std::string_view> rate_text;
  std::optional<std::int64_t> rate_number;
  std::optional<std::int64_t> tmst;
  bool has_crc_status = false;
  std::optional<std::int64_t> crc_status;
  std::int32_t channel_rssi = kUnknownRssi;
  std::int32_t signal_rssi = kUnknownRssi;
};

struct Antenna {
  std::uint32_t number = 0;
  std::optional<std::uint32_t> channel;
  std::int32_t rssi = kUnknownRssi;
  std::int32_t snr = 0;
};

Antenna read_antenna(const dom::object& object) {
  Antenna antenna;
  std::int32_t channel_rssi = kUnknownRssi;
  std::int32_t signal_rssi = kUnknownRssi;
  for (const auto [key, value] : object) {
    if (key == "ant") antenna.number = count_of(value);
    if (key == "chan") antenna.channel = count_of(value);
    if (key == "rssic" || key == "rssi") channel_rssi = rssi_of(value);
    if (key == "rssis") signal_rssi = rssi_of(value);
    if (key == "lsnr") antenna.snr = snr_of(value);
  }
  antenna.rssi = channel_rssi != kUnknownRssi ? channel_rssi : signal_rssi;
  return antenna;
}

/// `rsig` lists what each antenna heard: the strongest counts.
void read_antennas(const dom::element& value, RxFrame& frame, RawFrame& raw) {
  dom::array antennas;
  if (value.get(antennas) != simdjson::SUCCESS) return;
  std::optional<Antenna> best;
  for (const auto entry : antennas) {
    dom::object object;
    if (entry.get(object) != simdjson::SUCCESS) continue;
    const auto antenna = read_antenna(object);
    if (!best || std::pair(antenna.rssi, antenna.snr) > std::pair(best->rssi, best->snr)) best = antenna;
  }
  if (!best) return;
  frame.antenna = best->number;
  frame.snr_tenths_db = best->snr;
  if (best->channel) frame.channel = *best->channel;
  raw.channel_rssi = best->rssi;
}

/// Where, when and how strong it was heard. True when `key` was one of these.
bool read_hearing(std::string_view key, const dom::element& value, RxFrame& frame, RawFrame& raw) {
  if (key == "rssi") {
    raw.channel_rssi = rssi_of(value);
  } else if (key == "rssis") {
    raw.signal_rssi = rssi_of(value);
  } else if (key == "lsnr") {
    frame.snr_tenths_db = snr_of(value);
  } else if (key == "chan") {
    frame.channel = count_of(value);
  } else if (key == "rfch") {
    frame.rf_chain = count_of(value);
  } else if (key == "ant") {
    frame.antenna = count_of(value);
  } else if (key == "time") {
    frame.gateway_time = time_of(value);
  } else if (key == "tmms") {
    if (const auto millis = whole_of(value, 1, kMaxGpsMillis)) frame.gps_time_us = *millis * 1'000;
  } else {
    return false;
  }
  return true;
}

void read_field(std::string_view key, const dom::element& value, RxFrame& frame, RawFrame& raw) {
  if (read_hearing(key, value, frame, raw)) return;
  if (key == "data") {
    raw.data = text_of(value);
  } else if (key == "size") {
    raw.has_size = true;
    raw.size = whole_of(value, 0, UINT16_MAX);
  } else if (key == "tmst") {
    // Some forwarders print the counter as a signed number.
    raw.tmst = whole_of(value, INT32_MIN, UINT32_MAX);
  } else if (key == "freq") {
    raw.frequency_mhz = number_of(value);
  } else if (key == "stat") {
    raw.has_crc_status = true;
    raw.crc_status = whole_of(value, -1, 1);
  } else if (key == "modu") {
    raw.modulation = text_of(value).value_or("");
  } else if (key == "datr") {
    raw.rate_text = text_of(value);
    raw.rate_number = whole_of(value, 0, INT32_MAX);
  } else if (key == "codr") {
    const auto text = text_of(value).value_or("");
    frame.coding_rate = text.size() >= 3 && text.starts_with("4/") && text[2] >= '5' && text[2] <= '8'
                            ? static_cast<std::uint8_t>(text[2] - '0')
                            : std::uint8_t{0};
  } else if (key == "fdev") {
    frame.frequency_deviation_hz = count_of(value);
  }
}

std::optional<Refusal> judge_rate(const RawFrame& raw, RxFrame& frame) {
  if (raw.modulation == "LORA") {
    const auto rate = raw.rate_text ? parse_lora_rate(*raw.rate_text) : std::nullopt;
    if (!rate) return Refusal::bad_data_rate;
    frame.rate = *rate;
    return std::nullopt;
  }
  if (raw.modulation != "FSK") return Refusal::bad_modulation;
  auto bits = raw.rate_number;
  if (raw.rate_text) {
    std::int64_t number = 0;
    const char* const end = raw.rate_text->data() + raw.rate_text->size();
    const auto read = std::from_chars(raw.rate_text->data(), end, number);
    if (read.ec == std::errc{} && read.ptr == end) bits = number;
  }
  if (!bits || *bits < 500 || *bits > 300'000) return Refusal::bad_data_rate;
  frame.rate.bit_rate = static_cast<std::uint32_t>(*bits);
  return std::nullopt;
}

std::optional<Refusal> judge_payload(const RawFrame& raw, RxFrame& frame) {
  if (!raw.data || raw.data->empty()) return Refusal::rxpk_without_data;
  const auto size = from_base64(*raw.data, frame.payload);
  if (!size) return Refusal::bad_base64;
  if (*size == 0) return Refusal::rxpk_without_data;
  if (*size > kMaxPhyPayload) return Refusal::too_long;
  if (raw.has_size && raw.size != static_cast<std::int64_t>(*size)) return Refusal::size_mismatch;
  frame.size = static_cast<std::uint8_t>(*size);
  return std::nullopt;
}

/// Why the frame cannot be used, or nothing. The CRC comes first: the rest of a damaged frame says nothing.
std::optional<Refusal> judge(const RawFrame& raw, RxFrame& frame) {
  if (raw.has_crc_status && !raw.crc_status) return Refusal::bad_crc_status;
  if (raw.crc_status == -1) return Refusal::crc_bad;
  if (raw.crc_status != 1) return Refusal::crc_absent;
  if (const auto refusal = judge_payload(raw, frame)) return refusal;
  if (!raw.frequency_mhz || !(*raw.frequency_mhz >= 100.0 && *raw.frequency_mhz <= 4'294.0))
    return Refusal::bad_frequency;
  frame.frequency_hz = static_cast<std::uint32_t>(std::llround(*raw.frequency_mhz * 1e6));
  if (const auto refusal = judge_rate(raw, frame)) return refusal;
  if (!raw.tmst) return Refusal::bad_tmst;
  frame.tmst = static_cast<std::uint32_t>(*raw.tmst);
  frame.rssi_dbm = raw.channel_rssi != kUnknownRssi ? raw.channel_rssi : raw.signal_rssi;
  return std::nullopt;
}

void read_frames(const dom::element& value, PushData& out) {
  dom::array entries;
  if (value.get(entries) != simdjson::SUCCESS) {
    out.refused.push_back(Refusal::rxpk_not_array);
    return;
  }
  std::size_t count = 0;
  for (const auto entry : entries) {
    dom::object object;
    if (++count > kMaxFrames) {
      out.refused.push_back(Refusal::too_many_frames);
      continue;
    }
    if (entry.get(object) != simdjson::SUCCESS) {
      out.refused.push_back(Refusal::rxpk_not_object);
      continue;
    }
    RawFrame raw;
    auto& frame = out.frames.emplace_back();
    std::optional<dom::element> antennas;
    for (const auto [key, field] : object) {
      if (key == "rsig") antennas = field;
      read_field(key, field, frame, raw);
    }
    if (antennas) read_antennas(*antennas, frame, raw);
    if (const auto refusal = judge(raw, frame)) {
      out.refused.push_back(*refusal);
      out.frames.pop_back();
    }
  }
}

void read_stat(const dom::element& value, PushData& out) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) {
    out.refused.push_back(Refusal::bad_stat);
    return;
  }
  auto& stat = out.stat.emplace();
  for (const auto [key, field] : object) {
    const auto number = number_of(field);
    if (key == "rxnb") stat.rx_received = count_of(field);
    if (key == "rxok") stat.rx_ok = count_of(field);
    if (key == "rxfw") stat.rx_forwarded = count_of(field);
    if (key == "dwnb") stat.tx_requested = count_of(field);
    if (key == "txnb") stat.tx_emitted = count_of(field);
    if (key == "ackr" && number && *number >= 0 && *number <= 1'000) {
      stat.ack_rate_permille = static_cast<std::uint32_t>(std::lround(*number * 10));
    }
    if (key == "lati" && number && std::fabs(*number) <= 90) stat.latitude = number;
    if (key == "long" && number && std::fabs(*number) <= 180) stat.longitude = number;
    if (key == "alti" && number && std::fabs(*number) <= 20'000) {
      stat.altitude_m = static_cast<std::int32_t>(std::lround(*number));
    }
  }
  const bool no_fix = !stat.latitude || !stat.longitude || (*stat.latitude == 0 && *stat.longitude == 0);
  if (no_fix) {
    stat.latitude.reset();
    stat.longitude.reset();
    stat.altitude_m.reset();
  }
}

}  // namespace

struct UplinkDecoder::Impl {
  dom::parser parser{kMaxJson};
  std::vector<std::uint8_t> text;
  std::size_t size = 0;

  simdjson::error_code parse(dom::object& root) {
    dom::element element;
    if (const auto error = parser.parse(text.data(), size, false).get(element)) return error;
    return element.get(root);
  }

  /// Parses an object with whatever stands around it; what a strict parser refuses is mended once and tried again.
  std::expected<dom::object, Refusal> object_of(base::ByteView json) {
    json = from_first_brace(json);
    size = json.size();
    if (size == 0 || size > kMaxJson) return std::unexpected(Refusal::bad_json);
    if (text.size() < size + simdjson::SIMDJSON_PADDING) text.resize(size + simdjson::SIMDJSON_PADDING);
    std::copy(json.begin(), json.end(), text.begin());
    std::memset(text.data() + size, ' ', simdjson::SIMDJSON_PADDING);
    dom::object root;
    if (parse(root) == simdjson::SUCCESS) return root;
    const auto whole = object_size(base::ByteView(text).first(size));
    if (whole == 0) return std::unexpected(Refusal::bad_json);
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(whole), text.begin() + static_cast<std::ptrdiff_t>(size),
              std::uint8_t{' '});
    size = whole;
    tame_numbers(std::span(text).first(size));
    auto error = parse(root);
    if (error == simdjson::UTF8_ERROR) {
      tame_bytes(std::span(text).first(size));
      error = parse(root);
    }
    if (error != simdjson::SUCCESS) return std::unexpected(Refusal::bad_json);
    return root;
  }
};

UplinkDecoder::UplinkDecoder() : impl_(std::make_unique<Impl>()) {
  if (impl_->parser.allocate(kMaxJson, kMaxDepth) != simdjson::SUCCESS) throw std::bad_alloc();
}
UplinkDecoder::~UplinkDecoder() = default;
UplinkDecoder::UplinkDecoder(UplinkDecoder&&) noexcept = default;
UplinkDecoder& UplinkDecoder::operator=(UplinkDecoder&&) noexcept = default;

std::expected<void, Refusal> UplinkDecoder::decode_push_data(base::ByteView json, PushData& out) {
  out.clear();
  const auto root = impl_->object_of(json);
  if (!root) return std::unexpected(root.error());
  bool frames = false;
  bool stat = false;
  for (const auto [key, value] : *root) {
    // A key that comes twice counts once, so that no frame does.
    if (key == "rxpk" && !std::exchange(frames, true)) read_frames(value, out);
    if (key == "stat" && !std::exchange(stat, true)) read_stat(value, out);
  }
  return {};
}

std::expected<TxAckBody, Refusal> UplinkDecoder::decode_tx_ack(base::ByteView json) {
  TxAckBody body;
  // No text at all, or the zero byte that some C programs send with it: no error occurred.
  if (std::all_of(json.begin(), json.end(), [](std::uint8_t c) { return c <= ' '; })) return body;
  const auto root = impl_->object_of(json);
  if (!root) return std::unexpected(root.error());
  dom::object ack;
  if (root->at_key("txpk_ack").get(ack) != simdjson::SUCCESS) return body;
  constexpr std::size_t kMaxWord = 64;
  for (const auto [key, value] : ack) {
    const auto text = text_of(value).value_or("");
    if (key == "error" && text != "NONE") body.error = text.substr(0, kMaxWord);
    if (key == "warn" && text != "NONE") body.warning = text.substr(0, kMaxWord);
  }
  return body;
}

}  // namespace lenne::ingest
