#include "network/lorawan/frame.hpp"

#include <algorithm>

#include "base/slot.hpp"

namespace lenne::network::lorawan {
namespace {

using base::ByteView;

constexpr std::size_t kMinData = 12;  // MHDR, FHDR without FOpts, MIC
constexpr std::size_t kJoinRequest = 23;
constexpr std::size_t kRejoinShort = 19;  // types 0 and 2
constexpr std::size_t kRejoinLong = 24;   // type 1

Mic mic_of(ByteView frame) noexcept {
  Mic mic{};
  std::copy_n(frame.last(kMicSize).begin(), kMicSize, mic.begin());
  return mic;
}

ByteView without_mic(ByteView frame) noexcept { return frame.first(frame.size() - kMicSize); }

std::expected<Frame, FrameError> parse_data(ByteView frame, FType type) noexcept {
  if (frame.size() < kMinData) return std::unexpected(FrameError::too_short);
  DataFrame data;
  const bool up = type == FType::unconfirmed_up || type == FType::confirmed_up;
  data.direction = up ? Direction::up : Direction::down;
  data.confirmed = type == FType::confirmed_up || type == FType::confirmed_down;
  data.dev_addr = base::DevAddr{base::read_le<std::uint32_t>(frame.subspan(1))};
  const std::uint8_t f_ctrl = frame[5];
  data.adr = (f_ctrl & 0x80) != 0;
  data.adr_ack_req = up && (f_ctrl & 0x40) != 0;
  data.ack = (f_ctrl & 0x20) != 0;
  data.class_b = up && (f_ctrl & 0x10) != 0;
  data.f_pending = !up && (f_ctrl & 0x10) != 0;
  data.f_cnt = base::read_le<std::uint16_t>(frame.subspan(6));
  data.message = without_mic(frame);
  data.mic = mic_of(frame);

  auto rest = data.message.subspan(8);
  const std::size_t f_opts_size = f_ctrl & 0x0f;
  if (f_opts_size > rest.size()) return std::unexpected(FrameError::fopts_too_long);
  data.f_opts = rest.first(f_opts_size);
  rest = rest.subspan(f_opts_size);
  if (!rest.empty()) {
    data.f_port = rest[0];
    data.frm_payload = rest.subspan(1);
    if (rest[0] == 0 && f_opts_size != 0) return std::unexpected(FrameError::fopts_with_port_0);
  }
  return data;
}

std::expected<Frame, FrameError> parse_join_request(ByteView frame) noexcept {
  if (frame.size() != kJoinRequest) return std::unexpected(FrameError::bad_length);
  JoinRequest request;
  request.join_eui = base::JoinEui{base::read_le<std::uint64_t>(frame.subspan(1))};
  request.dev_eui = base::DevEui{base::read_le<std::uint64_t>(frame.subspan(9))};
  request.dev_nonce = base::read_le<std::uint16_t>(frame.subspan(17));
  request.message = without_mic(frame);
  request.mic = mic_of(frame);
  return request;
}

std::expected<Frame, FrameError> parse_rejoin(ByteView frame) noexcept {
  if (frame.size() < 2) return std::unexpected(FrameError::too_short);
  RejoinRequest request;
  request.type = frame[1];
  if (request.type > 2) return std::unexpected(FrameError::bad_rejoin_type);
  if (frame.size() != (request.type == 1 ? kRejoinLong : kRejoinShort)) return std::unexpected(FrameError::bad_length);
  auto rest = frame.subspan(2);
  if (request.type == 1) {
    request.join_eui = base::JoinEui{base::read_le<std::uint64_t>(rest)};
    rest = rest.subspan(8);
  } else {
    request.net_id = base::NetId{base::read_le<std::uint32_t>(rest) & 0xffffff};
    rest = rest.subspan(3);
  }
  request.dev_eui = base::DevEui{base::read_le<std::uint64_t>(rest)};
  request.rj_count = base::read_le<std::uint16_t>(rest.subspan(8));
  request.message = without_mic(frame);
  request.mic = mic_of(frame);
  return request;
}

}  // namespace

std::string_view to_text(FrameError error) noexcept {
  switch (error) {
    case FrameError::too_short:
      return "too_short";
    case FrameError::too_long:
      return "too_long";
    case FrameError::bad_major:
      return "bad_major";
    case FrameError::bad_length:
      return "bad_length";
    case FrameError::bad_rejoin_type:
      return "bad_rejoin_type";
    case FrameError::fopts_too_long:
      return "fopts_too_long";
    case FrameError::fopts_with_port_0:
      return "fopts_with_port_0";
  }
  return "unknown";
}

std::string_view to_text(FType type) noexcept {
  constexpr std::string_view kNames[] = {"join_request", "join_accept",    "unconfirmed_up", "unconfirmed_down",
                                         "confirmed_up", "confirmed_down", "rejoin_request", "proprietary"};
  return kNames[static_cast<std::size_t>(type) & 7U];
}

std::expected<Frame, FrameError> parse_frame(ByteView frame) noexcept {
  if (frame.empty()) return std::unexpected(FrameError::too_short);
  if (frame.size() > kMaxPhyPayload) return std::unexpected(FrameError::too_long);
  if ((frame[0] & 0x03) != 0) return std::unexpected(FrameError::bad_major);
  const auto type = f_type_of(frame);
  switch (type) {
    case FType::join_request:
      return parse_join_request(frame);
    case FType::join_accept:
      if (frame.size() != 17 && frame.size() != 33) return std::unexpected(FrameError::bad_length);
      return EncryptedJoinAccept{frame[0], frame.subspan(1)};
    case FType::rejoin_request:
      return parse_rejoin(frame);
    case FType::proprietary:
      return Proprietary{frame.subspan(1)};
    default:
      return parse_data(frame, type);
  }
}

RoutingKey routing_key(ByteView frame) noexcept {
  if (frame.empty() || (frame[0] & 0x03) != 0) return {};
  switch (f_type_of(frame)) {
    case FType::unconfirmed_up:
    case FType::confirmed_up:
      if (frame.size() < kMinData) return {};
      return base::DevAddr{base::read_le<std::uint32_t>(frame.subspan(1))};
    case FType::join_request:
      if (frame.size() != kJoinRequest) return {};
      return base::DevEui{base::read_le<std::uint64_t>(frame.subspan(9))};
    case FType::rejoin_request: {
      if (frame.size() < 2 || frame.size() != (frame[1] == 1 ? kRejoinLong : kRejoinShort)) return {};
      return base::DevEui{base::read_le<std::uint64_t>(frame.subspan(frame[1] == 1 ? 10 : 5))};
    }
    default:
      return {};
  }
}

std::uint8_t slot_of(const RoutingKey& key) noexcept {
  if (const auto* addr = std::get_if<base::DevAddr>(&key)) return base::slot_of(*addr);
  if (const auto* eui = std::get_if<base::DevEui>(&key)) return base::slot_of(*eui);
  return 0;
}

}  // namespace lenne::network::lorawan
