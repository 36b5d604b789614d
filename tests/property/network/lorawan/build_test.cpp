// parse(build(x)) = x, decrypt(encrypt(x)) = x, and no bit of a frame can change without its MIC noticing.

#include "network/lorawan/build.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace lenne::network::lorawan {
namespace {

using base::Bytes;
using base::ByteView;

Bytes any_bytes(std::size_t most) {
  return *rc::gen::container<Bytes>(*rc::gen::inRange<std::size_t>(0, most + 1), rc::gen::arbitrary<std::uint8_t>());
}
Key128 any_key() { return {*rc::gen::arbitrary<std::array<std::uint8_t, 16>>()}; }
template <typename T>
T any() {
  return *rc::gen::arbitrary<T>();
}

struct AnyData {
  Version version = any<bool>() ? Version::v1_1 : Version::v1_0;
  SessionKeys keys{any_key(), any_key(), any_key(), any_key()};
  Bytes f_opts, payload;
  DataSpec spec;

  AnyData() {
    if (version == Version::v1_0) keys = session_keys_1_0(keys.f_nwk_s_int_key, keys.app_s_key);
    spec.direction = any<bool>() ? Direction::up : Direction::down;
    spec.confirmed = any<bool>();
    spec.dev_addr = base::DevAddr{any<std::uint32_t>()};
    spec.adr = any<bool>();
    spec.ack = any<bool>();
    if (spec.direction == Direction::up) {
      spec.adr_ack_req = any<bool>();
      spec.class_b = any<bool>();
    } else {
      spec.f_pending = any<bool>();
    }
    spec.f_cnt = any<std::uint32_t>();
    spec.conf_f_cnt = any<std::uint16_t>();
    spec.tx_dr = any<std::uint8_t>();
    spec.tx_ch = any<std::uint8_t>();
    if (any<bool>()) {
      spec.f_port = *rc::gen::weightedOneOf<std::uint8_t>(
          {{1, rc::gen::just(std::uint8_t{0})}, {3, rc::gen::arbitrary<std::uint8_t>()}});
      payload = any_bytes(222);
    }
    if (spec.f_port != 0) f_opts = any_bytes(kMaxFOpts);
    spec.f_opts = f_opts;
    spec.payload = payload;
  }
  [[nodiscard]] MicContext context() const { return {spec.f_cnt, spec.conf_f_cnt, spec.tx_dr, spec.tx_ch}; }
};

TEST(BuildData, parse_undoes_it) {
  Aes128 aes;
  EXPECT_TRUE(rc::check([&] {
    const AnyData any_data;
    const auto& spec = any_data.spec;
    const auto bytes = build_data(aes, any_data.version, any_data.keys, spec).value();
    const auto parsed = parse_frame(bytes);
    RC_ASSERT(parsed.has_value());
    const auto& frame = std::get<DataFrame>(*parsed);
    RC_ASSERT(frame.direction == spec.direction);
    RC_ASSERT(frame.confirmed == spec.confirmed);
    RC_ASSERT(frame.dev_addr == spec.dev_addr);
    RC_ASSERT(frame.adr == spec.adr);
    RC_ASSERT(frame.adr_ack_req == spec.adr_ack_req);
    RC_ASSERT(frame.ack == spec.ack);
    RC_ASSERT(frame.class_b == spec.class_b);
    RC_ASSERT(frame.f_pending == spec.f_pending);
    RC_ASSERT(frame.f_cnt == (spec.f_cnt & 0xffff));
    RC_ASSERT(frame.f_port == spec.f_port);
    RC_ASSERT(data_mic_valid(aes, any_data.version, any_data.keys, frame, any_data.context()));

    Bytes f_opts(frame.f_opts.begin(), frame.f_opts.end());
    if (any_data.version == Version::v1_1) {
      const auto counter = f_opts_counter(spec.direction, spec.f_port.value_or(0) > 0);
      crypt_f_opts(aes, any_data.keys.nwk_s_enc_key, counter, spec.direction, spec.dev_addr, spec.f_cnt, f_opts,
                   f_opts.data());
    }
    RC_ASSERT(f_opts == any_data.f_opts);
    Bytes payload(frame.frm_payload.begin(), frame.frm_payload.end());
    crypt_payload(aes, payload_key(any_data.keys, spec.f_port.value_or(1)), spec.direction, spec.dev_addr, spec.f_cnt,
                  payload, payload.data());
    RC_ASSERT(payload == any_data.payload);
  }));
}

TEST(BuildData, every_flipped_bit_is_noticed) {
  Aes128 aes;
  EXPECT_TRUE(rc::check([&] {
    const AnyData any_data;
    auto bytes = build_data(aes, any_data.version, any_data.keys, any_data.spec).value();
    const auto bit = *rc::gen::inRange<std::size_t>(0, bytes.size() * 8);
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
    const auto parsed = parse_frame(bytes);
    if (!parsed) return;
    const auto* frame = std::get_if<DataFrame>(&*parsed);
    if (frame == nullptr) return;
    // A flipped FCnt bit changes the counter on air; the receiver's 32-bit guess follows it.
    auto context = any_data.context();
    context.f_cnt = (context.f_cnt & 0xffff0000U) | frame->f_cnt;
    RC_ASSERT(!data_mic_valid(aes, any_data.version, any_data.keys, *frame, context));
  }));
}

TEST(BuildData, mic_covers_the_whole_counter_and_the_1_1_context) {
  Aes128 aes;
  EXPECT_TRUE(rc::check([&] {
    const AnyData any_data;
    const auto bytes = build_data(aes, any_data.version, any_data.keys, any_data.spec).value();
    const auto parsed = parse_frame(bytes);
    const auto& frame = std::get<DataFrame>(*parsed);
    auto context = any_data.context();
    context.f_cnt ^= 0x10000;
    RC_ASSERT(!data_mic_valid(aes, any_data.version, any_data.keys, frame, context));
    const bool v1_1 = any_data.version == Version::v1_1;
    const bool up = any_data.spec.direction == Direction::up;
    // Half of a 1.1 uplink's MIC are 16 bits, which one wrong value can meet by chance; eight cannot.
    const auto all_valid = [&](auto change) {
      bool valid = true;
      for (std::uint8_t bit = 0; bit < 8; ++bit) {
        auto other = any_data.context();
        change(other, static_cast<std::uint8_t>(1U << bit));
        valid = valid && data_mic_valid(aes, any_data.version, any_data.keys, frame, other);
      }
      return valid;
    };
    RC_ASSERT(all_valid([](MicContext& other, std::uint8_t bit) { other.conf_f_cnt ^= bit; }) == !(v1_1 && frame.ack));
    RC_ASSERT(all_valid([](MicContext& other, std::uint8_t bit) { other.tx_dr ^= bit; }) == !(v1_1 && up));
    RC_ASSERT(all_valid([](MicContext& other, std::uint8_t bit) { other.tx_ch ^= bit; }) == !(v1_1 && up));
    if (v1_1 && up) RC_ASSERT(f_nwk_mic_valid(aes, any_data.keys.f_nwk_s_int_key, frame, any_data.spec.f_cnt));
  }));
}

TEST(BuildData, refuses_what_no_frame_can_hold) {
  Aes128 aes;
  const SessionKeys keys;
  const Bytes zeros(300);
  const auto error = [&](std::size_t f_opts, std::optional<std::uint8_t> port, std::size_t payload) {
    DataSpec spec;
    spec.f_opts = ByteView(zeros).first(f_opts);
    spec.f_port = port;
    spec.payload = ByteView(zeros).first(payload);
    const auto built = build_data(aes, Version::v1_0, keys, spec);
    return built ? std::string_view("built") : to_text(built.error());
  };
  EXPECT_EQ(error(15, 1, 0), "built");
  EXPECT_EQ(error(16, 1, 0), "fopts_too_long");
  EXPECT_EQ(error(1, 0, 1), "fopts_with_port_0");
  EXPECT_EQ(error(0, std::nullopt, 1), "payload_without_port");
  EXPECT_EQ(error(0, 1, 242), "built");
  EXPECT_EQ(error(0, 1, 243), "too_long");
}

// 1.1: FOpts of a downlink with FPort > 0 counts with AFCntDown and constant 2, all others with constant 1.
TEST(BuildData, downlink_f_opts_use_the_counter_of_their_port) {
  Aes128 aes;
  SessionKeys keys;
  keys.nwk_s_enc_key.bytes.fill(9);
  const Bytes f_opts{0x06}, payload{1};
  DataSpec spec{.direction = Direction::down, .f_cnt = 5, .f_opts = f_opts, .f_port = 1, .payload = payload};
  const auto option_of = [](const Bytes& frame) { return frame[8]; };
  const auto with_port = option_of(build_data(aes, Version::v1_1, keys, spec).value());
  spec.f_port.reset();
  spec.payload = {};
  const auto without_port = option_of(build_data(aes, Version::v1_1, keys, spec).value());
  EXPECT_NE(with_port, without_port);
  EXPECT_EQ(option_of(build_data(aes, Version::v1_0, keys, spec).value()), 0x06);
}

TEST(BuildJoin, requests_and_rejoins_come_back) {
  Aes128 aes;
  EXPECT_TRUE(rc::check([&] {
    const auto key = any_key();
    const base::JoinEui join_eui{any<std::uint64_t>()};
    const base::DevEui dev_eui{any<std::uint64_t>()};
    const auto nonce = any<std::uint16_t>();
    auto bytes = build_join_request(aes, key, join_eui, dev_eui, nonce);
    const auto parsed = parse_frame(bytes);
    const auto& join = std::get<JoinRequest>(*parsed);
    RC_ASSERT(join.join_eui == join_eui && join.dev_eui == dev_eui && join.dev_nonce == nonce);
    RC_ASSERT(plain_mic(aes, key, join.message) == join.mic);
    RC_ASSERT(routing_key(bytes) == RoutingKey(dev_eui));
    const auto bit = *rc::gen::inRange<std::size_t>(8, bytes.size() * 8);
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
    const auto changed = parse_frame(bytes);
    const auto& other = std::get<JoinRequest>(*changed);
    RC_ASSERT(plain_mic(aes, key, other.message) != other.mic);

    RejoinRequest request;
    request.type = *rc::gen::inRange<std::uint8_t>(0, 3);
    request.dev_eui = dev_eui;
    request.rj_count = nonce;
    if (request.type == 1) {
      request.join_eui = join_eui;
    } else {
      request.net_id = base::NetId{any<std::uint32_t>() & 0xffffff};
    }
    const auto rejoin_bytes = build_rejoin_request(aes, key, request);
    const auto reparsed = parse_frame(rejoin_bytes);
    const auto& rejoin = std::get<RejoinRequest>(*reparsed);
    RC_ASSERT(rejoin.type == request.type && rejoin.net_id == request.net_id && rejoin.join_eui == request.join_eui);
    RC_ASSERT(rejoin.dev_eui == dev_eui && rejoin.rj_count == nonce);
    RC_ASSERT(plain_mic(aes, key, rejoin.message) == rejoin.mic);
    RC_ASSERT(routing_key(rejoin_bytes) == RoutingKey(dev_eui));
  }));
}

TEST(BuildJoin, accepts_open_with_the_right_keys_only) {
  Aes128 aes;
  EXPECT_TRUE(rc::check([&] {
    const bool v1_1 = any<bool>();
    const auto encryption_key = any_key();
    const auto mic_key = any<bool>() ? encryption_key : any_key();
    JoinAccept accept;
    accept.join_nonce = any<std::uint32_t>() & 0xffffff;
    accept.net_id = base::NetId{any<std::uint32_t>() & 0xffffff};
    accept.dev_addr = base::DevAddr{any<std::uint32_t>()};
    accept.dl_settings = dl_settings_of(any<std::uint8_t>());
    accept.dl_settings.opt_neg = v1_1;
    accept.rx_delay = any<std::uint8_t>();
    if (any<bool>()) accept.cf_list = any<CfList>();
    JoinContext context{JoinReqType::join, base::JoinEui{any<std::uint64_t>()}, any<std::uint16_t>()};
    const auto version = v1_1 ? Version::v1_1 : Version::v1_0;
    auto bytes = build_join_accept(aes, mic_key, encryption_key, accept, context);
    RC_ASSERT(bytes.size() == (accept.cf_list ? 33U : 17U));
    const auto parsed = parse_frame(bytes);
    const auto opened = decrypt_join_accept(aes, encryption_key, std::get<EncryptedJoinAccept>(*parsed));
    RC_ASSERT(opened.accept == accept);
    RC_ASSERT(join_accept_mic_valid(aes, version, mic_key, opened, context));
    auto other = context;
    other.type = JoinReqType::rejoin_0;
    RC_ASSERT(join_accept_mic_valid(aes, version, mic_key, opened, other) != v1_1);
    other = context;
    other.dev_nonce = static_cast<std::uint16_t>(other.dev_nonce ^ 0x100);
    RC_ASSERT(join_accept_mic_valid(aes, version, mic_key, opened, other) != v1_1);

    const auto bit = *rc::gen::inRange<std::size_t>(8, bytes.size() * 8);
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << (bit % 8)));
    const auto changed = parse_frame(bytes);
    const auto broken = decrypt_join_accept(aes, encryption_key, std::get<EncryptedJoinAccept>(*changed));
    RC_ASSERT(!join_accept_mic_valid(aes, version, mic_key, broken, context));
  }));
}

TEST(DlSettings, round_trip) {
  for (unsigned byte = 0; byte < 256; ++byte) EXPECT_EQ(encode(dl_settings_of(static_cast<std::uint8_t>(byte))), byte);
}

}  // namespace
}  // namespace lenne::network::lorawan
