#pragma once
// A frame taken apart offline: what `lenne frame` prints. Its JSON is a contract that other programs rely on:
// identifiers, keys and byte strings are lower-case hex (identifiers most significant byte first), counters, nonces,
// ports, DLSettings and RxDelay are numbers, what is absent or can't be known without a key is null.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "network/lorawan/build.hpp"
#include "network/lorawan/crypto.hpp"

namespace lenne::network::lorawan {

/// Keys as named on the command line; each may be missing.
struct NamedKeys {
  std::optional<Key128> app_key{}, nwk_key{};
  std::optional<Key128> app_s_key{}, nwk_s_key{}, f_nwk_s_int_key{}, s_nwk_s_int_key{}, nwk_s_enc_key{};
  std::optional<Key128> js_int_key{}, js_enc_key{};

  /// Sets the key of a name; false when no key has that name.
  bool set(std::string_view name, const Key128& key);
};

struct FrameQuery {
  base::ByteView phy_payload{};
  Version version = Version::v1_0;
  NamedKeys keys{};
  std::optional<std::uint32_t> f_cnt{};  ///< the upper 16 bits of the frame's counter are taken from it
  std::uint16_t conf_f_cnt = 0;
  std::uint8_t tx_dr = 0;
  std::uint8_t tx_ch = 0;
  std::optional<std::uint16_t> dev_nonce{};
  std::optional<base::JoinEui> join_eui{};
  std::uint8_t join_req_type = 0xff;
};

/// Fields of a data frame.
struct DataReport {
  base::DevAddr dev_addr{};
  std::uint32_t f_cnt = 0;
  bool adr = false, adr_ack_req = false, ack = false, f_pending = false, class_b = false;
  std::optional<base::Bytes> f_opts{};  ///< in clear; absent in 1.1 without key
  std::optional<std::uint8_t> f_port{};
  std::optional<base::Bytes> payload{};  ///< in clear; absent without key or without FPort
};

/// Fields of a join-request, join-accept or rejoin-request; absent where the type has no such field or the key is
/// missing.
struct JoinReport {
  std::optional<base::JoinEui> join_eui{};
  std::optional<base::DevEui> dev_eui{};
  std::optional<std::uint16_t> dev_nonce{};
  std::optional<std::uint32_t> join_nonce{};
  std::optional<base::NetId> net_id{};
  std::optional<base::DevAddr> dev_addr{};
  std::optional<std::uint8_t> dl_settings{};
  std::optional<std::uint8_t> rx_delay{};
  std::optional<base::Bytes> cf_list{};
  std::optional<std::uint16_t> rj_count{};
  /// Derived session keys of an accept. nwk_s_key: of a 1.0 session.
  std::optional<Key128> app_s_key{}, nwk_s_key{}, f_nwk_s_int_key{}, s_nwk_s_int_key{}, nwk_s_enc_key{};
};

struct FrameReport {
  FType f_type = FType::proprietary;
  std::uint8_t rejoin_type = 0;
  std::optional<bool> mic_valid{};
  std::optional<DataReport> data{};
  std::optional<JoinReport> join{};
  std::optional<base::Bytes> proprietary{};
};

/// Takes a frame apart as far as the keys allow.
[[nodiscard]] std::expected<FrameReport, FrameError> report_frame(Aes128& aes, const FrameQuery& query);

/// "join_request", …, "rejoin_request_0", …, "proprietary".
[[nodiscard]] std::string_view type_name(const FrameReport& report) noexcept;

/// One line of JSON.
[[nodiscard]] std::string to_json(const FrameReport& report);
/// {"error":"too_short"}
[[nodiscard]] std::string to_json(FrameError error);

}  // namespace lenne::network::lorawan
