#pragma once
// Any bytes as a join-accept on air: opened, checked, and built again from what was opened.

#include <algorithm>

#include "network/lorawan/build.hpp"
#include "tests/fuzz/require.hpp"

namespace lenne::fuzz {

inline void join_accept(base::ByteView bytes) {
  using namespace network::lorawan;
  static thread_local Aes128 aes;
  constexpr Key128 kKey{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  const auto parsed = parse_frame(bytes);
  if (!parsed || !std::holds_alternative<EncryptedJoinAccept>(*parsed)) return;
  const auto opened = decrypt_join_accept(aes, kKey, std::get<EncryptedJoinAccept>(*parsed));
  require(opened.size == bytes.size(), "the size stays");
  require(opened.accept.cf_list.has_value() == (bytes.size() == 33), "a CFList by the size");
  require(opened.accept.join_nonce <= 0xffffff && opened.accept.net_id.value <= 0xffffff, "24 bits");
  const JoinContext context{JoinReqType::join, base::JoinEui{3}, 4};
  (void)join_accept_mic_valid(aes, Version::v1_0, kKey, opened, context);
  (void)join_accept_mic_valid(aes, Version::v1_1, kKey, opened, context);
  // The same fields with a right MIC: valid in 1.1, and in 1.0 when OptNeg is not set.
  const auto built = build_join_accept(aes, kKey, kKey, opened.accept, context);
  const auto frame = parse_frame(built);
  require(frame && std::holds_alternative<EncryptedJoinAccept>(*frame), "what was built is a join-accept");
  const auto again = decrypt_join_accept(aes, kKey, std::get<EncryptedJoinAccept>(*frame));
  require(again.accept == opened.accept, "its fields come back");
  require(join_accept_mic_valid(aes, Version::v1_1, kKey, again, context), "its MIC is right");
  require(join_accept_mic_valid(aes, Version::v1_0, kKey, again, context) == !again.accept.dl_settings.opt_neg,
          "OptNeg decides what the MIC covers");
}

}  // namespace lenne::fuzz
