#include "network/lorawan/build.hpp"

#include <algorithm>

namespace lenne::network::lorawan {
namespace {

using base::Bytes;
using base::ByteView;

template <typename T>
void append_le(Bytes& out, T value, std::size_t bytes = sizeof(T)) {
  for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint8_t mhdr(FType type) noexcept { return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 5); }

void append_mic(Bytes& out, const Mic& mic) { out.insert(out.end(), mic.begin(), mic.end()); }

FType type_of(const DataSpec& spec) noexcept {
  if (spec.direction == Direction::up) return spec.confirmed ? FType::confirmed_up : FType::unconfirmed_up;
  return spec.confirmed ? FType::confirmed_down : FType::unconfirmed_down;
}

std::uint8_t f_ctrl_of(const DataSpec& spec) noexcept {
  const bool up = spec.direction == Direction::up;
  unsigned f_ctrl = static_cast<unsigned>(spec.f_opts.size());
  if (spec.adr) f_ctrl |= 0x80;
  if (up && spec.adr_ack_req) f_ctrl |= 0x40;
  if (spec.ack) f_ctrl |= 0x20;
  if (up ? spec.class_b : spec.f_pending) f_ctrl |= 0x10;
  return static_cast<std::uint8_t>(f_ctrl);
}

// The 1.1 MIC when OptNeg says so, else the 1.0 one.
Mic accept_mic(Aes128& aes, bool opt_neg, const Key128& key, ByteView message, const JoinContext& context) {
  if (!opt_neg) return plain_mic(aes, key, message);
  return join_accept_mic_1_1(aes, key, context.type, context.join_eui, context.dev_nonce, message);
}

}  // namespace

std::string_view to_text(BuildError error) noexcept {
  switch (error) {
    case BuildError::too_long:
      return "too_long";
    case BuildError::fopts_too_long:
      return "fopts_too_long";
    case BuildError::fopts_with_port_0:
      return "fopts_with_port_0";
    case BuildError::payload_without_port:
      return "payload_without_port";
  }
  return "unknown";
}

std::expected<Bytes, BuildError> build_data(Aes128& aes, Version version, const SessionKeys& keys,
                                            const DataSpec& spec) {
  if (spec.f_opts.size() > kMaxFOpts) return std::unexpected(BuildError::fopts_too_long);
  if (!spec.f_opts.empty() && spec.f_port == 0) return std::unexpected(BuildError::fopts_with_port_0);
  if (!spec.payload.empty() && !spec.f_port) return std::unexpected(BuildError::payload_without_port);
  const auto size = 8 + spec.f_opts.size() + (spec.f_port ? 1 : 0) + spec.payload.size() + kMicSize;
  if (size > kMaxPhyPayload) return std::unexpected(BuildError::too_long);

  Bytes frame;
  frame.reserve(size);
  frame.push_back(mhdr(type_of(spec)));
  append_le(frame, spec.dev_addr.value);
  frame.push_back(f_ctrl_of(spec));
  append_le(frame, spec.f_cnt, 2);
  const auto f_opts_at = frame.size();
  frame.insert(frame.end(), spec.f_opts.begin(), spec.f_opts.end());
  if (version == Version::v1_1 && !spec.f_opts.empty()) {
    const auto counter = f_opts_counter(spec.direction, spec.f_port.value_or(0) > 0);
    crypt_f_opts(aes, keys.nwk_s_enc_key, counter, spec.direction, spec.dev_addr, spec.f_cnt, spec.f_opts,
                 &frame[f_opts_at]);
  }
  if (spec.f_port) {
    frame.push_back(*spec.f_port);
    const auto payload_at = frame.size();
    frame.resize(payload_at + spec.payload.size());
    crypt_payload(aes, payload_key(keys, *spec.f_port), spec.direction, spec.dev_addr, spec.f_cnt, spec.payload,
                  frame.data() + payload_at);
  }
  append_mic(frame, data_mic(aes, version, keys, frame, {spec.f_cnt, spec.conf_f_cnt, spec.tx_dr, spec.tx_ch}));
  return frame;
}

Bytes build_join_request(Aes128& aes, const Key128& key, base::JoinEui join_eui, base::DevEui dev_eui,
                         std::uint16_t dev_nonce) {
  Bytes frame;
  frame.reserve(23);
  frame.push_back(mhdr(FType::join_request));
  append_le(frame, join_eui.value);
  append_le(frame, dev_eui.value);
  append_le(frame, dev_nonce);
  append_mic(frame, plain_mic(aes, key, frame));
  return frame;
}

Bytes build_rejoin_request(Aes128& aes, const Key128& key, const RejoinRequest& request) {
  Bytes frame;
  frame.reserve(24);
  frame.push_back(mhdr(FType::rejoin_request));
  frame.push_back(request.type);
  if (request.type == 1) {
    append_le(frame, request.join_eui.value);
  } else {
    append_le(frame, request.net_id.value, 3);
  }
  append_le(frame, request.dev_eui.value);
  append_le(frame, request.rj_count);
  append_mic(frame, plain_mic(aes, key, frame));
  return frame;
}

std::uint8_t encode(DlSettings settings) noexcept {
  return static_cast<std::uint8_t>((settings.opt_neg ? 0x80U : 0U) | ((settings.rx1_dr_offset & 7U) << 4) |
                                   (settings.rx2_data_rate & 15U));
}

DlSettings dl_settings_of(std::uint8_t byte) noexcept {
  return {(byte & 0x80) != 0, static_cast<std::uint8_t>((byte >> 4) & 7), static_cast<std::uint8_t>(byte & 15)};
}

Bytes build_join_accept(Aes128& aes, const Key128& mic_key, const Key128& encryption_key, const JoinAccept& accept,
                        const JoinContext& context) {
  Bytes frame;
  frame.reserve(33);
  frame.push_back(mhdr(FType::join_accept));
  append_le(frame, accept.join_nonce, 3);
  append_le(frame, accept.net_id.value, 3);
  append_le(frame, accept.dev_addr.value);
  frame.push_back(encode(accept.dl_settings));
  frame.push_back(accept.rx_delay);
  if (accept.cf_list) frame.insert(frame.end(), accept.cf_list->begin(), accept.cf_list->end());
  append_mic(frame, accept_mic(aes, accept.dl_settings.opt_neg, mic_key, frame, context));
  // AES decrypt, so that a device needs only the encrypting half of the cipher (6.2.3).
  aes.decrypt(encryption_key, ByteView(frame).subspan(1), frame.data() + 1);
  return frame;
}

OpenedJoinAccept decrypt_join_accept(Aes128& aes, const Key128& encryption_key, const EncryptedJoinAccept& frame) {
  OpenedJoinAccept opened;
  opened.size = 1 + frame.encrypted.size();
  opened.bytes[0] = frame.mhdr;
  aes.encrypt(encryption_key, frame.encrypted, &opened.bytes[1]);
  const auto clear = ByteView(opened.bytes).first(opened.size);
  opened.accept.join_nonce = base::read_le<std::uint32_t>(clear.subspan(1)) & 0xffffff;
  opened.accept.net_id = base::NetId{base::read_le<std::uint32_t>(clear.subspan(4)) & 0xffffff};
  opened.accept.dev_addr = base::DevAddr{base::read_le<std::uint32_t>(clear.subspan(7))};
  opened.accept.dl_settings = dl_settings_of(clear[11]);
  opened.accept.rx_delay = clear[12];
  if (opened.size == 33) {
    CfList list{};
    std::copy_n(clear.begin() + 13, list.size(), list.begin());
    opened.accept.cf_list = list;
  }
  std::copy_n(clear.last(kMicSize).begin(), kMicSize, opened.mic.begin());
  return opened;
}

bool join_accept_mic_valid(Aes128& aes, Version version, const Key128& mic_key, const OpenedJoinAccept& opened,
                           const JoinContext& context) {
  const bool opt_neg = version == Version::v1_1 && opened.accept.dl_settings.opt_neg;
  return accept_mic(aes, opt_neg, mic_key, opened.message(), context) == opened.mic;
}

}  // namespace lenne::network::lorawan
