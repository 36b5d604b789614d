#include "network/lorawan/frame_report.hpp"

#include <fmt/format.h>

#include <utility>

namespace lenne::network::lorawan {
namespace {

using base::Bytes;
using base::ByteView;
using MaybeKey = std::optional<Key128>;

constexpr std::pair<std::string_view, MaybeKey NamedKeys::*> kKeyNames[] = {
    {"app_key", &NamedKeys::app_key},
    {"nwk_key", &NamedKeys::nwk_key},
    {"app_s_key", &NamedKeys::app_s_key},
    {"nwk_s_key", &NamedKeys::nwk_s_key},
    {"f_nwk_s_int_key", &NamedKeys::f_nwk_s_int_key},
    {"s_nwk_s_int_key", &NamedKeys::s_nwk_s_int_key},
    {"nwk_s_enc_key", &NamedKeys::nwk_s_enc_key},
    {"js_int_key", &NamedKeys::js_int_key},
    {"js_enc_key", &NamedKeys::js_enc_key},
};

Bytes copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

const MaybeKey& either(const MaybeKey& first, const MaybeKey& second) { return first ? first : second; }

// The session keys as the version uses them: a 1.0 session has one network key, under any of its names.
struct SessionView {
  MaybeKey f_nwk_s_int_key, s_nwk_s_int_key, nwk_s_enc_key, app_s_key;
};

SessionView session_of(const FrameQuery& query) {
  const auto& keys = query.keys;
  if (query.version == Version::v1_1)
    return {keys.f_nwk_s_int_key, keys.s_nwk_s_int_key, keys.nwk_s_enc_key, keys.app_s_key};
  const auto& integrity = either(keys.nwk_s_key, keys.f_nwk_s_int_key);
  return {integrity, integrity, either(keys.nwk_s_key, keys.nwk_s_enc_key), keys.app_s_key};
}

std::optional<bool> data_mic_verdict(Aes128& aes, const FrameQuery& query, const DataFrame& frame,
                                     std::uint32_t f_cnt) {
  const auto session = session_of(query);
  const bool both = query.version == Version::v1_1 && frame.direction == Direction::up;
  const auto& first = query.version == Version::v1_1 ? session.s_nwk_s_int_key : session.f_nwk_s_int_key;
  if (!first || (both && !session.f_nwk_s_int_key)) return std::nullopt;
  SessionKeys keys;
  keys.s_nwk_s_int_key = *first;
  keys.f_nwk_s_int_key = session.f_nwk_s_int_key.value_or(*first);
  return data_mic_valid(aes, query.version, keys, frame, {f_cnt, query.conf_f_cnt, query.tx_dr, query.tx_ch});
}

FrameReport report(Aes128& aes, const FrameQuery& query, const DataFrame& frame) {
  const auto session = session_of(query);
  FrameReport report;
  auto& data = report.data.emplace();
  data.dev_addr = frame.dev_addr;
  data.f_cnt = query.f_cnt ? (*query.f_cnt & 0xffff0000U) | frame.f_cnt : frame.f_cnt;
  data.adr = frame.adr;
  data.adr_ack_req = frame.adr_ack_req;
  data.ack = frame.ack;
  data.f_pending = frame.f_pending;
  data.class_b = frame.class_b;
  data.f_port = frame.f_port;
  if (query.version == Version::v1_0 || frame.f_opts.empty()) {
    data.f_opts = copy_of(frame.f_opts);
  } else if (session.nwk_s_enc_key) {
    auto& clear = data.f_opts.emplace(frame.f_opts.size());
    crypt_f_opts(aes, *session.nwk_s_enc_key, f_opts_counter(frame.direction, frame.f_port.value_or(0) > 0),
                 frame.direction, frame.dev_addr, data.f_cnt, frame.f_opts, clear.data());
  }
  if (frame.f_port) {
    const auto& key = *frame.f_port == 0 ? session.nwk_s_enc_key : session.app_s_key;
    if (key) {
      auto& clear = data.payload.emplace(frame.frm_payload.size());
      crypt_payload(aes, *key, frame.direction, frame.dev_addr, data.f_cnt, frame.frm_payload, clear.data());
    }
  }
  report.mic_valid = data_mic_verdict(aes, query, frame, data.f_cnt);
  return report;
}

// The key of join-requests and of accepts that answer them.
const MaybeKey& join_key(const FrameQuery& query) {
  return query.version == Version::v1_1 ? query.keys.nwk_key : either(query.keys.app_key, query.keys.nwk_key);
}

FrameReport report(Aes128& aes, const FrameQuery& query, const JoinRequest& frame) {
  FrameReport report;
  auto& join = report.join.emplace();
  join.join_eui = frame.join_eui;
  join.dev_eui = frame.dev_eui;
  join.dev_nonce = frame.dev_nonce;
  if (const auto& key = join_key(query)) report.mic_valid = plain_mic(aes, *key, frame.message) == frame.mic;
  return report;
}

FrameReport report(Aes128& aes, const FrameQuery& query, const RejoinRequest& frame) {
  FrameReport report;
  report.rejoin_type = frame.type;
  auto& join = report.join.emplace();
  join.dev_eui = frame.dev_eui;
  join.rj_count = frame.rj_count;
  MaybeKey key;
  if (frame.type == 1) {
    join.join_eui = frame.join_eui;
    key = query.keys.js_int_key;
    if (!key && query.keys.nwk_key) key = derive_js_int_key(aes, *query.keys.nwk_key, frame.dev_eui);
  } else {
    join.net_id = frame.net_id;
    key = query.keys.s_nwk_s_int_key;
  }
  if (key) report.mic_valid = plain_mic(aes, *key, frame.message) == frame.mic;
  return report;
}

std::optional<bool> accept_mic_verdict(Aes128& aes, const FrameQuery& query, const OpenedJoinAccept& opened) {
  if (query.version == Version::v1_0 || !opened.accept.dl_settings.opt_neg) {
    const auto& key = join_key(query);
    if (!key) return std::nullopt;
    return join_accept_mic_valid(aes, Version::v1_0, *key, opened);
  }
  if (!query.keys.js_int_key || !query.join_eui || !query.dev_nonce) return std::nullopt;
  const JoinContext context{static_cast<JoinReqType>(query.join_req_type), *query.join_eui, *query.dev_nonce};
  return join_accept_mic_valid(aes, Version::v1_1, *query.keys.js_int_key, opened, context);
}

void derive_into(Aes128& aes, const FrameQuery& query, const JoinAccept& accept, JoinReport& join) {
  if (!query.dev_nonce) return;
  if (query.version == Version::v1_0 || !accept.dl_settings.opt_neg) {
    const auto& root = join_key(query);
    if (!root) return;
    const auto keys = derive_session_1_0(aes, *root, accept.join_nonce, accept.net_id, *query.dev_nonce);
    join.app_s_key = keys.app_s_key;
    join.nwk_s_key = join.f_nwk_s_int_key = join.s_nwk_s_int_key = join.nwk_s_enc_key = keys.f_nwk_s_int_key;
    return;
  }
  if (!query.join_eui) return;
  const RootKeys root{query.keys.app_key.value_or(Key128{}), query.keys.nwk_key.value_or(Key128{})};
  const auto keys = derive_session_1_1(aes, root, accept.join_nonce, *query.join_eui, *query.dev_nonce);
  if (query.keys.app_key) join.app_s_key = keys.app_s_key;
  if (query.keys.nwk_key) {
    join.f_nwk_s_int_key = keys.f_nwk_s_int_key;
    join.s_nwk_s_int_key = keys.s_nwk_s_int_key;
    join.nwk_s_enc_key = keys.nwk_s_enc_key;
  }
}

FrameReport report(Aes128& aes, const FrameQuery& query, const EncryptedJoinAccept& frame) {
  FrameReport report;
  auto& join = report.join.emplace();
  const bool answers_rejoin = query.version == Version::v1_1 && query.join_req_type != 0xff;
  const auto& key = answers_rejoin ? query.keys.js_enc_key : join_key(query);
  if (!key) return report;
  const auto opened = decrypt_join_accept(aes, *key, frame);
  join.join_nonce = opened.accept.join_nonce;
  join.net_id = opened.accept.net_id;
  join.dev_addr = opened.accept.dev_addr;
  join.dl_settings = opened.bytes[11];
  join.rx_delay = opened.accept.rx_delay;
  if (opened.accept.cf_list) join.cf_list = copy_of(*opened.accept.cf_list);
  report.mic_valid = accept_mic_verdict(aes, query, opened);
  // Keys derived from fields that are known to be wrong would only mislead.
  if (report.mic_valid != false) derive_into(aes, query, opened.accept, join);
  return report;
}

FrameReport report(Aes128&, const FrameQuery&, const Proprietary& frame) {
  FrameReport report;
  report.proprietary = copy_of(frame.payload);
  return report;
}

// Writes members of one JSON object. Hex, numbers, booleans and our own names need no escapes.
class JsonLine {
 public:
  void member(std::string_view name, std::string_view text) { put(name, fmt::format("\"{}\"", text)); }
  void member(std::string_view name, bool value) { put(name, value ? "true" : "false"); }
  template <typename Number>
    requires std::is_integral_v<Number>
  void member(std::string_view name, Number value) {
    put(name, fmt::format("{}", value));
  }
  template <typename Tag, typename Number>
  void member(std::string_view name, base::Id<Tag, Number> id) {
    member(name, std::string_view(base::to_hex(id)));
  }
  void member(std::string_view name, const Bytes& bytes) {
    member(name, std::string_view(base::to_hex(ByteView(bytes))));
  }
  void member(std::string_view name, const Key128& key) {
    member(name, std::string_view(base::to_hex(ByteView(key.bytes))));
  }
  template <typename T>
  void member(std::string_view name, const std::optional<T>& value) {
    if (value) {
      member(name, *value);
    } else {
      put(name, "null");
    }
  }
  [[nodiscard]] std::string finish() && { return std::move(text_) + "}"; }

 private:
  void put(std::string_view name, std::string_view value) {
    text_ += fmt::format("{}\"{}\":{}", text_.size() > 1 ? "," : "", name, value);
  }

  std::string text_ = "{";
};

void write(JsonLine& json, const DataReport& data) {
  json.member("dev_addr", data.dev_addr);
  json.member("f_cnt", data.f_cnt);
  json.member("adr", data.adr);
  json.member("adr_ack_req", data.adr_ack_req);
  json.member("ack", data.ack);
  json.member("f_pending", data.f_pending);
  json.member("class_b", data.class_b);
  json.member("f_opts", data.f_opts);
  json.member("f_port", data.f_port);
  json.member("payload", data.payload);
}

void write(JsonLine& json, const JoinReport& join, bool accept) {
  json.member("join_eui", join.join_eui);
  json.member("dev_eui", join.dev_eui);
  json.member("dev_nonce", join.dev_nonce);
  json.member("join_nonce", join.join_nonce);
  json.member("net_id", join.net_id);
  json.member("dev_addr", join.dev_addr);
  json.member("dl_settings", join.dl_settings);
  json.member("rx_delay", join.rx_delay);
  json.member("cf_list", join.cf_list);
  json.member("rj_count", join.rj_count);
  if (!accept) return;
  json.member("app_s_key", join.app_s_key);
  json.member("nwk_s_key", join.nwk_s_key);
  json.member("f_nwk_s_int_key", join.f_nwk_s_int_key);
  json.member("s_nwk_s_int_key", join.s_nwk_s_int_key);
  json.member("nwk_s_enc_key", join.nwk_s_enc_key);
}

}  // namespace

bool NamedKeys::set(std::string_view name, const Key128& key) {
  for (const auto& [known, member] : kKeyNames) {
    if (known != name) continue;
    this->*member = key;
    return true;
  }
  return false;
}

std::expected<FrameReport, FrameError> report_frame(Aes128& aes, const FrameQuery& query) {
  const auto frame = parse_frame(query.phy_payload);
  if (!frame) return std::unexpected(frame.error());
  auto result = std::visit([&](const auto& parsed) { return report(aes, query, parsed); }, *frame);
  result.f_type = f_type_of(query.phy_payload);
  return result;
}

std::string_view type_name(const FrameReport& report) noexcept {
  constexpr std::string_view kRejoins[] = {"rejoin_request_0", "rejoin_request_1", "rejoin_request_2"};
  return report.f_type == FType::rejoin_request ? kRejoins[report.rejoin_type % 3] : to_text(report.f_type);
}

std::string to_json(const FrameReport& report) {
  JsonLine json;
  json.member("type", type_name(report));
  if (report.data) write(json, *report.data);
  if (report.join) write(json, *report.join, report.f_type == FType::join_accept);
  if (report.proprietary) json.member("payload", *report.proprietary);
  json.member("mic_valid", report.mic_valid);
  return std::move(json).finish();
}

std::string to_json(FrameError error) {
  JsonLine json;
  json.member("error", to_text(error));
  return std::move(json).finish();
}

}  // namespace lenne::network::lorawan
