#include "network/lorawan/crypto.hpp"

#include <algorithm>

namespace lenne::network::lorawan {
namespace {

using base::ByteView;
using base::write_le;
using base::crypto::Block;

constexpr std::uint8_t kAck = 0x20;

Direction direction_of(ByteView message) noexcept {
  const auto type = f_type_of(message);
  return type == FType::unconfirmed_down || type == FType::confirmed_down ? Direction::down : Direction::up;
}

// B0 and B1 differ only in bytes 1 to 4 (4.4; 1.1 section 4.4): the caller fills those.
Block b_block(ByteView message, std::uint32_t f_cnt) noexcept {
  Block block{};
  block[0] = 0x49;
  block[5] = static_cast<std::uint8_t>(direction_of(message));
  std::copy_n(message.begin() + 1, 4, block.begin() + 6);  // DevAddr, little-endian in both
  write_le(&block[10], f_cnt);
  block[15] = static_cast<std::uint8_t>(message.size());
  return block;
}

Mic first_four(const Block& block) noexcept { return {block[0], block[1], block[2], block[3]}; }

Key128 derived(Aes128& aes, const Key128& root, const Block& block) {
  Key128 key;
  aes.encrypt(root, block, key.bytes.data());
  return key;
}

void write_le24(std::uint8_t* out, std::uint32_t value) noexcept {
  for (unsigned i = 0; i < 3; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void xor_stream(const Block& key_stream, ByteView in, std::uint8_t* out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<std::uint8_t>(in[i] ^ key_stream[i]);
}

Block a_block(Direction direction, base::DevAddr dev_addr, std::uint32_t f_cnt, std::uint8_t index) noexcept {
  Block block{};
  block[0] = 0x01;
  block[5] = static_cast<std::uint8_t>(direction);
  write_le(&block[6], dev_addr.value);
  write_le(&block[10], f_cnt);
  block[15] = index;
  return block;
}

Key128 js_key(Aes128& aes, const Key128& nwk_key, base::DevEui dev_eui, std::uint8_t type) {
  Block block{};
  block[0] = type;
  write_le(&block[1], dev_eui.value);
  return derived(aes, nwk_key, block);
}

}  // namespace

Mic data_mic(Aes128& aes, Version version, const SessionKeys& keys, ByteView message, const MicContext& context) {
  auto block = b_block(message, context.f_cnt);
  if (version == Version::v1_0) return first_four(aes.cmac(keys.f_nwk_s_int_key, block, message));

  const std::uint16_t conf_f_cnt = (message[5] & kAck) != 0 ? context.conf_f_cnt : std::uint16_t{0};
  if (direction_of(message) == Direction::down) {
    write_le(&block[1], conf_f_cnt);
    return first_four(aes.cmac(keys.s_nwk_s_int_key, block, message));
  }
  const auto forwarding = aes.cmac(keys.f_nwk_s_int_key, block, message);
  write_le(&block[1], conf_f_cnt);
  block[3] = context.tx_dr;
  block[4] = context.tx_ch;
  const auto serving = aes.cmac(keys.s_nwk_s_int_key, block, message);
  return {serving[0], serving[1], forwarding[0], forwarding[1]};
}

bool data_mic_valid(Aes128& aes, Version version, const SessionKeys& keys, const DataFrame& frame,
                    const MicContext& context) {
  return data_mic(aes, version, keys, frame.message, context) == frame.mic;
}

bool f_nwk_mic_valid(Aes128& aes, const Key128& f_nwk_s_int_key, const DataFrame& frame, std::uint32_t f_cnt) {
  const auto forwarding = aes.cmac(f_nwk_s_int_key, b_block(frame.message, f_cnt), frame.message);
  return forwarding[0] == frame.mic[2] && forwarding[1] == frame.mic[3];
}

void crypt_payload(Aes128& aes, const Key128& key, Direction direction, base::DevAddr dev_addr, std::uint32_t f_cnt,
                   ByteView in, std::uint8_t* out) {
  // All blocks at once: a change of key costs as much as several blocks. 16 blocks hold the longest frame.
  std::array<std::uint8_t, 256> stream;  // NOLINT: written below as far as it is read
  std::uint8_t index = 1;
  while (!in.empty()) {
    const auto count = std::min(in.size(), stream.size());
    const auto blocks = (count + 15) / 16;
    for (std::size_t i = 0; i < blocks; ++i) {
      const auto block = a_block(direction, dev_addr, f_cnt, index++);
      std::copy(block.begin(), block.end(), stream.begin() + static_cast<std::ptrdiff_t>(16 * i));
    }
    aes.encrypt(key, ByteView(stream).first(16 * blocks), stream.data());
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(in[i] ^ stream[i]);
    in = in.subspan(count);
    out += count;
  }
}

void crypt_f_opts(Aes128& aes, const Key128& nwk_s_enc_key, FOptsCounter counter, Direction direction,
                  base::DevAddr dev_addr, std::uint32_t f_cnt, ByteView in, std::uint8_t* out) {
  auto block = a_block(direction, dev_addr, f_cnt, 1);
  block[4] = static_cast<std::uint8_t>(counter);
  aes.encrypt(nwk_s_enc_key, block, block.data());
  xor_stream(block, in.first(std::min(in.size(), kMaxFOpts)), out);
}

Mic plain_mic(Aes128& aes, const Key128& key, ByteView message) { return first_four(aes.cmac(key, message)); }

Mic join_accept_mic_1_1(Aes128& aes, const Key128& js_int_key, JoinReqType type, base::JoinEui join_eui,
                        std::uint16_t dev_nonce, ByteView message) {
  std::array<std::uint8_t, 11> prefix{};
  prefix[0] = static_cast<std::uint8_t>(type);
  write_le(&prefix[1], join_eui.value);
  write_le(&prefix[9], dev_nonce);
  return first_four(aes.cmac(js_int_key, prefix, message));
}

SessionKeys derive_session_1_0(Aes128& aes, const Key128& root, std::uint32_t join_nonce, base::NetId net_id,
                               std::uint16_t dev_nonce) {
  Block block{};
  write_le24(&block[1], join_nonce);
  write_le24(&block[4], net_id.value);
  write_le(&block[7], dev_nonce);
  const auto key = [&](std::uint8_t type) {
    block[0] = type;
    return derived(aes, root, block);
  };
  return session_keys_1_0(key(0x01), key(0x02));
}

SessionKeys derive_session_1_1(Aes128& aes, const RootKeys& root, std::uint32_t join_nonce, base::JoinEui join_eui,
                               std::uint16_t dev_nonce) {
  Block block{};
  write_le24(&block[1], join_nonce);
  write_le(&block[4], join_eui.value);
  write_le(&block[12], dev_nonce);
  const auto key = [&](std::uint8_t type, const Key128& from) {
    block[0] = type;
    return derived(aes, from, block);
  };
  SessionKeys keys;
  keys.f_nwk_s_int_key = key(0x01, root.nwk_key);
  keys.s_nwk_s_int_key = key(0x03, root.nwk_key);
  keys.nwk_s_enc_key = key(0x04, root.nwk_key);
  keys.app_s_key = key(0x02, root.app_key);
  return keys;
}

Key128 derive_js_int_key(Aes128& aes, const Key128& nwk_key, base::DevEui dev_eui) {
  return js_key(aes, nwk_key, dev_eui, 0x06);
}
Key128 derive_js_enc_key(Aes128& aes, const Key128& nwk_key, base::DevEui dev_eui) {
  return js_key(aes, nwk_key, dev_eui, 0x05);
}

}  // namespace lenne::network::lorawan
